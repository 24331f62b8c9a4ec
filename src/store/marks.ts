// What an admin said of addresses and causes: added and ended, never changed and never removed.
import type { EpochMs } from '../model.ts';
import type { CauseKey, Mark, MarkKind } from '../model-evidence.ts';
import { type Db, prepared } from './database.ts';

/** A mark as it is kept: also who took it back. */
export interface KeptMark extends Mark {
  readonly endedBy: string | null;
}

export type NewMark = Omit<Mark, 'id' | 'endedAt'>;

/** How many marks of a kind hold, and how many were ever made. */
export interface MarkCount {
  readonly subject: Mark['subject'];
  readonly kind: MarkKind;
  readonly active: number;
  readonly ever: number;
}

const COLUMNS = `id, kind, subject, about, note, author, at / 1000.0 AS at, ended_at / 1000.0 AS endedAt,
  ended_by AS endedBy`;
const micros = (at: EpochMs): number => Math.round(at * 1000);

/** Reads and writes the marks table. Writes belong inside `Store.write`. */
export class MarkTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Keeps a mark; gives its number. */
  add({ kind, subject, about, note, author, at }: NewMark): number {
    const row = [kind, subject, about, note, author, micros(at)];
    return Number(
      prepared(
        this.#db,
        'INSERT INTO marks (kind, subject, about, note, author, at) VALUES (?, ?, ?, ?, ?, ?)',
      ).run(...row).lastInsertRowid,
    );
  }

  /** Takes a mark back; false when it does not hold any more, or never was. */
  end(id: number, at: EpochMs, by: string): boolean {
    return (
      prepared(this.#db, 'UPDATE marks SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL').run(
        micros(at),
        by,
        id,
      ).changes > 0
    );
  }

  /** Null when none has this number. */
  byId(id: number): KeptMark | null {
    return (
      prepared<[number], KeptMark>(this.#db, `SELECT ${COLUMNS} FROM marks WHERE id = ?`).get(id) ?? null
    );
  }

  /** Marks that hold, newest first. */
  active(subject: Mark['subject']): KeptMark[] {
    return prepared<[string], KeptMark>(
      this.#db,
      `SELECT ${COLUMNS} FROM marks WHERE subject = ? AND ended_at IS NULL ORDER BY id DESC`,
    ).all(subject);
  }

  /** Marks of addresses that hold and are about one of these addresses or nets, word for word; newest first. */
  activeAbout(names: readonly string[]): KeptMark[] {
    return prepared<[string], KeptMark>(
      this.#db,
      `SELECT ${COLUMNS} FROM marks WHERE subject = 'address' AND ended_at IS NULL
         AND about IN (SELECT value FROM json_each(?)) ORDER BY id DESC`,
    ).all(JSON.stringify(names));
  }

  /** All marks of a cause, those that were taken back too, newest first. */
  ofCause(cause: number): KeptMark[] {
    return prepared<[string], KeptMark>(
      this.#db,
      `SELECT ${COLUMNS} FROM marks WHERE subject = 'cause' AND about = ? ORDER BY id DESC`,
    ).all(String(cause));
  }

  /** Marks that hold (or those that were taken back), newest first: at most `limit` after the first `skip`. */
  list(holds: boolean, limit: number, skip = 0): KeptMark[] {
    const order = holds
      ? 'ended_at IS NULL ORDER BY id DESC'
      : 'ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC';
    return prepared<[number, number], KeptMark>(
      this.#db,
      `SELECT ${COLUMNS} FROM marks WHERE ${order} LIMIT ? OFFSET ?`,
    ).all(limit, skip);
  }

  /** By subject and kind; kinds that were never used are left out. */
  counts(): MarkCount[] {
    return prepared<[], MarkCount>(
      this.#db,
      `SELECT subject, kind, sum(ended_at IS NULL) AS active, count(*) AS ever
       FROM marks GROUP BY subject, kind ORDER BY subject, kind`,
    ).all();
  }

  /** Different addresses and nets, and different causes, that a mark holds for. */
  subjects(): { addresses: number; causes: number } {
    const count = prepared<[string], { n: number }>(
      this.#db,
      'SELECT count(DISTINCT about) AS n FROM marks WHERE subject = ? AND ended_at IS NULL',
    );
    return { addresses: count.get('address')?.n ?? 0, causes: count.get('cause')?.n ?? 0 };
  }

  /** What the cause of this number is; null when there is none. */
  cause(id: number): CauseKey | null {
    return (
      prepared<[number], CauseKey>(
        this.#db,
        'SELECT vhost, rule_id AS ruleId, target, path FROM causes WHERE id = ?',
      ).get(id) ?? null
    );
  }

  /** Incidents whose requests hit a cause at or after a time. */
  incidentsOfCause(cause: number, since: EpochMs): number {
    return (
      prepared<[number, number], { n: number }>(
        this.#db,
        'SELECT count(*) AS n FROM cause_hits WHERE cause = ? AND last_at >= ?',
      ).get(cause, micros(since))?.n ?? 0
    );
  }
}
