/**
 * Ways in which a script could carry something away, each as a function that tries one. They run in the
 * page or in its worker and get the address to speak to and `keep`, the constructors and functions that
 * are to be used: those that are there, or those that were there before the page's own script ran.
 */

/** @typedef {(address: string, keep: any) => any} Attempt */

/** In the page and in a worker. @type {Record<string, Attempt>} */
const ANYWHERE = {
  fetch: (address, keep) => keep.fetch(address),
  'fetch that outlives the page': (address, keep) =>
    keep.fetch(address, { method: 'POST', body: 'x', keepalive: true, mode: 'no-cors' }),
  'XMLHttpRequest': (address, keep) => {
    const request = new keep.XMLHttpRequest();
    request.open('POST', address);
    request.send('x');
  },
  'WebSocket': (address, keep) => new keep.WebSocket(address.replace('http', 'ws')),
  'WebSocketStream': (address, keep) => new keep.WebSocketStream(address.replace('http', 'ws')).opened,
  'EventSource': (address, keep) => new keep.EventSource(address),
  'WebTransport': (address, keep) => new keep.WebTransport(address.replace('http:', 'https:')).ready,
  'dynamic import': (address) => import(address),
  'Worker by address': (address, keep) => new keep.Worker(address),
  'module Worker by address': (address, keep) => new keep.Worker(address, { type: 'module' }),
  'font': (address, keep) => new keep.FontFace('x', `url(${address})`).load(),
  'cache': async (address, keep) => (await keep.caches.open('stolen')).add(address),
};

/** @type {Record<string, Attempt>} */
export const IN_WORKER = {
  ...ANYWHERE,
  'importScripts': (address, keep) => keep.importScripts(address),
  'a worker’s worker': (address, keep) => {
    const script = `fetch(${JSON.stringify(address)}); importScripts(${JSON.stringify(address)})`;
    new keep.Worker(URL.createObjectURL(new Blob([script])));
  },
};

/**
 * Puts an element into the page.
 *
 * @param {'head' | 'body'} parent
 * @param {string} name
 * @param {string} attributes  As an object's source, in which `address` may stand.
 * @returns {any}
 */
const put = (parent, name, attributes) =>
  new Function(
    'address',
    'keep',
    `const made = keep.createElement('${name}');
     for (const [key, value] of Object.entries(${attributes})) made.setAttribute(key, value);
     document.${parent}.append(made);`,
  );

/** @type {Record<string, Attempt>} */
export const IN_PAGE = {
  ...ANYWHERE,
  'beacon': (address, keep) => keep.sendBeacon(address, 'x'),
  'fetchLater': (address, keep) => keep.fetchLater(address, { activateAfter: 0 }),
  'SharedWorker': (address, keep) => new keep.SharedWorker(address),
  'service worker': (address) => navigator.serviceWorker.register(address),
  'WebRTC': async (address, keep) => {
    const { port } = new URL(address);
    const relay = { urls: `turn:127.0.0.1:${port}?transport=tcp`, username: 'x', credential: 'x' };
    const iceServers = [{ urls: `stun:127.0.0.1:${port}` }, relay];
    const connection = new keep.RTCPeerConnection({ iceServers });
    connection.createDataChannel('x');
    await connection.setLocalDescription(await connection.createOffer());
  },
  'image': (address) => {
    new Image().src = address;
  },
  'image set': (address) => {
    new Image().srcset = `${address} 2x`;
  },
  'background of an element': (address) => {
    document.body.style.backgroundImage = `url(${address})`;
    document.body.getBoundingClientRect();
  },
  'adopted style': (address) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`body { cursor: url(${address}), auto; list-style-image: url(${address}) }
      body::before { content: url(${address}) } @font-face { font-family: x; src: url(${address}) }
      body { font-family: x }`);
    document.adoptedStyleSheets = [sheet];
  },
  'style element': (address) => {
    const style = document.createElement('style');
    style.textContent = `@import url(${address}); body { border-image: url(${address}) 1 }`;
    document.head.append(style);
  },
  'script': put('head', 'script', '{ src: address }'),
  'module script': put('head', 'script', "{ src: address, type: 'module' }"),
  'style sheet': put('head', 'link', "{ rel: 'stylesheet', href: address }"),
  'prefetch': put('head', 'link', "{ rel: 'prefetch', href: address }"),
  'a hint to connect': put('head', 'link', "{ rel: 'preconnect', href: address }"),
  'preload': put('head', 'link', "{ rel: 'preload', as: 'image', href: address }"),
  'module preload': put('head', 'link', "{ rel: 'modulepreload', href: address }"),
  'icon': put('head', 'link', "{ rel: 'icon', href: address }"),
  'manifest': put('head', 'link', "{ rel: 'manifest', href: address }"),
  'search description': put(
    'head',
    'link',
    "{ rel: 'search', type: 'application/opensearchdescription+xml', href: address }",
  ),
  'speculation rules': (address) => {
    const rules = document.createElement('script');
    rules.type = 'speculationrules';
    rules.textContent = JSON.stringify({ prefetch: [{ source: 'list', urls: [address] }] });
    document.head.append(rules);
  },
  'inner frame': put('body', 'iframe', '{ src: address }'),
  'object': put('body', 'object', '{ data: address }'),
  'embed': put('body', 'embed', '{ src: address }'),
  'video': put('body', 'video', "{ src: address, poster: address, preload: 'auto' }"),
  'audio': put('body', 'audio', "{ src: address, preload: 'auto' }"),
  'image button': put('body', 'input', "{ type: 'image', src: address }"),
  'drawn image': (address) => {
    const space = 'http://www.w3.org/2000/svg';
    const drawing = document.createElementNS(space, 'svg');
    for (const [name, key] of [['image', 'href'], ['use', 'href']]) {
      const part = document.createElementNS(space, name);
      part.setAttribute(key, `${address}#x`);
      drawing.append(part);
    }
    document.body.append(drawing);
  },
  'form': (address) => {
    const form = document.createElement('form');
    Object.assign(form, { action: address, method: 'post' });
    document.body.append(form);
    form.submit();
  },
  'form in a new window': (address) => {
    const form = document.createElement('form');
    Object.assign(form, { action: address, method: 'get', target: '_blank' });
    document.body.append(form);
    form.submit();
  },
  'ping of a link': (address) => {
    const link = document.createElement('a');
    Object.assign(link, { href: '#', ping: address });
    document.body.append(link);
    link.click();
  },
  'new window': (address, keep) => keep.open(address),
  'paint worklet': (address) => globalThis.CSS.paintWorklet.addModule(address),
  'audio worklet': (address) => new AudioContext().audioWorklet.addModule(address),
  'a frame’s own fetch': (address, keep) => {
    const frame = document.body.appendChild(keep.createElement('iframe'));
    return frame.contentWindow.fetch(address);
  },
  'a frame’s own WebRTC': async (address, keep) => {
    const frame = document.body.appendChild(keep.createElement('iframe'));
    const { port } = new URL(address);
    const iceServers = [{ urls: `stun:127.0.0.1:${port}` }];
    const connection = new frame.contentWindow.RTCPeerConnection({ iceServers });
    connection.createDataChannel('x');
    await connection.setLocalDescription(await connection.createOffer());
  },
  'a frame made by a namespace': (address, keep) => {
    const frame = keep.createElementNS('http://www.w3.org/1999/xhtml', 'x:iframe');
    document.body.append(frame);
    frame.src = address;
  },
  'a frame made of text': (address) => {
    document.body.insertAdjacentHTML('beforeend', `<iframe src="${address}"></iframe>`);
  },
  'a frame of a parsed document': (address) => {
    const parsed = new DOMParser().parseFromString(`<iframe src="${address}"></iframe>`, 'text/html');
    document.body.append(document.adoptNode(parsed.body.firstElementChild));
  },
};

/**
 * Those for which the browser may open a connection before its policy stops them; it sends nothing on it.
 * README.md says so.
 */
export const EMPTY_CONNECTIONS = ['form', 'form in a new window', 'inner frame', 'a frame made by a namespace'];

/** Those that no policy governs: taken from the page's scripts, as README.md says. */
export const BEYOND_POLICY = ['WebRTC', 'a frame’s own WebRTC', 'new window'];

/** What the page cannot keep its own scripts from; README.md says so. @type {Record<string, Attempt>} */
export const NOT_STOPPED = {
  'leading the browser away': (address) => {
    location.href = address;
  },
  'a link to another page': (address) => {
    const link = document.createElement('a');
    link.href = address;
    document.body.append(link);
    link.click();
  },
  'a refresh': put('head', 'meta', "{ 'http-equiv': 'refresh', content: `0;url=${address}` }"),
};

/** What the attempts use. */
const NAMES = [
  'EventSource',
  'FontFace',
  'RTCPeerConnection',
  'SharedWorker',
  'WebSocket',
  'WebSocketStream',
  'WebTransport',
  'Worker',
  'XMLHttpRequest',
  'caches',
  'createElement',
  'createElementNS',
  'fetch',
  'fetchLater',
  'importScripts',
  'open',
  'sendBeacon',
];

/** An expression: an object of what is there at the moment by these names. */
export const KEPT_NOW = `(() => {
  const kept = {};
  for (const name of ${JSON.stringify(NAMES)}) {
    const owner = [globalThis, globalThis.document, navigator].find((object) => object && name in object);
    const value = owner?.[name];
    const isFunction = typeof value === 'function' && !value.prototype;
    kept[name] = isFunction || name.startsWith('create') ? value?.bind(owner) : value;
  }
  return kept;
})()`;

/** Longest wait for an attempt before the next one begins. */
const ATTEMPT_MS = 25;

/**
 * Runs attempts one after another in a page or a worker.
 *
 * @param {{ evaluate: (script: string) => Promise<any> }} place
 * @param {[Attempt, string][]} attempts  Each with its address.
 * @param {string} keep  An expression.
 */
export async function run(place, attempts, keep) {
  const list = attempts.map(([attempt, address]) => `[${attempt}, ${JSON.stringify(address)}]`);
  await place.evaluate(`(async () => {
    const keep = ${keep};
    for (const [attempt, address] of [${list}]) {
      const over = new Promise((resolve) => setTimeout(resolve, ${ATTEMPT_MS}));
      try {
        await Promise.race([attempt(address, keep), over]);
      } catch {}
    }
  })()`);
}
