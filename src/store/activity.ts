// The append-only record of every act that changed something.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

export interface ActivityRecord {
  readonly at: EpochMs;
  readonly who: string;
  readonly address: string | null;
  readonly act: string;
  readonly detail: string;
  readonly result: string;
}

/** Appends an act. Rows are never changed or removed. */
export function recordActivity(db: Db, row: ActivityRecord): void {
  prepared(db, 'INSERT INTO activity (at, who, address, act, detail, result) VALUES (?, ?, ?, ?, ?, ?)').run(
    Math.round(row.at * 1000),
    row.who,
    row.address,
    row.act,
    row.detail,
    row.result,
  );
}

/** The newest acts first, at most `limit`. */
export function newestActivity(db: Db, limit: number): ActivityRecord[] {
  return prepared<[number], ActivityRecord>(
    db,
    'SELECT at / 1000.0 AS at, who, address, act, detail, result FROM activity ORDER BY id DESC LIMIT ?',
  ).all(limit);
}

/** Acts about one cause, newest first, at most `limit`. Their detail begins with `cause 12,`. */
export function activityOfCause(db: Db, cause: number, limit: number): ActivityRecord[] {
  // From one sign to the next in ASCII: all texts with this beginning.
  return prepared<[string, string, number], ActivityRecord>(
    db,
    `SELECT at / 1000.0 AS at, who, address, act, detail, result FROM activity INDEXED BY activity_of_causes
     WHERE act = 'cause' AND detail >= ? AND detail < ? ORDER BY id DESC LIMIT ?`,
  ).all(`cause ${cause},`, `cause ${cause}-`, limit);
}
