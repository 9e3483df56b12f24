import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { scratchFolder } from '../page/command-line.mjs';
import { REPOSITORY, bytes, serveSite } from '../page/site.mjs';
import { PATIENCE_MS, launchBrowser } from '../page/visitor.mjs';
import { PACKED, comparable, crateVersion, installProject, output } from './projects.mjs';
import { drawSlices } from './slices.mjs';

const TSC = join(REPOSITORY, 'tests/page/node_modules/.bin/tsc');

const scratch = scratchFolder(after);
const project = join(scratch, 'project');

/** @type {{ path: string, expected: object }[]} */
let slices;
before(async () => {
  slices = await drawSlices(scratch);
  await installProject(project);
});

test('the package holds what it needs, says its version and stays small', () => {
  const folder = join(PACKED, 'package');
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  assert.equal(manifest.version, crateVersion());
  const files = readdirSync(folder);
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'LICENSE-WEIGHTS.md', 'haemolens_bg.wasm']) {
    assert.ok(files.includes(file), file);
  }
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    // Addresses in comments of the glue are not asked for.
    const code = readFileSync(join(folder, file), 'utf8').replace(/^\s*(\/\/|\*).*$/gm, '');
    assert.doesNotMatch(code, /https?:/, `${file} names a server`);
  }
  assert.ok(statSync(join(PACKED, 'haemolens.tgz')).size < 5e6, 'more than 5 MB to download');
  assert.equal('dependencies' in manifest, false);
});

test('the package says whose libraries are in it, with the texts of their licences', async () => {
  const notices = readFileSync(join(PACKED, 'package/third-party.txt'), 'utf8');
  const tree = ['tree', '--locked', '--target', 'wasm32-unknown-unknown', '--edges', 'normal,no-proc-macro', '--prefix', 'none'];
  const linked = (await output('cargo', tree, { cwd: REPOSITORY })).trim().split('\n').slice(1);
  assert.ok(linked.length > 50, `${linked.length}`);
  for (const line of linked) {
    const [name, version] = line.split(' ');
    assert.ok(notices.includes(`\n${name} ${version.slice(1)} (`), line);
  }
  assert.match(notices, /Permission is hereby granted[^]*THE SOFTWARE IS PROVIDED/);
  assert.match(notices, /Copyright \(c\) \d{4}/);
});

describe('in browsers', () => {
  let browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  /**
   * Serves a folder, gives a page every slice, and expects the command line's answers.
   *
   * @param {string} folder
   * @param {Parameters<typeof serveSite>[0]} special
   * @param {string} path
   * @param {string[]} outputs  The elements that say the answers.
   */
  async function answersAsTheCommandLine(folder, special, path, outputs) {
    const site = await serveSite(special, { folder });
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const requests = [];
    page.context().on('request', (request) => requests.push(request.url()));
    try {
      await page.goto(site.url + path);
      for (const { path: file, expected } of slices) {
        for (const selector of outputs) {
          await page.locator(selector).evaluate((element) => (element.textContent = ''));
        }
        await page.locator('input').setInputFiles(file);
        for (const selector of outputs) {
          await page.waitForFunction((id) => document.querySelector(id).textContent !== '', selector);
          const said = await page.locator(selector).textContent();
          assert.deepEqual(comparable(JSON.parse(said)), expected, `${selector} ${file}`);
        }
      }
      const elsewhere = requests.filter((url) => !url.startsWith(site.url) && !url.startsWith('blob:'));
      assert.deepEqual(elsewhere, []);
    } finally {
      await page.context().close();
      await site.close();
    }
  }

  test('by a plain module script, in the page and in a module worker', async () => {
    await answersAsTheCommandLine(project, {}, 'plain/index.html', ['#page', '#worker']);
  });

  test('built by Vite, in the page and in a worker', async () => {
    const folder = join(project, 'vite');
    await output(join(project, 'node_modules/.bin/vite'), ['build'], { cwd: folder });
    await answersAsTheCommandLine(join(folder, 'dist'), {}, 'index.html', ['#page', '#worker']);
  });

  test('under a Content Security Policy as its README asks for, and not without', async () => {
    const policies = {
      '/plain/allowed.html': "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
      '/plain/refused.html': "script-src 'self'; connect-src 'self'",
    };
    const html = readFileSync(join(project, 'plain/index.html'), 'utf8');
    const special = Object.fromEntries(
      Object.entries(policies).map(([path, policy]) => {
        const meta = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; ${policy}" />`;
        return [path, bytes(html.replace('<meta', `${meta}<meta`), 'text/html')];
      }),
    );
    await answersAsTheCommandLine(project, special, 'plain/allowed.html', ['#page']);
    const site = await serveSite(special, { folder: project });
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`${site.url}plain/refused.html`);
    await page.locator('input').setInputFiles(slices[0].path);
    await page.locator('#page', { hasText: 'ModuleNotLoaded' }).waitFor();
    await page.context().close();
    await site.close();
  });
});

describe('in Node', () => {
  const folder = join(project, 'node');

  test('by its name, in the main thread and in a worker', async () => {
    const paths = slices.map(({ path }) => path);
    const lines = (await output('node', ['classify.mjs', ...paths], { cwd: folder })).trim().split('\n');
    assert.deepEqual(lines.map((line) => comparable(JSON.parse(line))), slices.map(({ expected }) => expected));
    const [{ path, expected }] = slices;
    const line = await output('node', ['worker-thread.mjs', path], { cwd: folder });
    assert.deepEqual(comparable(JSON.parse(line)), expected);
  });

  test('says by name what is missing on a machine without vectors', async () => {
    const said = JSON.parse(await output('node', ['old-machine.mjs'], { cwd: folder }));
    assert.equal(said.supported, false);
    assert.equal(said.name, 'UnsupportedBrowser');
    assert.match(said.message, /SIMD/);
  });
});

describe('in TypeScript', () => {
  test('with the types of browsers', async () => {
    const folder = join(project, 'types-dom');
    await output(TSC, ['--project', '.'], { cwd: folder });
    const source = readFileSync(join(folder, 'consumer.ts'), 'utf8');
    const [, listed] = /exported: .* = \{([^}]+)\}/.exec(source);
    const names = listed.match(/\w+(?=: true)/g).sort();
    const there = await import(pathToFileURL(join(project, 'node_modules/haemolens/node.js')).href);
    assert.deepEqual(Object.keys(there).sort(), names);
  });

  test('with the types of Node alone', async () => {
    await output(TSC, ['--project', '.'], { cwd: join(project, 'types-node') });
  });

  test('the package’s own scripts are as its types say', () =>
    output(TSC, ['--project', join(REPOSITORY, 'packages/npm/tsconfig.json')]));
});
