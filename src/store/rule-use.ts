// How often rules fired where, counted over all kept transactions.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** Requests of one client at one host name that exactly these rules hit. */
export interface RuleUse {
  readonly ruleIds: readonly string[];
  readonly vhost: string | null;
  readonly client: string;
  readonly requests: number;
  /** The newest of these requests. */
  readonly at: EpochMs;
  readonly uniqueId: string;
}

interface Row extends Omit<RuleUse, 'ruleIds'> {
  readonly rules: string;
}

/** Reads the transactions table by rules. */
export class RuleUseTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** All uses since a time (null: all that is kept), in no order; one row for each set of rules, host and client. */
  *since(from: EpochMs | null): Generator<RuleUse> {
    // Beside max() SQLite gives the other columns of the row that has it.
    const rows = prepared<[number], Row>(
      this.#db,
      `SELECT rule_ids AS rules, vhost, client, count(*) AS requests, max(at) AS at, unique_id AS uniqueId
       FROM transactions WHERE at >= ? AND rule_ids <> '' GROUP BY rule_ids, vhost, client`,
    ).all(from === null ? Number.MIN_SAFE_INTEGER : Math.round(from * 1000));
    for (const { rules, at, ...use } of rows) yield { ...use, ruleIds: rules.split(' '), at: at / 1000 };
  }

  /** unique_ids of the newest transactions with a hit, newest first. */
  newest(limit: number): string[] {
    return prepared<[number], { id: string }>(
      this.#db,
      "SELECT unique_id AS id FROM transactions WHERE rule_ids <> '' ORDER BY at DESC, unique_id DESC LIMIT ?",
    )
      .all(limit)
      .map(({ id }) => id);
  }
}
