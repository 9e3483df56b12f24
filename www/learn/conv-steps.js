/** The steps of the convolutions: kernels, maps, normalisation and pooling. */
import { text } from '../page/messages.js';
import { make, number } from './elements.js';
import { byStrength, channelOf, fieldSquare, kernelsOf, strongestPlace } from './maps.js';
import { greyOf, greyPicture, mosaic, slicePicture } from './pictures.js';
import { tileSheet, unitSlider } from './tile-sheet.js';

/**
 * @typedef {import('./maps.js').LayerMap} LayerMap
 * @typedef {import('./walk-view.js').Seen} Seen
 */

/** How many of a deep layer's maps are shown at first, and how many kernels of one of its filters. */
const STRONGEST = 48;
const KERNELS = 6;

/**
 * A picture with words below it.
 *
 * @param {HTMLElement} picture
 * @param {string} words
 */
export function figure(picture, words) {
  return make('figure', {}, picture, make('figcaption', {}, words));
}

/** @param {string} words */
export const paragraph = (words) => make('p', {}, words);

/**
 * Square values as a picture.
 *
 * @param {string} label
 * @param {ArrayLike<number>} values
 * @param {'activations' | 'weights'} kind
 */
function square(label, values, kind) {
  const side = Math.round(Math.sqrt(values.length));
  return greyPicture(label, { width: side, height: side, grey: greyOf(values, kind) });
}

/**
 * Where a filter looks and what it weighs: its map, the part of the slice that its strongest place sees,
 * and its kernels.
 *
 * @param {Seen} seen
 * @param {number} layer
 * @param {LayerMap} map
 * @param {number} channel
 * @returns {Element[]}
 */
function details({ walk, kernels }, layer, map, channel) {
  const values = channelOf(map, channel);
  const place = strongestPlace(values);
  const strongest = values[place];
  const silent = strongest === 0;
  const where = slicePicture(text('learn.conv.field'), walk.slice, silent ? [] : [fieldSquare(map, place)]);
  const found = kernelsOf(kernels[layer], channel).slice(0, KERNELS);
  const { depth, size } = kernels[layer];
  const weights =
    depth === 1
      ? square(text('learn.conv.kernel'), found[0].values, 'weights')
      : greyPicture(text('learn.conv.kernel'), mosaic(found.map((one) => one.values), size, 3, 'weights'));
  const reads =
    depth === 1
      ? text('learn.conv.weighs.grey', { size })
      : text('learn.conv.weighs', { size, depth, shown: found.length });
  return [
    figure(square(text('learn.conv.map'), values, 'activations'), text('learn.conv.map.caption', { side: map.side })),
    figure(
      where,
      silent ? text('learn.conv.silent') : text('learn.conv.looks', { strongest: number(strongest, 2) }),
    ),
    figure(weights, reads),
  ];
}

/**
 * The first convolution: its kernels and what they make of the slice.
 *
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function firstConvolution(seen) {
  const { walk, kernels } = seen;
  const [conv] = walk.convs;
  const map = conv.rectified ?? conv.convolved;
  const numbers = Array.from({ length: map.channels }, (_, channel) => channel);
  const panel = make('div', { class: 'details', role: 'group', 'aria-live': 'polite' });
  const pick = (/** @type {number} */ channel) => {
    kernelSheet.show(channel);
    mapSheet.show(channel);
    seen.picked.set('conv1', channel);
    panel.replaceChildren(...details(seen, 0, map, channel));
  };
  const kernelSheet = tileSheet({
    label: text('learn.conv.kernels.label', { count: kernels[0].filters, size: conv.kernel }),
    tiles: {
      tiles: numbers.map((filter) => kernelsOf(kernels[0], filter)[0].values),
      side: conv.kernel,
      kind: 'weights',
      numbers,
    },
    onPick: pick,
  });
  const mapSheet = tileSheet({
    label: text('learn.conv.maps.label', { count: map.channels, side: map.side }),
    tiles: {
      tiles: numbers.map((channel) => channelOf(map, channel)),
      side: map.side,
      kind: 'activations',
      numbers,
    },
    onPick: pick,
  });
  pick(Math.min(seen.picked.get('conv1') ?? byStrength(map).order[0], map.channels - 1));
  return [
    paragraph(text('learn.conv.kernels.count', { count: kernels[0].filters, size: conv.kernel, stride: conv.stride })),
    kernelSheet.element,
    paragraph(text('learn.conv.maps.count', { count: map.channels, side: map.side })),
    mapSheet.element,
    panel,
  ];
}

/**
 * Normalisation and pooling of the first convolution, before and after.
 *
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function normalisationAndPooling(seen) {
  const conv = seen.walk.convs.find(({ rectified, pooled }) => rectified ?? pooled);
  if (!conv) return [paragraph(text('learn.pool.none'))];
  const { rectified, convolved, pooled } = conv;
  const numbers = Array.from({ length: convolved.channels }, (_, channel) => channel);
  const panel = make('div', { class: 'details', 'aria-live': 'polite' });
  const words = make('p', { 'aria-live': 'polite' });
  const show = (/** @type {number} */ channel) => {
    const after = channelOf(convolved, channel);
    const figures = [];
    if (rectified) {
      const before = channelOf(rectified, channel);
      figures.push(figure(square(text('learn.pool.before'), before, 'activations'), text('learn.pool.before')));
      const place = strongestPlace(before);
      words.textContent = text('learn.pool.damped', {
        before: number(before[place], 2),
        after: number(after[place], 2),
      });
    } else {
      words.textContent = text('learn.pool.unnormalised');
    }
    const label = rectified ? text('learn.pool.after') : text('learn.pool.rectified');
    figures.push(figure(square(label, after, 'activations'), `${label}: ${sides(convolved)}`));
    if (pooled) {
      const label = text('learn.pool.pooled');
      figures.push(figure(square(label, channelOf(pooled, channel), 'activations'), `${label}: ${sides(pooled)}`));
    }
    panel.replaceChildren(...figures);
  };
  const slider = unitSlider({ label: text('learn.pool.channels'), numbers, onPick: show });
  const first = byStrength(convolved).order[0];
  slider.show(first);
  show(first);
  return [paragraph(text('learn.pool.of', { name: conv.name })), slider.element, panel, words];
}

/** @param {LayerMap} map */
const sides = ({ side }) => `${side} × ${side}`;

/**
 * The convolutions after the first, their strongest maps first.
 *
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function laterConvolutions(seen) {
  return seen.walk.convs.slice(1).map((conv, i) => {
    const layer = i + 1;
    const map = conv.convolved;
    const { order, silent } = byStrength(map);
    const numbers = order.slice(0, STRONGEST);
    const panel = make('div', { class: 'details', 'aria-live': 'polite' });
    const show = (/** @type {number} */ place) => {
      panel.replaceChildren(...details(seen, layer, map, numbers[place]));
    };
    const label = text('learn.conv.maps.label', { count: map.channels, side: map.side });
    const sheet = tileSheet({
      label: `${conv.name}: ${label}`,
      tiles: {
        tiles: numbers.map((channel) => channelOf(map, channel)),
        side: map.side,
        kind: 'activations',
        numbers,
      },
      onPick: show,
    });
    show(0);
    const summary = text('learn.conv.later', { name: conv.name, count: map.channels, side: map.side, size: conv.kernel });
    const counts = text('learn.conv.strongest', { shown: numbers.length, silent });
    const box = make('details', {}, make('summary', {}, summary), paragraph(counts), sheet.element, panel);
    box.open = layer === 1;
    return box;
  });
}
