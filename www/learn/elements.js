/** Elements made in one go, and numbers as the reader's language writes them. */
import { language } from '../page/messages.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/**
 * @template {keyof SVGElementTagNameMap} N
 * @param {N} name
 * @param {Record<string, string | number>} attributes
 * @param {(Node | string)[]} children
 * @returns {SVGElementTagNameMap[N]}
 */
export function draw(name, attributes = {}, ...children) {
  const element = /** @type {SVGElementTagNameMap[N]} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/**
 * @param {number} value
 * @param {number} digits  After the point.
 * @returns {string}
 */
export function number(value, digits = 0) {
  const style = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const words = value.toLocaleString(language(), style).replace('-', '−');
  // What is rounded to zero has no sign.
  return /[1-9]/.test(words) ? words : words.replace('−', '');
}

/**
 * A number with its sign, such as −0.42.
 *
 * @param {number} value
 * @param {number} digits
 * @returns {string}
 */
export function withSign(value, digits = 3) {
  const words = number(value, digits);
  return words.startsWith('−') ? words : `+${words}`;
}

/**
 * A cell with a bar for a share, and a mark where it was before, if it was anywhere.
 *
 * @param {number} share  0 to 1.
 * @param {number} [before]
 */
export function meterCell(share, before) {
  const part = (/** @type {string} */ kind, /** @type {number} */ value) => {
    const shown = make('span', { class: kind });
    shown.style.setProperty('--share', value.toFixed(4));
    return shown;
  };
  const marks = before === undefined ? [] : [part('before', before)];
  const meter = make('span', { class: 'meter', 'aria-hidden': 'true' }, part('fill', share), ...marks);
  return make('td', { class: 'bar-cell' }, meter);
}

/**
 * A table that may be wider than the window, and is scrolled then.
 *
 * @param {string} name
 * @param {HTMLTableElement} table
 */
export const scrolling = (name, table) =>
  make('div', { class: 'wide', role: 'region', tabindex: '0', 'aria-label': name }, table);
