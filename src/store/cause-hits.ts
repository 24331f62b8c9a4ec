// What each incident did to each cause, written when the incident is judged, and what it tells about others.
import type { CauseHits, CauseKey } from '../model-evidence.ts';
import type { EpochMs, VerdictLabel } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** How the sender of an incident was judged, as far as others are concerned. */
export interface SenderJudged {
  readonly visitor: string;
  readonly network: string;
  readonly label: VerdictLabel;
  /** 2: ordinary in every sense; 1: but for code saved without a login; 0: not. */
  readonly ordinary: 0 | 1 | 2;
  readonly hostile: boolean;
}

/** An unexplained value of an incident by its shape. */
export interface ShapeSeen {
  readonly vhost: string;
  readonly ruleId: string;
  readonly target: string;
  readonly shape: string;
  readonly lastAt: EpochMs;
  /** Whether the sender is ordinary but for such values. */
  readonly ordinary: boolean;
}

export interface OthersCount {
  readonly ordinary: number;
  readonly hostile: number;
}

/** An incident by its key. */
export interface IncidentKey {
  readonly client: string;
  readonly from: EpochMs;
}

export interface SharingLimits {
  readonly since: EpochMs;
  readonly few: number;
  readonly many: number;
  readonly most: number;
}

const SHARING = `
  WITH own_causes AS (SELECT cause FROM cause_hits WHERE client = :client AND incident_from = :from),
  common_causes AS (
    SELECT h.cause, count(DISTINCT CASE WHEN h.ordinary = 2 THEN h.network END) AS ordinary,
           count(DISTINCT CASE WHEN h.hostile = 1 THEN h.visitor END) AS hostile
    FROM own_causes JOIN cause_hits h ON h.cause = own_causes.cause WHERE h.last_at >= :since
    GROUP BY h.cause HAVING ordinary >= :few AND (ordinary <= :many OR abs(ordinary - hostile) <= 2)
  ),
  own_shapes AS (
    SELECT vhost, rule_id, target, shape FROM value_shapes WHERE client = :client AND incident_from = :from
  ),
  common_shapes AS (
    SELECT v.vhost, v.rule_id, v.target, v.shape, count(DISTINCT v.network) AS networks
    FROM own_shapes own JOIN value_shapes v
      ON v.vhost = own.vhost AND v.rule_id = own.rule_id AND v.target = own.target AND v.shape = own.shape
    WHERE v.last_at >= :since GROUP BY 1, 2, 3, 4 HAVING networks BETWEEN :few AND :many + 2
  )
  SELECT client, incident_from AS "from" FROM (
    SELECT o.client, o.incident_from FROM common_causes c JOIN cause_hits o ON o.cause = c.cause
      WHERE o.client <> :client AND o.last_at >= :since
    UNION
    SELECT v.client, v.incident_from FROM common_shapes c JOIN value_shapes v
      ON v.vhost = c.vhost AND v.rule_id = c.rule_id AND v.target = c.target AND v.shape = c.shape
      WHERE v.client <> :client AND v.last_at >= :since
  ) LIMIT :most`;

/** Reads and writes cause_hits, value_shapes and the rows of causes that they name. */
export class CauseHitTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Replaces what an incident did. Call inside a write. Causes that it touched or no longer touches become dirty. */
  replace(
    { client, from }: IncidentKey,
    judged: SenderJudged,
    hits: readonly CauseHits[],
    shapes: readonly ShapeSeen[],
  ): void {
    this.#forget(client, micros(from));
    const insert = prepared(
      this.#db,
      `INSERT INTO cause_hits (cause, client, incident_from, visitor, network, first_at, last_at, hits, refused,
         decisive, shaped, label, ordinary, hostile) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (cause, client, incident_from) DO NOTHING`,
    );
    const { visitor, network, label, ordinary, hostile } = judged;
    for (const hit of hits) {
      const cause = this.#claim(hit);
      insert.run(
        ...[cause, client, micros(from), visitor, network, micros(hit.firstAt), micros(hit.lastAt)],
        ...[hit.hits, hit.refused, hit.decisive, hit.shaped, label, ordinary, hostile ? 1 : 0],
      );
      prepared(this.#db, 'INSERT INTO dirty_causes (cause) VALUES (?) ON CONFLICT DO NOTHING').run(cause);
    }
    this.#insertShapes({ client, from }, judged, shapes);
  }

  /** Forgets an incident that is no more. Call inside a write. */
  forget({ client, from }: IncidentKey): void {
    this.#forget(client, micros(from));
  }

  /** How many ordinary networks and hostile addresses other than this network met a cause since a time. */
  others({ vhost, ruleId, target, path }: CauseKey, network: string, since: EpochMs): OthersCount {
    const row = prepared<unknown[], { ordinary: number; hostile: number }>(
      this.#db,
      `SELECT count(DISTINCT CASE WHEN h.ordinary = 2 THEN h.network END) AS ordinary,
              count(DISTINCT CASE WHEN h.hostile = 1 THEN h.visitor END) AS hostile
       FROM causes c JOIN cause_hits h ON h.cause = c.id
       WHERE c.vhost = ? AND c.rule_id = ? AND c.target = ? AND c.path = ? AND h.network <> ? AND h.last_at >= ?`,
    ).get(vhost, ruleId, target, path, network, micros(since));
    return { ordinary: row?.ordinary ?? 0, hostile: row?.hostile ?? 0 };
  }

  /** The same for values of one shape. */
  shapeOthers(seen: Omit<ShapeSeen, 'lastAt' | 'ordinary'>, network: string, since: EpochMs): OthersCount {
    const { vhost, ruleId, target, shape } = seen;
    const row = prepared<unknown[], { ordinary: number; hostile: number }>(
      this.#db,
      `SELECT count(DISTINCT CASE WHEN ordinary = 1 AND hostile = 0 THEN network END) AS ordinary,
              count(DISTINCT CASE WHEN hostile = 1 THEN client END) AS hostile
       FROM value_shapes WHERE vhost = ? AND rule_id = ? AND target = ? AND shape = ? AND network <> ? AND last_at >= ?`,
    ).get(vhost, ruleId, target, shape, network, micros(since));
    return { ordinary: row?.ordinary ?? 0, hostile: row?.hostile ?? 0 };
  }

  /**
   * Incidents of other addresses that share a cause or a shape with this one, where one more visitor may matter: from
   * `few` to `many` ordinary networks, or about as many attackers as ordinary ones.
   */
  sharing({ client, from }: IncidentKey, { since, few, many, most }: SharingLimits): IncidentKey[] {
    return prepared<unknown[], { client: string; from: number }>(this.#db, SHARING)
      .all({ client, from: micros(from), since: micros(since), few, many, most })
      .map((row) => ({ client: row.client, from: row.from / 1000 }));
  }

  /**
   * Of the causes that an incident (its start to the millisecond) touched the one that refused visitors of most networks since a
   * time; null for none. Attackers do not count.
   */
  widest({ client, from }: IncidentKey, since: EpochMs): { cause: number; networks: number } | null {
    const row = prepared<unknown[], { cause: number; networks: number }>(
      this.#db,
      `WITH own AS (SELECT DISTINCT cause FROM cause_hits
         WHERE client = ? AND incident_from >= ? AND incident_from < ? AND refused > 0)
       SELECT h.cause, count(DISTINCT h.network) AS networks FROM own JOIN cause_hits h ON h.cause = own.cause
       WHERE h.last_at >= ? AND h.refused > 0 AND h.hostile = 0 AND h.label <> 'attack'
       GROUP BY h.cause ORDER BY networks DESC, h.cause LIMIT 1`,
    ).get(client, micros(Math.floor(from)), micros(Math.floor(from) + 1), micros(since));
    return row ?? null;
  }

  #claim(hits: CauseHits): number {
    const { vhost, ruleId, target, path, targetSeen, pathSeen } = hits;
    const known = prepared<unknown[], { id: number; targetSeen: string; pathSeen: string }>(
      this.#db,
      `SELECT id, target_seen AS targetSeen, path_seen AS pathSeen FROM causes
       WHERE vhost = ? AND rule_id = ? AND target = ? AND path = ?`,
    ).get(vhost, ruleId, target, path);
    if (known?.targetSeen === targetSeen && known.pathSeen === pathSeen) return known.id;
    if (known !== undefined) {
      prepared(
        this.#db,
        `UPDATE causes SET target_seen = CASE WHEN target_seen = ? THEN target_seen ELSE target END,
           path_seen = CASE WHEN path_seen = ? THEN path_seen ELSE path END WHERE id = ?`,
      ).run(targetSeen, pathSeen, known.id);
      return known.id;
    }
    const made = prepared(
      this.#db,
      'INSERT INTO causes (vhost, rule_id, target, path, target_seen, path_seen) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(vhost, ruleId, target, path, targetSeen, pathSeen);
    return Number(made.lastInsertRowid);
  }

  /** Forgets what ended before a time; not of causes that a mark holds for: it keeps their incidents. Call inside a write. */
  prune(before: EpochMs): void {
    prepared(
      this.#db,
      `DELETE FROM cause_hits WHERE last_at < ? AND cause NOT IN
         (SELECT CAST(about AS INTEGER) FROM marks WHERE subject = 'cause' AND ended_at IS NULL)`,
    ).run(micros(before));
    prepared(this.#db, 'DELETE FROM value_shapes WHERE last_at < ?').run(micros(before));
  }

  #forget(client: string, from: number): void {
    prepared(
      this.#db,
      `INSERT INTO dirty_causes (cause) SELECT cause FROM cause_hits WHERE client = ? AND incident_from = ?
       ON CONFLICT DO NOTHING`,
    ).run(client, from);
    for (const table of ['cause_hits', 'value_shapes'])
      prepared(this.#db, `DELETE FROM ${table} WHERE client = ? AND incident_from = ?`).run(client, from);
  }

  #insertShapes({ client, from }: IncidentKey, judged: SenderJudged, shapes: readonly ShapeSeen[]): void {
    const insert = prepared(
      this.#db,
      `INSERT INTO value_shapes (vhost, rule_id, target, shape, client, incident_from, network, last_at, ordinary,
         hostile) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    for (const seen of shapes)
      insert.run(
        ...[seen.vhost, seen.ruleId, seen.target, seen.shape, client, micros(from), judged.network],
        ...[micros(seen.lastAt), seen.ordinary ? 1 : 0, judged.hostile ? 1 : 0],
      );
  }
}

function micros(at: EpochMs): number {
  return Math.round(at * 1000);
}
