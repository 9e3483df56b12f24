/** The model that the page is loaded with, in its address: `?model=NAME`. */

/** The parameter of the address; others, such as the language, are left as they are. */
const PARAMETER = 'model';

/** @param {string} name */
export function askForModel(name) {
  const address = new URL(location.href);
  address.searchParams.set(PARAMETER, name);
  location.replace(address);
}

/**
 * The model that the address asks for; it asks once.
 *
 * @returns {string | null}
 */
export function takeAskedModel() {
  const address = new URL(location.href);
  const name = address.searchParams.get(PARAMETER);
  if (name === null) return null;
  address.searchParams.delete(PARAMETER);
  history.replaceState(null, '', address);
  return name;
}
