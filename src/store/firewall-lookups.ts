// What pages about the firewall ask of what is kept: who of a net was seen, and the incidents nearest to many entries.
import type { EpochMs, Verdict } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** Texts between which addresses lie: `from` included, `to` not. */
export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

/** An address with incidents. */
export interface ClientSeen {
  readonly client: string;
  readonly incidents: number;
  readonly lastAt: EpochMs;
  /** Requests that were refused in them. */
  readonly denied: number;
  /** How many of them were judged so. */
  readonly attacks: number;
  readonly ordinary: number;
}

/** An address from which somebody logged in. */
export interface LoginSeen {
  readonly address: string;
  readonly users: number;
  readonly lastAt: EpochMs;
}

/** An address and a moment; null: the newest incident is asked for. */
export interface NearTo {
  readonly client: string;
  readonly at: EpochMs | null;
}

/** The incident nearest to one of them. */
export interface NearIncident {
  readonly client: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly verdict: Verdict | null;
}

/** How often lfd blocked for good, as far as its log was read. */
export interface BlockCount {
  readonly blocks: number;
  /** The oldest line that is kept; null without any. */
  readonly since: EpochMs | null;
}

const micros = (at: EpochMs): number => Math.round(at * 1000);
const LABEL = `json_extract(verdict, '$.label')`;

export class FirewallLookups {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Addresses with incidents in a range of texts, in order, at most `limit`. */
  clientsIn({ from, to }: AddressRange, limit: number): ClientSeen[] {
    return prepared<[string, string, number], ClientSeen>(
      this.#db,
      `SELECT client, count(*) AS incidents, max(to_at) / 1000.0 AS lastAt,
         sum(denied) AS denied, count(CASE WHEN ${LABEL} = 'attack' THEN 1 END) AS attacks,
         count(CASE WHEN ${LABEL} = 'false-positive' THEN 1 END) AS ordinary
       FROM incidents WHERE client >= ? AND client < ? GROUP BY client LIMIT ?`,
    ).all(from, to, limit);
  }

  /** The same addresses alone, which an index tells. */
  clientNamesIn({ from, to }: AddressRange, limit: number): string[] {
    return prepared<[string, string, number], { client: string }>(
      this.#db,
      'SELECT DISTINCT client FROM incidents WHERE client >= ? AND client < ? LIMIT ?',
    )
      .all(from, to, limit)
      .map(({ client }) => client);
  }

  /** Addresses with a successful login in a range of texts since a time, in order, at most `limit`. */
  loginsIn({ from, to }: AddressRange, since: EpochMs, limit: number): LoginSeen[] {
    return prepared<[string, string, number, number], LoginSeen>(
      this.#db,
      `SELECT address, count(DISTINCT user) AS users, max(last_at) / 1000.0 AS lastAt
       FROM logins WHERE address >= ? AND address < ? AND last_at >= ? GROUP BY address LIMIT ?`,
    ).all(from, to, micros(since), limit);
  }

  /**
   * For each address and moment the last incident that began before it, else the first one after it; in the given order, null
   * for none. One query, whatever their number.
   */
  nearest(asked: readonly NearTo[]): (NearIncident | null)[] {
    const rows = prepared<[string], FoundRow>(
      this.#db,
      `WITH asked AS (
         SELECT key AS n, json_extract(value, '$[0]') AS client, json_extract(value, '$[1]') AS at FROM json_each(?)
       ), found AS (
         SELECT n, client, coalesce(
           (SELECT from_at FROM incidents AS i WHERE i.client = asked.client AND i.from_at <= asked.at
              ORDER BY i.from_at DESC LIMIT 1),
           (SELECT from_at FROM incidents AS i WHERE i.client = asked.client AND i.from_at > asked.at
              ORDER BY i.from_at LIMIT 1)) AS from_at FROM asked
       )
       SELECT n, i.client, i.from_at, i.to_at, i.verdict
       FROM found JOIN incidents AS i ON i.client = found.client AND i.from_at = found.from_at`,
    ).all(JSON.stringify(asked.map(({ client, at }) => [client, at === null ? NEWEST : micros(at)])));
    const byNumber = new Map(rows.map((row) => [row.n, row]));
    return asked.map((_, index) => {
      const row = byNumber.get(index);
      if (row === undefined) return null;
      const verdict = row.verdict === null ? null : (JSON.parse(row.verdict) as Verdict);
      return { client: row.client, from: row.from_at / 1000, to: row.to_at / 1000, verdict };
    });
  }

  /** How often lfd.log says that lfd blocked for good at or after a time. */
  permanentBlocks(since: EpochMs): BlockCount {
    const blocks = prepared<[number], { n: number }>(
      this.#db,
      `SELECT count(*) AS n FROM lfd_events WHERE at >= ?
         AND json_extract(event, '$.kind') = 'blocked' AND json_extract(event, '$.permanent')`,
    ).get(micros(since));
    const oldest = prepared<[], { at: number | null }>(
      this.#db,
      'SELECT min(at) AS at FROM lfd_events',
    ).get();
    return { blocks: blocks?.n ?? 0, since: oldest?.at == null ? null : oldest.at / 1000 };
  }
}

/** Later than any time that is kept, and a number that SQLite reads exactly. */
const NEWEST = Number.MAX_SAFE_INTEGER;

interface FoundRow {
  readonly n: number;
  readonly client: string;
  readonly from_at: number;
  readonly to_at: number;
  readonly verdict: string | null;
}
