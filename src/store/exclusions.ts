// Exclusions as they are kept: what is switched off where, why, by whom, until when.
import type { EpochMs } from '../model.ts';
import type { Exclusion, ExclusionScope, ExclusionState, PathScope } from '../model-rules.ts';
import { type Db, prepared } from './database.ts';

/** An exclusion before it has a number. */
export type NewExclusion = Pick<
  Exclusion,
  'scope' | 'form' | 'reason' | 'author' | 'createdAt' | 'expiresAt'
> & {
  /** The cPanel user whose folder the file lies in. */
  readonly account: string;
};

/** A kept exclusion; `pending` while the change that makes it is not finished. */
export interface KeptExclusion extends Omit<Exclusion, 'state'> {
  readonly account: string;
  readonly state: ExclusionState | 'pending';
  /** Requests that its scope covered since, as far as logs tell; null before the first look. */
  readonly uses: number | null;
  readonly lastUseAt: EpochMs | null;
  /** The logs were looked through up to here. */
  readonly usesUntil: EpochMs | null;
}

interface Row {
  readonly id: number;
  readonly vhost: string;
  readonly account: string;
  readonly scope: string;
  readonly form: Exclusion['form'];
  readonly reason: string;
  readonly author: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly state: KeptExclusion['state'];
  readonly ended_at: number | null;
  readonly uses: number | null;
  readonly last_use_at: number | null;
  readonly uses_until: number | null;
}

/** The fields of a scope beside its vhost. */
interface ScopeJson {
  readonly kind: ExclusionScope['kind'];
  readonly ruleId: string | null;
  readonly tag: string | null;
  readonly target: string | null;
  readonly path: PathScope | null;
}

/** Reads and writes the exclusions table; writes happen inside `Store.write`. */
export class ExclusionTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Adds one as `pending`; gives its number, which is never used again. */
  add(one: NewExclusion): number {
    const { vhost, ...scope } = one.scope;
    const done = prepared(
      this.#db,
      `INSERT INTO exclusions (vhost, account, scope, form, reason, author, created_at, expires_at, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending')`,
    ).run(
      vhost,
      one.account,
      JSON.stringify(scope satisfies ScopeJson),
      one.form,
      one.reason,
      one.author,
      Math.round(one.createdAt),
      one.expiresAt === null ? null : Math.round(one.expiresAt),
    );
    return Number(done.lastInsertRowid);
  }

  /** A change that made it is done: it is in force. */
  activate(id: number): void {
    prepared(this.#db, "UPDATE exclusions SET state = 'active' WHERE id = ? AND state = 'pending'").run(id);
  }

  /** The change that would have made it was taken back. */
  dropPending(id: number): void {
    prepared(this.#db, "DELETE FROM exclusions WHERE id = ? AND state = 'pending'").run(id);
  }

  /** It is no longer in force. */
  end(id: number, state: Exclude<ExclusionState, 'active'>, at: EpochMs): void {
    prepared(this.#db, "UPDATE exclusions SET state = ?, ended_at = ? WHERE id = ? AND state = 'active'").run(
      state,
      Math.round(at),
      id,
    );
  }

  /** Another reason and end. */
  edit(id: number, reason: string, expiresAt: EpochMs | null): void {
    prepared(this.#db, 'UPDATE exclusions SET reason = ?, expires_at = ? WHERE id = ?').run(
      reason,
      expiresAt === null ? null : Math.round(expiresAt),
      id,
    );
  }

  /** Keeps what a look through the logs up to `until` counted in all. */
  countUses(id: number, uses: number, lastUseAt: EpochMs | null, until: EpochMs): void {
    prepared(this.#db, 'UPDATE exclusions SET uses = ?, last_use_at = ?, uses_until = ? WHERE id = ?').run(
      uses,
      lastUseAt === null ? null : Math.round(lastUseAt),
      Math.round(until),
      id,
    );
  }

  /** The number that the next one gets, unless another process adds one first. */
  nextId(): number {
    const row = prepared<[], { seq: number }>(
      this.#db,
      "SELECT seq FROM sqlite_sequence WHERE name = 'exclusions'",
    ).get();
    return (row?.seq ?? 0) + 1;
  }

  /** The one with this number; null when there is none. */
  byId(id: number): KeptExclusion | null {
    const row = prepared<[number], Row>(this.#db, 'SELECT * FROM exclusions WHERE id = ?').get(id);
    return row === undefined ? null : toExclusion(row);
  }

  /** Those in force on a vhost (all vhosts when null), by number. */
  active(vhost: string | null = null): KeptExclusion[] {
    return prepared<[string | null, string | null], Row>(
      this.#db,
      "SELECT * FROM exclusions WHERE state = 'active' AND (? IS NULL OR vhost = ?) ORDER BY id",
    )
      .all(vhost, vhost)
      .map(toExclusion);
  }

  /** Those in force that were made at or after a time, by number. */
  activeSince(at: EpochMs): KeptExclusion[] {
    return prepared<[number], Row>(
      this.#db,
      "SELECT * FROM exclusions WHERE state = 'active' AND created_at >= ? ORDER BY id",
    )
      .all(Math.round(at))
      .map(toExclusion);
  }

  /** Likewise one at a time: thousands at once would fill the memory of a thread. */
  *eachActive(vhost: string | null): Iterable<KeptExclusion> {
    const rows = prepared<[string | null, string | null], Row>(
      this.#db,
      "SELECT * FROM exclusions WHERE state = 'active' AND (? IS NULL OR vhost = ?) ORDER BY id",
    ).iterate(vhost, vhost);
    for (const row of rows) yield toExclusion(row);
  }

  /** A part of those in force on a vhost (all vhosts when null), by number. */
  activePart(vhost: string | null, offset: number, limit: number): KeptExclusion[] {
    return prepared<[string | null, string | null, number, number], Row>(
      this.#db,
      "SELECT * FROM exclusions WHERE state = 'active' AND (? IS NULL OR vhost = ?) ORDER BY id LIMIT ? OFFSET ?",
    )
      .all(vhost, vhost, limit, offset)
      .map(toExclusion);
  }

  /** How many are in force, by vhost. */
  countActive(): ReadonlyMap<string, number> {
    const rows = prepared<[], { vhost: string; count: number }>(
      this.#db,
      "SELECT vhost, count(*) AS count FROM exclusions WHERE state = 'active' GROUP BY vhost",
    ).all();
    return new Map(rows.map(({ vhost, count }) => [vhost, count]));
  }

  /** Those that ended, newest end first, at most `limit`. */
  ended(limit: number): KeptExclusion[] {
    return prepared<[number], Row>(
      this.#db,
      "SELECT * FROM exclusions WHERE state IN ('expired', 'reverted') ORDER BY ended_at DESC, id DESC LIMIT ?",
    )
      .all(limit)
      .map(toExclusion);
  }
}

function toExclusion(row: Row): KeptExclusion {
  const scope = JSON.parse(row.scope) as ScopeJson;
  return {
    id: row.id,
    scope: { ...scope, vhost: row.vhost },
    account: row.account,
    form: row.form,
    reason: row.reason,
    author: row.author,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    state: row.state,
    endedAt: row.ended_at,
    uses: row.uses,
    lastUseAt: row.last_use_at,
    usesUntil: row.uses_until,
  };
}
