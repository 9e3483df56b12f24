import { classify } from 'haemolens';

self.addEventListener('message', async ({ data }) => self.postMessage(await classify(data)));
