/** Window level and width: which values of a slice become which grey levels on the screen. */

/**
 * A linear window (DICOM PS3.3, C.11.2.1.2.1), in the units of the values.
 *
 * @typedef {object} Window
 * @property {number} level  What becomes middle grey.
 * @property {number} width  The span from black to white; at least 1.
 */

/** @typedef {'brain' | 'subdural' | 'stroke' | 'bone'} PresetName */

/**
 * Windows for CT of the head, in Hounsfield units. For early ischaemia 32/8 is used as well as 40/40;
 * the wider one leaves more than noise to see.
 *
 * @type {Readonly<Record<PresetName, Window>>}
 */
export const PRESETS = {
  brain: { level: 40, width: 80 },
  subdural: { level: 75, width: 215 },
  stroke: { level: 40, width: 40 },
  bone: { level: 480, width: 2500 },
};

/** The window that leaves grey levels 0–255 as they are. @type {Readonly<Window>} */
export const AS_STORED = { level: 128, width: 256 };

/**
 * How far a window can be moved. What CT can measure in 12 bits reaches from −1024 to 3071.
 *
 * @typedef {{ lowest: number, highest: number, widest: number }} Range
 */

/** @type {Readonly<Range>}  In Hounsfield units. */
export const HOUNSFIELD_RANGE = { lowest: -1024, highest: 3071, widest: 4096 };

/** @type {Readonly<Range>}  In grey levels. */
export const GREY_RANGE = { lowest: 0, highest: 256, widest: 1024 };

/** The Hounsfield value of what lies outside of the image: black in any window within the range. */
export const OUTSIDE = -32768;

/** How much of a window's width a drag of one CSS pixel is, where it is more than one unit. */
const SHARE_PER_PIXEL = 1 / 250;

/**
 * @param {Window} one
 * @param {Window} other
 * @returns {boolean}
 */
export function isSameWindow(one, other) {
  return one.level === other.level && one.width === other.width;
}

/**
 * The window after a drag, as picture archives have it: to the right wider, downwards higher, which is
 * darker. Wide windows change faster.
 *
 * @param {Window} start  When the drag began.
 * @param {number} right  CSS pixels since then.
 * @param {number} down
 * @param {Range} range
 * @returns {Window}
 */
export function draggedWindow(start, right, down, { lowest, highest, widest }) {
  const step = Math.max(1, start.width * SHARE_PER_PIXEL);
  const within = (/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) =>
    Math.min(high, Math.max(low, Math.round(value)));
  return {
    level: within(start.level + down * step, lowest, highest),
    width: within(start.width + right * step, 1, widest),
  };
}

/**
 * The pixels of values in a window, opaque.
 *
 * @param {Uint8Array | Int16Array} values
 * @param {Window} window
 * @param {Uint32Array} pixels  Those of an `ImageData`; as many as there are values.
 */
export function paintWindow(values, { level, width }, pixels) {
  const span = Math.max(1e-6, width - 1);
  const slope = 255 / span;
  // Half a unit under the level is the middle; half a grey level more rounds to the nearest.
  const offset = 128 - (level - 0.5) * slope;
  for (let i = 0; i < values.length; i++) {
    const grey = values[i] * slope + offset;
    pixels[i] = 0xff000000 | ((grey <= 0 ? 0 : grey >= 255 ? 255 : grey | 0) * 0x010101);
  }
}
