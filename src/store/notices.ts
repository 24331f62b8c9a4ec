// Blocks that somebody may be told about: each is kept once, however often and wherever it was heard of.
import type { EpochMs } from '../model.ts';
import type { NewNotice, Notice, NoticeSource, NoticeState } from '../model-firewall.ts';
import { type Db, prepared } from './database.ts';
import { type LfdRecord, lfdEventsIn } from './lfd-events.ts';

interface Row {
  readonly id: number;
  readonly address: string | null;
  readonly at: number;
  readonly trigger: string | null;
  readonly permanent: number | null;
  readonly seconds: number | null;
  readonly ports: string | null;
  readonly message: string;
  readonly lines: string | null;
  readonly sources: string;
  readonly state: NoticeState;
  readonly why: string | null;
}

/** A notice that is held, without what may be long. */
export type HeldNotice = Pick<Notice, 'id' | 'address' | 'at' | 'trigger' | 'permanent' | 'seconds' | 'why'>;

/** Reads and writes the notices; writes happen inside `Store.write`. */
export class NoticeTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** What lfd.log told in a part of it. See `lfdEventsIn`. */
  eventsIn<Event>(piece: Parameters<typeof lfdEventsIn>[1], limit: number): LfdRecord<Event>[] {
    return lfdEventsIn<Event>(this.#db, piece, limit);
  }

  /** Keeps a new one; gives its number. */
  add(notice: NewNotice): number {
    const done = prepared(
      this.#db,
      `INSERT INTO notices (address, at, trigger, permanent, seconds, ports, message, lines, sources, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')`,
    ).run(
      notice.address,
      Math.round(notice.at * 1000),
      notice.trigger,
      notice.permanent === null ? null : Number(notice.permanent),
      notice.seconds,
      notice.ports,
      notice.message,
      notice.lines,
      JSON.stringify([notice.source]),
    );
    return Number(done.lastInsertRowid);
  }

  /** Another source told of the same block: what it knows beyond the first is added. */
  join(id: number, notice: NewNotice): void {
    const row = prepared<[number], { sources: string; ports: string | null }>(
      this.#db,
      'SELECT sources, ports FROM notices WHERE id = ?',
    ).get(id);
    if (row === undefined) return;
    const sources = new Set(JSON.parse(row.sources) as NoticeSource[]).add(notice.source);
    prepared(
      this.#db,
      `UPDATE notices SET sources = ?, lines = coalesce(lines, ?), trigger = coalesce(trigger, ?),
         permanent = coalesce(permanent, ?), seconds = coalesce(seconds, ?), ports = ? WHERE id = ?`,
    ).run(
      JSON.stringify([...sources]),
      notice.lines,
      notice.trigger,
      notice.permanent === null ? null : Number(notice.permanent),
      notice.seconds,
      allPorts(row.ports, notice.ports),
      id,
    );
  }

  /** Those about an address (null: about none) between two times (inclusive), oldest first. */
  about(address: string | null, from: EpochMs, to: EpochMs): Notice[] {
    return prepared<[string | null, number, number], Row>(
      this.#db,
      'SELECT * FROM notices WHERE address IS ? AND at BETWEEN ? AND ? ORDER BY at, id',
    )
      .all(address, Math.round(from * 1000), Math.round(to * 1000))
      .map(toNotice);
  }

  /** Those in one of the open states, oldest first, at most `limit`. */
  open(state: 'waiting' | 'held', limit: number): Notice[] {
    return prepared<[string, number], Row>(
      this.#db,
      `SELECT * FROM notices WHERE state IN ('waiting', 'held') AND state = ? ORDER BY id LIMIT ?`,
    )
      .all(state, limit)
      .map(toNotice);
  }

  byId(id: number): Notice | null {
    const row = prepared<[number], Row>(this.#db, 'SELECT * FROM notices WHERE id = ?').get(id);
    return row === undefined ? null : toNotice(row);
  }

  /** Whether one waits or is held. */
  isOpen(id: number): boolean {
    const sql = `SELECT 1 FROM notices WHERE state IN ('waiting', 'held') AND id = ?`;
    return prepared(this.#db, sql).get(id) !== undefined;
  }

  /** Those that are held, oldest first, at most `limit`. */
  held(limit: number): HeldNotice[] {
    const sql = `SELECT id, address, at, trigger, permanent, seconds, why FROM notices
       WHERE state IN ('waiting', 'held') AND state = 'held' ORDER BY id LIMIT ?`;
    return prepared<[number], Pick<Row, keyof HeldNotice>>(this.#db, sql)
      .all(limit)
      .map((row) => ({
        ...row,
        at: row.at / 1000,
        permanent: row.permanent === null ? null : row.permanent === 1,
      }));
  }

  /** How many there are by state of those heard of at or after a time. */
  counts(from: EpochMs): ReadonlyMap<NoticeState, number> {
    const rows = prepared<[number], { state: NoticeState; n: number }>(
      this.#db,
      'SELECT state, count(*) AS n FROM notices WHERE at >= ? GROUP BY state',
    ).all(Math.round(from * 1000));
    return new Map(rows.map(({ state, n }) => [state, n]));
  }

  /** Those heard of at or after a time, newest first, at most `limit`. */
  since(from: EpochMs, limit: number): Notice[] {
    return prepared<[number, number], Row>(
      this.#db,
      'SELECT * FROM notices WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?',
    )
      .all(Math.round(from * 1000), limit)
      .map(toNotice);
  }

  /** What was decided about one. */
  decide(id: number, state: NoticeState, why: string | null): void {
    prepared(this.#db, 'UPDATE notices SET state = ?, why = ? WHERE id = ?').run(state, why, id);
  }

  /** Lets those go that are older than a time and wait for nothing. */
  forget(before: EpochMs): void {
    prepared(this.#db, `DELETE FROM notices WHERE at < ? AND state IN ('mailed', 'skipped')`).run(
      Math.round(before * 1000),
    );
  }
}

/** lfd.log names one port a line, or none where all are blocked and where it does not tell; the others tell all of them. */
function allPorts(known: string | null, told: string | null): string | null {
  if (known === null || told === null) return known ?? told;
  return [...new Set([...known.split(','), ...told.split(',')])].join(',');
}

function toNotice(row: Row): Notice {
  return {
    id: row.id,
    address: row.address,
    at: row.at / 1000,
    trigger: row.trigger,
    permanent: row.permanent === null ? null : row.permanent === 1,
    seconds: row.seconds,
    ports: row.ports,
    message: row.message,
    lines: row.lines,
    sources: JSON.parse(row.sources) as NoticeSource[],
    state: row.state,
    why: row.why,
  };
}
