// Reads the cells of causes: one rule on one vhost.
import type { EpochMs } from '../model.ts';
import type { CauseQuery } from './cause-list.ts';
import { type Db, prepared } from './database.ts';

/** One rule on one vhost. */
export interface CellRecord {
  readonly vhost: string;
  readonly ruleId: string;
  readonly visitors: number;
  readonly ordinary: number;
  readonly hits: number;
  readonly attackHits: number;
  readonly falseHits: number;
  /** The cause with the highest score. */
  readonly cause: number;
}

/** The busiest vhosts and rules, with the cells where they meet. */
export interface MatrixRecord {
  readonly vhosts: readonly string[];
  readonly rules: readonly string[];
  readonly cells: readonly CellRecord[];
  readonly allVhosts: number;
  readonly allRules: number;
}

/** Reads noise_cells, and causes by cell. */
export class CauseCells {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The vhosts and rules with most ordinary visitors, then most visitors; null: all vhosts, all rules. */
  matrix(
    only: Pick<CauseQuery, 'vhost' | 'ruleId'>,
    most: { readonly vhosts: number; readonly rules: number },
  ): MatrixRecord {
    const vhosts = this.#ranked('vhost', only);
    const rules = this.#ranked('rule_id', only);
    const shownVhosts = vhosts.slice(0, most.vhosts);
    const shownRules = rules.slice(0, most.rules);
    const cells = prepared<[string, string], CellRecord>(
      this.#db,
      `SELECT vhost, rule_id AS ruleId, visitors, ordinary, hits, attack_hits AS attackHits, false_hits AS falseHits, cause
       FROM noise_cells WHERE vhost IN (SELECT value FROM json_each(?)) AND rule_id IN (SELECT value FROM json_each(?))`,
    ).all(JSON.stringify(shownVhosts), JSON.stringify(shownRules));
    return {
      vhosts: shownVhosts,
      rules: shownRules,
      cells,
      allVhosts: vhosts.length,
      allRules: rules.length,
    };
  }

  #ranked(by: 'vhost' | 'rule_id', { vhost, ruleId }: Pick<CauseQuery, 'vhost' | 'ruleId'>): string[] {
    return prepared<[string | null, string | null, string | null, string | null], { name: string }>(
      this.#db,
      `SELECT ${by} AS name FROM noise_cells WHERE (? IS NULL OR vhost = ?) AND (? IS NULL OR rule_id = ?)
       GROUP BY ${by} ORDER BY sum(ordinary) DESC, sum(visitors) DESC, ${by}`,
    )
      .all(vhost, vhost, ruleId, ruleId)
      .map(({ name }) => name);
  }

  /** All rules that have causes. */
  ruleIds(): string[] {
    return prepared<[], { id: string }>(this.#db, 'SELECT DISTINCT rule_id AS id FROM noise_cells')
      .all()
      .map(({ id }) => id);
  }

  /** When anything was counted last; null when nothing was. */
  countedAt(): EpochMs | null {
    const row = prepared<[], { at: number | null }>(
      this.#db,
      'SELECT max(counted_at) AS at FROM noise_cells',
    ).get();
    return row?.at == null ? null : row.at / 1000;
  }

  /** Rules of a vhost with a cause whose score is at least `score`. */
  noisyRules(vhost: string, score: number): string[] {
    return prepared<[string, number], { id: string }>(
      this.#db,
      `SELECT DISTINCT rule_id AS id FROM causes INDEXED BY causes_of_cell
       WHERE vhost = ? AND hits > 0 AND score >= ?`,
    )
      .all(vhost, score)
      .map(({ id }) => id);
  }

  /** Different networks of ordinary visitors by rule since a time, on one vhost or on all. */
  peopleByRule(vhost: string | null, from: EpochMs): Map<string, number> {
    const rows = prepared<[number, string | null, string | null], { id: string; people: number }>(
      this.#db,
      `SELECT c.rule_id AS id, count(DISTINCT CASE WHEN h.ordinary >= 1 AND h.hostile = 0 THEN h.network END) AS people
       FROM causes c JOIN cause_hits h ON h.cause = c.id AND h.last_at >= ?
       WHERE c.hits > 0 AND (? IS NULL OR c.vhost = ?) GROUP BY c.rule_id`,
    ).all(micros(from), vhost, vhost);
    return new Map(rows.map(({ id, people }) => [id, people]));
  }

  /** Where rules are noisy: open causes with at least this score, the highest score first. */
  noisyPlaces(vhost: string | null, score: number): { ruleId: string; vhost: string; causes: number }[] {
    return prepared<
      [number, string | null, string | null],
      { ruleId: string; vhost: string; causes: number }
    >(
      this.#db,
      `SELECT rule_id AS ruleId, vhost, count(*) AS causes FROM causes
       WHERE hits > 0 AND score >= ? AND state IN ('new', 'known', 'reopened') AND (? IS NULL OR vhost = ?)
       GROUP BY rule_id, vhost ORDER BY max(score) DESC, vhost`,
    ).all(score, vhost, vhost);
  }
}

function micros(at: EpochMs): number {
  return Math.round(at * 1000);
}
