// The files of single audit records (SecAuditLogType Concurrent): walked folder by folder, 100,000 and more of them, and
// read one by one. Everybody who runs a site may write into these folders (mode 1733): only names of ModSecurity's own
// form are looked at, no link and no second name of a file is followed, and no list is longer than it must be.
import { closeSync, opendirSync, readSync, type Stats } from 'node:fs';
import { auditNameId, isAuditDate, isAuditMinute, isAuditUser, parseAuditPath } from '../parse/audit-path.ts';
import { problemOf } from './problems.ts';
import { headText, type LogSource } from './read.ts';
import type { NoPlace, OpenFile, Place, Root } from './root.ts';

/** A file is read to this size; of a longer one its beginning and its end (part H), of JSON up to the second size. */
const WHOLE_BYTES = 2 * 1024 * 1024;
const END_BYTES = 1024 * 1024;
const JSON_BYTES = 16 * 1024 * 1024;
/** More than any server has; what comes behind is left out. */
const MOST_USERS = 20_000;
const MOST_DAYS = 20_000;
const NAMES_AT_ONCE = 500;
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
  /** Names of files with their unique_ids, in no order, some hundred at a time. */
  names(): Generator<readonly AuditName[]>;
  read(name: AuditName): AuditFile | NoPlace;
}

export interface AuditName {
  readonly name: string;
  readonly uniqueId: string;
}

/** What can be asked of a server's folders of audit records. `folder` is one of `layout.auditFolders`. */
export interface AuditFiles {
  /** Names of the users' folders, sorted; an empty name first where records lie without one (ModSecurity 3). */
  users(folder: string): { readonly users: readonly string[]; readonly problem: string | null };
  /** A user's minutes behind one of them (null: all), oldest first. */
  minutes(folder: string, user: string, after: string | null): Generator<AuditMinute>;
  /** The newest minute of a user that is not behind `limit` (null without one), and why the folder cannot be listed. */
  newest(folder: string, user: string, limit: string): NewestMinute;
  /** The file at a server path, when it is that of an audit record; else a problem. */
  at(path: string): AuditFile | NoPlace;
}

interface NewestMinute {
  readonly minute: string | null;
  readonly problem: string | null;
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
      const found = namesIn(place, (name) => isAuditUser(name) || isAuditDate(name), MOST_USERS);
      const users = found.names.filter(isAuditUser).sort();
      const bare = users.length < found.names.length ? [''] : [];
      return { users: [...bare, ...users], problem: found.problem };
    },
    *minutes(folder, user, after) {
      const place = home(folder, user);
      for (const date of datesIn(place, after).names) {
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
      const days = datesIn(place, null);
      for (const date of days.names.reverse()) {
        if (date > limit.slice(0, date.length)) continue;
        const minute = minutesIn(below(root, place, date), date).findLast((one) => one <= limit);
        if (minute !== undefined) return { minute, problem: days.problem };
      }
      return { minute: null, problem: days.problem };
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

function datesIn(place: Place | NoPlace, after: string | null): FoundNames {
  const first = after?.slice(0, 8) ?? '';
  const { names, problem } = namesIn(place, (name) => isAuditDate(name) && name >= first, MOST_DAYS);
  return { names: names.sort(), problem };
}

function minutesIn(day: Place | NoPlace, date: string): string[] {
  return namesIn(day, (name) => isAuditMinute(name, date), MOST_DAYS).names.sort();
}

interface FoundNames {
  readonly names: string[];
  readonly problem: string | null;
}

/** Names that pass, at most so many: a folder of a user's may hold millions of others. */
function namesIn(place: Place | NoPlace, passes: (name: string) => boolean, most: number): FoundNames {
  const names: string[] = [];
  if (place.problem !== null || !place.stats.isDirectory()) return { names, problem: place.problem };
  try {
    for (const name of entriesOf(place.file)) {
      if (!passes(name)) continue;
      names.push(name);
      if (names.length >= most) break;
    }
  } catch (error) {
    return { names, problem: problemOf(error) };
  }
  return { names, problem: null };
}

function* entriesOf(file: string): Generator<string> {
  const folder = opendirSync(file, { bufferSize: 256 });
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry.name;
  } finally {
    folder.closeSync();
  }
}

function toMinute(root: Root, place: Place, minute: string): AuditMinute {
  return {
    minute,
    path: place.path,
    mtimeMs: place.stats.mtimeMs,
    *names() {
      let some: AuditName[] = [];
      try {
        for (const name of entriesOf(place.file)) {
          const uniqueId = auditNameId(name, minute);
          if (uniqueId !== null) some.push({ name, uniqueId });
          if (some.length < NAMES_AT_ONCE) continue;
          yield some;
          some = [];
        }
      } catch {
        // The folder went away, or it may not be listed: what was found of it is good.
      }
      if (some.length > 0) yield some;
    },
    read: ({ name, uniqueId }) => readFile(root, root.child(place, name), uniqueId),
  };
}

function readFile(root: Root, place: Place | NoPlace, uniqueId: string): AuditFile | NoPlace {
  const opened = place.problem === null ? root.open(place) : place;
  if (opened.problem !== null) return { path: place.path, problem: opened.problem };
  const { fd, stats } = opened;
  try {
    const bytes = readBytes(fd, stats);
    const start = bytes.subarray(0, 1024);
    const head = { head: headText(start), headLength: start.length };
    return {
      problem: null,
      path: place.path,
      uniqueId,
      bytes,
      ...head,
      size: stats.size,
      mtimeMs: stats.mtimeMs,
    };
  } catch (error) {
    return { path: place.path, problem: problemOf(error) };
  } finally {
    closeSync(fd);
  }
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
