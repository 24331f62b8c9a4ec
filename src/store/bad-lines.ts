// Lines that were not understood, as they were kept of each file (at most 20, masked): samples for whoever looks why.
import { type Db, prepared } from './database.ts';

/** The newest kept lines of some files, at most `limit`; what is no number of a file gives nothing. */
export function badLinesOf(db: Db, files: readonly number[], limit: number): string[] {
  return prepared<[string, number], { text: string }>(
    db,
    `SELECT text FROM bad_lines WHERE file IN (SELECT value FROM json_each(?))
     ORDER BY file DESC, offset DESC LIMIT ?`,
  )
    .all(JSON.stringify(files), limit)
    .map(({ text }) => text);
}
