/** The page hands files to the worker and lists what comes back; it never waits for either. */
const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
const input = document.querySelector('input');
const list = document.querySelector('ul');

input.addEventListener('change', () => {
  for (const file of input.files) worker.postMessage(file);
});

worker.addEventListener('message', ({ data: { name, answer, error } }) => {
  const item = document.createElement('li');
  item.textContent = error
    ? `${name}: ${error.message}`
    : `${name}: ${answer.label}, probability ${answer.probability.toFixed(3)}`;
  list.append(item);
});
