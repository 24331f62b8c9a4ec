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

/** Keeps an lfd.log line once, named by its place: also when a log that was cut and written on is read again from its beginning. */
export function saveLfdEvent(db: Db, record: LfdRecord<unknown>): void {
  prepared(
    db,
    `INSERT INTO lfd_events (file, offset, at, address, event) SELECT :file, :offset, :at, :address, :event
     WHERE NOT EXISTS (
       SELECT 1 FROM files AS own JOIN files AS twin ON twin.fingerprint = own.fingerprint
       JOIN lfd_events AS kept ON kept.file = twin.id AND kept.offset = :offset
       WHERE own.id = :file AND kept.at = :at AND kept.event = :event
     ) ON CONFLICT DO NOTHING`,
  ).run({
    file: record.fileId,
    offset: record.offset,
    at: Math.round(record.at * 1000),
    address: record.address,
    event: JSON.stringify(record.event),
  });
}

interface Row {
  readonly at: number;
  readonly address: string | null;
  readonly file: number;
  readonly offset: number;
  readonly event: string;
}

function toRecord<Event>(row: Row): LfdRecord<Event> {
  const { address, file, offset } = row;
  return { at: row.at / 1000, address, fileId: file, offset, event: JSON.parse(row.event) as Event };
}

/** Lines about an address or net, newest first, at most `limit`. The type is what `saveLfdEvent` was given. */
export function lfdEventsOf<Event>(db: Db, address: string, limit: number): LfdRecord<Event>[] {
  const sql =
    'SELECT at, address, file, offset, event FROM lfd_events WHERE address = ? ORDER BY at DESC LIMIT ?';
  return prepared<[string, number], Row>(db, sql)
    .all(address, limit)
    .map((row) => toRecord<Event>(row));
}

/** Lines of a log between two places (the second is behind the last one), in their order, at most `limit`. */
export function lfdEventsIn<Event>(
  db: Db,
  { fileId, from, to }: { readonly fileId: number; readonly from: number; readonly to: number },
  limit: number,
): LfdRecord<Event>[] {
  const sql = `SELECT at, address, file, offset, event FROM lfd_events
     WHERE file = ? AND offset >= ? AND offset < ? ORDER BY offset LIMIT ?`;
  return prepared<[number, number, number, number], Row>(db, sql)
    .all(fileId, from, to, limit)
    .map((row) => toRecord<Event>(row));
}

/** The newest line that is kept; null in an empty store. */
export function newestLfdEvent<Event>(db: Db): LfdRecord<Event> | null {
  const sql = 'SELECT at, address, file, offset, event FROM lfd_events ORDER BY at DESC LIMIT 1';
  const row = prepared<[], Row>(db, sql).get();
  return row === undefined ? null : toRecord<Event>(row);
}
