/** Imported ahead of everything else in a worker. */
import { watchAttempts } from './attempts.js';
import { lockWorker } from './lockdown.js';

lockWorker();
watchAttempts(self, (attempts) => self.postMessage({ attempts }));
