// Log files and how far each was read. A file is known by its first bytes, so renaming, copying and gz keep its cursor.
import type { EpochMs, LineRef, SourceKind } from '../model.ts';
import { type Db, prepared } from './database.ts';

export interface FileRow {
  readonly id: number;
  readonly kind: SourceKind;
  readonly path: string;
  /** Short hash of the first bytes, for places (LineRef.head). */
  readonly fingerprint: string;
  /** How many bytes the fingerprint covers: a KiB, or all that a young file had. */
  readonly headLength: number;
  /** Hashes of the first lines, each with the offset behind it: what a young file is known by when it was cut. */
  readonly lineHeads: readonly string[];
  /** Offset of the first byte not yet read (in the unpacked file). */
  readonly cursor: number;
  /** What the bytes before the cursor are known by; null when that was not kept. */
  readonly tail: string | null;
  /** Size and time of the archive at its path when that was read as far as it is good; null for others. */
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
  line_heads: string;
  cursor: number;
  tail: string | null;
  done: string | null;
  first_at: number | null;
  last_at: number | null;
  lines: number;
  refused: number;
}

const COLUMNS =
  'id, kind, path, fingerprint, head_length, line_heads, cursor, tail, first_at, last_at, lines, refused, (SELECT stamp FROM archives WHERE archives.path = files.path) AS done';

function toFile(row: RawRow): FileRow {
  return {
    id: row.id,
    kind: row.kind,
    path: row.path,
    fingerprint: row.fingerprint,
    headLength: row.head_length,
    lineHeads: row.line_heads === '' ? [] : row.line_heads.split(' '),
    cursor: row.cursor,
    tail: row.tail,
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
    `UPDATE files SET cursor = :cursor, tail = NULL, lines = lines + :lines, refused = refused + :refused,
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
  const byHead = 'SELECT id FROM files WHERE fingerprint = ? LIMIT 1';
  // A file of a single audit record is known by its head, which holds its unique_id.
  const byPath = `SELECT id FROM files WHERE path = ? AND kind <> 'audit_file' LIMIT 1`;
  const find = (sql: string, value: string): number | undefined =>
    prepared<[string], { id: number }>(db, sql).get(value)?.id;
  return (ref.head === undefined ? undefined : find(byHead, ref.head)) ?? find(byPath, ref.file) ?? 0;
}
