/** Documents whose commands can be followed: those in blocks that begin with "```sh run". */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { REPOSITORY } from '../page/site.mjs';
import { output } from './projects.mjs';

/**
 * The blocks of a document.
 *
 * @param {string} path  From the repository's folder.
 * @returns {string[]}
 */
export function commandsOf(path) {
  const text = readFileSync(join(REPOSITORY, path), 'utf8');
  return [...text.matchAll(/^```sh run\n(.*?)^```$/gms)].map(([, block]) => block);
}

/**
 * Runs a block as a reader would who pastes it into a terminal, but stops at the first failure.
 *
 * @param {string} block
 * @param {{ cwd: string, env?: Record<string, string> }} options
 * @returns {Promise<string>} What it printed.
 */
export function follow(block, { cwd, env }) {
  return output('bash', ['-euo', 'pipefail', '-c', block], { cwd, env: { ...process.env, ...env } });
}
