/** The selected slice, as large as there is room or larger, in the window that the visitor chooses. */
import { text } from '../messages.js';
import { part } from '../page-part.js';
import { decimal, entryTitle, listed, signed, ungrouped } from '../wording.js';
import { DECIMALS } from './contribution-map.js';
import { Gestures } from './gestures.js';
import { HELP, hearKeys } from './keys.js';
import { MeasuredSlice } from './measured-slice.js';
import { savePicture } from './saved-picture.js';
import { Screen } from './screen.js';
import { makeToolbar } from './toolbar.js';
import { AS_STORED, PRESETS, paintWindow } from './window.js';
import { WindowChoice } from './window-choice.js';

/**
 * @typedef {import('../batch.js').Entry} Entry
 * @typedef {import('../slice-pixels.js').Measured} Measured
 * @typedef {import('../slice-pixels.js').ShownSlice} ShownSlice
 * @typedef {import('./contribution-map.js').ContributionMap} ContributionMap
 * @typedef {import('./contribution-map.js').Place} Place
 * @typedef {import('./keys.js').KeyAction} KeyAction
 * @typedef {import('./paint-picture.js').Overlay} Overlay
 */

/**
 * @typedef {object} Surroundings
 * @property {(entry: Entry, signal: AbortSignal) => Promise<ShownSlice>} pixels  Where an entry's pixels
 *   come from, until they are no longer wanted.
 * @property {(entry: Entry, signal: AbortSignal) => Promise<Measured | undefined>} measured  The same of
 *   its Hounsfield units, if it has any.
 * @property {(slices: number) => boolean} step  Selects the entry that is so many further, or the last one
 *   there; false where there is only one.
 * @property {() => void} toggleMap
 */

/** How much a button or key enlarges. */
const ZOOM_STEP = 1.25;

export class SliceViewer {
  #root;
  #canvas;
  /** @type {Surroundings} */
  #surroundings;
  #screen;
  #choice;
  #measured;
  #gestures;
  #outlineToggle;
  /** @type {Entry | undefined} */
  #entry;
  /** @type {ShownSlice | undefined}  The pixels that are shown, a thumbnail's at first. */
  #slice;
  /** Those pixels in the window. */
  #windowed = document.createElement('canvas');
  /** Gives up what is being read. */
  #reading = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {Surroundings} surroundings
   */
  constructor(root, surroundings) {
    this.#root = root;
    this.#surroundings = surroundings;
    this.#canvas = part(root, 'canvas', HTMLCanvasElement);
    const screen = part(root, 'screen', HTMLElement);
    this.#screen = new Screen(screen);
    this.#choice = new WindowChoice(root, () => this.#showWindow());
    this.#measured = new MeasuredSlice(surroundings.measured, () => this.#measuredChanged());
    this.#gestures = new Gestures(screen, {
      begin: () => this.#choice.begin(),
      drag: (right, down) => this.#choice.drag(right, down),
      pan: (right, down) => this.#screen.panBy(right, down),
      zoom: (factor, at) => this.#zoomBy(factor, at),
      step: surroundings.step,
      point: (at) => this.#point(at),
    });
    this.#outlineToggle = part(root, 'outline-toggle', HTMLInputElement);
    this.#outlineToggle.addEventListener('change', () => this.#showOutline());
    this.#showOutline();
    hearKeys(root, (action) => this.carryOut(action), { arrows: true });
    this.#makeBar();
  }

  #makeBar() {
    const bar = part(this.#root, 'tools', HTMLElement);
    makeToolbar(bar);
    for (const action of /** @type {const} */ (['pan', 'zoomOut', 'zoomIn', 'fit', 'mirror', 'save', 'help'])) {
      part(bar, action, HTMLButtonElement).addEventListener('click', () => this.carryOut(action));
    }
    this.#listKeys();
    const dialog = part(this.#root, 'help-dialog', HTMLDialogElement);
    part(dialog, 'help-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
  }

  #listKeys() {
    const rows = HELP.flatMap(([keys, words]) => {
      const [term, description] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = text(keys);
      description.textContent = text(words);
      return [term, description];
    });
    part(this.#root, 'help-list', HTMLElement).replaceChildren(...rows);
  }

  /** @param {KeyAction} action */
  carryOut(action) {
    const { step } = this.#surroundings;
    /** @type {Record<KeyAction, () => void>} */
    const deeds = {
      next: () => step(1),
      previous: () => step(-1),
      first: () => step(-Infinity),
      last: () => step(Infinity),
      zoomIn: () => this.#zoomBy(ZOOM_STEP),
      zoomOut: () => this.#zoomBy(1 / ZOOM_STEP),
      fit: () => this.#fit(),
      mirror: () => this.#mirror(),
      pan: () => this.#togglePan(),
      map: this.#surroundings.toggleMap,
      outline: () => this.#outlineToggle.click(),
      save: () => this.#save(),
      help: () => part(this.#root, 'help-dialog', HTMLDialogElement).showModal(),
      preset1: () => this.#choice.choose(0),
      preset2: () => this.#choice.choose(1),
      preset3: () => this.#choice.choose(2),
      preset4: () => this.#choice.choose(3),
      placeLeft: () => this.#movePlace(-1, 0),
      placeRight: () => this.#movePlace(1, 0),
      placeUp: () => this.#movePlace(0, -1),
      placeDown: () => this.#movePlace(0, 1),
    };
    deeds[action]();
  }

  /** The map that lies over the picture, if one is wanted. @param {Overlay | undefined} overlay */
  set overlay(overlay) {
    const before = this.#screen.overlay?.map;
    this.#screen.overlay = overlay;
    if (overlay?.map !== before) this.#tellPlace(undefined);
  }

  /** @param {Entry | undefined} entry */
  async show(entry) {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#root.hidden = !entry;
    const isOther = entry !== this.#entry;
    this.#entry = entry;
    this.#measured.entry = entry;
    if (isOther) this.#tellPlace(undefined);
    // A slice that is examined again keeps its picture meanwhile.
    if (entry) this.#root.dataset.state = entry.thumbnail ? 'done' : entry.state;
    part(this.#root, 'save', HTMLButtonElement).disabled = !entry?.thumbnail;
    if (!entry?.thumbnail) {
      this.#blank();
      return;
    }
    this.#choice.kind = this.#measured.mayBeThere ? 'ct' : 'picture';
    if (isOther || !this.#slice) this.#take(entry.slice ?? entry.thumbnail);
    this.#describe(entry);
    const { signal } = this.#reading;
    try {
      const slice = await this.#surroundings.pixels(entry, signal);
      if (signal.aborted || slice === this.#slice) return;
      this.#take(slice);
      this.#describe(entry);
    } catch (error) {
      // The file is gone since it was examined: its thumbnail stays.
      if (!signal.aborted) console.warn(error);
    }
  }

  #blank() {
    this.#slice = undefined;
    this.#screen.picture = undefined;
    this.#canvas.setAttribute('aria-label', text('picture.nothing'));
    for (const name of ['size', 'window-numbers']) part(this.#root, name, HTMLElement).textContent = '';
  }

  /**
   * Takes pixels to be shown.
   *
   * @param {ShownSlice} slice
   */
  #take(slice) {
    this.#slice = slice;
    this.#showWindow();
  }

  /**
   * Says what is shown.
   *
   * @param {Entry} entry
   */
  #describe(entry) {
    if (!this.#slice) return;
    const { width, height, original } = this.#slice;
    this.#canvas.setAttribute('aria-label', text('picture.of', { name: entryTitle(entry) }));
    const size = { width: ungrouped(original.width), height: ungrouped(original.height) };
    part(this.#root, 'size', HTMLElement).textContent =
      width < original.width
        ? text('picture.shownSize', { ...size, shownWidth: ungrouped(width), shownHeight: ungrouped(height) })
        : text('picture.size', size);
  }

  /** Says in another language what is shown. */
  sayAnew() {
    this.#listKeys();
    this.#choice.sayAnew();
    this.#showWindow();
    this.#tellView();
    this.#tellPlace(this.#screen.place);
  }

  #measuredChanged() {
    if (!this.#measured.mayBeThere && this.#choice.kind === 'ct') this.#choice.isPictureAfterAll();
    this.#showWindow();
  }

  /** Puts the pixels on the screen in the chosen window, as far as it can be shown. */
  #showWindow() {
    const slice = this.#slice;
    if (!slice) return;
    const isCt = this.#choice.kind === 'ct';
    const other = isCt && !this.#choice.isNeutral;
    if (other) this.#measured.want();
    const measured = other ? this.#measured.measured : undefined;
    const fits = measured?.width === slice.width && measured.height === slice.height;
    if (measured && fits) this.#paint(slice, measured.values, this.#choice.window);
    else if (other && (measured || this.#measured.isComing)) this.#wait();
    else this.#paint(slice, slice.grey, isCt ? AS_STORED : this.#choice.window);
    const shown = other && !measured && !this.#measured.isComing ? PRESETS.brain : this.#choice.window;
    part(this.#root, 'window-numbers', HTMLElement).textContent = this.#choice.words(shown);
  }

  /**
   * @param {ShownSlice} slice
   * @param {Uint8Array | Int16Array} values
   * @param {import('./window.js').Window} window
   */
  #paint({ width, height, crop }, values, window) {
    const canvas = this.#windowed;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const image = new ImageData(width, height);
    paintWindow(values, window, new Uint32Array(image.data.buffer));
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    this.#screen.picture = { pixels: canvas, crop };
  }

  /** Leaves this slice's picture on the screen, but never another's, until it can be shown in the window. */
  #wait() {
    if (this.#screen.picture?.crop !== this.#slice?.crop) this.#screen.picture = undefined;
  }

  /**
   * @param {number} factor
   * @param {import('./view.js').Point} [at]
   */
  #zoomBy(factor, at) {
    this.#screen.zoomBy(factor, at);
    this.#tellView();
  }

  #fit() {
    this.#screen.fit();
    this.#tellView();
  }

  #mirror() {
    this.#screen.mirror();
    this.#tellView();
  }

  /** Says how the picture lies, where that is not as usual. */
  #tellView() {
    const { zoom, mirrored } = this.#screen;
    const words = [];
    if (zoom > 1) words.push(text('viewer.enlarged', { factor: decimal(zoom, 1) }));
    if (mirrored) words.push(text('viewer.mirrored'));
    part(this.#root, 'view', HTMLElement).textContent = listed(words);
    part(this.#root, 'mirror', HTMLButtonElement).setAttribute('aria-pressed', String(mirrored));
  }

  #togglePan() {
    this.#gestures.tool = this.#gestures.tool === 'pan' ? 'window' : 'pan';
    const isPan = this.#gestures.tool === 'pan';
    part(this.#root, 'pan', HTMLButtonElement).setAttribute('aria-pressed', String(isPan));
    part(this.#root, 'screen', HTMLElement).classList.toggle('panning', isPan);
  }

  #showOutline() {
    this.#root.classList.toggle('outlined', this.#outlineToggle.checked);
  }

  /** @param {import('./view.js').Point | undefined} at */
  #point(at) {
    const map = this.#screen.overlay?.map;
    const point = at && map && this.#screen.inSquare(at);
    this.#tellPlace(point && map.placeAt(point));
  }

  /**
   * Marks the neighbour of the marked place, or the strongest place where none is marked.
   *
   * @param {number} right
   * @param {number} down
   */
  #movePlace(right, down) {
    const map = this.#screen.overlay?.map;
    if (!map) return;
    const { place } = this.#screen;
    const within = (/** @type {number} */ at, /** @type {number} */ count) => Math.min(count - 1, Math.max(0, at));
    // In a mirrored picture the neighbour on the right is the one before.
    const onward = this.#screen.mirrored ? -right : right;
    const next = place
      ? map.place(within(place.column + onward, map.columns), within(place.row + down, map.rows))
      : map.strongestPlace;
    this.#tellPlace(next, 'polite');
  }

  /**
   * @param {Place | undefined} place
   * @param {'off' | 'polite'} [live]  Whether it is read aloud.
   */
  #tellPlace(place, live = 'off') {
    this.#screen.place = place;
    const map = this.#screen.overlay?.map;
    const output = part(this.#root, 'place', HTMLElement);
    output.setAttribute('aria-live', live);
    output.textContent = place && map ? placeWords(map, place) : '';
  }

  #save() {
    const { picture, placement, size, overlay, mirrored } = this.#screen;
    const classification = this.#entry?.classification;
    if (!this.#entry || !picture || !placement || !classification) return;
    const named = part(this.#root, 'name-toggle', HTMLInputElement).checked;
    const reading = ['window-numbers', 'view'].map((name) => part(this.#root, name, HTMLElement).textContent ?? '');
    savePicture({
      picture,
      placement,
      size,
      mirrored,
      overlay,
      outlined: this.#outlineToggle.checked,
      classification,
      reading: listed(reading.filter(Boolean)),
      name: named ? entryTitle(this.#entry) : undefined,
    });
  }
}

/**
 * @param {import('./contribution-map.js').ContributionMap} map
 * @param {Place} place
 */
function placeWords(map, { column, row, contribution }) {
  const values = { column: column + 1, row: row + 1, contribution: signed(contribution, DECIMALS) };
  // What is shown as nothing speaks neither for nor against.
  if (Math.abs(contribution) < 0.5 / 10 ** DECIMALS) return text('map.placeSilent', values);
  return text('map.place', { ...values, words: map.words(contribution) });
}
