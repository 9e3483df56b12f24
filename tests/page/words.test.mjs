import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { readCatalogues } from '../../www/build/catalogues.mjs';
import { bestLanguage, language, languages, onLanguageChange, text, useLanguage } from '../../www/page/messages.js';
import { ERROR_NAMES, NamedError } from '../../www/page/named-error.js';
import { problemWords } from '../../www/page/problem-words.js';
import { reasonWords } from '../../www/page/reason-words.js';
import { decimal, duration, entryTitle, megabytes, percent, signed } from '../../www/page/wording.js';
import { PSEUDO, pseudoCatalogue } from './pseudo-catalogue.mjs';
import { REPOSITORY } from './site.mjs';

const shipped = await readCatalogues();
// What the build puts into the page's script.
globalThis.CATALOGUES = { ...shipped, [PSEUDO]: pseudoCatalogue(shipped.en) };

/** Calls a function while the page speaks a language. */
function speaking(tag, tell) {
  useLanguage(tag);
  try {
    return tell();
  } finally {
    useLanguage('en');
  }
}

/** With spaces that do not break as spaces that do. */
const plain = (words) => words.replace(/[\u00a0\u202f]/g, ' ');

describe('words', () => {
  test('are in the language that is chosen, and said anew by those who asked to be told', () => {
    const said = [];
    onLanguageChange(() => said.push(text('label.haemorrhage')));
    assert.equal(language(), 'en');
    useLanguage('fr');
    useLanguage('en');
    assert.deepEqual(said, ['Hémorragie', 'Haemorrhage']);
  });

  test('are in the first of the wanted languages that there is, or in a wider one', () => {
    assert.equal(bestLanguage(['fr']), 'fr');
    assert.equal(bestLanguage(['fr-CA', 'en']), 'fr');
    assert.equal(bestLanguage(['FR-ca']), 'fr');
    assert.equal(bestLanguage(['ja', 'fr-CH', 'en']), 'fr');
    assert.equal(bestLanguage(['en-GB', 'fr']), 'en');
    assert.equal(bestLanguage(['frr', 'ja']), 'en', 'North Frisian is no French');
    assert.equal(bestLanguage([]), 'en');
  });

  test('name each language in itself', () => {
    const named = languages().filter(({ tag }) => tag in shipped);
    assert.deepEqual(named.slice(0, 2), [
      { tag: 'en', name: 'English', direction: 'ltr' },
      { tag: 'fr', name: 'Français', direction: 'ltr' },
    ]);
  });

  test('take the plural form of the language', () => {
    const requests = (count) => text('privacy.summary', { count });
    assert.match(requests(0), /0 requests since/);
    assert.match(requests(1), /1 request since/);
    speaking('fr', () => {
      assert.match(requests(0), /0 requête depuis/);
      assert.match(requests(1), /1 requête depuis/);
      assert.match(requests(2), /2 requêtes depuis/);
      assert.match(plain(requests(1_234_567)), /1 234 567 requêtes depuis/);
    });
  });

  test('of a language that lacks a key are English', () => {
    globalThis.CATALOGUES['x-new'] = { 'language.name': 'New', 'language.direction': 'ltr' };
    assert.equal(speaking('x-new', () => text('label.normal')), 'Normal');
    delete globalThis.CATALOGUES['x-new'];
  });

  test('keep values apart in a language that is written from right to left', () => {
    assert.equal(text('picture.of', { name: 'a.png' }), 'The slice a.png');
    assert.match(speaking(PSEUDO, () => text('picture.of', { name: 'a.png' })), /\u2068a\.png\u2069/);
  });
});

describe('quantities', () => {
  const all = () => ({
    share: percent(0.974),
    least: percent(0.001),
    most: percent(0.9999),
    negative: signed(-1.234),
    positive: signed(0.5),
    nothing: signed(-0.001),
    figure: decimal(0.8746, 3),
    moment: duration(0.2),
    short: duration(12.4),
    long: duration(1234),
    size: megabytes(1_234_567_890),
    slice: entryTitle({ source: 'head.dcm', frame: 1, slices: 1200 }),
  });

  test('are written as in English', () => {
    assert.deepEqual(all(), {
      share: '97 %',
      least: '< 1 %',
      most: '> 99 %',
      negative: '−1.23',
      positive: '+0.50',
      nothing: '+0.00',
      figure: '0.875',
      moment: '1 ms',
      short: '12 ms',
      long: '1.2 s',
      size: '1,234.6 MB',
      slice: 'head.dcm (2 of 1,200)',
    });
  });

  test('are written as in French, with spaces that do not break', () => {
    const french = (value, options) => new Intl.NumberFormat('fr', options).format(value);
    const unit = (value, name) =>
      french(value, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 1 });
    assert.deepEqual(speaking('fr', all), {
      share: french(0.97, { style: 'percent' }),
      least: `< ${french(0.01, { style: 'percent' })}`,
      most: `> ${french(0.99, { style: 'percent' })}`,
      negative: '−1,23',
      positive: '+0,50',
      nothing: '+0,00',
      figure: '0,875',
      moment: unit(1, 'millisecond'),
      short: unit(12, 'millisecond'),
      long: unit(1.2, 'second'),
      size: unit(1234.6, 'megabyte'),
      slice: `head.dcm (2 sur ${french(1200)})`,
    });
    assert.match(speaking('fr', () => percent(0.974)), /^97\u00a0%$/);
  });
});

/** What a source of the crate holds for a pattern's first group. */
const inCrate = (file, pattern) =>
  [...readFileSync(join(REPOSITORY, 'src', file), 'utf8').matchAll(pattern)].map(([, found]) => found);

describe('a reason', () => {
  const sentence = (cause) => `This does not look like a CT slice of a head: ${cause}.`;
  const modalities = inCrate('slice/dicom/attributes.rs', /^ {4}\("[A-Z]+", "([a-z ]+)"\),$/gm);
  const parts = inCrate('slice/dicom/words/lists.rs', /^ {4}\(\s*"([A-Z]+)",/gm);
  const causes = [
    ...inCrate('guard/mod.rs', /"(its? [^"{]+)"/g),
    ...modalities.map((name) => `its header says that it is ${name}, not CT`),
    ...inCrate('slice/dicom/attributes.rs', /"(its header says [^"{]+)"/g),
    ...parts.map((name) => inCrate('guard/mod.rs', /"(its header names [^"]+)"/g)[0].replace('{named}', name)),
  ];

  test('of the crate is said in each language', () => {
    assert.ok(modalities.length >= 10 && parts.length >= 8 && causes.length >= 27, causes.join('\n'));
    const said = new Set();
    for (const reason of causes.map(sentence)) {
      assert.equal(reasonWords(reason), reason);
      const french = speaking('fr', () => reasonWords(reason));
      assert.match(french ?? '', /^Ceci ne ressemble pas à une coupe de scanner de la tête\u00a0: .+\.$/, reason);
      said.add(french);
    }
    assert.equal(said.size, new Set(causes).size);
  });

  test('that names a part of the body is French with the part', () => {
    const named = causes.find((cause) => cause.includes('(CHEST)'));
    assert.match(
      speaking('fr', () => reasonWords(sentence(named))),
      /l’en-tête nomme une autre partie du corps \(thorax\), et l’image seule laisse un doute\.$/,
    );
  });

  test('of a study or of a series is said likewise, and an unknown one not at all', () => {
    const french = (reason) => speaking('fr', () => reasonWords(reason));
    const few = 'Too few of the 40 slices look like CT slices of a head: it is nearly empty.';
    assert.match(french(few), /^Trop peu des 40 coupes .*: l’image est presque vide\.$/);
    const series = 'it is not taken for a CT of a head: it is nearly empty';
    assert.match(french(series), /^elle n’est pas prise .* presque vide$/);
    assert.equal(french('it was sent by post'), undefined);
    assert.equal(french(sentence('it was sent by post')), undefined);
  });
});

describe('an error', () => {
  for (const name of ERROR_NAMES) {
    test(`${name} of the module is said in French, with the module’s own sentence beneath`, () => {
      const error = new NamedError(name, 'What the module says.');
      assert.deepEqual(problemWords(error), { words: 'What the module says.' });
      const { words, detail } = speaking('fr', () => problemWords(error));
      assert.equal(words, shipped.fr[`error.${name}`]);
      assert.equal(detail, 'What the module says.');
    });
  }

  test('of the page is said in each language, and has no more to it', () => {
    const error = new NamedError('TooLarge', { key: 'problem.tooMany', values: { slices: 20000, most: 10000 } });
    assert.match(problemWords(error).words, /holds 20,000 slices or more; at most 10,000 of one file/);
    const { words, detail } = speaking('fr', () => problemWords(error));
    assert.match(plain(words), /contient 20 000 coupes ou plus ; 10 000 au plus/);
    assert.equal(detail, undefined);
  });
});
