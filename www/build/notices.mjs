/**
 * What the licences of the libraries inside the modules ask to be said wherever they go: their names and
 * their licences' texts, each text once. `node notices.mjs FOLDER` leaves it in FOLDER/third-party.txt;
 * Trunk runs it (see Trunk.toml).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Files that hold a licence, the one first that asks for least where one may choose. */
const LICENCES = [/^(un)?licen[cs]e[-.]mit(\.md|\.txt)?$/i, /^licen[cs]e(\.md|\.txt)?$/i, /^(un)?licen[cs]e/i, /^copying/i];

/**
 * @typedef {{ id: string, name: string, version: string, license: string | null, manifest_path: string,
 *   targets: { kind: string[] }[] }} Package
 */

/**
 * The libraries that a build for the browser links, as cargo resolves them; what only runs while the
 * module is built is not among them.
 *
 * @returns {Package[]}
 */
function linkedLibraries() {
  const flags = ['--format-version', '1', '--locked', '--filter-platform', 'wasm32-unknown-unknown', '--features', 'reference'];
  const options = { cwd: REPOSITORY, maxBuffer: 2 ** 28 };
  const { packages, resolve } = JSON.parse(execFileSync('cargo', ['metadata', ...flags], options).toString());
  const byId = new Map(packages.map((/** @type {Package} */ one) => [one.id, one]));
  const nodes = new Map(resolve.nodes.map((/** @type {{ id: string }} */ node) => [node.id, node]));
  const isMacro = (/** @type {string} */ id) => byId.get(id).targets.some(({ kind }) => kind.includes('proc-macro'));
  const found = new Set();
  const visit = (/** @type {string} */ id) => {
    if (found.has(id) || isMacro(id)) return;
    found.add(id);
    for (const { pkg, dep_kinds } of nodes.get(id).deps) {
      if (dep_kinds.some(({ kind }) => kind === null)) visit(pkg);
    }
  };
  visit(resolve.root);
  found.delete(resolve.root);
  return [...found].map((id) => byId.get(id)).sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/**
 * The text of a library's licence, without the space around it; empty where the library carries none.
 *
 * @param {Package} library
 */
function licenceText({ manifest_path }) {
  const folder = dirname(manifest_path);
  const files = readdirSync(folder).sort();
  const name = LICENCES.flatMap((pattern) => files.filter((file) => pattern.test(file)))[0];
  return name ? readFileSync(join(folder, name), 'utf8').replaceAll('\r', '').trim() : '';
}

/** @type {Map<string, string[]>}  Libraries by their licences' texts. */
const byText = new Map();
for (const library of linkedLibraries()) {
  const text = licenceText(library);
  const names = byText.get(text) ?? [];
  byText.set(text, [...names, `${library.name} ${library.version} (${library.license ?? 'see its text'})`]);
}
const without = byText.get('') ?? [];
byText.delete('');
const parts = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
if (without.length > 0) parts.push(`Without a text of their own, under the licences named:\n\n${without.join('\n')}\n`);
const head = 'haemolens holds parts of these libraries, each under its licence.\n';
const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'third-party.txt'), [head, ...parts].join(`\n${'-'.repeat(72)}\n\n`));
