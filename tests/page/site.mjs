/** A server of static files on this machine, for the built page and for what a test puts beside it. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository and the site that `make site` builds in it. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const DIST = join(REPOSITORY, 'dist');

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Serves the built site.
 *
 * @param {Record<string, (response: import('node:http').ServerResponse) => boolean | void>} [special]
 *   Answers for single paths in the place of files; one that returns false leaves it to the file.
 * @param {{ under?: string, bare?: boolean, folder?: string }} [options]  The folder in which the site lies
 *   on its server; whether no headers are sent but the type; another folder of files to serve.
 */
export async function serveSite(special = {}, { under = '/', bare = false, folder = DIST } = {}) {
  if (!existsSync(folder)) throw new Error(`there is no ${folder} to serve: run make site`);
  /** Whatever was asked for, such as `GET /haemolens.js`, and with which headers. */
  const requests = [];
  const server = createServer((request, response) => {
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    const whole = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const path = whole.startsWith(under) ? whole.slice(under.length - 1) : '/outside of the site';
    if (special[path] && special[path](response) !== false) return;
    const file = join(folder, normalize(path.endsWith('/') ? `${path}index.html` : path));
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const length = bare ? {} : { 'content-length': statSync(file).size };
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', ...length });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before it closes its site must not keep its file from ending.
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}${under}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * An answer for `serveSite` that gives these bytes.
 *
 * @param {string | Uint8Array} body
 * @param {string} type
 */
export const bytes = (body, type) => (response) => {
  response.writeHead(200, { 'content-type': type }).end(body);
};
