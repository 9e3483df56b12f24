/** Errors that callers tell apart by `name`, as they do those of the module. */

export class NamedError extends Error {
  /**
   * @param {string} name
   * @param {string} message  A sentence that says what to do.
   * @param {ErrorOptions} [options]
   */
  constructor(name, message, options) {
    super(message, options);
    this.name = name;
  }
}
