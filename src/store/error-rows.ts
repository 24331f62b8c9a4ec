// Requests at which the engine itself failed.
import type { EngineError, EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

export interface ErrorRow {
  readonly uniqueId: string;
  readonly at: EpochMs;
  readonly client: string;
  readonly vhost: string | null;
  readonly errors: readonly EngineError[];
  readonly ruleIds: readonly string[];
}

interface Row extends Omit<ErrorRow, 'errors' | 'ruleIds'> {
  readonly errors: string;
  readonly rules: string;
}

/** As the partial index has it, word for word. */
const TROUBLED = "(engine_errors <> '[]' OR instr(rule_ids, '20000') > 0)";

/** Reads transactions with engine errors, or with hits of ModSecurity's own rules on them. */
export class ErrorRows {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The newest since a time, newest first, at most `limit`. */
  newest(from: EpochMs, limit: number): ErrorRow[] {
    return prepared<[number, number], Row>(
      this.#db,
      `SELECT unique_id AS uniqueId, at / 1000.0 AS at, client, vhost, engine_errors AS errors, rule_ids AS rules
       FROM transactions INDEXED BY transactions_with_errors WHERE ${TROUBLED} AND at >= ? ORDER BY at DESC LIMIT ?`,
    )
      .all(Math.round(from * 1000), limit)
      .map(({ errors, rules, ...row }) => ({
        ...row,
        errors: JSON.parse(errors) as EngineError[],
        ruleIds: rules === '' ? [] : rules.split(' '),
      }));
  }

  /** Something that changes whenever `newest` would give other rows. */
  stamp(from: EpochMs): string {
    const row = prepared<[number], { count: number; last: number | null; first: number | null }>(
      this.#db,
      `SELECT count(*) AS count, max(at) AS last, min(at) AS first
       FROM transactions INDEXED BY transactions_with_errors WHERE ${TROUBLED} AND at >= ?`,
    ).get(Math.round(from * 1000));
    return `${row?.count ?? 0} ${row?.first ?? 0} ${row?.last ?? 0}`;
  }
}
