// The service on its Unix socket as a process of its own, and requests to it as the WHM bridge sends them.
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { type Running, start } from './actions/kit.ts';
import { tempDir } from './host/make-root.ts';
import { BRIDGE } from './web/harness.ts';

export interface SocketServed extends Running {
  readonly socket: string;
  readonly pid: number;
}

export interface SocketAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Starts `serve --socket` on a server folder and waits until it says where it answers. */
export async function serveSocket(
  root: string,
  socket: string,
  more: readonly string[] = [],
): Promise<SocketServed> {
  const running = start([
    ...['serve', '--socket', socket, '--root', root, '--state', join(tempDir(), 'state')],
    ...more,
  ]);
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    running.child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      if (printed.includes(`answers on ${socket}.\n`)) resolve();
    });
    void running.ended.then(({ err }) => {
      reject(new Error(`it ended: ${err}`));
    });
  });
  return { ...running, socket, pid: running.child.pid ?? 0 };
}

/** One request over a socket. With a form it is a POST. Without `headers` it comes from a user with root's rights. */
export function ask(
  socketPath: string,
  path: string,
  { form, headers = BRIDGE }: { form?: Record<string, string>; headers?: Record<string, string> } = {},
): Promise<SocketAnswer> {
  const body = form === undefined ? null : new URLSearchParams(form).toString();
  const about =
    body === null
      ? {}
      : { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(body.length) };
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath,
        path,
        method: body === null ? 'GET' : 'POST',
        headers: { Host: 'whm.example.com:2087', Connection: 'close', ...headers, ...about },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (text += part));
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body ?? undefined);
  });
}
