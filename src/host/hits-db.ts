// Where WHM keeps its own database of rule hits. On the server itself the file is opened where it lies; of a copied
// server a copy is opened in our own folder, because SQLite writes files beside a database even to read it.
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import { ReadProblem } from './problems.ts';
import type { Root } from './root.ts';

/** The database as it lies there. */
export interface HitsDbLook {
  /** The server's own path. */
  readonly path: string;
  /** Changes whenever something was written; null where there is no file, or it cannot be used. */
  readonly stamp: string | null;
  /** Why it cannot be used, e.g. `missing`; null when it can. */
  readonly problem: string | null;
}

/** A file of this machine to be opened; `release` when it is closed again. */
export interface OpenedHitsDb {
  readonly file: string;
  readonly release: () => void;
}

export interface HitsDbFile {
  look(): HitsDbLook;
  /** Throws ReadProblem, or the file system's error, when it cannot be read. */
  open(stateDir: string): OpenedHitsDb;
}

const COPY_BYTES = 1024 * 1024;
/** A larger one of a copied server is not copied. */
const LARGEST_COPY = 2 * 1024 * 1024 * 1024;
const PRIVATE = 0o600;
const WAL = '-wal';

export function openHitsDbFile(root: Root, { whmHits }: Layout): HitsDbFile {
  return {
    look() {
      const found = root.resolve(whmHits);
      const look = { path: whmHits, stamp: null };
      if (found.problem !== null) return { ...look, problem: found.problem };
      if (!found.stats.isFile()) return { ...look, problem: 'not a regular file' };
      const wal = root.resolve(`${whmHits}${WAL}`);
      if (root.dir !== '/' && found.stats.size > LARGEST_COPY) return { ...look, problem: 'too large' };
      return { path: whmHits, stamp: `${stampOf(found)} ${stampOf(wal)}`, problem: null };
    },
    open(stateDir) {
      const found = root.resolve(whmHits);
      if (root.dir === '/' && found.problem === null) return { file: found.file, release: () => undefined };
      const file = join(stateDir, `hits-copy-${process.pid}.sqlite`);
      const release = (): void => {
        for (const end of ['', WAL, '-shm']) rmSync(`${file}${end}`, { force: true });
      };
      release();
      try {
        copy(root, whmHits, file);
        if (root.resolve(`${whmHits}${WAL}`).problem === null)
          copy(root, `${whmHits}${WAL}`, `${file}${WAL}`);
      } catch (error) {
        release();
        throw error;
      }
      return { file, release };
    },
  };
}

function stampOf(place: ReturnType<Root['resolve']>): string {
  if (place.problem !== null) return '-';
  const { size, mtimeMs, ino } = place.stats;
  return `${ino}:${size}:${mtimeMs}`;
}

function copy(root: Root, path: string, file: string): void {
  const place = root.resolve(path);
  const opened = place.problem === null ? root.open(place) : place;
  if (opened.problem !== null) throw new ReadProblem(path, opened.problem);
  try {
    const to = openSync(file, 'wx', PRIVATE);
    try {
      const buffer = Buffer.allocUnsafe(COPY_BYTES);
      for (let got = readSync(opened.fd, buffer); got > 0; got = readSync(opened.fd, buffer))
        writeSync(to, buffer, 0, got);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(opened.fd);
  }
}
