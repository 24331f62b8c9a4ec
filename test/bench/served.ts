// A service of our own on a copied server, asked over HTTP on loopback as a signed-in admin.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LAUNCHER = join(import.meta.dirname, '../../plugin/whyblocked');
const STOP_MS = 30_000;

/** A running service. */
export interface Served {
  readonly pid: number;
  /** Whether it still runs; why it ended otherwise. */
  readonly ended: () => string | null;
  /** The text of a page, e.g. `/causes&page=2`. Throws when it is not answered with 200. */
  readonly get: (page: string, signal?: AbortSignal) => Promise<string>;
  /** Ends it, after 30 s by force. */
  readonly stop: () => Promise<void>;
}

/** Starts `whyblocked serve` on any free port with these options and signs in. Throws when it does not come up. */
export async function serveRoot(options: readonly string[]): Promise<Served> {
  const child = spawn(LAUNCHER, ['serve', '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stopWithUs(child);
  try {
    const link = await printedLink(child);
    const cookie = await signIn(link);
    return {
      pid: child.pid ?? 0,
      ended: () => endOf(child),
      get: async (page, signal) => {
        const url = `${new URL(link).origin}/index.cgi?p=${page}`;
        const answer = await fetch(url, { headers: { cookie }, ...(signal === undefined ? {} : { signal }) });
        const body = await answer.text();
        if (answer.status !== 200) throw new Error(`${page} was answered ${answer.status}`);
        return body;
      },
      stop: () => stop(child),
    };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** Somebody who ends this process means the service too. */
function stopWithUs(child: ChildProcess): void {
  const kill = (): void => {
    child.kill('SIGTERM');
  };
  const end = (): void => {
    process.exit(1);
  };
  process.once('exit', kill);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  child.once('exit', () => {
    process.removeListener('exit', kill);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, end);
  });
}

async function printedLink(child: ChildProcess): Promise<string> {
  let printed = '';
  return new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(printed)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('close', () => {
      reject(new Error(`serve ended with ${endOf(child) ?? 'nothing'}`));
    });
  });
}

async function signIn(link: string): Promise<string> {
  const answer = await fetch(link, { redirect: 'manual' });
  await answer.text();
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

function endOf({ exitCode, signalCode }: ChildProcess): string | null {
  return exitCode === null ? signalCode : `code ${exitCode}`;
}

async function stop(child: ChildProcess): Promise<void> {
  if (endOf(child) !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = new AbortController();
  const force = sleep(STOP_MS, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await gone;
  late.abort();
  await force;
}
