import { readFile } from 'node:fs/promises';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { classify } from 'haemolens';

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
  worker.on('message', (answer) => console.log(JSON.stringify(answer)));
} else {
  parentPort.postMessage(await classify(await readFile(workerData)));
}
