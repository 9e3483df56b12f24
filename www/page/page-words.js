/**
 * Puts words into the elements that name their keys in the HTML: `data-text` for what an element says,
 * `data-text-ATTRIBUTE` for what its attributes say. The build has put the English ones there.
 */
import { text } from './messages.js';

/** @typedef {import('./messages.js').MessageKey} MessageKey */

/** Attributes that say something. */
export const ATTRIBUTES = ['aria-label', 'content', 'placeholder', 'title'];

/** @param {ParentNode} root  Templates in it are put into words as well, and so are their copies. */
export function sayPage(root) {
  for (const element of root.querySelectorAll('[data-text]')) {
    element.textContent = text(keyOf(element, 'data-text'));
  }
  for (const attribute of ATTRIBUTES) {
    for (const element of root.querySelectorAll(`[data-text-${attribute}]`)) {
      element.setAttribute(attribute, text(keyOf(element, `data-text-${attribute}`)));
    }
  }
  for (const template of root.querySelectorAll('template')) sayPage(template.content);
}

/**
 * The build has made sure that there is such a key.
 *
 * @param {Element} element
 * @param {string} attribute
 */
const keyOf = (element, attribute) => /** @type {MessageKey} */ (element.getAttribute(attribute));
