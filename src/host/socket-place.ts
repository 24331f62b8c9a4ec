// The Unix socket of the service: who may reach its folder is who may speak to it, so the folder is looked at first.
import { chmodSync, closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs';
import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, isAbsolute, normalize } from 'node:path';
import { waitForOwnLock } from './file-lock.ts';
import { errorCode } from './problems.ts';

const FLOCK = '/usr/bin/flock';
const PRIVATE = 0o700;
const OTHERS = 0o077;
/** Bytes of `sun_path` without its closing NUL. */
const LONGEST = 107;
const LOCK_SECONDS = 5;
const PROBE_MS = 2000;

/** The place of the socket cannot be used; the message says why in one sentence. */
class SocketPlaceRefused extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'SocketPlaceRefused';
  }
}

/** Opens the folder without following a link at its end; whoever made it, its owner and mode are looked at afterwards. */
function openFolder(folder: string): number {
  try {
    mkdirSync(folder, { recursive: true, mode: PRIVATE });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST')
      throw new SocketPlaceRefused(
        `The folder ${folder} of the socket cannot be made: ${errorCode(error) || String(error)}.`,
      );
  }
  try {
    return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    const code = errorCode(error);
    throw new SocketPlaceRefused(
      code === 'ELOOP' || code === 'ENOTDIR'
        ? `The folder ${folder} of the socket is a link or no folder. Remove it: it is made anew.`
        : `The folder ${folder} of the socket cannot be opened: ${code || String(error)}.`,
    );
  }
}

function checkFolder(folder: string, fd: number): void {
  const { uid, mode } = fstatSync(fd);
  if (uid !== (process.geteuid?.() ?? uid))
    throw new SocketPlaceRefused(
      `The folder ${folder} of the socket belongs to another user (${uid}). Remove it: it is made anew.`,
    );
  if ((mode & OTHERS) !== 0)
    throw new SocketPlaceRefused(
      `The folder ${folder} of the socket is open to others. Make it private: chmod 700 ${folder}`,
    );
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (isLive: boolean): void => {
      socket.destroy();
      resolve(isLive);
    };
    socket.setTimeout(PROBE_MS, () => {
      // A service whose queue is full does not answer, but it is there.
      done(true);
    });
    socket.once('connect', () => {
      done(true);
    });
    socket.once('error', (error) => {
      done(!['ECONNREFUSED', 'ENOENT'].includes(errorCode(error)));
    });
  });
}

/** Removes the socket that a dead service left; throws when a live one answers, or when it is no socket. */
async function clearPlace(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new SocketPlaceRefused(`${path} is there and is no socket. Remove it.`);
  if (await isAnswered(path))
    throw new SocketPlaceRefused(`Whyblocked is already running: it answers on ${path}.`);
  unlinkSync(path);
}

/**
 * Makes the place of a socket ready and lets `listen` bind it with nobody else's access: the folder is ours, 0700 and no
 * link (made when it is missing), what a dead service left is removed, and the socket has mode 0600 from its first moment
 * on. `listen` must bind before it returns its promise. Two starts at once wait for each other. Throws
 * SocketPlaceRefused with one sentence.
 */
export async function bindPrivately(path: string, listen: () => Promise<void>): Promise<void> {
  if (!isAbsolute(path) || normalize(path) !== path || path.includes('\0'))
    throw new SocketPlaceRefused(`The socket ${path} is no absolute path.`);
  if (Buffer.byteLength(path) > LONGEST)
    throw new SocketPlaceRefused(`The path of the socket is longer than ${LONGEST} bytes.`);
  const folder = dirname(path);
  const fd = openFolder(folder);
  try {
    checkFolder(folder, fd);
    if (!(await waitForOwnLock(FLOCK, fd, LOCK_SECONDS)))
      throw new SocketPlaceRefused(`Another start is at work in ${folder}, or ${FLOCK} is missing.`);
    await clearPlace(path);
    const before = process.umask(0o177);
    let bound: Promise<void>;
    try {
      bound = listen();
    } finally {
      process.umask(before);
    }
    await bound;
    chmodSync(path, 0o600);
  } finally {
    closeSync(fd);
  }
}
