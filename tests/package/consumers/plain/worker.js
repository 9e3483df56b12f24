import { classify } from '../node_modules/haemolens/index.js';

self.addEventListener('message', async ({ data }) => self.postMessage(await classify(data)));
