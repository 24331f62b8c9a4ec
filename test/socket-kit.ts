// The service on its Unix socket as a process of its own.
import { join } from 'node:path';
import { type Running, start } from './actions/kit.ts';
import { tempDir } from './host/make-root.ts';

export interface SocketServed extends Running {
  readonly socket: string;
  readonly pid: number;
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
