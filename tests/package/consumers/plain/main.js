import { classify } from '../node_modules/haemolens/index.js';

const say = (id, what) => (document.querySelector(id).textContent = JSON.stringify(what));

document.querySelector('input').addEventListener('change', async ({ target }) => {
  const [file] = target.files;
  say('#page', await classify(file).catch(({ name, message }) => ({ name, message })));
  const worker = new Worker('worker.js', { type: 'module' });
  worker.addEventListener('message', ({ data }) => say('#worker', data));
  worker.postMessage(file);
});
