// The states of causes: set by an admin, or by what happens after.
import type { EpochMs } from '../model.ts';
import type { CauseState } from '../model-evidence.ts';
import { type Db, prepared } from './database.ts';

/** A state with what belongs to it; see CauseRecord. */
export interface StateChange {
  readonly state: CauseState;
  readonly at: EpochMs;
  readonly by: string;
  readonly note: string;
  readonly ignoreUntil: number | null;
  readonly ignoreBase: number | null;
  readonly fixedBy: number | null;
}

/** An incident in which an ordinary visitor was refused by a cause. */
export interface RefusedVisit {
  readonly client: string;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/** Writes states and reads what decides on them; writes happen inside `Store.write`. */
export class CauseStates {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Sets a state over the one that was read; false when it is another one by now. */
  set(id: number, before: CauseState, change: StateChange): boolean {
    const done = prepared<[object]>(
      this.#db,
      `UPDATE causes SET state = :state, state_at = :at, state_by = :by, state_note = :note,
         ignore_until = :ignoreUntil, ignore_base = :ignoreBase, fixed_by = :fixedBy
       WHERE id = :id AND state = :before`,
    ).run({ ...change, at: micros(change.at), id, before });
    return done.changes === 1;
  }

  /** Incidents with a last hit after a time in which an ordinary visitor was hit (refused, with `refused`), newest first. */
  ordinaryAfter(cause: number, at: EpochMs, refused: boolean, limit: number): RefusedVisit[] {
    return prepared<[number, number, number, number], RefusedVisit>(
      this.#db,
      `SELECT client, first_at / 1000.0 AS firstAt, last_at / 1000.0 AS lastAt FROM cause_hits
       WHERE cause = ? AND last_at > ? AND ordinary >= 1 AND hostile = 0 AND refused >= ? ORDER BY last_at DESC LIMIT ?`,
    ).all(cause, micros(at), refused ? 1 : 0, limit);
  }

  /** Networks of ordinary visitors whom it hit after a time and never before. */
  newNetworks(cause: number, at: EpochMs): number {
    const row = prepared<[object], { count: number }>(
      this.#db,
      `SELECT count(*) AS count FROM (SELECT network FROM cause_hits
         WHERE cause = :cause AND ordinary >= 1 AND hostile = 0 GROUP BY network HAVING min(last_at) > :at)`,
    ).get({ cause, at: micros(at) });
    return row?.count ?? 0;
  }

  /** Numbers of causes of a vhost, of one rule unless null, that are not fixed. */
  notFixed(vhost: string, ruleId: string | null): number[] {
    return prepared<[string, string | null, string | null], { id: number }>(
      this.#db,
      "SELECT id FROM causes WHERE vhost = ? AND (? IS NULL OR rule_id = ?) AND state <> 'fixed'",
    )
      .all(vhost, ruleId, ruleId)
      .map(({ id }) => id);
  }
}

function micros(at: EpochMs): number {
  return Math.round(at * 1000);
}
