/** The keys that work while the picture, its answer or the list has the focus. */

/** @typedef {keyof typeof import('../messages/en.js').default} MessageKey */

/**
 * What a key does. `map`, `outline` and the window's presets are turned on and off or chosen; places are
 * those of the map.
 *
 * @typedef {'next' | 'previous' | 'first' | 'last' | 'zoomIn' | 'zoomOut' | 'fit' | 'mirror' | 'pan'
 *   | 'map' | 'outline' | 'save' | 'help' | 'preset1' | 'preset2' | 'preset3' | 'preset4'
 *   | 'placeLeft' | 'placeRight' | 'placeUp' | 'placeDown'} KeyAction
 */

/** @type {Record<string, KeyAction>}  By `KeyboardEvent.key`, letters small. */
const ACTIONS = {
  ArrowDown: 'next',
  ArrowRight: 'next',
  ArrowUp: 'previous',
  ArrowLeft: 'previous',
  Home: 'first',
  End: 'last',
  '+': 'zoomIn',
  '=': 'zoomIn',
  '-': 'zoomOut',
  0: 'fit',
  1: 'preset1',
  2: 'preset2',
  3: 'preset3',
  4: 'preset4',
  x: 'mirror',
  p: 'pan',
  m: 'map',
  o: 'outline',
  s: 'save',
  '?': 'help',
};

/** @type {Record<string, KeyAction>}  With the shift key. */
const SHIFTED = {
  ArrowLeft: 'placeLeft',
  ArrowRight: 'placeRight',
  ArrowUp: 'placeUp',
  ArrowDown: 'placeDown',
};

/** What the help says: keys or gestures as they are shown, and what they do. @type {[MessageKey, MessageKey][]} */
export const HELP = [
  ['viewer.keys.drag', 'viewer.help.window'],
  ['viewer.keys.presets', 'viewer.help.presets'],
  ['viewer.keys.wheel', 'viewer.help.slices'],
  ['viewer.keys.ends', 'viewer.help.ends'],
  ['viewer.keys.zoom', 'viewer.help.zoom'],
  ['viewer.keys.pan', 'viewer.help.pan'],
  ['viewer.keys.panTool', 'viewer.help.panTool'],
  ['viewer.keys.mirror', 'viewer.help.mirror'],
  ['viewer.keys.fit', 'viewer.help.fit'],
  ['viewer.keys.map', 'viewer.help.map'],
  ['viewer.keys.places', 'viewer.help.places'],
  ['viewer.keys.outline', 'viewer.help.outline'],
  ['viewer.keys.save', 'viewer.help.save'],
];

/** Elements that have a use of their own for most keys. */
const TYPED_INTO = 'select, textarea, input:not([type="checkbox"], [type="file"])';

/**
 * Has keys carried out while the focus is inside an element. A single letter that worked everywhere
 * would be a trap for those who speak to their computer (WCAG 2.1.4).
 *
 * @param {HTMLElement} root
 * @param {(action: KeyAction) => void} carryOut
 * @param {{ arrows: boolean }} options  Whether arrows, Home and End are among the keys.
 */
export function hearKeys(root, carryOut, { arrows }) {
  root.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest(`dialog, ${TYPED_INTO}`)) return;
    const isLong = event.key.length > 1;
    if (isLong && !arrows) return;
    const action = isLong && event.shiftKey ? SHIFTED[event.key] : ACTIONS[isLong ? event.key : event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    carryOut(action);
  });
}
