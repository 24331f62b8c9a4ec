// What DNS said of addresses, so that it is asked once.
import type { EpochMs } from '../model.ts';
import type { ReverseName } from '../model-evidence.ts';
import { type Db, prepared } from './database.ts';

/** An answer that is kept: DNS was asked. */
export type KeptName = ReverseName & { readonly at: EpochMs };

const COLUMNS = 'state, name, at / 1000.0 AS at';

/** Reads and writes the dns_names table. Writes belong inside `Store.write`. */
export class DnsNameTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The last answer about an address, however old; null when DNS was never asked. */
  of(address: string): KeptName | null {
    const sql = `SELECT ${COLUMNS} FROM dns_names WHERE address = ?`;
    return prepared<[string], KeptName>(this.#db, sql).get(address) ?? null;
  }

  /** Keeps an answer instead of the one before. */
  keep(address: string, { state, name, at }: KeptName): void {
    prepared(
      this.#db,
      `INSERT INTO dns_names (address, state, name, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (address) DO UPDATE SET state = excluded.state, name = excluded.name, at = excluded.at`,
    ).run(address, state, name, Math.round(at * 1000));
  }

  /** Forgets answers from before an instant; gives how many. */
  forget(before: EpochMs): number {
    return prepared(this.#db, 'DELETE FROM dns_names WHERE at < ?').run(Math.round(before * 1000)).changes;
  }
}
