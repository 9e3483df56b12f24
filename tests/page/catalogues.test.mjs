import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { readCatalogues } from '../../www/build/catalogues.mjs';
import { withWords } from '../../www/build/words.mjs';
import { ERROR_NAMES } from '../../www/page/named-error.js';
import {
  faultsOfLanguage,
  faultsOfUse,
  pageHtml,
  pageScripts,
  pageStyles,
  wordsOfItsOwn,
  wordsOfScripts,
  wordsOfStyle,
} from './catalogues.mjs';
import { REPOSITORY } from './site.mjs';

const { en: english, ...others } = await readCatalogues();

describe('the catalogues', () => {
  test('say the same in every language, each in its own words', () => {
    assert.ok(Object.keys(others).length >= 1);
    for (const [tag, catalogue] of Object.entries({ en: english, ...others })) {
      assert.deepEqual(faultsOfLanguage(tag, catalogue, english), []);
    }
  });

  test('hold what the page says, and nothing else', () => {
    const page = { html: pageHtml(), scripts: pageScripts() };
    assert.deepEqual(faultsOfUse(Object.keys(english), page), []);
  });

  test('hold everything that the HTML, the scripts and the style say', () => {
    assert.deepEqual(wordsOfItsOwn(pageHtml(), english), []);
    assert.deepEqual(wordsOfScripts(pageScripts()), []);
    assert.deepEqual(wordsOfStyle(pageStyles()), []);
  });

  test('have words for every error of the crate', () => {
    const source = readFileSync(join(REPOSITORY, 'src/error.rs'), 'utf8');
    const names = [...source.matchAll(/Error::\w+(?:\(_\))? => "(\w+)"/g)].map(([, name]) => name);
    assert.ok(names.length > 5);
    assert.deepEqual([...ERROR_NAMES].sort(), names.sort());
    for (const name of names) assert.ok(`error.${name}` in english, name);
  });

  test('are English in the page as it is built, which needs no script to be read', () => {
    const html = withWords(pageHtml(), english);
    assert.ok(html.includes(`<title data-text="page.title">${english['page.title']}</title>`));
    assert.ok(html.includes(`content="${english['page.description']}"`));
    assert.doesNotMatch(html, /data-text="[^"]*"[^>]*><\//);
  });
});

describe('the check of the catalogues finds', () => {
  const small = { 'a.one': 'One {x}', 'a.many': { one: '{count} thing', other: '{count} things' } };
  const itself = { 'language.direction': 'ltr' };
  const faults = (catalogue) =>
    faultsOfLanguage('fr', { ...itself, ...catalogue }, { ...itself, ...small });

  test('nothing where nothing is wrong', () => {
    assert.deepEqual(faults(small), []);
    assert.deepEqual(faults({ ...small, 'a.many': { one: 'une chose', other: '{count} choses' } }), []);
  });

  for (const [what, change] of [
    ['a key that is missing', { 'a.one': undefined }],
    ['a key that English has not', { 'a.two': 'Two' }],
    ['a value that is missing', { 'a.one': 'Un' }],
    ['a value of another name', { 'a.one': 'Un {y}' }],
    ['a value that is too many', { 'a.one': 'Un {x} {y}' }],
    ['a plural where English has none', { 'a.one': { other: 'Un {x}' } }],
    ['a plural form that the language has not', { 'a.many': { few: '{count}', other: '{count}' } }],
    ['a plural without its last form', { 'a.many': { one: '{count} chose' } }],
    ['a text that says nothing', { 'a.one': '' }],
    ['a direction that is none', { 'language.direction': 'down' }],
  ]) {
    test(what, () => {
      const changed = JSON.parse(JSON.stringify({ ...small, ...change }));
      assert.equal(faults(changed).length, 1, faults(changed).join('; '));
    });
  }

  test('a key that is used but not there, also by an attribute, and one that is not used', () => {
    const html = '<p data-text="a.one"></p><b\n data-text-title="a.three"></b>';
    const scripts = "text('a.four', { count: 1 });\ntext(`b.${name}`);";
    assert.deepEqual(faultsOfUse(['a.one', 'a.two', 'b.any'], { html, scripts }), [
      'there is no a.three',
      'there is no a.four',
      'a.two is used nowhere',
    ]);
  });

  test('words in a script that it puts on the page', () => {
    const script = `
      line.textContent = 'Ready';
      line.title = a ? text('a.one') : \`$\{count} left\`;
      line.textContent = \`$\{title} $\{version}\`;
      line.setAttribute('aria-label', 'A line');
      throw new NamedError('Internal', 'It broke.');`;
    assert.deepEqual(wordsOfScripts(script), ['Ready', ' left', 'A line', 'It broke.']);
  });

  test('words in the HTML and in the style that are not from the catalogue', () => {
    const html = `
      <p data-text="a.two">Two</p> <p data-text="a.two">Too</p> <b>Three</b> four
      <i translate="no">five</i> <u title="six" data-text-aria-label="a.two" aria-label="Two"></u>
      <meta name="description" content="seven" /><!-- eight --><script>nine</script>`;
    const found = wordsOfItsOwn(html, { 'a.two': 'Two' });
    assert.deepEqual(found, ['Too', 'Three', 'four', 'title="six"', 'content="seven"']);
    assert.deepEqual(wordsOfStyle("p::after { content: 'ten'; } b::before { content: ''; }"), ['ten']);
  });

  test('an element of the HTML whose words would take the place of others', () => {
    const build = () => withWords('<p data-text="a.two"><b></b></p>', { 'a.two': 'Two' });
    assert.throws(build, /must not hold elements/);
    assert.throws(() => withWords('<p data-text="a.three"></p>', {}), /no words/);
  });
});
