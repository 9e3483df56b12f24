/** A sheet of tiles of which one can be looked at: by pointing at it, or with the slider below it. */
import { drawSlice } from '../page/slice-pixels.js';
import { text } from '../page/messages.js';
import { make } from './elements.js';
import { mosaic } from './pictures.js';

/** Most tiles a row. */
const MOST_COLUMNS = 12;

/**
 * @typedef {object} Tiles
 * @property {ArrayLike<number>[]} tiles  Each row by row.
 * @property {number} side  Of a tile.
 * @property {'activations' | 'weights'} kind
 * @property {number[]} numbers  What the tiles are called, such as the numbers of channels, from 0.
 */

/**
 * @param {object} options
 * @param {string} options.label  What the sheet shows.
 * @param {Tiles} options.tiles
 * @param {(place: number) => void} options.onPick  Told which tile the visitor looks at, from 0.
 * @returns {{ element: HTMLElement, show: (place: number) => void }}  `show` marks a tile without telling.
 */
export function tileSheet({ label, tiles: { tiles, side, kind, numbers }, onPick }) {
  const columns = Math.min(tiles.length, MOST_COLUMNS);
  const rows = Math.ceil(tiles.length / columns);
  const canvas = make('canvas', { role: 'img', 'aria-label': label, class: 'pixels' });
  drawSlice(canvas, mosaic(tiles, side, columns, kind));
  const mark = make('div', { class: 'mark', 'aria-hidden': 'true' });
  const board = make('div', { class: 'board' }, canvas, mark);
  board.style.setProperty('--columns', String(columns));
  board.style.setProperty('--rows', String(rows));
  const { element: slider, show: showOnSlider } = unitSlider({
    label,
    numbers,
    onPick: (place) => {
      show(place);
      onPick(place);
    },
  });
  let shown = 0;
  const show = (/** @type {number} */ place) => {
    shown = place;
    showOnSlider(place);
    board.style.setProperty('--column', String(place % columns));
    board.style.setProperty('--row', String(Math.floor(place / columns)));
  };
  show(0);
  const follow = (/** @type {PointerEvent} */ { clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor(((clientX - box.left) / box.width) * columns);
    const row = Math.floor(((clientY - box.top) / box.height) * rows);
    const place = row * columns + column;
    if (column < 0 || column >= columns || row < 0 || place === shown || place >= tiles.length) return;
    show(place);
    onPick(place);
  };
  board.addEventListener('pointermove', follow);
  board.addEventListener('pointerdown', follow);
  return { element: make('div', { class: 'sheet' }, board, slider), show };
}

/**
 * A slider that picks one of many things by their place.
 *
 * @param {object} options
 * @param {string} options.label  What they are.
 * @param {number[]} options.numbers  What each is called, from 0.
 * @param {(place: number) => void} options.onPick
 * @returns {{ element: HTMLElement, show: (place: number) => void }}
 */
export function unitSlider({ label, numbers, onPick }) {
  const slider = make('input', { type: 'range', min: 0, max: numbers.length - 1, value: 0 });
  slider.setAttribute('aria-label', text('learn.pick', { what: label }));
  const name = make('output', { class: 'tile-name' });
  const show = (/** @type {number} */ place) => {
    slider.value = String(place);
    const words = text('learn.tile', { number: numbers[place] + 1 });
    slider.setAttribute('aria-valuetext', words);
    name.textContent = words;
  };
  show(0);
  slider.addEventListener('input', () => {
    show(Number(slider.value));
    onPick(Number(slider.value));
  });
  return { element: make('div', { class: 'picker' }, slider, name), show };
}
