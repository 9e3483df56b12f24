/** Serves folders on 127.0.0.1, uncached and uncompressed. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/**
 * @param {Record<string, string>} folders  Folders by the first part of an address.
 * @returns {Promise<{ address: string, file(address: string): string, close(): void }>}
 */
export async function serve(folders) {
  const file = (address) => {
    const [, first, ...rest] = normalize(address).split('/');
    return join(folders[first] ?? '', ...rest);
  };
  const server = createServer(async (request, response) => {
    const path = file(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'content-length': found.size,
      'cache-control': 'no-store',
    });
    createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    file,
    close: () => server.close(),
  };
}
