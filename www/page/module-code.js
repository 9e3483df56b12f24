/** The classifier's module: downloaded and compiled once, for all workers. */

/** Least time between two reports of the download, in milliseconds. */
const REPORT_EVERY_MS = 80;

/**
 * Fetches and compiles the module, reporting the bytes as they come. A `total` of 0 means unknown.
 *
 * @param {(received: number, total: number) => void} report
 * @returns {Promise<WebAssembly.Module>}
 */
export async function loadCode(report) {
  const response = await fetch(new URL('../haemolens_bg.wasm', import.meta.url));
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
  const headers = { 'content-type': 'application/wasm' };
  return WebAssembly.compileStreaming(new Response(response.body.pipeThrough(counter), { headers }));
}
