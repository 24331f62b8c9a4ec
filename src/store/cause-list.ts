// Reads causes for the list, the matrix and the page of one.
import type { EpochMs, VerdictLabel } from '../model.ts';
import type { CauseKey, CauseState } from '../model-evidence.ts';
import { CAUSE_COLUMNS, type CauseRecord, type CauseRow, LIVE, toCause } from './cause-record.ts';
import { type Db, prepared } from './database.ts';

/** Which causes: null, or an empty list of words, is all. */
export interface CauseQuery {
  readonly vhost: string | null;
  readonly ruleId: string | null;
  readonly states: readonly CauseState[] | null;
  /** Only causes with a hit since. */
  readonly since: EpochMs;
  /** Each must stand in vhost, rule, target or path, or be about one of these rules; lower case. */
  readonly words: readonly { readonly word: string; readonly ruleIds: readonly string[] }[];
}

/** An address that a cause hit, its incidents in the window together. */
export interface CauseVisitorRecord {
  readonly client: string;
  /** Of the newest incident. */
  readonly from: EpochMs;
  readonly label: VerdictLabel;
  readonly sub: string | null;
  readonly ordinary: boolean;
  readonly hits: number;
  readonly refused: number;
  readonly lastAt: EpochMs;
}

/** Hits of incidents that began in one hour. */
export interface HourRecord {
  readonly at: EpochMs;
  readonly hits: number;
  readonly refused: number;
  readonly attacks: number;
}

/** An incident of an address: how it was judged (null: not yet), and whether an ordinary visitor sent it. */
export interface SenderRecord {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly label: VerdictLabel | null;
  readonly ordinary: boolean;
}

interface Narrowed {
  readonly where: string;
  readonly bound: readonly (string | number)[];
}

/** Reads the tables causes, noise_cells and cause_hits. */
export class CauseList {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The cause with this number; null when there is none. */
  byId(id: number): CauseRecord | null {
    return this.#one(`SELECT ${CAUSE_COLUMNS} FROM causes WHERE id = ?`, [id]);
  }

  /** The cause with this key; null when there is none. */
  byKey({ vhost, ruleId, target, path }: CauseKey): CauseRecord | null {
    const where = 'vhost = ? AND rule_id = ? AND target = ? AND path = ?';
    return this.#one(`SELECT ${CAUSE_COLUMNS} FROM causes WHERE ${where}`, [vhost, ruleId, target, path]);
  }

  /** One page, highest score first. */
  page(query: CauseQuery, offset: number, limit: number): CauseRecord[] {
    const { where, bound } = narrow(query);
    return prepared<unknown[], CauseRow>(
      this.#db,
      `SELECT ${CAUSE_COLUMNS} FROM causes INDEXED BY causes_by_score WHERE ${where}
       ORDER BY score DESC, ordinary DESC, last_at DESC, id LIMIT ? OFFSET ?`,
    )
      .all(...bound, limit, offset)
      .map(toCause);
  }

  /** How many there are by state, and of them with a score of at least `noisy`. */
  counts(query: CauseQuery, noisy: number): { state: CauseState; causes: number; noisy: number }[] {
    const { where, bound } = narrow(query);
    return prepared<unknown[], { state: CauseState; causes: number; noisy: number }>(
      this.#db,
      `SELECT state, count(*) AS causes, sum(score >= ?) AS noisy FROM causes WHERE ${where} GROUP BY state`,
    ).all(noisy, ...bound);
  }

  /** Causes of one rule on one vhost, highest score first, at most `limit`. */
  ofCell(vhost: string, ruleId: string, limit: number): CauseRecord[] {
    return prepared<[string, string, number], CauseRow>(
      this.#db,
      `SELECT ${CAUSE_COLUMNS} FROM causes INDEXED BY causes_of_cell WHERE vhost = ? AND rule_id = ? AND hits > 0
       ORDER BY score DESC, ordinary DESC, last_at DESC, id LIMIT ?`,
    )
      .all(vhost, ruleId, limit)
      .map(toCause);
  }

  /** Causes of other rules at the same target on the same path of its vhost, most refused first; at most `limit`. */
  beside({ vhost, ruleId, target, path }: CauseKey, limit: number): CauseRecord[] {
    return prepared<[string, string, string, string, number], CauseRow>(
      this.#db,
      `SELECT ${CAUSE_COLUMNS} FROM causes INDEXED BY causes_at_place
       WHERE vhost = ? AND target = ? AND path = ? AND hits > 0 AND rule_id <> ?
       ORDER BY refused DESC, rule_id LIMIT ?`,
    )
      .all(vhost, target, path, ruleId, limit)
      .map(toCause);
  }

  /** Its visitors since a time, ordinary ones first, then the newest; at most `limit`. */
  visitors(cause: number, from: EpochMs, limit: number): CauseVisitorRecord[] {
    // Beside max() SQLite gives the other columns of the row that has it.
    return prepared<[number, number, number], Omit<CauseVisitorRecord, 'ordinary'> & { ordinary: number }>(
      this.#db,
      `SELECT client, incident_from / 1000.0 AS "from", label, ordinary, hits, refused, last_at / 1000.0 AS lastAt,
         (SELECT json_extract(verdict, '$.sub') FROM incidents i
          WHERE i.client = found.client AND i.from_at = found.incident_from) AS sub
       FROM (SELECT client, incident_from, label, sum(ordinary >= 1 AND hostile = 0) > 0 AS ordinary,
           sum(hits) AS hits, sum(refused) AS refused, max(last_at) AS last_at
         FROM cause_hits WHERE cause = ? AND last_at >= ? GROUP BY client
         ORDER BY 4 DESC, last_at DESC, client LIMIT ?) AS found
       ORDER BY ordinary DESC, last_at DESC, client`,
    )
      .all(cause, micros(from), limit)
      .map((row) => ({ ...row, ordinary: row.ordinary === 1 }));
  }

  /** All addresses that it hit since a time. */
  clients(cause: number, from: EpochMs): string[] {
    return prepared<[number, number], { client: string }>(
      this.#db,
      'SELECT DISTINCT client FROM cause_hits WHERE cause = ? AND last_at >= ?',
    )
      .all(cause, micros(from))
      .map(({ client }) => client);
  }

  /** Hits by the hour in which their incident first hit it, oldest first. */
  hours(cause: number, from: EpochMs): HourRecord[] {
    return prepared<[number, number], HourRecord>(
      this.#db,
      `SELECT first_at / 3600000000 * 3600000 AS at, sum(hits) AS hits, sum(refused) AS refused,
         sum(CASE WHEN label = 'attack' THEN hits ELSE 0 END) AS attacks
       FROM cause_hits WHERE cause = ? AND last_at >= ? GROUP BY 1 ORDER BY 1`,
    ).all(cause, micros(from));
  }

  /** Hits of incidents that first hit it at or after a time. */
  hitsSince(cause: number, from: EpochMs): number {
    const row = prepared<[number, number], { hits: number | null }>(
      this.#db,
      'SELECT sum(hits) AS hits FROM cause_hits WHERE cause = ? AND first_at >= ?',
    ).get(cause, micros(from));
    return row?.hits ?? 0;
  }

  /** The incidents of an address. */
  senders(client: string): SenderRecord[] {
    return prepared<[string], Omit<SenderRecord, 'ordinary'> & { ordinary: number }>(
      this.#db,
      `SELECT from_at / 1000.0 AS "from", to_at / 1000.0 AS "to", json_extract(verdict, '$.label') AS label,
         EXISTS (SELECT 1 FROM cause_hits h WHERE h.client = i.client AND h.incident_from = i.from_at
           AND h.ordinary >= 1 AND h.hostile = 0) AS ordinary
       FROM incidents i WHERE client = ?`,
    )
      .all(client)
      .map((row) => ({ ...row, ordinary: row.ordinary === 1 }));
  }

  /** Incidents that are not judged yet, so that their hits are not counted. */
  waiting(): number {
    const row = prepared<[], { count: number }>(
      this.#db,
      'SELECT count(*) AS count FROM incidents WHERE judged_stamp IS NULL',
    ).get();
    return row?.count ?? 0;
  }

  #one(sql: string, bound: readonly (string | number)[]): CauseRecord | null {
    const row = prepared<unknown[], CauseRow>(this.#db, sql).get(...bound);
    return row === undefined ? null : toCause(row);
  }
}

const TEXTS = "lower(vhost || ' ' || rule_id || ' ' || target_seen || ' ' || path_seen)";

/** Causes that hit, without those that another stands for; those that were put aside also without hits. */
function narrow({ vhost, ruleId, states, since, words }: CauseQuery): Narrowed {
  const parts = [LIVE, "(last_at >= ? OR state = 'fixed' OR state = 'ignored')"];
  const bound: (string | number)[] = [micros(since)];
  const add = (part: string, ...values: (string | number)[]): void => {
    parts.push(part);
    bound.push(...values);
  };
  // Whoever asks for a rule or for words wants to see all that fits.
  if (ruleId === null && words.length === 0) parts.push('folded = 0');
  if (vhost !== null) add('vhost = ?', vhost);
  if (ruleId !== null) add('rule_id = ?', ruleId);
  if (states !== null) add(`state IN (${states.map(() => '?').join(', ')})`, ...states);
  for (const { word, ruleIds } of words)
    add(
      `(instr(${TEXTS}, ?) > 0 OR rule_id IN (SELECT value FROM json_each(?)))`,
      word,
      JSON.stringify(ruleIds),
    );
  return { where: parts.join(' AND '), bound };
}

function micros(at: EpochMs): number {
  return Math.round(at * 1000);
}
