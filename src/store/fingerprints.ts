// Payloads alike from many addresses to many accounts: which were sent by whom, for a day.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** One payload sent to one account. `print` is a keyed hash. */
export interface Fingerprint {
  readonly print: string;
  readonly account: string;
  readonly at: EpochMs;
}

/** Reads and writes the fingerprints table. */
export class FingerprintTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Keeps what a visitor sent. Call inside a write. */
  save(visitor: string, prints: readonly Fingerprint[]): void {
    const insert = prepared(
      this.#db,
      `INSERT INTO fingerprints (print, account, client, last_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (print, account, client) DO UPDATE SET last_at = max(last_at, excluded.last_at)`,
    );
    for (const { print, account, at } of prints) insert.run(print, account, visitor, Math.round(at * 1000));
  }

  /** Different visitors that sent a payload between two times, and different accounts they sent it to. */
  senders(print: string, from: EpochMs, to: EpochMs): { addresses: number; accounts: number } {
    const row = prepared<unknown[], { addresses: number; accounts: number }>(
      this.#db,
      `SELECT count(DISTINCT client) AS addresses, count(DISTINCT account) AS accounts FROM fingerprints
       WHERE print = ? AND last_at BETWEEN ? AND ?`,
    ).get(print, Math.round(from * 1000), Math.round(to * 1000));
    return row ?? { addresses: 0, accounts: 0 };
  }

  /** Forgets what is older than a time. Call inside a write. */
  prune(before: EpochMs): void {
    prepared(this.#db, 'DELETE FROM fingerprints WHERE last_at < ?').run(Math.round(before * 1000));
  }
}
