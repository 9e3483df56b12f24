/**
 * Dark or light: as the visitor's system wishes, unless the visitor says otherwise. Nothing is stored, so
 * that holds until the page is left. The colours themselves are in theme.css, each once: what changes is
 * what its rule for light holds for.
 */

/** @typedef {'auto' | 'dark' | 'light'} Theme */

/** How style sheet and page's head ask for the system's wish. */
const SYSTEM_LIGHT = '(prefers-color-scheme: light)';
const SYSTEM_DARK = '(prefers-color-scheme: dark)';

/**
 * What asks for it, with the list in which it does, and what that list says at first.
 *
 * @type {{ list: { mediaText: string }, first: string }[]}
 */
const asking = [...mediaRules(), ...metas()].map((list) => ({ list, first: list.mediaText }));

/** @returns {MediaList[]}  Of the rules for dark or light. */
function mediaRules() {
  return [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSMediaRule)
    .map(({ media }) => media)
    .filter(({ mediaText }) => mediaText.includes('prefers-color-scheme'));
}

/** The page's elements that tell the browser the colour of what surrounds it. */
function metas() {
  return [...document.querySelectorAll('meta[name="theme-color"]')].map((meta) => ({
    get mediaText() {
      return meta.getAttribute('media') ?? '';
    },
    set mediaText(text) {
      meta.setAttribute('media', text);
    },
  }));
}

/**
 * Has the page dark or light from now on.
 *
 * @param {Theme} theme
 */
function choose(theme) {
  for (const { list, first } of asking) {
    list.mediaText =
      theme === 'auto'
        ? first
        : first
            .replace(SYSTEM_LIGHT, theme === 'light' ? 'all' : 'not all')
            .replace(SYSTEM_DARK, theme === 'dark' ? 'all' : 'not all');
  }
}

/**
 * Makes a select of the page work that has the themes as its options.
 *
 * @param {HTMLSelectElement} select
 */
export function offerThemes(select) {
  select.addEventListener('change', () => choose(/** @type {Theme} */ (select.value)));
}
