// What lfd.log told, by address: blocks, expiries, refusals. The event itself is JSON of the caller's own.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

export interface LfdRecord<Event> {
  readonly at: EpochMs;
  readonly address: string | null;
  readonly fileId: number;
  readonly offset: number;
  readonly event: Event;
}

/** Keeps an lfd.log line once, named by its place. */
export function saveLfdEvent(db: Db, record: LfdRecord<unknown>): void {
  prepared(
    db,
    'INSERT INTO lfd_events (file, offset, at, address, event) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  ).run(
    record.fileId,
    record.offset,
    Math.round(record.at * 1000),
    record.address,
    JSON.stringify(record.event),
  );
}

/** Lines about an address or net, newest first, at most `limit`. The type is what `saveLfdEvent` was given. */
export function lfdEventsOf<Event>(db: Db, address: string, limit: number): LfdRecord<Event>[] {
  return prepared<
    [string, number],
    { at: number; address: string | null; file: number; offset: number; event: string }
  >(db, 'SELECT at, address, file, offset, event FROM lfd_events WHERE address = ? ORDER BY at DESC LIMIT ?')
    .all(address, limit)
    .map((row) => ({
      at: row.at / 1000,
      address: row.address,
      fileId: row.file,
      offset: row.offset,
      event: JSON.parse(row.event) as Event,
    }));
}
