// Which host names requests went to, and how many, without reading the requests themselves.
import type { EpochMs } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** Requests of one client at one host name that exactly these rules hit. */
export interface HostUse {
  readonly host: string;
  readonly client: string;
  readonly ruleIds: readonly string[];
  readonly requests: number;
  readonly refused: number;
}

interface UseRow extends Omit<HostUse, 'ruleIds'> {
  readonly rules: string;
}

/** Counts over the transactions table by host name. */
export class TransactionCounts {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** All host names that requests named, sorted. Visitors choose them: there may be any number of made-up ones. */
  *hosts(): Generator<string> {
    // From one name to the next in the index: a plain DISTINCT would read every entry.
    const next = prepared<[string], { host: string | null }>(
      this.#db,
      'SELECT min(vhost) AS host FROM transactions WHERE vhost > ?',
    );
    for (let host = next.get('')?.host ?? null; host !== null; host = next.get(host)?.host ?? null)
      yield host;
  }

  /** Requests with rule hits since a time, one row for each host name, client and set of rules, in no order. */
  uses(from: EpochMs): HostUse[] {
    return prepared<[number], UseRow>(
      this.#db,
      `SELECT vhost AS host, client, rule_ids AS rules, count(*) AS requests, sum(denied) AS refused
       FROM transactions WHERE at >= ? AND rule_ids <> '' AND vhost IS NOT NULL GROUP BY vhost, client, rule_ids`,
    )
      .all(Math.round(from * 1000))
      .map(({ rules, ...use }) => ({ ...use, ruleIds: rules.split(' ') }));
  }

  /** Requests at host names between two times that this rule hit and nothing refused. */
  unrefused(names: Iterable<string>, ruleId: string, from: EpochMs, to: EpochMs): number {
    const count = prepared<[string, number, number, string], { count: number }>(
      this.#db,
      `SELECT count(*) AS count FROM transactions WHERE vhost = ? AND at BETWEEN ? AND ? AND denied = 0
       AND instr(' ' || rule_ids || ' ', ' ' || ? || ' ') > 0`,
    );
    let sum = 0;
    for (const name of names)
      sum += count.get(name, Math.round(from * 1000), Math.round(to * 1000), ruleId)?.count ?? 0;
    return sum;
  }

  /** From when on the newest `most` transactions of some host names in a window are, at the least `from`. */
  newestFrom(names: Iterable<string>, from: EpochMs, to: EpochMs, most: number): EpochMs {
    const nth = prepared<[string, number, number, number], { at: number }>(
      this.#db,
      'SELECT at FROM transactions WHERE vhost = ? AND at BETWEEN ? AND ? ORDER BY at DESC LIMIT 1 OFFSET ?',
    );
    let start = from;
    for (const name of names) {
      const row = nth.get(name, Math.round(from * 1000), Math.round(to * 1000), most);
      if (row !== undefined) start = Math.max(start, row.at / 1000);
    }
    return start;
  }

  /** The oldest transaction's time; null in an empty store. */
  oldestAt(): EpochMs | null {
    const row = prepared<[], { at: number | null }>(this.#db, 'SELECT min(at) AS at FROM transactions').get();
    return row?.at == null ? null : row.at / 1000;
  }

  /** Transactions whose unique_id begins with these characters, in the order of their ids. */
  *withIds(
    prefix: string,
  ): Generator<{ readonly uniqueId: string; readonly client: string; readonly at: EpochMs }> {
    const rows = prepared<[string, string], { unique_id: string; client: string; at: number }>(
      this.#db,
      'SELECT unique_id, client, at FROM transactions WHERE unique_id >= ? AND unique_id < ? ORDER BY unique_id LIMIT 500',
    );
    // The characters of ids are ASCII.
    const end = `${prefix}\u007f`;
    for (let after = prefix; ;) {
      const page = rows.all(after, end);
      for (const { unique_id: uniqueId, client, at } of page) yield { uniqueId, client, at: at / 1000 };
      const last = page.at(-1);
      if (last === undefined) return;
      after = `${last.unique_id}\u0001`;
    }
  }

  /** Whether the words of any kept hit (its operator, message, file) hold these characters. */
  hasHitText(part: string): boolean {
    const sql = 'SELECT 1 FROM hit_texts WHERE instr(text, ?) > 0 LIMIT 1';
    return prepared<[string]>(this.#db, sql).get(part) !== undefined;
  }
}
