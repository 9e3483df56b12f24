/** The classifier's module: loaded and compiled once, for all workers. */
import { arrived } from './door.js';
import { SITE } from './site-root.js';

/** Least time between two reports of the download, in milliseconds. */
const REPORT_EVERY_MS = 80;

const TYPE = { headers: { 'content-type': 'application/wasm' } };

/** @typedef {(received: number, total: number) => void} Report  Counts bytes; a total of 0 means unknown. */

/**
 * The module on its way: the browser compiles it as it comes.
 *
 * @typedef {{ code: Promise<WebAssembly.Module> }} Coming
 */

/**
 * Asks for the module, and says to the door when the server has begun to answer: nothing else is asked
 * of it then, so that workers can start while the rest comes.
 *
 * @param {Report} report
 * @returns {Promise<Coming>}
 */
export async function loadCode(report) {
  const within = document.querySelector('script[data-part="module"]');
  const coming = within ? openCode(within.textContent ?? '') : await downloadCode(report);
  // Whoever awaits it says what went wrong.
  coming.code.catch(() => {});
  within?.remove();
  arrived('module');
  return coming;
}

/**
 * @param {Report} report
 * @returns {Promise<Coming>}
 */
async function downloadCode(report) {
  const response = await fetch(new URL('haemolens_bg.wasm', SITE));
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  // A compressed transfer states its own length, not that of the bytes that come out of it.
  const encoded = response.headers.has('content-encoding');
  const total = encoded ? 0 : Number(response.headers.get('content-length') ?? 0);
  let received = 0;
  let reported = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      received += chunk.byteLength;
      if (performance.now() - reported > REPORT_EVERY_MS) {
        reported = performance.now();
        report(received, total);
      }
      controller.enqueue(chunk);
    },
  });
  // What fails in the middle of the transfer fails the compilation.
  return { code: WebAssembly.compileStreaming(new Response(response.body.pipeThrough(counter), TYPE)) };
}

/**
 * The module of a page that holds it itself.
 *
 * @param {string} text  Of a gzip file, in base64.
 * @returns {Coming}
 */
function openCode(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const whole = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return { code: WebAssembly.compileStreaming(new Response(whole, TYPE)) };
}
