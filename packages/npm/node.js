/** The package in Node: the module is read from the disk. */
import { readFile } from 'node:fs/promises';

import { readModuleBy } from './module-source.js';

readModuleBy(() => readFile(new URL('haemolens_bg.wasm', import.meta.url)));

export * from './index.js';
