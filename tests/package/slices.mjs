/** What every consumer of the package is given to classify, and what the command line says of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { classify, drawPhantoms } from '../page/command-line.mjs';
import { ctFile, head } from '../page/dicom-files.mjs';
import { comparable } from './projects.mjs';

/**
 * Draws phantoms and a DICOM file.
 *
 * @param {string} folder  Where they are put.
 * @returns {Promise<{ path: string, expected: object }[]>}
 */
export async function drawSlices(folder) {
  const dicom = join(folder, 'drawn.dcm');
  writeFileSync(dicom, ctFile(256, [head(256, 60)]));
  const paths = [...Object.values(await drawPhantoms(folder)), dicom];
  const answers = await classify(paths);
  return paths.map((path, i) => ({ path, expected: comparable(answers[i]) }));
}
