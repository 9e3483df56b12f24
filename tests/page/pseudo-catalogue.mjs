/**
 * A language that nobody speaks, to see whether the page bears any other: English with accents on its
 * letters, longer by two fifths, and written from right to left. It is made for tests, and in no page
 * that is shipped.
 */

/** Its tag: of Arabic, in the way that such languages are called. Numbers are written as Arabic does. */
export const PSEUDO = 'ar-XB';

/** By how much words become longer, as translations of short English texts do. */
const EXPANSION = 0.4;

const ACCENTED = new Map(
  Object.entries({
    ...{ a: 'á', b: 'ƀ', c: 'ç', d: 'ð', e: 'é', f: 'ƒ', g: 'ğ', h: 'ĥ', i: 'î', j: 'ĵ', k: 'ķ', l: 'ļ' },
    ...{ m: 'ɱ', n: 'ñ', o: 'ö', p: 'þ', q: 'ǫ', r: 'ŕ', s: 'š', t: 'ţ', u: 'û', v: 'ṽ', w: 'ŵ', x: 'ẋ' },
    ...{ y: 'ý', z: 'ž', A: 'Å', B: 'Ɓ', C: 'Ç', D: 'Ð', E: 'É', F: 'Ƒ', G: 'Ĝ', H: 'Ĥ', I: 'Î', J: 'Ĵ' },
    ...{ K: 'Ķ', L: 'Ļ', M: 'Ṁ', N: 'Ñ', O: 'Ö', P: 'Þ', Q: 'Ǫ', R: 'Ŕ', S: 'Š', T: 'Ţ', U: 'Û', V: 'Ṽ' },
    ...{ W: 'Ŵ', X: 'Ẋ', Y: 'Ý', Z: 'Ž' },
  }),
);

/** Has the browser lay what is inside out from right to left, whatever its letters. */
const [MIRRORED, END] = ['\u202e', '\u202c'];

/**
 * A word, or nothing where it has no letters: each two of five letters twice.
 *
 * @param {string} word
 */
function longer(word) {
  let owed = 0;
  const letters = [...word].map((letter) => {
    const accented = ACCENTED.get(letter);
    if (!accented) return letter;
    owed += EXPANSION;
    if (owed < 1) return accented;
    owed -= 1;
    return accented + accented.toLowerCase();
  });
  const written = letters.join('');
  return written === word ? word : `${MIRRORED}${written}${END}`;
}

/** @param {string} text  Places for values stay as they are. */
const pseudo = (text) => text.replace(/\{\w+\}|[^\s{}]+/g, (word) => (word.startsWith('{') ? word : longer(word)));

/**
 * @param {import('../../www/page/messages.js').Catalogue} english
 * @returns {import('../../www/page/messages.js').Catalogue}
 */
export function pseudoCatalogue(english) {
  const said = Object.entries(english).map(([key, message]) => {
    if (typeof message === 'string') return [key, pseudo(message)];
    return [key, Object.fromEntries(Object.entries(message).map(([form, text]) => [form, pseudo(text)]))];
  });
  return { ...Object.fromEntries(said), 'language.direction': 'rtl' };
}
