// Where the pages are listened for: a loopback port or a Unix socket, and how either is left.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { bindPrivately } from './host/socket-place.ts';

/** Bytes of a request before its body: a long pattern travels in the address, three for each of its characters. */
const LONGEST_HEAD = 512 * 1024;

/** Answers a request whose head could not be read: Node's own answer to a too long one has no words. */
function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, sentence] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The address is too long: shorten the pattern of the search.']
      : ['400 Bad Request', 'This request cannot be read.'];
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${sentence.length}\r\n\r\n${sentence}`,
  );
}

/** A server that does not listen yet. */
export function pageServer(): Server {
  const server = createServer({ maxHeaderSize: LONGEST_HEAD });
  server.on('clientError', refuseUnread);
  return server;
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    listen();
  });
}

/** Listens on 127.0.0.1 and gives the port; 0 takes any free one. Throws one sentence when it is taken. */
export async function listenOnPort(server: Server, port: number): Promise<number> {
  try {
    await listening(server, () => server.listen(port, '127.0.0.1'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is taken. Name another one with --port, or 0 for any free one.`, {
      cause: error,
    });
  }
  return (server.address() as AddressInfo).port;
}

/** Listens on a Unix socket that nobody else can reach. Throws one sentence when that cannot be. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await bindPrivately(path, () => listening(server, () => server.listen(path)));
}

/** Takes no new connection (a socket is removed), lets open answers end for up to `ms`, and closes what is left. */
export async function closeGently(server: Server, ms: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  const late = setTimeout(() => {
    server.closeAllConnections();
  }, ms);
  await closed;
  clearTimeout(late);
}
