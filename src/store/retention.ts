// Takes old rows away in small steps: an incident leaves the list in one write, what hangs on it goes piece by piece after.
// Every step is whole by itself, so that a killed process leaves nothing half done. All writes happen inside `Store.write`.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** An incident that may go. */
export interface OldIncident {
  readonly id: number;
  readonly client: string;
  /** Microseconds, as the table has them. */
  readonly toAt: number;
  readonly vhosts: readonly string[];
  /** An admin's mark holds for a cause that it hit. */
  readonly isMarked: boolean;
}

/** A transaction that no incident takes in. */
export interface LooseTransaction {
  readonly id: number;
  readonly at: number;
  readonly client: string;
  readonly vhost: string | null;
}

export interface OldLfdEvent {
  readonly at: number;
  readonly file: number;
  readonly offset: number;
  readonly address: string | null;
}

export interface OldLogin {
  readonly day: number;
  readonly address: string;
  readonly service: string;
  readonly user: string;
}

/** A page of rows and where the next one begins. */
export interface OldPage<Row, Cursor> {
  readonly rows: readonly Row[];
  readonly next: Cursor;
  readonly isLast: boolean;
}

/** Rows that one drain took, and whether something is left. */
export interface Drained {
  readonly transactions: number;
  readonly left: boolean;
}

/** Places in the order of time (microseconds; days for logins) that a page begins behind. */
export type TimeCursor = readonly [at: number, id: number];
export type PlaceCursor = readonly [at: number, file: number, offset: number];
export type LoginCursor = readonly [day: number, address: string, service: string, user: string];

interface Fading {
  readonly client: string;
  readonly from_at: number;
  readonly to_at: number;
}

const DAY_MS = 86_400_000;
/** Rows of small tables that hang on one incident, each with its key beside client and incident_from. */
const HANGING = [
  ['cause_hits', ['cause']],
  ['value_shapes', ['vhost', 'rule_id', 'target', 'shape']],
  ['fingerprints', ['print', 'account']],
] as const;

/** Reads and removes what is older than a time. */
export class RetentionTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Incidents that ended before a time, oldest first, behind a cursor. */
  incidents(before: EpochMs, after: TimeCursor, limit: number): OldPage<OldIncident, TimeCursor> {
    const rows = prepared<
      [...TimeCursor, number, number],
      Omit<OldIncident, 'vhosts' | 'isMarked'> & { vhosts: string; isMarked: number }
    >(
      this.#db,
      `SELECT id, client, to_at AS toAt, vhosts,
         EXISTS (SELECT 1 FROM cause_hits h JOIN marks m
           ON m.subject = 'cause' AND m.about = CAST(h.cause AS TEXT) AND m.ended_at IS NULL
           WHERE h.client = i.client AND h.incident_from = i.from_at) AS isMarked
       FROM incidents i WHERE (to_at, id) > (?, ?) AND to_at < ? ORDER BY to_at, id LIMIT ?`,
    ).all(...after, micros(before), limit);
    const last = rows.at(-1);
    return {
      rows: rows.map((row) => ({
        ...row,
        vhosts: JSON.parse(row.vhosts) as string[],
        isMarked: row.isMarked === 1,
      })),
      next: last === undefined ? after : [last.toAt, last.id],
      isLast: rows.length < limit,
    };
  }

  /** Takes incidents out of the list; `drain` takes what hangs on them. */
  fade(ids: readonly number[]): void {
    const list = JSON.stringify(ids);
    prepared<[string]>(
      this.#db,
      `INSERT INTO fading (client, from_at, to_at)
       SELECT client, from_at, to_at FROM incidents WHERE id IN (SELECT value FROM json_each(?))
       ON CONFLICT (client, from_at) DO UPDATE SET to_at = max(to_at, excluded.to_at)`,
    ).run(list);
    prepared<[string]>(this.#db, 'DELETE FROM incidents WHERE id IN (SELECT value FROM json_each(?))').run(
      list,
    );
  }

  /** Takes about `rows` rows that hang on faded incidents. */
  drain(rows: number): Drained {
    let room = rows;
    let transactions = 0;
    while (room > 0) {
      const one = prepared<[], Fading>(this.#db, 'SELECT * FROM fading LIMIT 1').get();
      if (one === undefined) return { transactions, left: false };
      const taken = this.#dropTransactions(one, room);
      transactions += taken;
      room -= taken;
      for (const [table, keys] of HANGING) if (room > 0) room -= this.#dropHanging(table, keys, one, room);
      if (room > 0) this.#close(one);
      room--;
    }
    return { transactions, left: true };
  }

  /** Whether a drain was left unfinished. */
  hasFading(): boolean {
    return prepared(this.#db, 'SELECT 1 FROM fading LIMIT 1').get() !== undefined;
  }

  #dropTransactions({ client, from_at, to_at }: Fading, limit: number): number {
    return prepared<[string, number, number, number]>(
      this.#db,
      `DELETE FROM transactions WHERE id IN
         (SELECT id FROM transactions WHERE client = ? AND at BETWEEN ? AND ? LIMIT ?)`,
    ).run(client, from_at, to_at, limit).changes;
  }

  #dropHanging(table: string, keys: readonly string[], { client, from_at }: Fading, limit: number): number {
    const found = prepared<[string, number, number], Record<string, string | number>>(
      this.#db,
      `SELECT ${keys.join(', ')} FROM ${table} WHERE client = ? AND incident_from = ? LIMIT ?`,
    ).all(client, from_at, limit);
    const drop = prepared<unknown[]>(
      this.#db,
      `DELETE FROM ${table} WHERE ${keys.map((key) => `${key} = ?`).join(' AND ')} AND client = ? AND incident_from = ?`,
    );
    const count = prepared<[unknown]>(
      this.#db,
      'INSERT INTO dirty_causes (cause) VALUES (?) ON CONFLICT DO NOTHING',
    );
    for (const row of found) {
      drop.run(...keys.map((key) => row[key]), client, from_at);
      if (table === 'cause_hits') count.run(row.cause);
    }
    return found.length;
  }

  /** All of it is gone. Where others have grouped the rest anew meanwhile, they must look again. */
  #close({ client, from_at, to_at }: Fading): void {
    prepared<[string, number]>(this.#db, 'DELETE FROM fading WHERE client = ? AND from_at = ?').run(
      client,
      from_at,
    );
    prepared<[object]>(
      this.#db,
      `INSERT INTO dirty_clients (client, from_at) SELECT :client, :from
       WHERE EXISTS (SELECT 1 FROM incidents WHERE client = :client AND from_at <= :to AND to_at >= :from)
       ON CONFLICT (client) DO UPDATE SET from_at = min(from_at, excluded.from_at)`,
    ).run({ client, from: from_at, to: to_at });
  }

  /** Transactions from before a time, oldest first; without those that incidents take in or that wait to be grouped. */
  loose(before: EpochMs, after: TimeCursor, limit: number): OldPage<LooseTransaction, TimeCursor> {
    const rows = prepared<[...TimeCursor, number, number], LooseTransaction & { isHeld: number }>(
      this.#db,
      `SELECT id, at, client, vhost,
         coalesce((SELECT to_at FROM incidents WHERE client = t.client AND from_at <= t.at ORDER BY from_at DESC LIMIT 1)
           >= t.at, 0) OR EXISTS (SELECT 1 FROM dirty_clients d WHERE d.client = t.client) AS isHeld
       FROM transactions t WHERE (at, id) > (?, ?) AND at < ? ORDER BY at, id LIMIT ?`,
    ).all(...after, micros(before), limit);
    const last = rows.at(-1);
    return {
      rows: rows.filter(({ isHeld }) => isHeld === 0),
      next: last === undefined ? after : [last.at, last.id],
      isLast: rows.length < limit,
    };
  }

  dropLoose(ids: readonly number[]): void {
    prepared<[string]>(this.#db, 'DELETE FROM transactions WHERE id IN (SELECT value FROM json_each(?))').run(
      JSON.stringify(ids),
    );
  }

  /** Lines of lfd.log from before a time, oldest first. */
  lfdEvents(before: EpochMs, after: PlaceCursor, limit: number): OldPage<OldLfdEvent, PlaceCursor> {
    const rows = prepared<[...PlaceCursor, number, number], OldLfdEvent>(
      this.#db,
      `SELECT at, file, offset, address FROM lfd_events
       WHERE (at, file, offset) > (?, ?, ?) AND at < ? ORDER BY at, file, offset LIMIT ?`,
    ).all(...after, micros(before), limit);
    const last = rows.at(-1);
    const next: PlaceCursor = last === undefined ? after : [last.at, last.file, last.offset];
    return { rows, next, isLast: rows.length < limit };
  }

  dropLfdEvents(rows: readonly OldLfdEvent[]): void {
    const drop = prepared<[number, number]>(this.#db, 'DELETE FROM lfd_events WHERE file = ? AND offset = ?');
    for (const { file, offset } of rows) drop.run(file, offset);
  }

  /** Logins of days that ended before a time, oldest first. */
  logins(before: EpochMs, after: LoginCursor, limit: number): OldPage<OldLogin, LoginCursor> {
    const rows = prepared<[...LoginCursor, number, number], OldLogin>(
      this.#db,
      `SELECT day, address, service, user FROM logins
       WHERE (day, address, service, user) > (?, ?, ?, ?) AND day < ? ORDER BY day, address, service, user LIMIT ?`,
    ).all(...after, Math.floor(before / DAY_MS), limit);
    const last = rows.at(-1);
    const next: LoginCursor = last === undefined ? after : [last.day, last.address, last.service, last.user];
    return { rows, next, isLast: rows.length < limit };
  }

  dropLogins(rows: readonly OldLogin[]): void {
    const drop = prepared<[string, number, string, string]>(
      this.#db,
      'DELETE FROM logins WHERE address = ? AND day = ? AND service = ? AND user = ?',
    );
    for (const { address, day, service, user } of rows) drop.run(address, day, service, user);
  }

  /** The time that some thousand rows lie before, of those from a time on; null when there are not so many. */
  timeBehind(from: EpochMs, rows: number): EpochMs | null {
    const times = ['transactions', 'lfd_events'].flatMap((table) => {
      const row = prepared<[number, number], { at: number }>(
        this.#db,
        `SELECT at FROM ${table} WHERE at >= ? ORDER BY at LIMIT 1 OFFSET ?`,
      ).get(micros(from), rows);
      return row === undefined ? [] : [row.at / 1000];
    });
    return times.length === 0 ? null : Math.min(...times);
  }

  /** The newest time that any line of the logs had; null when none was read. */
  newestLine(): EpochMs | null {
    const row = prepared<[], { at: number | null }>(
      this.#db,
      "SELECT max(last_at) AS at FROM files WHERE kind IN ('error_log', 'audit_log', 'lfd_log')",
    ).get();
    return row?.at == null ? null : row.at / 1000;
  }
}

function micros(at: EpochMs): number {
  return Number.isFinite(at)
    ? Math.round(at * 1000)
    : at > 0
      ? Number.MAX_SAFE_INTEGER
      : Number.MIN_SAFE_INTEGER;
}
