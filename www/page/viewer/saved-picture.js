/** Saves what the viewer shows as a PNG file, with a line that says what was made of it. */
import { text } from '../messages.js';
import { modelTitle, percent, signed, verdictWords } from '../wording.js';
import { AGAINST_COLOUR, DECIMALS, FOR_COLOUR } from './contribution-map.js';
import { paintPicture } from './paint-picture.js';
import { toPicture } from './view.js';

/**
 * @typedef {object} Shown
 * @property {import('./paint-picture.js').Picture} picture
 * @property {import('./view.js').Placement} placement  On the screen.
 * @property {import('./view.js').Size} size  Of the screen.
 * @property {boolean} mirrored
 * @property {import('./paint-picture.js').Overlay} [overlay]
 * @property {boolean} outlined
 * @property {import('../worker.js').Classification} classification
 * @property {string} reading  The window and the view, in words.
 * @property {string} [name]  Of the file, if it is to be said.
 */

/** The longer side of the slice's part in the file, and the least width of the file, in pixels. */
const LONGEST = 1024;
const LEAST_WIDTH = 720;

/** Heights of what stands below the picture, and sizes of its letters, in pixels. */
const LINE_HEIGHT = 44;
const LEGEND_HEIGHT = 62;
const LETTERS = 19;

/** Colours of a picture that is read in the dark, whatever the page's are. */
const GROUND = '#000';
const TEXT = '#e8eef4';
const OUTLINE = '#7cc0ff';

/** How long the browser may take to begin a download, in milliseconds. */
const DOWNLOAD_MS = 60_000;

/** @param {Shown} shown */
export async function savePicture(shown) {
  const canvas = document.createElement('canvas');
  drawFile(canvas, shown);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!(blob instanceof Blob)) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = shown.name === undefined ? 'haemolens.png' : `${shown.name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_MS);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Shown} shown
 */
function drawFile(canvas, shown) {
  const { picture, overlay, mirrored, outlined } = shown;
  const seen = seenPart(shown);
  const scale = LONGEST / Math.max(seen.width, seen.height);
  const [width, height] = [Math.round(seen.width * scale), Math.round(seen.height * scale)];
  canvas.width = Math.max(LEAST_WIDTH, width);
  canvas.height = height + (overlay ? LEGEND_HEIGHT : 0) + LINE_HEIGHT;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.direction = getComputedStyle(document.documentElement).direction === 'rtl' ? 'rtl' : 'ltr';
  context.fillStyle = GROUND;
  context.fillRect(0, 0, canvas.width, canvas.height);

  const start = Math.round((canvas.width - width) / 2);
  const placement = {
    across: mirrored ? -scale : scale,
    down: scale,
    left: start + (mirrored ? seen.x + seen.width : -seen.x) * scale,
    top: -seen.y * scale,
  };
  context.save();
  context.beginPath();
  context.rect(start, 0, width, height);
  context.clip();
  paintPicture(context, picture, placement, overlay);
  if (outlined) drawOutline(context, picture.crop, placement);
  say(context, shown.reading, { x: start + width / 2, y: height - 12, width: width - 24 });
  context.restore();

  let below = height;
  if (overlay) {
    drawLegend(context, overlay, below);
    below += LEGEND_HEIGHT;
  }
  say(context, line(shown), { x: canvas.width / 2, y: below + LINE_HEIGHT - 15, width: canvas.width - 24 });
}

/**
 * The part of the picture that is on the screen, in its pixels.
 *
 * @param {Shown} shown
 */
function seenPart({ picture: { pixels }, placement, size }) {
  const corners = [toPicture(placement, { x: 0, y: 0 }), toPicture(placement, { x: size.width, y: size.height })];
  const within = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(most, Math.max(0, value));
  const [left, right] = corners.map(({ x }) => within(x, pixels.width)).sort((a, b) => a - b);
  const [top, bottom] = corners.map(({ y }) => within(y, pixels.height));
  return { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{ x: number, y: number, side: number }} crop
 * @param {import('./view.js').Placement} placement
 */
function drawOutline(context, { x, y, side }, { across, down, left, top }) {
  context.strokeStyle = OUTLINE;
  context.lineWidth = 2;
  context.setLineDash([10, 8]);
  context.strokeRect(left + across * x, top + down * y, across * side, down * side);
}

/**
 * From the strongest colour against haemorrhage to the strongest for it, with their contributions.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {import('./paint-picture.js').Overlay} overlay
 * @param {number} top
 */
function drawLegend(context, { map, opacity }, top) {
  const { width } = context.canvas;
  const bar = { left: width / 2 - 150, width: 300, top: top + 12, height: 12 };
  const colours = context.createLinearGradient(bar.left, 0, bar.left + bar.width, 0);
  const steps = /** @type {const} */ ([[AGAINST_COLOUR, opacity, 0], [AGAINST_COLOUR, 0, 0.5], [FOR_COLOUR, 0, 0.5], [FOR_COLOUR, opacity, 1]]);
  for (const [colour, alpha, at] of steps) colours.addColorStop(at, `rgb(${colour.join(' ')} / ${alpha})`);
  context.fillStyle = '#555';
  context.fillRect(bar.left, bar.top, bar.width, bar.height);
  context.fillStyle = colours;
  context.fillRect(bar.left, bar.top, bar.width, bar.height);
  const y = bar.top + bar.height + LETTERS + 6;
  const third = width / 3 - 24;
  const { strongest } = map;
  say(context, `${signed(-strongest, DECIMALS)} ${map.words(-1)}`, { x: width / 6, y, width: third });
  say(context, '0', { x: width / 2, y, width: third });
  say(context, `${signed(strongest, DECIMALS)} ${map.words(1)}`, { x: (width * 5) / 6, y, width: third });
}

/**
 * What was made of the slice, by which model.
 *
 * @param {Shown} shown
 * @returns {string}
 */
function line({ classification, name }) {
  const { probability, model } = classification;
  return [
    ...(name === undefined ? [] : [name]),
    verdictWords(classification),
    text('saved.probability', { probability: percent(probability) }),
    `${modelTitle(model.name)} ${model.version}`,
    text('saved.device'),
  ].join(' · ');
}

/**
 * Writes one line in the middle of a width, with smaller letters where it would be too long.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} words
 * @param {{ x: number, y: number, width: number }} place  Its middle and its foot.
 */
function say(context, words, { x, y, width }) {
  const font = (/** @type {number} */ size) => `${size}px system-ui, 'Noto Sans', 'Liberation Sans', sans-serif`;
  context.font = font(LETTERS);
  const size = Math.min(LETTERS, (LETTERS * width) / context.measureText(words).width);
  context.font = font(size);
  context.textAlign = 'center';
  context.lineJoin = 'round';
  context.setLineDash([]);
  context.lineWidth = 4;
  context.strokeStyle = GROUND;
  context.strokeText(words, x, y);
  context.fillStyle = TEXT;
  context.fillText(words, x, y);
}
