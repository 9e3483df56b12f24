/** The window that the visitor has chosen, one for CT and one for pictures; it stays from slice to slice. */
import { text } from '../messages.js';
import { part } from '../page-part.js';
import {
  AS_STORED,
  GREY_RANGE,
  HOUNSFIELD_RANGE,
  PRESETS,
  draggedWindow,
  isSameWindow,
} from './window.js';

/**
 * @typedef {import('./window.js').PresetName} PresetName
 * @typedef {import('./window.js').Window} Window
 */

/** @typedef {'ct' | 'picture'} Kind  Whether a slice has Hounsfield units or only grey levels. */

/** The choice that stands for a window that is none of the others. */
const OWN = 'own';

/** The choice of a picture's own grey levels. */
const STORED = 'stored';

const PRESET_NAMES = /** @type {PresetName[]} */ (Object.keys(PRESETS));

export class WindowChoice {
  #select;
  #onChange;
  /** @type {Kind} */
  #kind = 'ct';
  /** @type {Record<Kind, Window>} */
  #windows = { ct: PRESETS.brain, picture: AS_STORED };
  /** @type {Record<Kind, Window>}  When a drag began. */
  #start = { ...this.#windows };
  /** The window of CT when the slice was first shown. @type {Window} */
  #before = PRESETS.brain;

  /**
   * @param {HTMLElement} root
   * @param {() => void} onChange
   */
  constructor(root, onChange) {
    this.#select = part(root, 'preset', HTMLSelectElement);
    this.#onChange = onChange;
    this.#select.addEventListener('change', () => {
      const { value } = this.#select;
      if (value !== OWN) this.#use(value === STORED ? AS_STORED : PRESETS[/** @type {PresetName} */ (value)]);
    });
    this.#offer();
  }

  /** @returns {Window}  In Hounsfield units, or in grey levels. */
  get window() {
    return this.#windows[this.#kind];
  }

  /** Whether it is the one that the slice's grey levels are in. */
  get isNeutral() {
    return isSameWindow(this.window, this.#kind === 'ct' ? PRESETS.brain : AS_STORED);
  }

  get kind() {
    return this.#kind;
  }

  /** What the slice that is shown has. @param {Kind} kind */
  set kind(kind) {
    this.#kind = kind;
    this.#before = this.#windows.ct;
    this.#offer();
  }

  /** Undoes what was done to the window of CT by way of a slice that turns out to be none. */
  isPictureAfterAll() {
    this.#windows.ct = this.#before;
    this.kind = 'picture';
  }

  /** Says in another language what there is to choose. */
  sayAnew() {
    this.#offer();
  }

  begin() {
    this.#start = { ...this.#windows };
  }

  /**
   * @param {number} right  CSS pixels since the drag began.
   * @param {number} down
   */
  drag(right, down) {
    const range = this.#kind === 'ct' ? HOUNSFIELD_RANGE : GREY_RANGE;
    this.#windows[this.#kind] = draggedWindow(this.#start[this.#kind], right, down, range);
    this.#changed();
  }

  /** @param {number} number  Of a preset, from 0; a picture has only the first. */
  choose(number) {
    if (this.#kind === 'ct') this.#use(PRESETS[PRESET_NAMES[number]]);
    else if (number === 0) this.#use(AS_STORED);
  }

  /**
   * The numbers of a window as they are shown.
   *
   * @param {Window} window
   * @returns {string}
   */
  words({ level, width }) {
    if (this.#kind === 'ct') return text('viewer.window', { level: digits(level), width: String(width) });
    const brightness = AS_STORED.level - level;
    const contrast = Math.round((100 * AS_STORED.width) / width);
    return text('viewer.tone', { brightness: digits(brightness), contrast: String(contrast) });
  }

  /** @param {Window} window */
  #use(window) {
    this.begin();
    this.#windows[this.#kind] = window;
    this.#changed();
  }

  #changed() {
    this.#offer();
    this.#onChange();
  }

  /** Says what there is to choose, and marks what is chosen. */
  #offer() {
    const { window } = this;
    /** @type {[string, string, Window][]} */
    const offered =
      this.#kind === 'ct'
        ? PRESET_NAMES.map((name) => {
            const { level, width } = PRESETS[name];
            return [name, `${text(`viewer.preset.${name}`)} ${level}/${width}`, PRESETS[name]];
          })
        : [[STORED, text('viewer.preset.stored'), AS_STORED]];
    const chosen = offered.find(([, , preset]) => isSameWindow(preset, window));
    const options = offered.map(([value, words]) => new Option(words, value));
    if (!chosen) options.push(new Option(text('viewer.preset.own'), OWN));
    const words = (/** @type {Iterable<HTMLOptionElement>} */ list) =>
      Array.from(list, (option) => option.text).join('\n');
    // An open list is left alone while nothing in it changes.
    if (words(options) !== words(this.#select.options)) this.#select.replaceChildren(...options);
    this.#select.value = chosen?.[0] ?? OWN;
  }
}

/**
 * A whole number as digits, with the minus of typography.
 *
 * @param {number} value
 * @returns {string}
 */
function digits(value) {
  return String(value).replace('-', '−');
}
