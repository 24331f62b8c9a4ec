// Log files and how far each was read. A file is known by its first bytes, so renaming, copying and gz keep its cursor.
import type { EpochMs, LineRef, SourceKind } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** Bytes at the start of a file that name it; a shorter file is named by what it has and may grow. */
export const HEAD_BYTES = 1024;
/** So many first bytes (time, process, text) are never those of another log: a young file that was moved is known. */
const SURE_BYTES = 64;

export interface FileRow {
  readonly id: number;
  readonly kind: SourceKind;
  readonly path: string;
  /** Short hash of the first bytes, for places (LineRef.head). */
  readonly fingerprint: string;
  /** How many bytes the fingerprint covers: HEAD_BYTES, or all that a young file had. */
  readonly headLength: number;
  /** Offset of the first byte not yet read (in the unpacked file). */
  readonly cursor: number;
  /** Size and time of an archive that was read to its end; null for others. */
  readonly done: string | null;
  readonly firstAt: EpochMs | null;
  readonly lastAt: EpochMs | null;
  readonly lines: number;
  readonly refused: number;
}

interface RawRow {
  id: number;
  kind: SourceKind;
  path: string;
  fingerprint: string;
  head_length: number;
  cursor: number;
  done: string | null;
  first_at: number | null;
  last_at: number | null;
  lines: number;
  refused: number;
}

const COLUMNS = 'id, kind, path, fingerprint, head_length, cursor, done, first_at, last_at, lines, refused';

function toFile(row: RawRow): FileRow {
  return {
    id: row.id,
    kind: row.kind,
    path: row.path,
    fingerprint: row.fingerprint,
    headLength: row.head_length,
    cursor: row.cursor,
    done: row.done,
    firstAt: row.first_at === null ? null : row.first_at / 1000,
    lastAt: row.last_at === null ? null : row.last_at / 1000,
    lines: row.lines,
    refused: row.refused,
  };
}

/** All files of a kind. */
export function filesOfKind(db: Db, kind: SourceKind): FileRow[] {
  return prepared<[string], RawRow>(db, `SELECT ${COLUMNS} FROM files WHERE kind = ? ORDER BY id`)
    .all(kind)
    .map(toFile);
}

/** The file with this number; null when it is not known. */
export function fileById(db: Db, id: number): FileRow | null {
  const row = prepared<[number], RawRow>(db, `SELECT ${COLUMNS} FROM files WHERE id = ?`).get(id);
  return row === undefined ? null : toFile(row);
}

/** A log file as it was found: its kind, the server's own path, and what its first bytes are known by. */
export interface FoundFile {
  readonly kind: SourceKind;
  readonly path: string;
  readonly fingerprint: string;
  readonly headLength: number;
  /** Whether the file begins with the bytes that a (shorter) fingerprint stands for. */
  readonly begins: (fingerprint: string) => boolean;
}

/**
 * Finds the row of the file that begins with these bytes, or makes it. A known file shorter than HEAD_BYTES
 * matches when its bytes begin the new head; its longer head and present path are then kept. A head of only a few
 * bytes matches by path only. Call inside a write transaction.
 */
export function claimFile(db: Db, found: FoundFile): FileRow {
  const { kind, path, fingerprint, headLength } = found;
  const known = filesOfKind(db, kind).filter((file) => isSame(file, found));
  // The longest head is the surest match: an empty one only says that a file of this path was empty.
  const best = known.sort((a, b) => b.headLength - a.headLength)[0];
  if (best !== undefined) {
    if (best.headLength !== headLength || best.path !== path) {
      prepared(db, 'UPDATE files SET head_length = ?, path = ?, fingerprint = ? WHERE id = ?').run(
        headLength,
        path,
        fingerprint,
        best.id,
      );
    }
    return { ...best, path, fingerprint, headLength };
  }
  const made = prepared(
    db,
    'INSERT INTO files (kind, path, fingerprint, head_length) VALUES (?, ?, ?, ?)',
  ).run(kind, path, fingerprint, headLength);
  const fresh = { cursor: 0, done: null, firstAt: null, lastAt: null, lines: 0, refused: 0 };
  return { id: Number(made.lastInsertRowid), kind, path, fingerprint, headLength, ...fresh };
}

function isSame(file: FileRow, found: FoundFile): boolean {
  if (file.headLength > found.headLength) return false;
  const samePath = file.path === found.path;
  if (file.headLength === 0) return samePath;
  return (file.headLength >= SURE_BYTES || samePath) && found.begins(file.fingerprint);
}

/** What a read batch adds to a file's row. Times are EpochMs, null when no line had one. */
export interface FileProgress {
  readonly cursor: number;
  readonly firstAt: EpochMs | null;
  readonly lastAt: EpochMs | null;
  readonly lines: number;
  readonly refused: number;
}

/** Moves a file's cursor and widens its covered time. Call inside the write that stores the batch. */
export function advanceFile(db: Db, id: number, progress: FileProgress): void {
  const micros = (at: EpochMs | null): number | null => (at === null ? null : Math.round(at * 1000));
  prepared(
    db,
    `UPDATE files SET cursor = :cursor, lines = lines + :lines, refused = refused + :refused,
       first_at = min(coalesce(first_at, :first), coalesce(:first, first_at)),
       last_at = max(coalesce(last_at, :last), coalesce(:last, last_at)) WHERE id = :id`,
  ).run({
    id,
    cursor: progress.cursor,
    lines: progress.lines,
    refused: progress.refused,
    first: micros(progress.firstAt),
    last: micros(progress.lastAt),
  });
}

/** Marks an archive as read to its end; `stamp` is its size and time. */
export function finishFile(db: Db, id: number, stamp: string): void {
  prepared(db, 'UPDATE files SET done = ? WHERE id = ?').run(stamp, id);
}

/** Keeps a line that was not understood, at most 20 a file. */
export function keepBadLine(db: Db, id: number, offset: number, text: string): void {
  prepared(
    db,
    `INSERT INTO bad_lines (file, offset, text) SELECT :id, :offset, :text
     WHERE (SELECT count(*) FROM bad_lines WHERE file = :id) < 20 ON CONFLICT DO NOTHING`,
  ).run({ id, offset, text: text.slice(0, 500) });
}

/** The number of the file that a place lies in, by fingerprint, else by path; 0 when it is not known. */
export function fileIdOf(db: Db, ref: LineRef): number {
  const byHead = 'SELECT id FROM files WHERE fingerprint = ? LIMIT 1';
  // A file of a single audit record is known by its head, which holds its unique_id.
  const byPath = `SELECT id FROM files WHERE path = ? AND kind <> 'audit_file' LIMIT 1`;
  const find = (sql: string, value: string): number | undefined =>
    prepared<[string], { id: number }>(db, sql).get(value)?.id;
  return (ref.head === undefined ? undefined : find(byHead, ref.head)) ?? find(byPath, ref.file) ?? 0;
}
