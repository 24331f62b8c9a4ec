// Replaces one file of the server whole, so that at every instant it is the old one or the new one, and the way back
// needs neither space nor a readable disk: the old bytes wait beside it under another name.
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode } from './problems.ts';
import type { Root } from './root.ts';
import { readSmallFile } from './small-file.ts';

const LIMIT = 1024 * 1024;
const NEW_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const FILE_MODE = 0o600;
const SETTLED_MS = 1000;
/** Apache's own rights for userdata folders: its build scripts list them. */
const FOLDER_MODE = 0o755;

/** The bytes of a file, null when it is not there. */
export interface ActBytes {
  readonly text: string | null;
  /** Why it cannot be read or may not be written; null when it can. */
  readonly problem: string | null;
}

/** A file could not be changed; the message is a sentence with the path and the reason. */
export class ActProblem extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'ActProblem';
  }
}

/** What is asked of one file; paths are the server's own. Throws ActProblem. */
export class ActFile {
  readonly path: string;
  readonly #root: Root;
  readonly #folders: readonly Folder[];
  readonly #file: string;

  /** `top` is a folder that is there; below it links are refused. */
  constructor(root: Root, top: string, path: string) {
    this.path = path;
    this.#root = root;
    this.#folders = foldersBelow(root, top, path);
    this.#file = join(this.#folders.at(-1)?.file ?? '', path.slice(path.lastIndexOf('/') + 1));
  }

  get #folder(): string {
    return dirname(this.#file);
  }

  #beside(suffix: string): string {
    return join(this.#folder, `.${this.#file.slice(this.#folder.length + 1)}.${suffix}`);
  }

  /**
   * Equal as long as nobody touches the file; null when it is not there, is no regular file, or was touched within the
   * last second (a further change would not show in its time).
   */
  stamp(): string | null {
    const stats = lstatSync(this.#file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true || Date.now() - stats.ctimeMs < SETTLED_MS) return null;
    return `${stats.ino}:${stats.ctimeMs}:${stats.mtimeMs}:${stats.size}:${stats.nlink}`;
  }

  read(): ActBytes {
    const stats = lstatSync(this.#file, { throwIfNoEntry: false });
    if (stats === undefined) return { text: null, problem: null };
    if (!stats.isFile()) return { text: null, problem: 'it is not a regular file' };
    if (stats.nlink > 1 && !this.#isOurLink(stats.ino))
      return { text: null, problem: 'it has a second name' };
    const read = readSmallFile(this.#root, this.path, LIMIT);
    return read.problem === null ? { text: read.text, problem: null } : { text: null, problem: read.problem };
  }

  /** The second name that an interrupted change of ours left. */
  #isOurLink(inode: number): boolean {
    return lstatSync(this.#beside('old'), { throwIfNoEntry: false })?.ino === inode;
  }

  /** Makes the folders that are missing; gives those that were made, deepest last, as the server's paths. */
  makeFolders(): string[] {
    const missing = this.#folders.filter(({ file }) => !existsSync(file));
    for (const { path, file } of missing)
      attempt(path, 'cannot be made', () => {
        mkdirSync(file, { mode: FOLDER_MODE });
      });
    return missing.map(({ path }) => path);
  }

  /**
   * Puts the new bytes and the way back beside the file: a second name of the old file, or, where there is none, a file
   * with `fallback`. Both are on the disk when it returns.
   */
  stage(text: string, fallback: string): void {
    this.clear();
    attempt(this.path, 'cannot be written', () => {
      writeWhole(this.#beside('new'), text, lstatSync(this.#file, { throwIfNoEntry: false }));
      if (existsSync(this.#file)) linkSync(this.#file, this.#beside('old'));
      else writeWhole(this.#beside('old'), fallback);
      syncFolder(this.#folder);
    });
  }

  /** Puts the staged bytes in the file's place. */
  commit(): void {
    attempt(this.path, 'cannot be replaced', () => {
      renameSync(this.#beside('new'), this.#file);
      syncFolder(this.#folder);
    });
  }

  /** Puts the way back in the file's place, whatever stands there; nothing happens when none is staged. */
  restore(): void {
    if (!existsSync(this.#beside('old'))) return;
    attempt(this.path, 'cannot be put back', () => {
      // Renaming a name onto a second name of the same file does nothing: then the old bytes stand there already.
      renameSync(this.#beside('old'), this.#file);
      syncFolder(this.#folder);
    });
    this.clear();
  }

  /** Writes these bytes in place of the file, for a way back that is not staged any more. */
  replace(text: string): void {
    this.stage(text, text);
    this.commit();
    this.clear();
  }

  /** Removes what was staged. */
  clear(): void {
    for (const suffix of ['new', 'old']) {
      attempt(this.path, 'has leftovers that cannot be removed', () => {
        unlinkSafely(this.#beside(suffix));
      });
    }
  }

  /** Removes the file itself: only where Apache does not include its folder. */
  remove(): void {
    // Its folder may not have been made yet.
    if (!existsSync(this.#folder)) return;
    attempt(this.path, 'cannot be removed', () => {
      unlinkSafely(this.#file);
      syncFolder(this.#folder);
    });
  }

  /** Removes folders that were made for it and are empty; others stay. */
  removeFolders(made: readonly string[]): void {
    for (const { file } of this.#folders.filter(({ path }) => made.includes(path)).reverse()) {
      try {
        rmdirSync(file);
      } catch {
        // Somebody put something into it, or it is gone: it is not ours to clear.
      }
    }
  }
}

interface Folder {
  readonly path: string;
  /** Where that is on this machine. */
  readonly file: string;
}

/** The folders from `top` down to a path's own, without following a link below `top`. */
function foldersBelow(root: Root, top: string, path: string): Folder[] {
  const base = root.resolve(top);
  if (base.problem !== null || !base.stats.isDirectory())
    throw new ActProblem(`${top} cannot be used: ${base.problem ?? 'it is no folder'}.`);
  if (base.distrusted) throw new ActProblem(`${top} cannot be used: others than root can write there.`);
  const names = path.startsWith(`${top}/`)
    ? path
        .slice(top.length + 1)
        .split('/')
        .slice(0, -1)
    : ['..'];
  const folders: Folder[] = [{ path: top, file: base.file }];
  for (const name of names) {
    const above = folders.at(-1) ?? { path: top, file: base.file };
    if (name === '' || name === '.' || name === '..')
      throw new ActProblem(`${path} does not lie below ${top}.`);
    const file = join(above.file, name);
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats !== undefined && !stats.isDirectory())
      throw new ActProblem(`${path} cannot be written: ${name} is a link or no folder.`);
    folders.push({ path: `${above.path}/${name}`, file });
  }
  return folders;
}

/** `like`: the file that it takes the place of, whose rights and owner it gets. */
function writeWhole(file: string, text: string, like?: Stats): void {
  const fd = openSync(file, NEW_FLAGS, FILE_MODE);
  try {
    if (like !== undefined) {
      const own = fstatSync(fd);
      if (own.uid !== like.uid || own.gid !== like.gid) fchownSync(fd, like.uid, like.gid);
      fchmodSync(fd, like.mode & 0o777);
    }
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function unlinkSafely(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'not permitted (is it immutable?)',
  EEXIST: 'another process is writing it',
  EIO: 'the disk reports an error',
};

function attempt(path: string, what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = errorCode(error);
    throw new ActProblem(`${path} ${what}: ${WORDS[code] ?? (code === '' ? String(error) : code)}.`);
  }
}
