// Searches that were kept under a name.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

export interface SavedSearchRow {
  readonly id: number;
  readonly name: string;
  /** JSON of the caller's own. */
  readonly query: string;
  readonly who: string;
  readonly at: EpochMs;
}

/** Keeps a search; one of the same name is replaced. */
export function saveSearch(db: Db, row: Omit<SavedSearchRow, 'id'>): void {
  prepared(
    db,
    `INSERT INTO saved_searches (name, query, who, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET query = excluded.query, who = excluded.who, at = excluded.at`,
  ).run(row.name, row.query, row.who, Math.round(row.at * 1000));
}

/** All kept searches by name. */
export function savedSearches(db: Db): SavedSearchRow[] {
  return prepared<[], SavedSearchRow>(
    db,
    'SELECT id, name, query, who, at / 1000.0 AS at FROM saved_searches ORDER BY name',
  ).all();
}

/** Forgets one; false when it was not there. */
export function forgetSearch(db: Db, id: number): boolean {
  return prepared(db, 'DELETE FROM saved_searches WHERE id = ?').run(id).changes > 0;
}
