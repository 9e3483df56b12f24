/** Projects of strangers: folders outside of the repository into which the packed package is installed. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { REPOSITORY } from '../page/site.mjs';

const run = promisify(execFile);
const CONSUMERS = fileURLToPath(new URL('consumers', import.meta.url));

/** What `make package` leaves. */
export const PACKED = join(REPOSITORY, 'target/npm');
const TARBALL = join(PACKED, 'haemolens.tgz');

/**
 * Runs a program, and gives what it printed; what it said goes into the error where it fails.
 *
 * @param {string} program
 * @param {string[]} words
 * @param {import('node:child_process').ExecFileOptions} [options]
 * @returns {Promise<string>}
 */
export async function output(program, words, options) {
  try {
    return (await run(program, words, { maxBuffer: 2 ** 26, ...options })).stdout;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}`, { cause: error });
  }
}

/**
 * Makes a project of the consumers, and installs into it what its manifest asks for and the package.
 *
 * @param {string} folder  Where it is put.
 */
export async function installProject(folder) {
  if (!existsSync(TARBALL)) throw new Error(`there is no ${TARBALL}: run make package`);
  cpSync(CONSUMERS, folder, { recursive: true });
  await output('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', TARBALL], { cwd: folder });
}

/** An answer without what differs from run to run, and without what the command line says of its file. */
export function comparable({ elapsedMs, file, frames, ...answer }) {
  return answer;
}

/** The version of the crate. */
export function crateVersion() {
  return /^version = "(.+)"$/m.exec(readFileSync(join(REPOSITORY, 'Cargo.toml'), 'utf8'))[1];
}
