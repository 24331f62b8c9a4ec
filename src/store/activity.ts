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
