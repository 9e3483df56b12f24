/** The `haemolens` command, against which the page is held. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { REPOSITORY } from './site.mjs';

const run = promisify(execFile);
const TARGET = process.env.CARGO_TARGET_DIR || join(REPOSITORY, 'target');
/** The folder of the programs that `cargo test --features train` builds. */
export const COMMANDS = join(TARGET, 'debug');
const COMMAND = join(COMMANDS, 'haemolens');

/** A folder that is gone when the tests of this file are over. */
export function scratchFolder(after) {
  const folder = mkdtempSync(join(tmpdir(), 'haemolens-test-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function lines(...args) {
  const { stdout } = await run(COMMAND, args, { maxBuffer: 2 ** 26 });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Draws the phantoms into a folder, and gives their paths by what they were drawn to show. */
export async function drawPhantoms(folder) {
  await lines('phantom', '--out', folder);
  return Object.fromEntries(
    ['normal', 'intraparenchymal', 'subdural'].map((kind) => [kind, join(folder, `${kind}.bmp`)]),
  );
}

/** Options of the command line for terms as the page has them. */
function options({ operatingPoint, prevalence } = {}) {
  const point = operatingPoint === undefined ? [] : ['--operating-point', operatingPoint];
  return prevalence === undefined ? point : [...point, '--prevalence', String(prevalence)];
}

/** One classification a path, in their order, by the built-in model on these terms. */
export async function classifyOn(terms, paths) {
  return (await lines('classify', '--json', ...options(terms), ...paths)).map((line) => JSON.parse(line));
}

/** One classification a path, in their order, by the built-in model or a stored one, or another plane. */
export async function classify(paths, model, plane) {
  const chosen = [...(model ? ['--model', model] : []), ...(plane ? ['--plane', plane] : [])];
  return (await lines('classify', '--json', ...chosen, ...paths)).map((line) => JSON.parse(line));
}

/** One answer for each examination in files or folders. */
export async function study(paths, terms) {
  return (await lines('study', '--json', ...options(terms), ...[paths].flat())).map((line) => JSON.parse(line));
}

/** One hash of the network's input a path, in their order. */
export async function preprocessHashes(paths) {
  return (await lines('preprocess', '--hash', ...paths)).map((line) => line.split(/\s+/)[0]);
}
