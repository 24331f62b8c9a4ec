// Where a copy of the database is put: a private file that is whole or not there.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { errorCode, problemOf } from './problems.ts';

/** Folders that Apache serves, or whose files go with the next rotation. */
const SERVED = /(?:^|\/)(?:public_html|public_ftp|www|htdocs|html)(?:\/|$)/;

/** A place that was found good: `draft` is an empty private file beside it. */
export interface BackupPlace {
  readonly path: string;
  readonly draft: string;
}

/** `why` is a clause that fits "PATH …", e.g. `exists already`. */
export interface BackupRefusal {
  readonly path: string;
  readonly why: string;
}

/**
 * Looks at a place and makes an empty file beside it, mode 0600. Refuses a name that exists (unless `replace`, and never what is no
 * plain file), a folder that is not there, one that a web server hands out, and one below `closed` (logs, our own database).
 */
export function openBackupPlace(
  wanted: string,
  closed: readonly string[],
  replace: boolean,
): BackupPlace | BackupRefusal {
  const name = resolve(wanted);
  let folder: string;
  try {
    folder = realpathSync(dirname(name));
    if (!statSync(folder).isDirectory()) return { path: name, why: 'does not lie in a folder' };
  } catch (error) {
    return { path: name, why: `lies in a folder that cannot be used: ${problemOf(error)}` };
  }
  const path = join(folder, basename(name));
  if (SERVED.test(folder)) return { path, why: 'lies where a web server would hand it out' };
  const inside = closed.find((one) => folder === one || folder.startsWith(`${one}/`));
  if (inside !== undefined) return { path, why: `lies in ${inside}, where logs or the database itself are` };
  const refusal = existing(path, replace);
  if (refusal !== null) return { path, why: refusal };
  const draft = `${path}.part-${randomBytes(6).toString('hex')}`;
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    return { path, draft };
  } catch (error) {
    return { path, why: `cannot be written: ${problemOf(error)}` };
  }
}

function existing(path: string, replace: boolean): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (!stats.isFile()) return 'is no plain file';
  return replace ? null : 'exists already';
}

/** Gives the finished draft its name, for good; gives its size, or null when something of that name came meanwhile. */
export function keepBackup({ path, draft }: BackupPlace, replace: boolean): number | null {
  syncFile(draft);
  const { size } = statSync(draft);
  if (replace) renameSync(draft, path);
  else {
    try {
      linkSync(draft, path);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return null;
      throw error;
    }
    rmSync(draft);
  }
  syncFile(dirname(path));
  return size;
}

/** Removes a draft that came to nothing, and what SQLite may have laid beside it. */
export function dropDraft({ draft }: BackupPlace): void {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Where a folder really lies; the name itself when it is not there. */
export function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
