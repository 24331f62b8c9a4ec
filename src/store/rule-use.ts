// How often rules fired where, counted over all kept transactions.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** Requests of one client at one host name that exactly these rules hit. */
export interface RuleUse {
  readonly ruleIds: readonly string[];
  readonly vhost: string | null;
  readonly client: string;
  readonly requests: number;
}

/** Reads the transactions table by rules. */
export class RuleUseTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** All uses since a time (null: all that is kept), in no order; one row for each set of rules, host and client. */
  *since(from: EpochMs | null): Generator<RuleUse> {
    const rows = prepared<
      [number],
      { rules: string; vhost: string | null; client: string; requests: number }
    >(
      this.#db,
      `SELECT rule_ids AS rules, vhost, client, count(*) AS requests FROM transactions
       WHERE at >= ? AND rule_ids <> '' GROUP BY rule_ids, vhost, client`,
    ).all(from === null ? Number.MIN_SAFE_INTEGER : Math.round(from * 1000));
    for (const { rules, vhost, client, requests } of rows)
      yield { ruleIds: rules.split(' '), vhost, client, requests };
  }

  /** unique_ids of the newest transactions with a hit of the rule (null: of any), newest first. */
  newest(ruleId: string | null, limit: number): string[] {
    const wanted = ruleId === null ? null : ` ${ruleId} `;
    return prepared<[string | null, number], { id: string }>(
      this.#db,
      `SELECT unique_id AS id FROM transactions
       WHERE rule_ids <> '' AND instr(' ' || rule_ids || ' ', coalesce(?, ' ')) > 0
       ORDER BY at DESC, unique_id DESC LIMIT ?`,
    )
      .all(wanted, limit)
      .map(({ id }) => id);
  }
}
