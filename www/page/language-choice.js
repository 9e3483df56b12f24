/**
 * The language that the page speaks: at first the one that its address asks for, `?lang=fr`, or else
 * the one that the browser's owner likes best; then the one that is chosen on the page. Nothing is
 * stored: a choice is put into the address.
 */
import { bestLanguage, language, languages, onLanguageChange, useLanguage } from './messages.js';
import { sayPage } from './page-words.js';

/** The parameter of the address. */
const PARAMETER = 'lang';

/** Speaks the visitor's language, before anything else is said. */
export function speakVisitorsLanguage() {
  // The first to be told: others change what the HTML says.
  onLanguageChange(sayHtml);
  const asked = new URLSearchParams(location.search).get(PARAMETER);
  useLanguage(bestLanguage([...(asked ? [asked] : []), ...navigator.languages]));
}

/**
 * Lets the visitor choose, each language by its own name.
 *
 * @param {HTMLElement} root  Holds the control and its label; hidden until there is something to choose.
 * @param {HTMLSelectElement} select
 */
export function offerLanguages(root, select) {
  for (const { tag, name, direction } of languages()) {
    const option = new Option(name, tag);
    option.lang = tag;
    option.dir = direction;
    select.add(option);
  }
  select.value = language();
  root.hidden = select.options.length < 2;
  select.addEventListener('change', () => {
    useLanguage(select.value);
    putIntoAddress(select.value);
  });
}

/** Puts what the HTML says into the language. */
function sayHtml() {
  const { documentElement: page } = document;
  // The HTML comes in one.
  if (page.lang === language()) return;
  page.lang = language();
  page.dir = languages().find(({ tag }) => tag === language())?.direction ?? 'ltr';
  sayPage(document);
}

/**
 * So that the page still speaks it when it is loaded anew, and where its address is handed on.
 *
 * @param {string} tag
 */
function putIntoAddress(tag) {
  const address = new URL(location.href);
  address.searchParams.set(PARAMETER, tag);
  history.replaceState(null, '', address);
}
