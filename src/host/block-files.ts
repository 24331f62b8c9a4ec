// The files of the block indexes in our own state folder: their names, reading and writing them, and what a log's is called.
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { IndexState } from './block-slab.ts';
import { BlockTable, SLAB_BYTES, Slab, USED_HEADER_BYTES, decodeState, encodeState } from './block-slab.ts';
import { SLAB_BLOCKS } from './block-filter.ts';
import { ReadProblem, errorCode, problemOf } from './problems.ts';
import type { OpenLog } from './read.ts';

const FULL_HEAD = /^[0-9a-f]{32}$/;
const CHECK_BYTES = 6;
const KIB = 1024;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** 48 bits of SHA-256, which a double holds. */
export function checkOf(bytes: Buffer): number {
  return createHash('sha256').update(bytes).digest().readUIntBE(0, CHECK_BYTES);
}

/** `checkOf` the last KiB on disk before `end`; null when it is not there. Throws the file system's error. */
export function checkBefore(log: OpenLog, end: number): number | null {
  const bytes = Buffer.alloc(Math.min(KIB, end));
  const got = readSync(log.fd, bytes, 0, bytes.length, end - bytes.length);
  return got === bytes.length ? checkOf(bytes) : null;
}

/**
 * What the index of an open log is called; null when the log's first KiB is not complete. A packed log has an
 * index of its own, known by its first KiB on disk too: its text cannot be compared without unpacking it.
 */
export function indexStem(log: OpenLog, head: string): string | null {
  if (!FULL_HEAD.test(head)) return null;
  if (!log.compressed) return head;
  return `${head}-${(checkBefore(log, Math.min(KIB, log.size)) ?? 0).toString(16).padStart(12, '0')}`;
}

/** An index as it lies on disk, open for reading. */
export interface StoredIndex extends IndexState {
  /** All blocks that count. */
  readonly table: BlockTable;
  /** False when the end of it is lost: then `table` has what is left, and `blocks` is 0. */
  readonly whole: boolean;
  /** The full slabs; null when there is none. */
  readonly fd: number | null;
  close(): void;
}

/** A generation as file names have it. */
export function generationName(generation: number): string {
  return generation.toString(16).padStart(8, '0');
}

function slabsPath(folder: string, stem: string, generation: number): string {
  return join(folder, `${stem}.${generationName(generation)}.slabs`);
}

function statePath(folder: string, stem: string): string {
  return join(folder, `${stem}.state`);
}

/** Opens an index; null when there is none or nothing of it can be used. Never throws. */
export function openStored(folder: string, stem: string): StoredIndex | null {
  let fd: number | null = null;
  const close = (): void => {
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  try {
    const state = readState(statePath(folder, stem));
    if (state === null) return null;
    if (state.slabs > 0) fd = openSync(slabsPath(folder, stem, state.generation), constants.O_RDONLY);
    const headers = new BlockTable(state.slabs * SLAB_BLOCKS + state.blocks);
    const slabs = fd === null ? 0 : readHeaders(fd, state.slabs, headers);
    const whole = slabs === state.slabs;
    const blocks = whole ? state.blocks : 0;
    headers.take(state.last, blocks, slabs * SLAB_BLOCKS);
    const table = headers.first(slabs * SLAB_BLOCKS + blocks);
    return { ...state, slabs, blocks, table, whole, fd, close };
  } catch {
    close();
    return null;
  }
}

/** Reads a state; null when it is damaged or of another version. Throws the file system's error. */
export function readState(path: string): IndexState | null {
  const bytes = readFileSync(path);
  // A copy of its own: the numbers in it are read in place.
  return decodeState(Buffer.from(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
}

/** Reads the full slabs' blocks up to the first slab that is cut or damaged; gives how many slabs are good. */
function readHeaders(fd: number, slabs: number, table: BlockTable): number {
  const there = Math.min(slabs, Math.floor(fstatSync(fd).size / SLAB_BYTES));
  const slab = new Slab();
  for (let at = 0; at < there; at++) {
    const got = readSync(fd, slab.bytes, 0, USED_HEADER_BYTES, at * SLAB_BYTES);
    if (got !== USED_HEADER_BYTES || !slab.isSealed()) return at;
    table.take(slab, SLAB_BLOCKS, at * SLAB_BLOCKS);
  }
  return there;
}

/** Makes the folder when it is new. Throws ReadProblem. */
export function prepareFolder(folder: string): void {
  writing(folder, () => {
    mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
    chmodSync(folder, PRIVATE_FOLDER);
  });
}

/** A number for a new file of slabs. */
export function newGeneration(): number {
  return randomBytes(4).readUInt32BE();
}

/** Where full slabs go: they count once a state says so. */
export class SlabWriter {
  readonly #path: string;
  #fd: number | null = null;

  constructor(folder: string, stem: string, generation: number) {
    this.#path = slabsPath(folder, stem, generation);
  }

  /** Writes a sealed slab at its place. Throws ReadProblem. */
  write(slab: Slab, at: number): void {
    writing(this.#path, () => {
      this.#fd ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT, PRIVATE_FILE);
      writeAll(this.#fd, slab.bytes, at * SLAB_BYTES);
    });
  }

  /** Whether another builder has finished first and removed the file: nothing may name it then. */
  isGone(isNeeded: boolean): boolean {
    if (this.#fd !== null) return fstatSync(this.#fd).nlink === 0;
    return isNeeded && !existsSync(this.#path);
  }

  /** Waits until what was written would survive a loss of power, and closes. Throws ReadProblem. */
  finish(): void {
    const fd = this.#fd;
    if (fd === null) return;
    writing(this.#path, () => {
      fdatasyncSync(fd);
    });
    this.abandon();
  }

  /** Closes without waiting. */
  abandon(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  remove(): void {
    this.abandon();
    rmSync(this.#path, { force: true });
  }
}

/** Puts a state in the place of the one before, in one step. Throws ReadProblem; then the one before still counts. */
export function writeState(folder: string, stem: string, state: IndexState): void {
  const path = statePath(folder, stem);
  const fresh = join(folder, `${stem}.${randomBytes(4).toString('hex')}.new`);
  try {
    writing(path, () => {
      const fd = openSync(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, PRIVATE_FILE);
      try {
        writeAll(fd, encodeState(state), 0);
      } finally {
        closeSync(fd);
      }
      renameSync(fresh, path);
    });
  } finally {
    rmSync(fresh, { force: true });
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}

const WRITE_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'no space left in the quota',
  EFBIG: 'too big for the file system',
  EROFS: 'the disk is read-only',
};

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new ReadProblem(path, WRITE_WORDS[errorCode(error)] ?? problemOf(error));
  }
}

/** Removes the slabs of earlier generations. */
export function removeOtherSlabs(folder: string, stem: string, generation: number): void {
  const kept = slabsPath(folder, stem, generation);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.startsWith(`${stem}.`) && name.endsWith('.slabs') && path !== kept)
      rmSync(path, { force: true });
  }
}
