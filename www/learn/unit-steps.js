/** The fully connected layers: a strip of activations, and where a unit's come from. */
import { text } from '../page/messages.js';
import { drawSlice } from '../page/slice-pixels.js';
import { figure, paragraph } from './conv-steps.js';
import { make, number, withSign } from './elements.js';
import { byStrength, channelOf, strongestPlace } from './maps.js';
import { heatSquares, slicePicture } from './pictures.js';
import { tileSheet, unitSlider } from './tile-sheet.js';

/**
 * @typedef {import('./maps.js').LayerMap} LayerMap
 * @typedef {import('./walk-view.js').Seen} Seen
 */

/** Height of a strip, pixels. */
const STRIP_HEIGHT = 48;

/**
 * Activations as upright bars.
 *
 * @param {string} label
 * @param {Float32Array} units
 */
function strip(label, units) {
  const largest = units.reduce((most, unit) => Math.max(most, unit), Number.MIN_VALUE);
  const grey = new Uint8Array(units.length * STRIP_HEIGHT).fill(28);
  units.forEach((unit, i) => {
    const height = Math.round((unit / largest) * STRIP_HEIGHT);
    for (let y = STRIP_HEIGHT - height; y < STRIP_HEIGHT; y++) grey[y * units.length + i] = 225;
  });
  const canvas = make('canvas', { role: 'img', 'aria-label': label, class: 'pixels' });
  drawSlice(canvas, { width: units.length, height: STRIP_HEIGHT, grey });
  return canvas;
}

/**
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function units(seen) {
  return seen.walk.linears.flatMap(({ map }, layer) => (map ? unitsAtPlaces(seen, layer, map) : unitsOf(seen, layer)));
}

/**
 * A layer that is applied at every place: the maps of its units, and of the one that is looked at both
 * means with where they come from.
 *
 * @param {Seen} seen
 * @param {number} layer
 * @param {LayerMap} map
 * @returns {Element[]}
 */
function unitsAtPlaces(seen, layer, map) {
  const { walk } = seen;
  const { name, units, top = 0 } = walk.linears[layer];
  const title = name.toUpperCase();
  const { order, silent } = byStrength(map);
  const panel = make('div', { class: 'details', 'aria-live': 'polite' });
  let shown = -1;
  const show = async (/** @type {number} */ place) => {
    const unit = order[place];
    if (unit === shown) return;
    shown = unit;
    const features = [unit, map.channels + unit];
    const contributions = await Promise.all(features.map((feature) => seen.unit(layer, feature)));
    // Another one may be looked at by now.
    if (unit !== shown) return;
    const labels = [text('learn.places.mean'), text('learn.places.top', { count: top })];
    const { columns, field } = walk.explanation;
    const figures = features.flatMap((feature, i) => {
      const squares = heatSquares(contributions[i], columns, field);
      const weight = walk.plane.weights[feature];
      const words = text('learn.places.weight', {
        mean: labels[i],
        value: number(units[feature], 3),
        weight: withSign(weight, 4),
        gives: withSign(weight * units[feature], 4),
      });
      return [figure(slicePicture(labels[i], walk.slice, squares), labels[i]), paragraph(words)];
    });
    panel.replaceChildren(...figures);
  };
  const sheet = tileSheet({
    label: text('learn.places.label', { name: title, count: map.channels, side: map.side }),
    tiles: {
      tiles: order.map((unit) => channelOf(map, unit)),
      side: map.side,
      kind: 'activations',
      numbers: order,
    },
    onPick: show,
  });
  show(0);
  const count = { name: title, count: map.channels, side: map.side, top };
  return [
    paragraph(text('learn.places.count', count)),
    paragraph(text('learn.conv.strongest', { shown: order.length, silent })),
    sheet.element,
    panel,
  ];
}

/**
 * @param {Seen} seen
 * @param {number} layer
 * @returns {Element[]}
 */
function unitsOf(seen, layer) {
  const { walk } = seen;
  const { name, units } = walk.linears[layer];
  const active = units.filter((unit) => unit > 0).length;
  const title = name.toUpperCase();
  const label = text('learn.units.label', { name: title, count: units.length });
  const board = make('div', { class: 'board strip' }, strip(label, units), make('div', { class: 'mark', 'aria-hidden': 'true' }));
  board.style.setProperty('--columns', String(units.length));
  board.style.setProperty('--rows', '1');
  const panel = make('div', { class: 'details', 'aria-live': 'polite' });
  let shown = -1;
  const show = async (/** @type {number} */ unit) => {
    if (unit === shown) return;
    shown = unit;
    slider.show(unit);
    board.style.setProperty('--column', String(unit));
    const contributions = await seen.unit(layer, unit);
    // Another one may be looked at by now.
    if (unit !== shown) return;
    const { columns, field } = walk.explanation;
    const squares = heatSquares(contributions, columns, field);
    const words = [text('learn.units.value', { unit: unit + 1, value: number(units[unit], 3) })];
    if (layer === walk.linears.length - 1) {
      const weight = walk.plane.weights[unit];
      const gives = withSign(weight * units[unit], 4);
      words.push(text('learn.units.weight', { weight: withSign(weight, 4), gives }));
    }
    panel.replaceChildren(
      figure(slicePicture(text('learn.units.looks'), walk.slice, squares), text('learn.units.looks')),
      paragraph(words.join(' ')),
    );
  };
  const numbers = Array.from(units, (_, unit) => unit);
  const slider = unitSlider({ label, numbers, onPick: show });
  const follow = (/** @type {PointerEvent} */ { clientX }) => {
    const box = board.getBoundingClientRect();
    const unit = Math.floor(((clientX - box.left) / box.width) * units.length);
    show(Math.min(Math.max(unit, 0), units.length - 1));
  };
  board.addEventListener('pointermove', follow);
  board.addEventListener('pointerdown', follow);
  show(strongestPlace(units));
  return [paragraph(text('learn.units.count', { name: title, count: units.length, active })), board, slider.element, panel];
}
