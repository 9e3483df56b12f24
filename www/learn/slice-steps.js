/** The steps before the network: window, crop, and the square that the network reads. */
import { text } from '../page/messages.js';
import { drawSlice } from '../page/slice-pixels.js';
import { figure, paragraph } from './conv-steps.js';
import { make, number } from './elements.js';
import { greyPicture, slicePicture } from './pictures.js';

/**
 * @typedef {import('./worker.js').Hounsfield} Hounsfield
 * @typedef {import('./walk-view.js').Seen} Seen
 */

/** The brain window that the networks read, Hounsfield units. */
const BRAIN = { level: 40, width: 80 };

/**
 * Hounsfield units as grey levels.
 *
 * @param {Hounsfield} measured
 * @param {{ level: number, width: number }} window
 */
function windowed({ width: columns, height, values }, { level, width }) {
  const grey = new Uint8Array(values.length);
  const lowest = level - width / 2;
  // Outside of the image all is black, whatever the window.
  values.forEach((value, i) => {
    grey[i] = value === -32768 ? 0 : Math.min(Math.max(((value - lowest) / width) * 255, 0), 255);
  });
  return { width: columns, height, grey };
}

/**
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function window_({ walk, measured }) {
  const shown = greyPicture(text('learn.window.picture'), walk.slice);
  const legend = text('learn.window.legend', { lowest: number(0), highest: number(80) });
  if (!measured) return [figure(shown, legend), paragraph(text('learn.window.none'))];
  const chosen = { ...BRAIN };
  const canvas = greyPicture(text('learn.window.picture'), windowed(measured, chosen));
  const slider = (/** @type {'level' | 'width'} */ what, /** @type {number} */ min, /** @type {number} */ max) => {
    const input = make('input', { type: 'range', min, max, step: 5, value: chosen[what] });
    const output = make('output', {}, text('learn.window.value', { value: number(chosen[what]) }));
    input.addEventListener('input', () => {
      chosen[what] = Number(input.value);
      output.textContent = text('learn.window.value', { value: number(chosen[what]) });
      drawSlice(canvas, windowed(measured, chosen));
    });
    const name = what === 'level' ? text('learn.window.level') : text('learn.window.width');
    return make('label', { class: 'picker' }, name, input, output);
  };
  return [
    figure(canvas, text('learn.window.try')),
    slider('level', -500, 1000),
    slider('width', 20, 2500),
  ];
}

/**
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function crop({ walk: { slice } }) {
  const words = text('learn.crop.caption', { width: slice.width, height: slice.height, side: slice.crop.side });
  return [figure(slicePicture(words, slice, [{ ...slice.crop, kind: 'crop' }]), words)];
}

/**
 * @param {Seen} seen
 * @returns {Element[]}
 */
export function input({ walk: { input: { side, grey } }, name }) {
  const words = text('learn.input.caption', { side, numbers: side * side });
  const channels = name === 'cnn' ? text('learn.input.one') : text('learn.input.three');
  return [figure(greyPicture(words, { width: side, height: side, grey }), words), paragraph(channels)];
}
