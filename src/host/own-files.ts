// Whyblocked's own files: a --config file that the admin names, the pages' assets, a database that is set aside.
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { errorCode } from './problems.ts';

const ASSETS = new URL('../../views/assets/', import.meta.url);

/** The text of a file that the admin named on the command line. Throws the file system's error. */
export function readOwnFile(path: string): string {
  return readFileSync(path, 'utf8');
}

/** The bytes of a file of views/assets; `name` is one of ours, never from a request. Throws when it is not there. */
export function readPageAsset(name: string): Buffer {
  return readFileSync(new URL(name, ASSETS));
}

/** Renames a database with its write-ahead log beside it; what is not there is passed over. */
export function setDatabaseAside(path: string, aside: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    try {
      renameSync(path + suffix, aside + suffix);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}

/** Removes a folder of our own with all that is in it; nothing happens when it is not there. */
export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
