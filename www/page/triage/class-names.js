/** What people call the two classes, in folders and in tables, in English and in French. */

const HAEMORRHAGE = [
  '1', 'yes', 'y', 'true', 'oui', 'vrai', 'positive', 'positives', 'pos', 'positif', 'positifs',
  'haemorrhage', 'haemorrhages', 'haemorrhagic', 'hemorrhage', 'hemorrhages', 'hemorrhagic',
  'bleed', 'bleeds', 'bleeding', 'blood', 'ich', 'intracranial_haemorrhage', 'intracranial_hemorrhage',
  'hemorragie', 'hemorragies', 'hemorragique', 'hemorragiques', 'saignement', 'saignements', 'sang',
  'with_haemorrhage', 'with_hemorrhage', 'avec_hemorragie',
];

const NORMAL = [
  '0', 'no', 'n', 'false', 'non', 'faux', 'negative', 'negatives', 'neg', 'negatif', 'negatifs',
  'normal', 'normals', 'normale', 'normales', 'normaux', 'healthy', 'control', 'controls',
  'sain', 'sains', 'saine', 'saines', 'temoin', 'temoins',
];

/** What turns the name of a haemorrhage into its contrary. */
const WITHOUT = /^(non|not|no|without|sans|pas_de|pas_d|absence_de|absence_d)_?(?=[a-z])/;

/** @type {Map<string, boolean>} */
const CLASSES = new Map([
  ...HAEMORRHAGE.map((name) => /** @type {const} */ ([name, true])),
  ...NORMAL.map((name) => /** @type {const} */ ([name, false])),
]);

/**
 * Small letters without accents, other signs as `_`.
 *
 * @param {string} name
 * @returns {string}
 */
export function plainName(name) {
  const letters = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return letters.replace(/[^a-z0-9]+/g, '_').replace(/^_|_$/g, '');
}

/**
 * The class that a name stands for: true for haemorrhage, false for none, nothing where it is no class.
 *
 * @param {string} name
 * @returns {boolean | undefined}
 */
export function classNamed(name) {
  const plain = plainName(name);
  const named = CLASSES.get(plain);
  if (named !== undefined) return named;
  const contrary = plain.replace(WITHOUT, '');
  return contrary !== plain && CLASSES.get(contrary) === true ? false : undefined;
}

/**
 * @param {string} name
 * @returns {boolean}  Whether it stands for haemorrhage as a heading above zeros and ones does.
 */
export function isNameOfHaemorrhage(name) {
  return /[a-z]/.test(plainName(name)) && classNamed(name) === true;
}
