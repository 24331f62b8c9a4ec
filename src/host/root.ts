// The server's root folder: every path of the server is resolved here, link by link, and never leaves it.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import type { Dirent, Stats } from 'node:fs';
import { join } from 'node:path';
import { errorCode, problemOf } from './problems.ts';

const MAX_LINKS = 40;
const FIRST_USER_ID = 1000;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** A path that exists below the root. */
export interface Place {
  readonly problem: null;
  /** The server's own path as it was asked for: what is shown. */
  readonly path: string;
  /** The server's path after all links. */
  readonly real: string;
  /** Where that is on this machine. */
  readonly file: string;
  readonly stats: Stats;
  /** True below a folder that somebody else than root can write: links and second names are refused there. */
  readonly distrusted: boolean;
}

/** A path that cannot be used, and why in plain words, e.g. `missing`, `permission denied`, `link loop`. */
export interface NoPlace {
  readonly problem: string;
  readonly path: string;
}

/** An open regular file with what fstat says; the caller closes `fd`. */
export interface OpenFile {
  readonly problem: null;
  readonly fd: number;
  readonly stats: Stats;
}

/** A name in a folder. */
interface Entry {
  readonly name: string;
  readonly directory: boolean;
}

/** What can be done below a root; all paths are the server's own (`/etc/apache2/logs/error_log`). */
export interface Root {
  /** The root folder itself on this machine, links resolved. */
  readonly dir: string;
  /** Resolves a path. `distrust`: refuse links and second names from the folder of that path on. */
  resolve(path: string, distrust?: string): Place | NoPlace;
  /** A name (one component) in a folder that `resolve` gave: cheaper than resolving the whole path again. */
  child(folder: Place, name: string): Place | NoPlace;
  /** Names in a folder, sorted, at most `limit`; empty when it cannot be read. */
  list(folder: Place | NoPlace, limit?: number): Entry[];
  /** Opens a regular file for reading, checked again once it is open. */
  open(place: Place): OpenFile | NoPlace;
  /** The text of a link, when the path's last component is one; else null. */
  linkText(path: string): string | null;
}

/**
 * Opens a folder as the root of a server. Absolute links count from it, `..` stops at it.
 * Throws the file system's own error when the folder is not there.
 */
export function openRoot(dir: string): Root {
  const real = realpathSync(dir);
  const owners = new Set([0, process.geteuid?.() ?? 0, lstatSync(real).uid]);
  const base: Base = { dir: real, owners };
  const walk = (path: string, distrust?: string): Place | NoPlace => resolveBelow(base, path, distrust);
  return {
    dir: real,
    resolve: walk,
    child: (folder, name) => childOf(base, folder, name, walk),
    list: listFolder,
    open: openPlace,
    linkText(path) {
      const cut = path.lastIndexOf('/');
      const folder = walk(path.slice(0, cut) || '/');
      if (folder.problem !== null) return null;
      try {
        return readlinkSync(join(folder.file, path.slice(cut + 1)));
      } catch {
        return null;
      }
    },
  };
}

interface Base {
  readonly dir: string;
  readonly owners: ReadonlySet<number>;
}

/** How far the walk has come: components still to go (the next one last), and those behind it. */
interface Walk {
  readonly todo: string[];
  readonly done: string[];
  links: number;
  distrusted: boolean;
  stats: Stats | string;
}

/** The walk: one component at a time, each looked at without following it. */
function resolveBelow(base: Base, path: string, distrust?: string): Place | NoPlace {
  if (!path.startsWith('/') || path.includes('\0')) return { path, problem: 'not an absolute path' };
  const walk: Walk = { todo: components(path), done: [], links: 0, distrusted: false, stats: look(base.dir) };
  while (walk.todo.length > 0) {
    const problem = step(base, walk, distrust);
    if (problem !== null) return { path, problem };
  }
  const { done, stats, distrusted } = walk;
  if (typeof stats === 'string') return { path, problem: stats };
  return { problem: null, path, real: `/${done.join('/')}`, file: toFile(base, done), stats, distrusted };
}

/** Takes the next component; gives the problem that ends the walk, else null. */
function step(base: Base, walk: Walk, distrust: string | undefined): string | null {
  if (typeof walk.stats === 'string') return walk.stats;
  const name = walk.todo.pop() ?? '';
  if (name === '..') walk.done.pop();
  else walk.done.push(name);
  walk.distrusted ||= userCanWrite(walk.stats, base) || isBelow(distrust, walk.done);
  walk.stats = look(toFile(base, walk.done));
  const isLink = typeof walk.stats !== 'string' && walk.stats.isSymbolicLink();
  return isLink ? followLink(base, walk) : null;
}

/** Puts a link's own components in front of those still to go; an absolute link begins at the root again. */
function followLink(base: Base, walk: Walk): string | null {
  if (walk.distrusted) return 'link in a folder that is not only root’s';
  if (++walk.links > MAX_LINKS) return 'link loop';
  const target = readLink(toFile(base, walk.done));
  if (target === null) return 'permission denied';
  walk.done.pop();
  if (target.startsWith('/')) walk.done.length = 0;
  walk.todo.push(...components(target));
  walk.stats = look(toFile(base, walk.done));
  return null;
}

/** The parts of a path from the last to the first, as `todo` wants them. */
function components(path: string): string[] {
  return path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .reverse();
}

function toFile(base: Base, done: readonly string[]): string {
  return done.length === 0 ? base.dir : `${base.dir === '/' ? '' : base.dir}/${done.join('/')}`;
}

function isBelow(folder: string | undefined, done: readonly string[]): boolean {
  if (folder === undefined) return false;
  const names = components(folder).reverse();
  return names.length < done.length && names.every((name, index) => done[index] === name);
}

function look(file: string): Stats | string {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) ?? 'missing';
  } catch (error) {
    return problemOf(error);
  }
}

function readLink(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}

/** Whether an account's user could put files into this folder; system groups such as syslog are not users. */
function userCanWrite(stats: Stats, base: Base): boolean {
  if (!base.owners.has(stats.uid)) return true;
  if ((stats.mode & 0o002) !== 0) return true;
  return (stats.mode & 0o020) !== 0 && stats.gid >= FIRST_USER_ID && !base.owners.has(stats.gid);
}

function childOf(base: Base, folder: Place, name: string, walk: Root['resolve']): Place | NoPlace {
  const path = `${folder.path === '/' ? '' : folder.path}/${name}`;
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name))
    return { path, problem: 'not a file name' };
  const file = `${folder.file === '/' ? '' : folder.file}/${name}`;
  const stats = look(file);
  if (typeof stats === 'string') return { path, problem: stats };
  const real = `${folder.real === '/' ? '' : folder.real}/${name}`;
  // The folder itself counts too: its own place only tells of the folders above it.
  const distrusted = folder.distrusted || userCanWrite(folder.stats, base);
  if (!stats.isSymbolicLink()) return { problem: null, path, real, file, stats, distrusted };
  if (distrusted) return { path, problem: 'link in a folder that is not only root’s' };
  const place = walk(real);
  return place.problem === null ? { ...place, path } : { path, problem: place.problem };
}

function listFolder(folder: Place | NoPlace, limit = 100_000): Entry[] {
  if (folder.problem !== null) return [];
  let entries: Dirent[];
  try {
    entries = readdirSync(folder.file, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .slice(0, limit)
    .map((entry) => ({ name: entry.name, directory: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * O_NONBLOCK keeps a FIFO from hanging us, O_NOFOLLOW refuses a link put in its place; that no folder on the
 * way was swapped for a link is asked of the kernel, which knows where the open file really is.
 */
function openPlace(place: Place): OpenFile | NoPlace {
  const { path } = place;
  if (!place.stats.isFile()) return { path, problem: 'not a regular file' };
  let fd: number;
  try {
    fd = openSync(place.file, OPEN_FLAGS);
  } catch (error) {
    return { path, problem: errorCode(error) === 'ELOOP' ? 'replaced by a link' : problemOf(error) };
  }
  const stats = fstatSync(fd);
  const problem = openProblem(place, fd, stats);
  if (problem === null) return { problem, fd, stats };
  closeSync(fd);
  return { path, problem };
}

function openProblem(place: Place, fd: number, stats: Stats): string | null {
  if (!stats.isFile()) return 'not a regular file';
  if (place.distrusted && stats.nlink > 1) return 'a second name of another file';
  const opened = readLink(`/proc/self/fd/${fd}`);
  if (opened === null || opened === place.file || opened === `${place.file} (deleted)`) return null;
  return 'moved while it was opened';
}
