// Counts causes anew over the window that ends now: a cell (one rule on one vhost) at a time.
import type { EpochMs } from '../model.ts';
import { CAUSE_COLUMNS, type CauseRecord, type CauseRow, type CauseSpread, toCause } from './cause-record.ts';
import { type Db, prepared } from './database.ts';

/** One rule on one vhost, and which of its causes are to be counted; null: all. */
export interface CellWork {
  readonly vhost: string;
  readonly ruleId: string;
  readonly causes: readonly number[] | null;
}

/** Times from which and up to which hits count. */
export interface CountWindow {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** What the spread of a cell's causes makes of one of them. */
export interface CauseScore extends CauseSpread {
  readonly id: number;
  readonly score: number;
}

/** Scanners give some cells thousands of causes: such a cell is counted again only after a while. */
const BIG_CELL = 2000;
const BIG_CELL_EVERY_MS = 600_000;

const COUNT = `UPDATE causes SET (visitors, networks, ordinary, hostile, hits, refused, decisive, shaped, attack_hits,
    false_hits, first_at, last_at) =
  (SELECT count(DISTINCT visitor), count(DISTINCT network),
     count(DISTINCT CASE WHEN ordinary >= 1 AND hostile = 0 THEN network END),
     count(DISTINCT CASE WHEN hostile = 1 THEN visitor END),
     coalesce(sum(hits), 0), coalesce(sum(refused), 0), coalesce(sum(decisive), 0), coalesce(sum(shaped), 0),
     coalesce(sum(CASE WHEN label = 'attack' THEN hits END), 0),
     coalesce(sum(CASE WHEN label = 'false-positive' THEN hits END), 0), min(first_at), max(last_at)
   FROM cause_hits WHERE cause = :id AND last_at >= :from AND first_at <= :to),
  counted_at = :to WHERE id = :id`;
const CELL = `INSERT INTO noise_cells (vhost, rule_id, causes, visitors, ordinary, hits, attack_hits, false_hits, cause, counted_at, whole_at)
  SELECT :vhost, :ruleId, :causes, visitors, ordinary, sums.hits, attack_hits, false_hits, :cause, :to, :to FROM
    (SELECT count(DISTINCT h.visitor) AS visitors,
       count(DISTINCT CASE WHEN h.ordinary >= 1 AND h.hostile = 0 THEN h.network END) AS ordinary
     FROM causes c JOIN cause_hits h ON h.cause = c.id
     WHERE c.vhost = :vhost AND c.rule_id = :ruleId AND c.hits > 0 AND h.last_at >= :from AND h.first_at <= :to),
    (SELECT sum(hits) AS hits, sum(attack_hits) AS attack_hits, sum(false_hits) AS false_hits
     FROM causes WHERE vhost = :vhost AND rule_id = :ruleId AND hits > 0) AS sums
  WHERE true
  ON CONFLICT (vhost, rule_id) DO UPDATE SET causes = excluded.causes, visitors = excluded.visitors,
    ordinary = excluded.ordinary, hits = excluded.hits, attack_hits = excluded.attack_hits,
    false_hits = excluded.false_hits, cause = excluded.cause, counted_at = excluded.counted_at,
    whole_at = CASE WHEN :whole THEN excluded.whole_at ELSE noise_cells.whole_at END`;

const FOLD = `UPDATE causes SET folded = 1 - folded WHERE hits > 0 AND folded <> (
  decisive = 0 AND state IN ('new', 'known') AND target <> '' AND EXISTS (
    SELECT 1 FROM causes o INDEXED BY causes_at_place
    WHERE o.vhost = causes.vhost AND o.target = causes.target AND o.path = causes.path AND o.hits > 0
      AND (o.decisive, o.score, -o.id) > (causes.decisive, causes.score, -causes.id)))`;

/** Reads cause_hits and writes the numbers of causes and cells; writes happen inside `Store.write`. */
export class CauseCounts {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Cells with hits that were written since, at most some hundred causes of them. */
  dirty(now: EpochMs, limit: number): CellWork[] {
    const rows = prepared<[number, number, number], { id: number; vhost: string; ruleId: string }>(
      this.#db,
      `SELECT d.cause AS id, c.vhost, c.rule_id AS ruleId FROM dirty_causes d JOIN causes c ON c.id = d.cause
       WHERE NOT EXISTS (SELECT 1 FROM noise_cells n WHERE n.vhost = c.vhost AND n.rule_id = c.rule_id
         AND n.causes > ? AND n.counted_at > ?) LIMIT ?`,
    ).all(BIG_CELL, micros(now - BIG_CELL_EVERY_MS), limit);
    const cells = Map.groupBy(rows, ({ vhost, ruleId }) => `${ruleId} ${vhost}`);
    return Array.from(cells.values(), (cell) => ({
      vhost: cell[0]?.vhost ?? '',
      ruleId: cell[0]?.ruleId ?? '',
      causes: cell.map(({ id }) => id),
    }));
  }

  /** Cells that were counted whole longest ago, and before a time; at most `limit`. */
  stale(before: EpochMs, limit: number): CellWork[] {
    return prepared<[number, number], { vhost: string; ruleId: string }>(
      this.#db,
      'SELECT vhost, rule_id AS ruleId FROM noise_cells WHERE whole_at < ? ORDER BY whole_at LIMIT ?',
    )
      .all(micros(before), limit)
      .map((row) => ({ ...row, causes: null }));
  }

  /** Counts causes of a cell; one without hits in the window has 0 everywhere. Gives those that hit. */
  count({ vhost, ruleId, causes }: CellWork, window: CountWindow): CauseRecord[] {
    const ids = causes ?? this.#idsOf(vhost, ruleId);
    const bounds = { from: micros(window.from), to: micros(window.to) };
    const count = prepared<[object]>(this.#db, COUNT);
    const clean = prepared<[number]>(this.#db, 'DELETE FROM dirty_causes WHERE cause = ?');
    for (const id of ids) {
      count.run({ id, ...bounds });
      clean.run(id);
    }
    prepared<[string]>(
      this.#db,
      'UPDATE causes SET score = 0 WHERE id IN (SELECT value FROM json_each(?)) AND hits = 0',
    ).run(JSON.stringify(ids));
    return this.#cellRows(vhost, ruleId);
  }

  /**
   * Folds causes that decide nothing by themselves into the one at their target and path that decides most, else has the
   * highest score: a field that many rules react to is one line of the list. Causes with a state of their own stay.
   */
  fold(): void {
    prepared(this.#db, FOLD).run();
  }

  /** Leaves causes of a cell uncounted. */
  skip({ causes }: CellWork): void {
    const clean = prepared<[number]>(this.#db, 'DELETE FROM dirty_causes WHERE cause = ?');
    for (const id of causes ?? []) clean.run(id);
  }

  /** Keeps scores. */
  score(scores: Iterable<CauseScore>): void {
    const write = prepared<[object]>(
      this.#db,
      `UPDATE causes SET score = :score, two_paths = :twoPaths, target_share = :targetShare, path_share = :pathShare,
         targets = :targets, paths = :paths, path_targets = :pathTargets WHERE id = :id`,
    );
    for (const { id, score, twoPaths, targetShare, pathShare, targets, paths, pathTargets } of scores)
      write.run({ id, score, twoPaths, targetShare, pathShare, targets, paths, pathTargets });
  }

  /** Keeps the cell of the matrix; `causes` of it hit, `cause` has the highest score, null: none hits any more. */
  cell(work: CellWork, causes: number, cause: number | null, window: CountWindow): void {
    const { vhost, ruleId } = work;
    if (cause === null) {
      prepared(this.#db, 'DELETE FROM noise_cells WHERE vhost = ? AND rule_id = ?').run(vhost, ruleId);
      return;
    }
    const bounds = { from: micros(window.from), to: micros(window.to) };
    const whole = work.causes === null ? 1 : 0;
    prepared<[object]>(this.#db, CELL).run({ vhost, ruleId, causes, cause, whole, ...bounds });
  }

  /** Keeps the share of the requests to a cause's path that it flags; null: it was tried in vain. Its score is due. */
  share(id: number, share: number | null, at: EpochMs): void {
    prepared(this.#db, 'UPDATE causes SET share = ?, share_at = ? WHERE id = ?').run(share, micros(at), id);
    prepared(this.#db, 'INSERT INTO dirty_causes (cause) VALUES (?) ON CONFLICT DO NOTHING').run(id);
  }

  #idsOf(vhost: string, ruleId: string): number[] {
    return prepared<[string, string], { id: number }>(
      this.#db,
      'SELECT id FROM causes INDEXED BY causes_of_cell WHERE vhost = ? AND rule_id = ? AND hits > 0',
    )
      .all(vhost, ruleId)
      .map(({ id }) => id);
  }

  #cellRows(vhost: string, ruleId: string): CauseRecord[] {
    return prepared<[string, string], CauseRow>(
      this.#db,
      `SELECT ${CAUSE_COLUMNS} FROM causes INDEXED BY causes_of_cell WHERE vhost = ? AND rule_id = ? AND hits > 0`,
    )
      .all(vhost, ruleId)
      .map(toCause);
  }
}

function micros(at: EpochMs): number {
  return Math.round(at * 1000);
}
