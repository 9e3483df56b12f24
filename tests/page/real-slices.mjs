/** Slices of patients, where this machine has the data; they are never part of the repository. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { REPOSITORY } from './site.mjs';

const DATA = process.env.HAEMOLENS_DATA || join(REPOSITORY, '..', 'shared', 'data');
const CT_ICH = join(DATA, 'ct-ich');
const HEAD_CT = join(DATA, 'head-ct', 'images');

/** Reason to skip what needs CT-ICH, or false where it is there. */
export const withoutCtIch =
  !existsSync(join(CT_ICH, 'labels.csv')) && `no ct-ich in ${DATA} (HAEMOLENS_DATA)`;

/** Ten slices with haemorrhage and ten without, spread evenly over the patients. */
export function twentySlices() {
  const [head, ...rows] = readFileSync(join(CT_ICH, 'labels.csv'), 'utf8').trim().split(/\r?\n/);
  const columns = head.split(',');
  const [file, label] = [columns.indexOf('file'), columns.indexOf('hemorrhage')];
  const cells = rows.map((row) => row.split(','));
  return ['1', '0'].flatMap((wanted) => {
    const group = cells.filter((row) => row[label] === wanted);
    const tenth = Math.floor(group.length / 10);
    return Array.from({ length: 10 }, (_, i) => join(CT_ICH, 'brain', group[i * tenth][file]));
  });
}

/** Every image of head-ct, or none where it is not there. */
export function headCtImages() {
  if (!existsSync(HEAD_CT)) return [];
  return readdirSync(HEAD_CT).sort().map((name) => join(HEAD_CT, name));
}
