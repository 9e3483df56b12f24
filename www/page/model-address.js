/** The model that the page is loaded with, in its address: `?model=NAME`. */

/** @param {string} name */
export function askForModel(name) {
  const address = new URL(location.href);
  address.search = `?model=${encodeURIComponent(name)}`;
  location.replace(address);
}

/**
 * The model that the address asks for; it asks once.
 *
 * @returns {string | null}
 */
export function takeAskedModel() {
  const name = new URLSearchParams(location.search).get('model');
  if (name !== null) history.replaceState(null, '', location.pathname);
  return name;
}
