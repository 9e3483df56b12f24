/** Answers each file that it is sent. */
import { classify } from './node_modules/haemolens/index.js';

self.addEventListener('message', async ({ data: file }) => {
  try {
    self.postMessage({ name: file.name, answer: await classify(file) });
  } catch (error) {
    self.postMessage({ name: file.name, error: { name: error.name, message: error.message } });
  }
});
