// The folder in which plugin/csf-hook leaves each call of csf's BLOCK_REPORT as one file: `whyblocked-block 1 COUNT`, a newline, then each
// argument with a NUL behind it. Only root can put a file there; even so nothing is followed, and nothing is read that is not root's own.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  unlinkSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import type { EpochMs } from '../model.ts';
import { errorCode } from './problems.ts';
import { readText } from './small-file.ts';

/** All arguments of a program are together at most 2 MiB long on Linux. */
const LONGEST = 2 * 1024 * 1024;
/** Bytes after which one look ends. */
const BYTES_AT_ONCE = 4 * 1024 * 1024;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const OTHERS_WRITE = 0o022;
const HEAD = /^whyblocked-block 1 (\d{1,4})\n/;
/** A call that was killed while it wrote leaves its file under the name it had then. */
const ABANDONED_MS = 600_000;

/** One call as it was left. */
export interface SpooledCall {
  /** Names this call and no other one: file, time, size. */
  readonly key: string;
  readonly file: string;
  readonly at: EpochMs;
  /** latin1, one character a byte. */
  readonly args: readonly string[];
}

export interface Spooled {
  /** Oldest first. */
  readonly calls: readonly SpooledCall[];
  /** Files that were no calls; they are gone. */
  readonly refused: number;
}

/** The folder below the one for our own data. */
export function spoolFolder(stateDir: string): string {
  return join(stateDir, 'blocks');
}

/**
 * The oldest calls in the folder, at most `most` and some MiB; they stay there until `dropSpooled`. What is no call is removed and
 * counted. The folder is made where it is not there. Never throws: a folder that is not ours, or cannot be read, holds no calls.
 */
export function takeSpooled(folder: string, most: number): Spooled {
  const names = namesIn(folder);
  const found = names.flatMap((name) => {
    const stats = lookAt(join(folder, name));
    return stats === null ? [] : [{ name, stats }];
  });
  found.sort((a, b) => a.stats.mtimeMs - b.stats.mtimeMs || (a.name < b.name ? -1 : 1));
  const calls: SpooledCall[] = [];
  let refused = 0;
  let bytes = 0;
  for (const { name, stats } of found) {
    if (calls.length >= most || bytes >= BYTES_AT_ONCE) break;
    if (name.startsWith('.new.') && Date.now() - stats.mtimeMs < ABANDONED_MS) continue;
    const call = name.endsWith('.args') ? readCall(join(folder, name), name) : null;
    bytes += stats.size;
    if (call !== null) calls.push(call);
    else if (remove(join(folder, name))) refused++;
  }
  return { calls, refused };
}

/** Removes a call that was taken and is kept elsewhere now; one that is gone already, or cannot be removed, is passed over. */
export function dropSpooled(call: Pick<SpooledCall, 'file'>): void {
  remove(call.file);
}

/** How many calls wait in the folder. */
export function waitingCalls(folder: string): number {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.args')).length;
  } catch {
    return 0;
  }
}

function namesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder);
    // Looked at only when there is something: an empty folder is read every second.
    return names.length === 0 || isOurs(lstatSync(folder), 'folder') ? names : [];
  } catch (error) {
    if (errorCode(error) === 'ENOENT') make(folder);
    return [];
  }
}

function make(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // A full disk, or another process was first: the next look tells.
  }
}

function lookAt(file: string): Stats | null {
  try {
    return lstatSync(file);
  } catch {
    return null;
  }
}

/** Root's own (in tests: this process's), and nobody else may write it. */
function isOurs(stats: Stats, kind: 'file' | 'folder'): boolean {
  const isKind = kind === 'file' ? stats.isFile() && stats.nlink === 1 : stats.isDirectory();
  return isKind && stats.uid === (process.geteuid?.() ?? 0) && (stats.mode & OTHERS_WRITE) === 0;
}

function readCall(file: string, name: string): SpooledCall | null {
  let fd: number;
  try {
    fd = openSync(file, OPEN_FLAGS);
  } catch {
    return null;
  }
  try {
    const stats = fstatSync(fd);
    const text = isOurs(stats, 'file') ? readText(fd, stats, LONGEST) : null;
    const args = text === null ? null : splitCall(text);
    if (args === null) return null;
    return { key: `${name}:${stats.mtimeMs}:${stats.size}`, file, at: stats.mtimeMs, args };
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

/** The arguments; null where they are not as many as the first line says, or the last has no end. */
function splitCall(text: string): string[] | null {
  const head = HEAD.exec(text);
  if (head === null) return null;
  const args = text.slice(head[0].length).split('\0');
  return args.pop() === '' && args.length === Number(head[1]) ? args : null;
}

/** A folder in its place is left where it is. */
function remove(file: string): boolean {
  try {
    unlinkSync(file);
    return true;
  } catch {
    return false;
  }
}
