import { readFile } from 'node:fs/promises';

import { classify } from 'haemolens';

for (const path of process.argv.slice(2)) console.log(JSON.stringify(await classify(await readFile(path))));
