/** The models that a visitor can choose besides the one inside the module. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The network that is part of the module; which it is, the build says (`make site MODEL=open`). */
export const EMBEDDED_MODEL = process.env.HAEMOLENS_EMBEDDED ?? 'alexnet-svm';

/** What is part of the module. */
const EMBEDDED = [EMBEDDED_MODEL, 'guard'];

/**
 * @typedef {{ name: string, file: string, bytes: number, sha256: string }} ModelFile  By its size and
 *   digest the page checks and keeps it.
 */

/**
 * @param {string} name
 * @param {string} file  Its name in the site's folder of models.
 * @param {string} path  Where it is now.
 * @returns {ModelFile}
 */
export function modelFile(name, file, path) {
  const content = readFileSync(path);
  return { name, file, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/**
 * Copies the models of a folder into the site.
 *
 * @param {string} from
 * @param {string} site
 * @returns {ModelFile[]}
 */
export function copyModels(from, site) {
  const files = readdirSync(from).filter((file) => file.endsWith('.safetensors')).sort();
  const models = files
    .map((file) => ({ name: basename(file, '.safetensors'), file }))
    .filter(({ name }) => !EMBEDDED.includes(name));
  if (models.length > 0) mkdirSync(join(site, 'models'));
  return models.map(({ name, file }) => {
    copyFileSync(join(from, file), join(site, 'models', file));
    return modelFile(name, file, join(from, file));
  });
}
