// The service as a process of its own, and what can be seen of it from outside: its link, its children, its memory.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Running, start } from './actions/kit.ts';
import { tempDir } from './host/make-root.ts';

export interface Served extends Running {
  readonly link: string;
  readonly origin: string;
  /** What it wrote until the link was there. */
  readonly printed: string;
  readonly pid: number;
}

/** Starts `serve` on a server folder and waits for the link; `more` are further options. */
export async function serve(root: string, more: readonly string[] = []): Promise<Served> {
  const running = start([
    ...['serve', '--port', '0', '--root', root, '--state', join(tempDir(), 'state')],
    ...more,
  ]);
  let printed = '';
  const link = await new Promise<string>((resolve, reject) => {
    running.child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
      const found = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(printed)?.[0];
      if (found !== undefined && printed.includes('Ctrl-C')) resolve(found);
    });
    void running.ended.then(({ err }) => {
      reject(new Error(`it ended: ${err}`));
    });
  });
  return { ...running, link, printed, origin: new URL(link).origin, pid: running.child.pid ?? 0 };
}

/** Opens the link that signs in; gives the session cookie as a request sends it. */
export async function signedIn(link: string): Promise<string> {
  const response = await fetch(link, { redirect: 'manual' });
  await response.text();
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

/** The children of a process, of all its threads, and theirs. */
export function descendants(pid: number): readonly number[] {
  return threads(pid)
    .flatMap((thread) => readOr(`/proc/${pid}/task/${thread}/children`, '').trim().split(' '))
    .filter((child) => child !== '')
    .map(Number)
    .flatMap((child) => [child, ...descendants(child)]);
}

function threads(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A file of /proc; its process or thread may have ended while it was looked at. */
function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

/** The ripgreps that a process has running. */
export function ripgreps(pid: number): readonly number[] {
  return descendants(pid).filter((child) => readOr(`/proc/${child}/comm`, '').trim() === 'rg');
}

/** Whether a process runs; one that has ended and is not collected does not. */
export function isAlive(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(readOr(`/proc/${pid}/status`, ''));
}

/** The most memory that a process has had, in MB. */
export function peakMegabytes(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (Number(kib) * 1024) / 1e6;
}

/** Waits until something is the case; gives how long it took in ms, null when it did not come true in time. */
export async function until(isSo: () => boolean | Promise<boolean>, mostMs: number): Promise<number | null> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > mostMs) return null;
    await sleep(50);
  }
  return performance.now() - began;
}

/** Waits until a process has no ripgrep; gives how long it took in ms, null when it still had one in the end. */
export function idle(pid: number, mostMs: number): Promise<number | null> {
  return until(async () => {
    if (ripgreps(pid).length > 0) return false;
    // Between two parts of a search no ripgrep runs either.
    await sleep(300);
    return ripgreps(pid).length === 0;
  }, mostMs);
}
