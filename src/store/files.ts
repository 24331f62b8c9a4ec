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
  readonly head: Buffer;
  /** Short hash of the head, for places (LineRef.head). */
  readonly fingerprint: string;
  /** Offset of the first byte not yet read (in the unpacked file). */
  readonly cursor: number;
  readonly firstAt: EpochMs | null;
  readonly lastAt: EpochMs | null;
  readonly lines: number;
  readonly refused: number;
}

interface RawRow {
  id: number;
  kind: SourceKind;
  path: string;
  head: Buffer;
  fingerprint: string;
  cursor: number;
  first_at: number | null;
  last_at: number | null;
  lines: number;
  refused: number;
}

const COLUMNS = 'id, kind, path, head, fingerprint, cursor, first_at, last_at, lines, refused';

function toFile(row: RawRow): FileRow {
  return {
    id: row.id,
    kind: row.kind,
    path: row.path,
    head: row.head,
    fingerprint: row.fingerprint,
    cursor: row.cursor,
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

/** A log file as it was found: its kind, the server's own path, its first bytes and their short hash. */
export interface FoundFile {
  readonly kind: SourceKind;
  readonly path: string;
  readonly head: Buffer;
  readonly fingerprint: string;
}

/**
 * Finds the row of the file that begins with these bytes, or makes it. A known file shorter than HEAD_BYTES
 * matches when its bytes begin the new head; its longer head and present path are then kept. A head of only a few
 * bytes matches by path only. Call inside a write transaction.
 */
export function claimFile(db: Db, found: FoundFile): FileRow {
  const { kind, path, head, fingerprint } = found;
  const known = filesOfKind(db, kind).filter((file) => begins(head, file.head, file.path === path));
  // The longest head is the surest match: an empty one only says that a file of this path was empty.
  const best = known.sort((a, b) => b.head.length - a.head.length)[0];
  if (best !== undefined) {
    if (best.head.length !== head.length || best.path !== path) {
      prepared(db, 'UPDATE files SET head = ?, path = ?, fingerprint = ? WHERE id = ?').run(
        head,
        path,
        fingerprint,
        best.id,
      );
    }
    return { ...best, head, path, fingerprint };
  }
  const made = prepared(db, 'INSERT INTO files (kind, path, head, fingerprint) VALUES (?, ?, ?, ?)').run(
    kind,
    path,
    head,
    fingerprint,
  );
  const id = Number(made.lastInsertRowid);
  return { id, kind, path, head, fingerprint, cursor: 0, firstAt: null, lastAt: null, lines: 0, refused: 0 };
}

function begins(head: Buffer, stored: Buffer, samePath: boolean): boolean {
  if (stored.length > head.length) return false;
  if (stored.length === 0) return samePath;
  return head.subarray(0, stored.length).equals(stored) && (stored.length >= SURE_BYTES || samePath);
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
  const row = prepared<[{ head: string | null; path: string }], { id: number }>(
    db,
    'SELECT id FROM files WHERE fingerprint = :head OR path = :path ORDER BY fingerprint = :head DESC LIMIT 1',
  ).get({ head: ref.head ?? null, path: ref.file });
  return row?.id ?? 0;
}
