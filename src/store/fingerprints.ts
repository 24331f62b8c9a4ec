// Payloads alike from many addresses to many accounts: which were sent by whom, for a day.
import type { EpochMs } from '../model.ts';
import type { IncidentKey } from './cause-hits.ts';
import { type Db, prepared } from './database.ts';

/** One payload sent to one account. `print` is a keyed hash. */
export interface Fingerprint {
  readonly print: string;
  readonly account: string;
  readonly at: EpochMs;
}

/** A payload that so many have sent needs no exact count. */
const MOST_ROWS = 400;

/** Reads and writes the fingerprints table. */
export class FingerprintTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Replaces what an incident's visitor sent. Call inside a write. */
  replace({ client, from }: IncidentKey, visitor: string, prints: readonly Fingerprint[]): void {
    const key = [client, Math.round(from * 1000)] as const;
    prepared(this.#db, 'DELETE FROM fingerprints WHERE client = ? AND incident_from = ?').run(...key);
    const insert = prepared(
      this.#db,
      `INSERT INTO fingerprints (print, account, client, incident_from, visitor, last_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at)`,
    );
    for (const { print, account, at } of prints)
      insert.run(print, account, ...key, visitor, Math.round(at * 1000));
  }

  /** Incidents of others with a payload of this one within some time of it, where one sender more may matter. */
  sharing({ client, from }: IncidentKey, withinMs: number, most: number): IncidentKey[] {
    const start = Math.round(from * 1000);
    const within = Math.round(withinMs * 1000);
    return prepared<unknown[], { client: string; from: number }>(
      this.#db,
      `WITH own AS (SELECT DISTINCT print FROM fingerprints WHERE client = :client AND incident_from = :start),
       common AS (
         SELECT f.print, count(DISTINCT f.visitor) AS senders FROM own JOIN fingerprints f ON f.print = own.print
         WHERE f.last_at BETWEEN :start - :within AND :start + :within GROUP BY f.print HAVING senders BETWEEN 2 AND 5
       )
       SELECT DISTINCT f.client, f.incident_from AS "from" FROM common JOIN fingerprints f ON f.print = common.print
       WHERE f.client <> :client AND f.last_at BETWEEN :start - :within AND :start + :within LIMIT :most`,
    )
      .all({ client, start, within, most })
      .map((row) => ({ client: row.client, from: row.from / 1000 }));
  }

  /** Different visitors that sent a payload between two times, and accounts they sent it to; beyond 400 lines at least so many. */
  senders(print: string, from: EpochMs, to: EpochMs): { addresses: number; accounts: number } {
    const row = prepared<unknown[], { addresses: number; accounts: number }>(
      this.#db,
      `SELECT count(DISTINCT visitor) AS addresses, count(DISTINCT account) AS accounts FROM
         (SELECT visitor, account FROM fingerprints WHERE print = ? AND last_at BETWEEN ? AND ? LIMIT ${MOST_ROWS})`,
    ).get(print, Math.round(from * 1000), Math.round(to * 1000));
    return row ?? { addresses: 0, accounts: 0 };
  }

  /** Forgets what is older than a time. Call inside a write. */
  prune(before: EpochMs): void {
    prepared(this.#db, 'DELETE FROM fingerprints WHERE last_at < ?').run(Math.round(before * 1000));
  }
}
