/** Servers that nobody should speak to: they note who does. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Listens on a port of its own, for connections and for packets.
 *
 * @returns {Promise<{ port: number, heard: () => string[], close: () => Promise<void> }>}  `heard` tells
 *   what came: `connection`, `bytes`, `packet`.
 */
export async function listen() {
  const heard = new Set();
  const sockets = new Set();
  const server = createServer((socket) => {
    heard.add('connection');
    sockets.add(socket);
    socket.on('data', () => heard.add('bytes'));
    socket.on('error', () => {});
  });
  const packets = await listenOn(server);
  packets.on('message', () => heard.add('packet'));
  const { port } = server.address();
  return {
    port,
    heard: () => [...heard].sort(),
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([
        new Promise((resolve) => server.close(resolve)),
        new Promise((resolve) => packets.close(resolve)),
      ]);
    },
  };
}

/**
 * Has a server listen on a port that nobody uses for packets either.
 *
 * @param {import('node:net').Server} server
 * @returns {Promise<import('node:dgram').Socket>}  The socket for packets to the same port.
 */
async function listenOn(server) {
  for (;;) {
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const packets = createSocket('udp4');
    const free = await new Promise((resolve) => {
      packets.once('error', () => resolve(false));
      packets.bind(server.address().port, '127.0.0.1', () => resolve(true));
    });
    if (free) return packets;
    packets.close();
    await new Promise((resolve) => server.close(resolve));
  }
}
