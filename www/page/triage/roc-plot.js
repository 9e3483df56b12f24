/** Draws a ROC curve. */

/** @typedef {import('./statistics.js').Agreement} Agreement */

const SVG = 'http://www.w3.org/2000/svg';

/** Units along each side of the drawing. */
const SIDE = 100;

/** Points closer than this share of a side look like one. */
const SAME = 0.002;

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @returns {SVGElement}
 */
function shape(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, String(value));
  return /** @type {SVGElement} */ (element);
}

const across = (/** @type {number} */ x) => Number((x * SIDE).toFixed(2));
const up = (/** @type {number} */ y) => Number(((1 - y) * SIDE).toFixed(2));

/**
 * The curve, the diagonal that guessing gives, and where the model's own threshold lies.
 *
 * @param {Agreement} agreement
 * @returns {SVGElement[]}  For an `svg` whose view box is 100 units wide and high.
 */
export function rocPlot({ roc, shares: { sensitivity, specificity } }) {
  const shapes = [
    shape('rect', { class: 'roc-frame', x: 0, y: 0, width: SIDE, height: SIDE }),
    shape('path', { class: 'roc-chance', d: `M0 ${SIDE}L${SIDE} 0` }),
  ];
  if (roc.length === 0) return shapes;
  let [last] = roc;
  let line = `M${across(last.x)} ${up(last.y)}`;
  for (const [i, point] of roc.entries()) {
    const isNear = Math.abs(point.x - last.x) + Math.abs(point.y - last.y) < SAME;
    if (isNear && i < roc.length - 1) continue;
    line += `L${across(point.x)} ${up(point.y)}`;
    last = point;
  }
  shapes.push(shape('path', { class: 'roc-curve', d: line }));
  if (sensitivity && specificity) {
    const place = { cx: across(1 - specificity.value), cy: up(sensitivity.value), r: 2.5 };
    shapes.push(shape('circle', { class: 'roc-operating-point', ...place }));
  }
  return shapes;
}
