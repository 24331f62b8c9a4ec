// The files of single audit records (SecAuditLogType Concurrent): walked folder by folder, 100,000 and more of them, and
// read one by one. Everybody who runs a site may write into these folders (mode 1733): only names of ModSecurity's own
// form are looked at, no link and no second name of a file is followed, and no list is longer than it must be.
import { closeSync, type Dir, opendirSync, readSync, type Stats } from 'node:fs';
import { auditNameId, isAuditDate, isAuditMinute, isAuditUser, parseAuditPath } from '../parse/audit-path.ts';
import { headText } from './known-bytes.ts';
import { problemOf, ReadProblem } from './problems.ts';
import type { LogSource } from './read.ts';
import type { NoPlace, OpenFile, Place, Root } from './root.ts';

/** A file is read to this size; of a longer one its beginning and its end (part H), of JSON up to the second size. */
const WHOLE_BYTES = 2 * 1024 * 1024;
const END_BYTES = 1024 * 1024;
const JSON_BYTES = 16 * 1024 * 1024;
/** More than any server has; what comes behind is left out. */
const MOST_USERS = 20_000;
const MOST_DAYS = 20_000;
const NAMES_AT_ONCE = 500;
/** So many entries of a folder are looked at without giving the caller a turn, whatever they are. */
const ENTRIES_AT_ONCE = 20_000;
const OPEN_BRACE = 0x7b;

/** One record's file. */
export interface AuditFile {
  readonly problem: null;
  /** The server's own path. */
  readonly path: string;
  /** What its name ends with. */
  readonly uniqueId: string;
  /** Good until the next file is read. */
  readonly bytes: Buffer;
  /** As `Fingerprint.head` and `headLength`. */
  readonly head: string;
  readonly headLength: number;
  /** Bytes on disk. */
  readonly size: number;
  readonly mtimeMs: number;
}

/** The folder of one minute. */
export interface AuditMinute {
  /** Its name, `YYYYMMDD-HHMM` of the server's wall clock. */
  readonly minute: string;
  readonly path: string;
  /** When a name in it changed last. */
  readonly mtimeMs: number;
  /** Names of files with their unique_ids, in no order, at most some hundred at a time. Throws ReadProblem. */
  names(): Generator<readonly AuditName[]>;
  read(name: AuditName): AuditFile | NoAuditFile;
}

/** A file that cannot be read; `mayPass`: the problem may be over later. */
export interface NoAuditFile extends NoPlace {
  readonly mayPass: boolean;
}

export interface AuditName {
  readonly name: string;
  readonly uniqueId: string;
}

/** What can be asked of a server's folders of audit records. `folder` is one of `layout.auditFolders`. */
export interface AuditFiles {
  /** Names of the users' folders, sorted; an empty name first where records lie without one (ModSecurity 3). */
  users(folder: string): { readonly users: readonly string[]; readonly problem: string | null };
  /** A user's minutes behind one of them (null: all), oldest first. Throws ReadProblem for a folder that cannot be listed. */
  minutes(folder: string, user: string, after: string | null): Generator<AuditMinute>;
  /** The newest minute of a user that is not behind `limit`; null without one. Throws as `minutes`. */
  newest(folder: string, user: string, limit: string): string | null;
  /** The file at a server path, when it is that of an audit record; else a problem. */
  at(path: string): AuditFile | NoAuditFile;
}

/** Makes the verbs of one server. */
export function openAuditFiles(root: Root, folders: readonly string[]): AuditFiles {
  const top = (folder: string): Place | NoPlace => distrusted(root.resolve(folder));
  const home = (folder: string, user: string): Place | NoPlace =>
    user === '' ? top(folder) : below(root, top(folder), user);
  return {
    users(folder) {
      const place = top(folder);
      if (place.problem !== null) return { users: [], problem: place.problem };
      try {
        const names = namesIn(place, (name) => isAuditUser(name) || isAuditDate(name), MOST_USERS);
        const users = names.filter(isAuditUser).sort();
        return { users: users.length < names.length ? ['', ...users] : users, problem: null };
      } catch (error) {
        if (!(error instanceof ReadProblem)) throw error;
        return { users: [], problem: error.problem };
      }
    },
    *minutes(folder, user, after) {
      const place = home(folder, user);
      for (const date of datesIn(place, after)) {
        const day = below(root, place, date);
        for (const minute of minutesIn(day, date)) {
          if (after !== null && minute <= after) continue;
          const found = below(root, day, minute);
          if (found.problem === null && found.stats.isDirectory()) yield toMinute(root, found, minute);
        }
      }
    },
    newest(folder, user, limit) {
      const place = home(folder, user);
      for (const date of datesIn(place, null).reverse()) {
        if (date > limit.slice(0, date.length)) continue;
        const minute = minutesIn(below(root, place, date), date).findLast((one) => one <= limit);
        if (minute !== undefined) return minute;
      }
      return null;
    },
    at(path) {
      const { place, uniqueId } = placeAt(root, folders, path);
      return readFile(root, place, uniqueId);
    },
  };
}

/** How to open the file of a stored place; null when the place lies in no folder of audit records. */
export function auditFileSource(root: Root, folders: readonly string[], path: string): LogSource | null {
  if (placeAt(root, folders, path).uniqueId === '') return null;
  return {
    path,
    open: (): OpenFile | NoPlace => {
      const { place } = placeAt(root, folders, path);
      return place.problem === null ? root.open(place) : place;
    },
  };
}

/** Where a server path leads that is one of an audit record; else a problem and no unique_id. */
function placeAt(
  root: Root,
  folders: readonly string[],
  path: string,
): { readonly place: Place | NoPlace; readonly uniqueId: string } {
  for (const folder of folders) {
    const parts = path.startsWith(`${folder}/`) ? parseAuditPath(path.slice(folder.length)) : null;
    if (parts === null) continue;
    const { user, date, minute, name, uniqueId } = parts;
    const names = user === '' ? [date, minute, name] : [user, date, minute, name];
    const top = distrusted(root.resolve(folder));
    return { place: names.reduce((place, one) => below(root, place, one), top), uniqueId };
  }
  return { place: { path, problem: 'no audit record' }, uniqueId: '' };
}

/** From here on nothing may be a link. */
function distrusted(place: Place | NoPlace): Place | NoPlace {
  return place.problem === null ? { ...place, distrusted: true } : place;
}

function below(root: Root, folder: Place | NoPlace, name: string): Place | NoPlace {
  return folder.problem === null ? root.child(folder, name) : folder;
}

function datesIn(place: Place | NoPlace, after: string | null): string[] {
  const first = after?.slice(0, 8) ?? '';
  return namesIn(place, (name) => isAuditDate(name) && name >= first, MOST_DAYS).sort();
}

function minutesIn(day: Place | NoPlace, date: string): string[] {
  return namesIn(day, (name) => isAuditMinute(name, date), MOST_DAYS).sort();
}

/** Problems that may be over later; a folder with another one is no folder of records. */
const DENIED = /^(?:permission denied|unreadable|read error)/;

/** Names that pass, at most so many: a folder of a user's may hold millions of others. Throws ReadProblem. */
function namesIn(place: Place | NoPlace, passes: (name: string) => boolean, most: number): string[] {
  if (place.problem !== null) {
    if (DENIED.test(place.problem)) throw new ReadProblem(place.path, place.problem);
    return [];
  }
  const names: string[] = [];
  if (!place.stats.isDirectory()) return names;
  for (const name of entriesOf(place)) {
    if (!passes(name)) continue;
    names.push(name);
    if (names.length >= most) break;
  }
  return names;
}

/** All names in a folder; none when it is gone. Throws ReadProblem. */
function* entriesOf({ file, path }: Place): Generator<string> {
  let folder: Dir | null = null;
  try {
    folder = opendirSync(file, { bufferSize: 256 });
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry.name;
  } catch (error) {
    const problem = problemOf(error);
    if (problem !== 'missing') throw new ReadProblem(path, problem);
  } finally {
    folder?.closeSync();
  }
}

function toMinute(root: Root, place: Place, minute: string): AuditMinute {
  return {
    minute,
    path: place.path,
    mtimeMs: place.stats.mtimeMs,
    *names() {
      let some: AuditName[] = [];
      let looked = 0;
      for (const name of entriesOf(place)) {
        const uniqueId = auditNameId(name, minute);
        if (uniqueId !== null) some.push({ name, uniqueId });
        if (some.length < NAMES_AT_ONCE && ++looked < ENTRIES_AT_ONCE) continue;
        yield some;
        some = [];
        looked = 0;
      }
      if (some.length > 0) yield some;
    },
    read: ({ name, uniqueId }) => readFile(root, root.child(place, name), uniqueId),
  };
}

function readFile(root: Root, place: Place | NoPlace, uniqueId: string): AuditFile | NoAuditFile {
  const { path } = place;
  const opened = place.problem === null ? root.open(place) : place;
  if (opened.problem !== null) return noFile(path, opened.problem);
  const { fd, stats } = opened;
  try {
    const bytes = readBytes(fd, stats);
    const start = bytes.subarray(0, 1024);
    const known = { head: headText(start), headLength: start.length };
    return { problem: null, path, uniqueId, bytes, ...known, size: stats.size, mtimeMs: stats.mtimeMs };
  } catch (error) {
    return noFile(path, problemOf(error));
  } finally {
    closeSync(fd);
  }
}

function noFile(path: string, problem: string): NoAuditFile {
  return { path, problem, mayPass: DENIED.test(problem) };
}

/** The whole file, or of a long one its beginning and its end. */
function readBytes(fd: number, { size }: Stats): Buffer {
  if (size <= WHOLE_BYTES) return readPart(fd, 0, size);
  if (readPart(fd, 0, 1)[0] === OPEN_BRACE) return readPart(fd, 0, Math.min(size, JSON_BYTES));
  return Buffer.concat([readPart(fd, 0, WHOLE_BYTES - END_BYTES), readPart(fd, size - END_BYTES, END_BYTES)]);
}

// Most files are a few KiB: 100,000 buffers of their own would pile up until they are collected.
const room = Buffer.alloc(64 * 1024);

function readPart(fd: number, from: number, length: number): Buffer {
  const buffer = length <= room.length ? room.subarray(0, length) : Buffer.allocUnsafeSlow(length);
  let got = 0;
  while (got < length) {
    const more = readSync(fd, buffer, got, length - got, from + got);
    if (more === 0) break;
    got += more;
  }
  return buffer.subarray(0, got);
}
