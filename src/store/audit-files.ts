// Files of single audit records: a row each, so that places can name them, and how far each user's folder was read.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';
import { keepBadLine } from './files.ts';

/** As many as `keepBadLine` keeps. */
const MOST_SAMPLES = 20;

/** A file whose record is kept. */
export interface AuditFileRow {
  /** The server's own path. */
  readonly path: string;
  readonly fingerprint: string;
  readonly headLength: number;
  readonly size: number;
  /** The record's time. */
  readonly at: EpochMs;
}

/** Reads and writes what is kept of these files; their rows are never listed, they may be a million. */
export class AuditFileTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The minute (`YYYYMMDD-HHMM`) up to which a user's folder is finished; null for one never read. */
  finishedTo(folder: string, user: string): string | null {
    const sql = 'SELECT minute FROM audit_minutes WHERE folder = ? AND user = ?';
    return prepared<[string, string], { minute: string }>(this.#db, sql).get(folder, user)?.minute ?? null;
  }

  /** Moves that minute on, never back. Call inside the write that stores the files before it. */
  finish(folder: string, user: string, minute: string): void {
    prepared(
      this.#db,
      `INSERT INTO audit_minutes (folder, user, minute) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET minute = max(minute, excluded.minute)`,
    ).run(folder, user, minute);
  }

  /** Makes the row of a file and gives its number. Call inside a write transaction, once a file. */
  add({ path, fingerprint, headLength, size, at }: AuditFileRow): number {
    const micros = Math.round(at * 1000);
    const made = prepared(
      this.#db,
      `INSERT INTO files (kind, path, fingerprint, head_length, cursor, first_at, last_at, lines)
       VALUES ('audit_file', ?, ?, ?, ?, ?, ?, 1)`,
    ).run(path, fingerprint, headLength, size, micros, micros);
    return Number(made.lastInsertRowid);
  }

  /**
   * A storage folder's own row, which counts the records of all its files as one audit log (`advanceFile`, its cursor the
   * bytes of them all); made when it is asked for first. Call inside a write transaction.
   */
  folderRow(folder: string): { readonly id: number; readonly cursor: number } {
    const find = `SELECT id, cursor FROM files WHERE path = ? AND kind = 'audit_log' AND kind <> 'audit_file'`;
    const known = prepared<[string], { id: number; cursor: number }>(this.#db, find).get(folder);
    if (known !== undefined) return known;
    const sql = `INSERT INTO files (kind, path, fingerprint, head_length) VALUES ('audit_log', ?, '', 0)`;
    return { id: Number(prepared(this.#db, sql).run(folder).lastInsertRowid), cursor: 0 };
  }

  /**
   * Keeps the beginning of a file that was not understood (20 a folder); `offset` is the time in its name. True when it is
   * to be counted: a file seen again is not, and with 20 kept one counts when its minute is `finished`. Call inside a write.
   */
  refuse(folderRow: number, offset: number, text: string, finished: boolean): boolean {
    const sql =
      'SELECT count(*) AS count, coalesce(max(offset = ?), 0) AS same FROM bad_lines WHERE file = ?';
    const kept = prepared<[number, number], { count: number; same: number }>(this.#db, sql).get(
      offset,
      folderRow,
    );
    if (kept === undefined || kept.same === 1) return false;
    if (kept.count >= MOST_SAMPLES) return finished;
    keepBadLine(this.#db, folderRow, offset, text);
    return true;
  }
}
