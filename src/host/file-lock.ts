// Locks on files: csf's on its lists, ours on acts. Node has no flock of its own; util-linux's takes a descriptor that it inherits, and as
// the lock belongs to the open file, it stays ours after that program has ended and ends when we close.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

const WAIT_SECONDS = 5;
const INHERITED_FD = 3;

/**
 * Waits up to 5 s for a shared lock on an open file; it lasts until the descriptor is closed.
 * False when a writer kept it or the program could not be run. Takes 2 to 5 ms when nobody holds it.
 */
export function waitForSharedLock(flock: string, fd: number): Promise<boolean> {
  return waitForLock(flock, fd, '-s', WAIT_SECONDS);
}

/** The same for a lock that nobody else may hold, waiting up to `seconds`. */
export function waitForOwnLock(flock: string, fd: number, seconds: number): Promise<boolean> {
  return waitForLock(flock, fd, '-x', seconds);
}

/**
 * Waits up to `seconds` for such a lock on a file of our own, which is made where it is missing. Gives how to release it, null
 * when another process kept it.
 */
export async function takeLock(flock: string, path: string, seconds: number): Promise<(() => void) | null> {
  const fd = openSync(path, 'a', 0o600);
  if (await waitForOwnLock(flock, fd, seconds))
    return () => {
      closeSync(fd);
    };
  closeSync(fd);
  return null;
}

function waitForLock(flock: string, fd: number, mode: '-s' | '-x', seconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const args = [mode, '-w', String(seconds), String(INHERITED_FD)];
    const child = spawn(flock, args, { stdio: ['ignore', 'ignore', 'ignore', fd], env: {} });
    child.once('error', () => {
      resolve(false);
    });
    child.once('close', (code) => {
      resolve(code === 0);
    });
  });
}
