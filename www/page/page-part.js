/** The elements of the page, as its HTML names them. */

/**
 * Finds the element that the HTML calls `data-part="name"`, and makes sure of its kind.
 *
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} name
 * @param {new () => E} kind
 * @returns {E}
 */
export function part(root, name, kind) {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} called ${name}`);
  return found;
}

/**
 * Shows a control or hides it. Where it has the focus, that goes on to what comes next for the visitor:
 * else it would be lost, and whoever uses the keyboard would begin at the page's top again.
 *
 * @param {HTMLElement} control
 * @param {boolean} shown
 * @param {{ focus(): void }} next
 */
export function showControl(control, shown, next) {
  const hadFocus = control === document.activeElement;
  control.hidden = !shown;
  if (hadFocus && !shown) next.focus();
}

/** @type {Map<string, HTMLTemplateElement>}  Those that were copied: to find one takes long in a long page. */
const templates = new Map();

/**
 * A fresh copy of what the `<template>` of that name holds.
 *
 * @template {Element} E
 * @param {string} name
 * @param {new () => E} kind
 * @returns {E}
 */
export function copyOf(name, kind) {
  const template = templates.get(name) ?? part(document, name, HTMLTemplateElement);
  templates.set(name, template);
  const copy = template.content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof kind)) throw new Error(`the template ${name} holds no ${kind.name}`);
  return copy;
}

/**
 * Scrolls a box until one of its items is in sight, and leaves the page itself where it is.
 *
 * @param {HTMLElement} box
 * @param {HTMLElement} item
 */
export function scrollInside(box, item) {
  const [frame, inner] = [box.getBoundingClientRect(), item.getBoundingClientRect()];
  if (inner.top < frame.top) box.scrollTop -= frame.top - inner.top;
  else if (inner.bottom > frame.bottom) box.scrollTop += inner.bottom - frame.bottom;
}
