// Mails on their way: their bytes are made once and kept until they are gone, so that a restart sends none twice and loses none.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

const DAY_MS = 86_400_000;

/** `sending`: its last bytes were about to leave when this was written; `unknown`: nobody can tell whether they did. */
export type MailState = 'waiting' | 'sending' | 'sent' | 'failed' | 'unknown';

export interface NewMail {
  /** What it is about, e.g. `notice-12`: a second mail of the same key is not made. */
  readonly key: string;
  readonly kind: 'block' | 'digest' | 'alarm' | 'trial';
  readonly madeAt: EpochMs;
  readonly dueAt: EpochMs;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  /** The message as it is sent, headers and all. */
  readonly raw: Uint8Array;
}

export interface Mail extends Omit<NewMail, 'raw'> {
  readonly id: number;
  /** Null when it has left. */
  readonly raw: Uint8Array | null;
  readonly state: MailState;
  readonly tries: number;
  readonly problem: string | null;
  readonly endedAt: EpochMs | null;
}

interface Row {
  readonly id: number;
  readonly key: string;
  readonly kind: NewMail['kind'];
  readonly made_at: number;
  readonly due_at: number;
  readonly sender: string;
  readonly recipients: string;
  readonly subject: string;
  readonly raw: Uint8Array | null;
  readonly state: MailState;
  readonly tries: number;
  readonly problem: string | null;
  readonly ended_at: number | null;
}

/** Reads and writes the mails; writes happen inside `Store.write`. */
export class MailTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The mail of a key; null when none is kept. */
  byKey(key: string): Mail | null {
    const row = prepared<[string], Row>(this.#db, 'SELECT * FROM mails WHERE key = ?').get(key);
    return row === undefined ? null : toMail(row);
  }

  /** Keeps a mail that is to be sent; false when one of its key is kept already. */
  add(mail: NewMail): boolean {
    const done = prepared(
      this.#db,
      `INSERT INTO mails (key, kind, made_at, due_at, sender, recipients, subject, raw, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting') ON CONFLICT (key) DO NOTHING`,
    ).run(
      mail.key,
      mail.kind,
      Math.round(mail.madeAt),
      Math.round(mail.dueAt),
      mail.sender,
      JSON.stringify(mail.recipients),
      mail.subject,
      mail.raw,
    );
    return done.changes > 0;
  }

  /** The next that is due, oldest first; null when none is. One that is due a day from now is of a clock that was ahead. */
  next(now: EpochMs): Mail | null {
    const row = prepared<[number, number], Row>(
      this.#db,
      `SELECT * FROM mails WHERE state IN ('waiting', 'sending') AND state = 'waiting'
         AND (due_at <= ? OR due_at > ?)
       ORDER BY due_at, id LIMIT 1`,
    ).get(Math.round(now), Math.round(now) + DAY_MS);
    return row === undefined ? null : toMail(row);
  }

  /** Those that were being sent when the process ended: their end is not known. */
  markUnknown(now: EpochMs): number {
    return prepared(
      this.#db,
      `UPDATE mails SET state = 'unknown', ended_at = ?, raw = NULL WHERE state = 'sending'`,
    ).run(Math.round(now)).changes;
  }

  /** Its last bytes are about to leave. */
  sending(id: number): void {
    prepared(this.#db, `UPDATE mails SET state = 'sending' WHERE id = ?`).run(id);
  }

  /** It has left; `problem`: for whom it was refused. */
  sent(id: number, now: EpochMs, problem: string | null = null): void {
    prepared(
      this.#db,
      `UPDATE mails SET state = 'sent', ended_at = ?, problem = ?, raw = NULL WHERE id = ?`,
    ).run(Math.round(now), problem, id);
  }

  /** Nobody can tell whether it left. */
  lost(id: number, problem: string, now: EpochMs): void {
    prepared(
      this.#db,
      `UPDATE mails SET state = 'unknown', tries = tries + 1, ended_at = ?, problem = ?, raw = NULL WHERE id = ?`,
    ).run(Math.round(now), problem, id);
  }

  /** It did not leave: tried again at `again`, or given up (null). */
  failed(id: number, problem: string, again: EpochMs | null, now: EpochMs): void {
    prepared(
      this.#db,
      `UPDATE mails SET state = ?, tries = tries + 1, problem = ?, due_at = coalesce(?, due_at), ended_at = ?,
         raw = CASE WHEN ? IS NULL THEN NULL ELSE raw END WHERE id = ?`,
    ).run(
      again === null ? 'failed' : 'waiting',
      problem,
      again === null ? null : Math.round(again),
      again === null ? Math.round(now) : null,
      again === null ? null : 1,
      id,
    );
  }

  /** How many there are by state. */
  counts(): ReadonlyMap<MailState, number> {
    const rows = prepared<[], { state: MailState; n: number }>(
      this.#db,
      'SELECT state, count(*) AS n FROM mails GROUP BY state',
    ).all();
    return new Map(rows.map(({ state, n }) => [state, n]));
  }

  /** Those in a state, the newest first, at most `limit`. */
  inState(state: MailState, limit: number): Mail[] {
    return prepared<[string, number], Row>(
      this.#db,
      'SELECT * FROM mails WHERE state = ? ORDER BY id DESC LIMIT ?',
    )
      .all(state, limit)
      .map(toMail);
  }

  /** Mails of a kind made between two times (inclusive): those of a clock that was ahead do not count. */
  countBetween(kind: NewMail['kind'], from: EpochMs, to: EpochMs): number {
    return (
      prepared<[string, number, number], { n: number }>(
        this.#db,
        'SELECT count(*) AS n FROM mails WHERE kind = ? AND made_at BETWEEN ? AND ?',
      ).get(kind, Math.round(from), Math.round(to))?.n ?? 0
    );
  }

  /** The newest first, at most `limit`. */
  newest(limit: number): Mail[] {
    return prepared<[number], Row>(this.#db, 'SELECT * FROM mails ORDER BY id DESC LIMIT ?')
      .all(limit)
      .map(toMail);
  }

  /** Lets those go that have ended before a time. */
  forget(before: EpochMs): void {
    prepared(this.#db, 'DELETE FROM mails WHERE ended_at < ?').run(Math.round(before));
  }
}

function toMail(row: Row): Mail {
  return {
    id: row.id,
    key: row.key,
    kind: row.kind,
    madeAt: row.made_at,
    dueAt: row.due_at,
    sender: row.sender,
    recipients: JSON.parse(row.recipients) as string[],
    subject: row.subject,
    raw: row.raw,
    state: row.state,
    tries: row.tries,
    problem: row.problem,
    endedAt: row.ended_at,
  };
}
