/** The classifier's module: loaded and compiled once, for all workers. */
import { arrived } from './door.js';
import { SITE } from './site-root.js';

/** Least time between two reports of the download, in milliseconds. */
const REPORT_EVERY_MS = 80;

const TYPE = { headers: { 'content-type': 'application/wasm' } };

/** @typedef {(received: number, total: number) => void} Report  Counts bytes; a total of 0 means unknown. */

/**
 * Loads the module, and says to the door that it is there. The browser compiles it as it comes, and may
 * not have finished when the last byte is there.
 *
 * @param {Report} report
 * @returns {Promise<{ code: Promise<WebAssembly.Module> }>}
 */
export async function loadCode(report) {
  const within = document.querySelector('script[data-part="module"]');
  const loaded = within ? openCode(within.textContent ?? '') : await downloadCode(report);
  within?.remove();
  arrived('module');
  return loaded;
}

/**
 * @param {Report} report
 * @returns {Promise<{ code: Promise<WebAssembly.Module> }>}
 */
async function downloadCode(report) {
  const response = await fetch(new URL('haemolens_bg.wasm', SITE));
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  // A compressed transfer states its own length, not that of the bytes that come out of it.
  const encoded = response.headers.has('content-encoding');
  const total = encoded ? 0 : Number(response.headers.get('content-length') ?? 0);
  let received = 0;
  let reported = 0;
  /** @type {() => void} */
  let tellWhole;
  const whole = new Promise((resolve) => (tellWhole = () => resolve(undefined)));
  const counter = new TransformStream({
    transform(chunk, controller) {
      received += chunk.byteLength;
      if (performance.now() - reported > REPORT_EVERY_MS) {
        reported = performance.now();
        report(received, total);
      }
      controller.enqueue(chunk);
    },
    flush: () => tellWhole(),
  });
  const code = WebAssembly.compileStreaming(new Response(response.body.pipeThrough(counter), TYPE));
  // What fails in the middle of the transfer fails the compilation.
  await Promise.race([whole, code]);
  return { code };
}

/**
 * The module of a page that holds it itself.
 *
 * @param {string} text  Of a gzip file, in base64.
 * @returns {{ code: Promise<WebAssembly.Module> }}
 */
function openCode(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const whole = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return { code: WebAssembly.compileStreaming(new Response(whole, TYPE)) };
}
