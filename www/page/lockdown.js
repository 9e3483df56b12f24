/**
 * The second lock: whatever could carry something away, or keep it, is taken from the page's scripts
 * and from those of its workers before anything else runs. The first lock is the policy in the page's
 * head; this one also covers what no policy does, such as WebRTC.
 */

/** Ways out of a page or worker besides `fetch`, which the page needs until it is loaded. */
const WAYS_OUT = [
  'BackgroundFetchManager',
  'EventSource',
  'PaymentRequest',
  'PresentationRequest',
  'RTCDataChannel',
  'RTCIceTransport',
  'RTCPeerConnection',
  'SharedWorker',
  'TCPSocket',
  'UDPSocket',
  'WebSocket',
  'WebSocketStream',
  'WebTransport',
  'XMLHttpRequest',
  'fetchLater',
  'mozRTCPeerConnection',
  'open',
  'webkitRTCPeerConnection',
];

/** Methods of `navigator` that send or hand on. */
const WAYS_OUT_OF_NAVIGATOR = ['joinAdInterestGroup', 'runAdAuction', 'sendBeacon', 'share'];

/** Stores that outlive the page; the one it uses, the cache of models, is left to it. */
const STORES = ['cookieStore', 'indexedDB', 'localStorage', 'sessionStorage', 'sharedStorage'];

/** What a worker needs as little: it gets its code and its files handed over. */
const ONLY_FOR_PAGES = ['BroadcastChannel', 'Worker', 'caches', 'fetch', 'importScripts'];

/**
 * Takes a property from an object and everything it inherits from, for good.
 *
 * @param {object | undefined} owner
 * @param {string} name
 */
function takeAway(owner, name) {
  for (let object = owner; object; object = Object.getPrototypeOf(object)) {
    if (!Object.getOwnPropertyDescriptor(object, name)?.configurable) continue;
    Object.defineProperty(object, name, { value: undefined, writable: false, configurable: false });
  }
}

/** Elements that have a world of their own inside, in which nothing was taken away. */
const WORLDS = /^(?:.*:)?(?:embed|fencedframe|frame|iframe|object|portal)$/i;

/** Keeps the page from making such elements; it is made of none. */
function refuseWorlds() {
  const refused = (/** @type {string} */ name) => {
    if (WORLDS.test(name)) throw new TypeError(`this page makes no ${name}`);
    return name;
  };
  const { createElement, createElementNS } = Document.prototype;
  const makers = {
    createElement(/** @type {unknown} */ name, /** @type {any} */ options) {
      return Reflect.apply(createElement, this, [refused(String(name)), options]);
    },
    createElementNS(/** @type {unknown} */ space, /** @type {unknown} */ name, /** @type {any} */ options) {
      return Reflect.apply(createElementNS, this, [space, refused(String(name)), options]);
    },
  };
  for (const [name, value] of Object.entries(makers)) {
    Object.defineProperty(Document.prototype, name, { value, writable: false, configurable: false });
  }
  takeAway(globalThis, 'XSLTProcessor');
}

function takeAwayEverywhere() {
  for (const name of [...WAYS_OUT, ...STORES]) takeAway(globalThis, name);
  for (const name of WAYS_OUT_OF_NAVIGATOR) takeAway(navigator, name);
  takeAway(navigator, 'storage');
}

/** For the page, at its start. */
export function lockPage() {
  takeAwayEverywhere();
  takeAway(Document.prototype, 'cookie');
  refuseWorlds();
}

/** For the page, once it is loaded. */
export function lockConnections() {
  for (const name of ['fetch', 'Request']) takeAway(globalThis, name);
  for (const name of ['add', 'addAll']) takeAway(globalThis.Cache?.prototype, name);
}

/** For a worker, at its start. */
export function lockWorker() {
  takeAwayEverywhere();
  for (const name of ONLY_FOR_PAGES) takeAway(globalThis, name);
  // The one policy of trusted types that the page allows is taken, by one that allows nothing.
  globalThis.trustedTypes?.createPolicy('haemolens', {});
}
