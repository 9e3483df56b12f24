/**
 * The errors a person can be shown. Their names are the same in the page, in the module and on the
 * command line; what is said of them says what to do.
 */

/**
 * What the page says, to be put into words when it is shown.
 *
 * @typedef {{ key: import('./messages.js').MessageKey, values?: import('./messages.js').Values }} Saying
 */

/** Every name there is. An error of any other name is a fault of the program. */
export const ERROR_NAMES = /** @type {const} */ ([
  'UnsupportedFormat',
  'CorruptImage',
  'TooLarge',
  'EmptyInput',
  'UnsupportedTransferSyntax',
  'NoPixelData',
  'SeveralSlices',
  'InvalidSetting',
  'UnknownKind',
  'CorruptModel',
  'UnsupportedBrowser',
  'Internal',
]);

/** @typedef {(typeof ERROR_NAMES)[number]} ErrorName */

/** @typedef {{ name: ErrorName, message: string }} Problem  An error as it travels between threads. */

export class NamedError extends Error {
  /** @type {ErrorName} */
  name;

  /**
   * @param {ErrorName} name
   * @param {string | Saying} said  A sentence that the reader can act on: the module's own, in English,
   *   or the page's.
   */
  constructor(name, said) {
    super(typeof said === 'string' ? said : said.key);
    this.name = name;
    /** What the page itself says of it; where it says nothing, the message is the module's. */
    this.saying = typeof said === 'string' ? undefined : said;
  }
}

/** The module broke over a file. */
export class ClassifierStopped extends NamedError {
  constructor() {
    super('Internal', { key: 'problem.stopped' });
  }
}

/**
 * The problem that an error states, or nothing where it states none and so is a fault.
 *
 * @param {unknown} error
 * @returns {Problem | undefined}
 */
export function statedProblem(error) {
  if (!(error instanceof Error)) return undefined;
  const name = ERROR_NAMES.find((known) => known === error.name);
  return name && { name, message: error.message };
}
