/**
 * The errors a person can be shown. Their names are the same in the page, in the module and on the
 * command line; their messages say what to do.
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
  'CorruptModel',
  'UnsupportedBrowser',
  'Internal',
]);

/** @typedef {(typeof ERROR_NAMES)[number]} ErrorName */

/** @typedef {{ name: ErrorName, message: string }} Problem  An error as it travels between threads. */

export class NamedError extends Error {
  /**
   * @param {ErrorName} name
   * @param {string} message  A sentence that the reader can act on.
   */
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/** The module broke over a file. */
export class ClassifierStopped extends NamedError {
  constructor() {
    super(
      'Internal',
      'The classifier stopped unexpectedly while it read this file, and has been started again. The ' +
        'other files are not affected. Leave this one out, or export it again in another format.',
    );
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
