import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { COMMANDS, classify, scratchFolder } from '../page/command-line.mjs';
import { REPOSITORY, serveSite } from '../page/site.mjs';
import { Visitor, launchBrowser } from '../page/visitor.mjs';
import { drawConvolutions } from './convolutions.mjs';
import { commandsOf, follow } from './documents.mjs';
import { PACKED } from './projects.mjs';

/** A copy of the repository with what is built in it, as far as the documents need it. */
const repository = join(scratchFolder(after), 'repository');
const at = (path) => join(repository, path);

before(() => {
  mkdirSync(at('target'), { recursive: true });
  symlinkSync(PACKED, at('target/npm'));
  for (const part of ['.ci', 'Makefile', 'dist', 'examples/training', 'models', 'www']) {
    cpSync(join(REPOSITORY, part), at(part), { recursive: true, dereference: true });
  }
});

/**
 * Follows the commands of a document, and gives what each block printed.
 *
 * @param {string} path
 * @param {Record<string, string>} [variables]
 */
async function followed(path, variables) {
  const env = { PATH: `${COMMANDS}:${process.env.PATH}`, ...variables };
  const blocks = commandsOf(path);
  assert.ok(blocks.length > 0, `${path} has commands`);
  const printed = [];
  for (const block of blocks) printed.push(await follow(block, { cwd: repository, env }));
  return printed;
}

describe('the documents', () => {
  let browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  test('a training from drawn patients to the page, as train.md has it', async () => {
    mkdirSync(at('hospital'));
    writeFileSync(at('hospital/imagenet.safetensors'), drawConvolutions());
    const printed = (await followed('docs/train.md')).join('');
    assert.match(printed, /^ +AUC +\d\.\d{3} \(/m);

    const slice = at('hospital/data/images/p01-2.dcm');
    const [expected] = await classify([slice], at('hospital/model.safetensors'));
    const [builtIn] = await classify([slice]);
    assert.notEqual(expected.margin, builtIn.margin);
    assert.deepEqual([...readFileSync(at('hospital/map.png')).subarray(1, 4)], [...Buffer.from('PNG')]);

    const site = await serveSite({}, { folder: at('dist') });
    try {
      const visitor = await Visitor.open(browser, `${site.url}?model=hospital`, { offline: false });
      await visitor.modelIs('ready');
      await visitor.page.waitForFunction(
        () => document.querySelector('[data-testid="model-select"]')?.value === 'hospital',
      );
      await visitor.pick(slice);
      await visitor.settled(1);
      const { margin } = await visitor.result();
      assert.ok(Math.abs(margin - expected.margin) <= 1e-4, `${margin} is not ${expected.margin}`);
      await visitor.close();
    } finally {
      await site.close();
    }
  });

  test('another model, as models.md has it', async () => {
    const [, asked] = await followed('docs/models.md');
    assert.match(asked, /slices\/subdural\.bmp: (haemorrhage|normal)/);
    assert.ok(existsSync(at('slices/map.png')));
  });

  test('what is served is what was built, as deploy.md has it', async () => {
    const site = await serveSite({}, { folder: at('dist') });
    const altered = await serveSite(
      { '/index.html': (response) => void response.end('optimised') },
      { folder: at('dist') },
    );
    try {
      const [said] = await followed('docs/deploy.md', { SITE: site.url });
      assert.equal(said.match(/: as built/g).length, 4);
      const [differs] = await followed('docs/deploy.md', { SITE: altered.url });
      assert.doesNotMatch(differs, /index\.html: as built/);
    } finally {
      await Promise.all([site.close(), altered.close()]);
    }
  });

  test('what can be seen of privacy, as privacy.md has it', async () => {
    const [policy, scripts, speaking] = await followed('docs/privacy.md');
    assert.match(policy, /^content="default-src 'none';.*; connect-src 'none';.*"\n$/);
    assert.match(scripts, /is allowed/);
    assert.doesNotMatch(scripts, /is not allowed/);
    const files = new Set(speaking.trim().split('\n').map((line) => line.split(':')[0]));
    assert.deepEqual([...files], ['target/npm/package/haemolens.js']);
    const calls = speaking.split('\n').filter((line) => /\bfetch\(/.test(line));
    assert.equal(calls.length, 1, speaking);
  });
});

test('every link from a document to a file of the repository leads somewhere', () => {
  const inDocs = readdirSync(join(REPOSITORY, 'docs')).filter((name) => name.endsWith('.md'));
  const documents = ['README.md', 'examples/README.md', ...inDocs.map((name) => `docs/${name}`)];
  for (const path of documents) {
    const text = readFileSync(join(REPOSITORY, path), 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      assert.ok(existsSync(join(REPOSITORY, dirname(path), link)), `${path}: ${link}`);
    }
  }
});
