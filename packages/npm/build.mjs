/**
 * Makes the npm package out of the module that `make site` has built: `node build.mjs SITE FOLDER`
 * leaves it in FOLDER/package and, packed, in FOLDER/haemolens.tgz. Its version is the crate's.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** What wasm-bindgen makes, and what the licences of the libraries in there ask to be said. */
const MODULE = ['haemolens.js', 'haemolens.d.ts', 'haemolens_bg.wasm', 'third-party.txt'];
const PAPERS = ['CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE'];

/** @returns {string} The crate's version. */
function version() {
  const found = /^version = "(.+)"$/m.exec(readFileSync(join(REPOSITORY, 'Cargo.toml'), 'utf8'));
  if (!found) throw new Error('Cargo.toml should name a version');
  return found[1];
}

/**
 * Declarations that stand by themselves: wasm-bindgen's take for granted that the consumer's settings
 * name the types of browsers and of explicit resource management.
 *
 * @param {string} declarations
 */
function standingAlone(declarations) {
  const types = declarations
    .replace(/\bWebAssembly\.(Module|Memory|Table)\b/g, "Wasm<'$1'>")
    .replace(/\bBufferSource\b/g, '(ArrayBufferView<ArrayBuffer> | ArrayBuffer)')
    .replace(/\bRequestInfo\b/g, '(string | Request)');
  return `/// <reference lib="esnext.disposable" />
${types}
/** A class of WebAssembly's where the consumer's settings know it. */
type Wasm<Name extends string> = typeof globalThis extends {
  WebAssembly: { [name in Name]: { prototype: infer Instance } };
}
  ? Instance
  : unknown;
`;
}

const [site, folder] = process.argv.slice(2).map((path) => resolve(path));
const staging = join(folder, 'package');
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });

for (const file of readdirSync(SOURCES).filter((name) => /\.(js|d\.ts|md)$/.test(name))) {
  copyFileSync(join(SOURCES, file), join(staging, file));
}
for (const file of MODULE) copyFileSync(join(site, file), join(staging, file));
const declarations = join(staging, 'haemolens.d.ts');
writeFileSync(declarations, standingAlone(readFileSync(declarations, 'utf8')));
for (const file of PAPERS) copyFileSync(join(REPOSITORY, file), join(staging, file));
copyFileSync(join(REPOSITORY, 'models', 'LICENSE.md'), join(staging, 'LICENSE-WEIGHTS.md'));

// The order of a manifest's fields is what its readers know: the version stays where it stands.
const manifest = JSON.parse(readFileSync(join(SOURCES, 'package.json'), 'utf8'));
manifest.version = version();
writeFileSync(join(staging, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: staging });
// One name for every version, which examples and tests install from.
const tarball = join(folder, 'haemolens.tgz');
renameSync(join(folder, packed.toString().trim()), tarball);
console.log(`${tarball}: haemolens ${manifest.version}, ${(statSync(tarball).size / 1e6).toFixed(1)} MB`);
