import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { COMMANDS, scratchFolder } from '../page/command-line.mjs';
import { REPOSITORY, serveSite } from '../page/site.mjs';
import { PATIENCE_MS, launchBrowser } from '../page/visitor.mjs';
import { commandsOf, follow } from './documents.mjs';
import { PACKED, output } from './projects.mjs';
import { drawSlices } from './slices.mjs';

const scratch = scratchFolder(after);
/** A copy of the repository, as far as the examples need it. */
const repository = join(scratch, 'repository');
const example = (name) => join(repository, 'examples', name);

/** @type {{ path: string, expected: { label: string, probability: number } }[]} */
let slices;
/** What each block of the README printed. */
let printed;

before(async () => {
  mkdirSync(join(repository, 'target'), { recursive: true });
  symlinkSync(PACKED, join(repository, 'target/npm'));
  cpSync(join(REPOSITORY, 'examples'), join(repository, 'examples'), {
    recursive: true,
    filter: (path) => !/node_modules|dist$/.test(path),
  });
  rmSync(example('static-site/haemolens'), { recursive: true, force: true });
  slices = await drawSlices(scratch);
  printed = [];
  const env = { PATH: `${COMMANDS}:${process.env.PATH}`, npm_config_prefer_offline: 'true' };
  for (const block of commandsOf('examples/README.md')) printed.push(await follow(block, { cwd: repository, env }));
});

/** What an example says of an answer. */
const sentence = ({ label, probability }) => `${label}, probability ${probability.toFixed(3)}`;

describe('pages', () => {
  let browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  /**
   * Serves an example, gives it every slice and a file that is none, and expects the command line's
   * answers in one of its elements, and no complaint of the browser's.
   *
   * @param {string} folder
   * @param {string} says
   */
  async function answers(folder, says) {
    const site = await serveSite({}, { folder });
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    try {
      await page.goto(`${site.url}index.html`);
      for (const { path, expected } of slices) {
        await page.locator('input').setInputFiles(path);
        await page.locator(says, { hasText: sentence(expected) }).waitFor();
      }
      await page.locator('input').setInputFiles({
        name: 'note.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('no picture, this'),
      });
      await page.locator(says, { hasText: 'This is not an image that can be read' }).waitFor();
      assert.deepEqual(complaints.filter((text) => !text.includes('favicon') && !text.includes('404')), []);
    } finally {
      await page.context().close();
      await site.close();
    }
  }

  test('ten lines', async () => {
    const lines = readFileSync(example('page/index.html'), 'utf8').trimEnd().split('\n');
    assert.ok(lines.length <= 10);
    await answers(example('page'), 'output');
  });

  test('a worker', () => answers(example('worker'), 'li:last-child'));

  test('a React component built by Vite', () => answers(example('react/dist'), '[role="status"]'));

  test('an element in an article of a static site', () => answers(example('static-site'), 'output'));
});

describe('programs', () => {
  test('Rust', async () => {
    const program = join(COMMANDS, 'examples/classify');
    assert.ok(existsSync(program), `there is no ${program}: run cargo test --features train --no-run`);
    const lines = (await output(program, slices.map(({ path }) => path))).trim().split('\n');
    assert.equal(lines.length, slices.length);
    for (const [i, { path, expected }] of slices.entries()) {
      const { label, probability } = expected;
      assert.ok(lines[i].startsWith(`${path}\t0\t${label}\t${probability.toFixed(3)}\t`), lines[i]);
    }
    await assert.rejects(output(program, [join(scratch, 'none')]));
  });

  test('a batch, which goes on where it was stopped and says what it could not read', async () => {
    const listed = printed.at(-1);
    assert.match(listed, /^\d\.\d{3} {2}slices\//);
    assert.match(listed, /\n3 lines, \d look like a haemorrhage, 0 could not be read\n$/);
    writeFileSync(join(repository, 'slices/note.txt'), 'no picture, this');
    writeFileSync(join(repository, 'slices/torn.png'), Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
    const again = 'examples/batch.sh slices answers.jsonl && exit 9 || [ $? = 1 ]';
    const env = { PATH: `${COMMANDS}:${process.env.PATH}` };
    const said = await follow(again, { cwd: repository, env });
    assert.match(said, /\n5 lines, \d look like a haemorrhage, 2 could not be read\n$/);
  });
});
