// Successful logins by address: for each day, service and user the first and the last one.
import type { LoginService } from '../model-evidence.ts';
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

const DAY_MS = 86_400_000;

/** One login: when, and the place of its line. */
export interface LoginMoment {
  readonly at: EpochMs;
  readonly fileId: number;
  readonly offset: number;
}

/** Logins of one user at one service from one address; `first` and `last` may be the same one. */
export interface LoginRecord {
  readonly address: string;
  readonly service: LoginService;
  readonly user: string;
  readonly first: LoginMoment;
  readonly last: LoginMoment;
}

interface Row {
  readonly service: LoginService;
  readonly user: string;
  readonly first_at: number;
  readonly first_file: number;
  readonly first_offset: number;
  readonly last_at: number;
  readonly last_file: number;
  readonly last_offset: number;
}

const SAVE = `INSERT INTO logins (address, day, service, user,
    first_at, first_file, first_offset, last_at, last_file, last_offset)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (address, day, service, user) DO UPDATE SET
    first_at = min(first_at, excluded.first_at),
    first_file = iif(excluded.first_at < first_at, excluded.first_file, first_file),
    first_offset = iif(excluded.first_at < first_at, excluded.first_offset, first_offset),
    last_at = max(last_at, excluded.last_at),
    last_file = iif(excluded.last_at >= last_at, excluded.last_file, last_file),
    last_offset = iif(excluded.last_at >= last_at, excluded.last_offset, last_offset)`;

/** The day (of UTC) that an instant lies in. */
export function loginDay(at: EpochMs): number {
  return Math.floor(at / DAY_MS);
}

export class LoginTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Adds logins that all lie in one day of UTC (that of `first`). Call inside a write. */
  save({ address, service, user, first, last }: LoginRecord): void {
    prepared(this.#db, SAVE).run(
      ...[address, loginDay(first.at), service, user],
      ...[Math.round(first.at * 1000), first.fileId, first.offset],
      ...[Math.round(last.at * 1000), last.fileId, last.offset],
    );
  }

  /**
   * Logins from an address between two instants, both included: one record a service and user with the first and last
   * login that are known to lie between them, the newest first. Days that lie in between whole are told exactly; of
   * a day at either end only its first and last login count.
   */
  ofAddress(address: string, since: EpochMs, until: EpochMs): LoginRecord[] {
    const rows = prepared<[string, number, number], Row>(
      this.#db,
      `SELECT service, user, first_at, first_file, first_offset, last_at, last_file, last_offset
       FROM logins WHERE address = ? AND day BETWEEN ? AND ? ORDER BY day`,
    ).all(address, loginDay(since), loginDay(until));
    const found = new Map<string, LoginRecord>();
    for (const row of rows) {
      const inside = momentsOf(row).filter(({ at }) => at >= since && at <= until);
      const [first] = inside;
      const last = inside.at(-1);
      if (first === undefined || last === undefined) continue;
      const { service, user } = row;
      const key = `${service} ${user}`;
      found.set(key, { address, service, user, first: found.get(key)?.first ?? first, last });
    }
    return [...found.values()].sort((a, b) => b.last.at - a.last.at || (a.user < b.user ? -1 : 1));
  }

  /** Forgets the days that ended before an instant. Call inside a write. */
  prune(before: EpochMs): void {
    prepared(this.#db, 'DELETE FROM logins WHERE day < ?').run(loginDay(before));
  }
}

function momentsOf(row: Row): LoginMoment[] {
  return [
    { at: row.first_at / 1000, fileId: row.first_file, offset: row.first_offset },
    { at: row.last_at / 1000, fileId: row.last_file, offset: row.last_offset },
  ];
}
