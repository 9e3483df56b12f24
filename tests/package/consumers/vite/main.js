import { classify } from 'haemolens';

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const say = (id, what) => (document.querySelector(id).textContent = JSON.stringify(what));

document.querySelector('input').addEventListener('change', async ({ target }) => {
  const [file] = target.files;
  say('#page', await classify(file));
  worker.postMessage(file);
});

worker.addEventListener('message', ({ data }) => say('#worker', data));
