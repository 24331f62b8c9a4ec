// csf's locks: flock on the data file itself. Node has none of its own; util-linux's program takes it on a descriptor
// that it inherits, and it stays ours until we close or end.
import { spawnSync } from 'node:child_process';

const FLOCK = '/usr/bin/flock';
const EACH = `for n in "$@"; do ${FLOCK} -s "$n" || exit 1; done`;

/** Waits without limit for the lock that nobody else may hold. False where it cannot be had. */
export function lockAlone(fd: number): boolean {
  return take([FLOCK, '-x', '3'], [fd]);
}

/** The same without waiting: false where somebody has it. */
export function lockAtOnce(fd: number): boolean {
  return take([FLOCK, '-x', '-n', '3'], [fd]);
}

/** Waits without limit for the shared locks of some files, one after the other. */
export function lockShared(fds: readonly number[]): void {
  if (fds.length > 0) take(['/bin/sh', '-c', EACH, 'sh', ...fds.map((_, i) => String(i + 3))], fds);
}

function take([program = '', ...args]: readonly string[], fds: readonly number[]): boolean {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'ignore', ...fds], env: {} });
  return status === 0;
}

/** Stands still. */
export function pause(ms: number): void {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
