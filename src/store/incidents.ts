// Incidents: their shape, rebuilt when transactions come, and their judgement, kept when the logs go.
import type { EpochMs, Evidence, Verdict, VerdictLabel } from '../model.ts';
import { type Db, prepared } from './database.ts';

/** The shape of one incident, from its transactions. */
export interface IncidentShape {
  readonly client: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly requests: number;
  readonly denied: number;
  readonly vhosts: readonly string[];
  readonly ruleIds: readonly string[];
}

/** What was judged, and from which state of the access logs (`stamp`). `context` and `rests` are JSON of the caller's own. */
export interface Judgement {
  readonly what: string;
  readonly verdict: Verdict;
  readonly evidence: readonly Evidence[];
  readonly context: string | null;
  readonly stamp: string;
  /** The visitors behind the address; empty where they were not told apart. */
  readonly actors: readonly ActorRecord[];
  /** What the judgement rests on beside the evidence; null for one of an older version. */
  readonly rests: string | null;
}

/** One of several visitors behind an address. */
export interface ActorRecord {
  /** User-Agents, masked; empty for programs without a name. */
  readonly agents: readonly string[];
  readonly requests: number;
  readonly evidence: readonly Evidence[];
  readonly verdict: Verdict;
}

export interface IncidentRecord extends IncidentShape {
  readonly judgement: Judgement | null;
}

/** When an incident was, and its verdict; null while it is not judged. */
export interface IncidentLabel {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly label: VerdictLabel | null;
}

/** A row of the table as SQL gives it. */
export interface IncidentRow {
  client: string;
  from_at: number;
  to_at: number;
  requests: number;
  denied: number;
  vhosts: string;
  rule_ids: string;
  what: string;
  verdict: string | null;
  evidence: string | null;
  context: string | null;
  judged_stamp: string | null;
  actors: string | null;
  sources: string | null;
}

/** Reads and writes the incidents table. */
export class IncidentTable {
  readonly #db: Db;
  readonly #list;
  readonly #insert;
  readonly #judge;

  constructor(db: Db) {
    this.#db = db;
    this.#list = prepared<[string], IncidentRow>(
      db,
      'SELECT * FROM incidents WHERE client = ? ORDER BY from_at',
    );
    this.#insert = prepared(
      db,
      `INSERT INTO incidents (client, from_at, to_at, requests, denied, vhosts, rule_ids, what, verdict, evidence, context,
         actors, sources, judged_stamp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#judge = prepared(
      db,
      `UPDATE incidents SET what = ?, verdict = ?, evidence = ?, context = ?, judged_stamp = ?, actors = ?, sources = ?
       WHERE client = ? AND from_at = ?`,
    );
  }

  /**
   * Where grouping must begin when a transaction at `from` was written: at the start of the incident that it may belong to, which
   * ended `gapMs` before it at the earliest; else there.
   */
  regroupFrom(client: string, from: EpochMs, gapMs: number): EpochMs {
    const row = prepared<[string, number], { at: number | null }>(
      this.#db,
      'SELECT min(from_at) AS at FROM incidents WHERE client = ? AND to_at >= ?',
    ).get(client, Math.round((from - gapMs) * 1000));
    return row?.at == null ? from : Math.min(from, row.at / 1000);
  }

  /**
   * Replaces an address's incidents that end at or after `since` by these. A new one that overlaps a kept one inherits its
   * judgement as the memory of logs that may be gone, but counts as not judged (its stamp is cleared), unless it ended before
   * `touchedFrom`, the oldest transaction that was written, and looks as before.
   */
  replace(client: string, since: EpochMs, shapes: readonly IncidentShape[], touchedFrom: EpochMs): void {
    const start = Math.round(since * 1000);
    const kept = prepared<[string, number], IncidentRow>(
      this.#db,
      'SELECT * FROM incidents WHERE client = ? AND to_at >= ? ORDER BY from_at',
    ).all(client, start);
    if (kept.length > 0)
      prepared(this.#db, 'DELETE FROM incidents WHERE client = ? AND to_at >= ?').run(client, start);
    for (const shape of shapes) this.#insertShape(shape, kept, touchedFrom);
  }

  #insertShape(shape: IncidentShape, kept: readonly IncidentRow[], touchedFrom: EpochMs): void {
    const from = Math.round(shape.from * 1000);
    const to = Math.round(shape.to * 1000);
    const old = kept.find((row) => row.from_at <= to && row.to_at >= from && row.verdict !== null);
    const untouched = shape.to < touchedFrom && sameShape(old, shape);
    this.#insert.run(
      shape.client,
      from,
      to,
      shape.requests,
      shape.denied,
      JSON.stringify(shape.vhosts),
      JSON.stringify(shape.ruleIds),
      ...inherited(old),
      untouched ? (old?.judged_stamp ?? null) : null,
    );
  }

  /** Keeps what was judged of an incident. */
  judge(client: string, from: EpochMs, judgement: Judgement): void {
    this.#judge.run(
      judgement.what,
      JSON.stringify(judgement.verdict),
      JSON.stringify(judgement.evidence),
      judgement.context,
      judgement.stamp,
      judgement.actors.length === 0 ? null : JSON.stringify(judgement.actors),
      judgement.rests,
      client,
      Math.round(from * 1000),
    );
  }

  /** The next look for incidents to judge takes those of these addresses, as if they were new; nobody else's change. */
  forgetJudgementStamp(clients: readonly string[]): void {
    prepared(
      this.#db,
      'UPDATE incidents SET judged_stamp = NULL WHERE client IN (SELECT value FROM json_each(?))',
    ).run(JSON.stringify(clients));
  }

  /** All addresses that have an incident. */
  clients(): string[] {
    return prepared<[], { client: string }>(this.#db, 'SELECT DISTINCT client FROM incidents')
      .all()
      .map(({ client }) => client);
  }

  /** Incidents of these addresses that ended at or after a time. */
  countSince(clients: readonly string[], since: EpochMs): number {
    return (
      prepared<[string, number], { n: number }>(
        this.#db,
        'SELECT count(*) AS n FROM incidents WHERE client IN (SELECT value FROM json_each(?)) AND to_at >= ?',
      ).get(JSON.stringify(clients), Math.round(since * 1000))?.n ?? 0
    );
  }

  /** The incident of an address that began at a time (to the millisecond); null for none. */
  at(client: string, from: EpochMs): IncidentRecord | null {
    const row = prepared<[string, number, number], IncidentRow>(
      this.#db,
      'SELECT * FROM incidents WHERE client = ? AND from_at BETWEEN ? AND ?',
    ).get(client, Math.round(from * 1000) - 999, Math.round(from * 1000) + 999);
    return row === undefined ? null : toRecord(row);
  }

  /** Incidents of an address, oldest first. */
  ofClient(client: string): IncidentRecord[] {
    return this.#list.all(client).map(toRecord);
  }

  /** What the incidents of an address were judged as, without the rest, oldest first. */
  labelsOf(client: string): IncidentLabel[] {
    return prepared<[string], { from: number; to: number; label: VerdictLabel | null }>(
      this.#db,
      `SELECT from_at AS "from", to_at AS "to", json_extract(verdict, '$.label') AS label
       FROM incidents WHERE client = ? ORDER BY from_at`,
    )
      .all(client)
      .map(({ from, to, label }) => ({ from: from / 1000, to: to / 1000, label }));
  }

  /** Incidents that ended at or after `since` (all when null), newest first, with their evidence left out. */
  newest(since: EpochMs | null): IncidentRecord[] {
    return prepared<[number], IncidentRow>(
      this.#db,
      `SELECT client, from_at, to_at, requests, denied, vhosts, rule_ids, what, verdict, NULL AS evidence, NULL AS context,
           NULL AS actors, NULL AS sources, judged_stamp FROM incidents WHERE to_at >= ? ORDER BY to_at DESC, client`,
    )
      .all(since === null ? 0 : Math.round(since * 1000))
      .map(toRecord);
  }

  /** Addresses and the User-Agents of their judged incidents that ended at or after `since`, newest first. */
  agentsSince(since: EpochMs): { client: string; agents: readonly string[] }[] {
    return prepared<[number], { client: string; agents: string }>(
      this.#db,
      `SELECT client, json_extract(sources, '$.agents') AS agents FROM incidents
       WHERE to_at >= ? AND sources IS NOT NULL ORDER BY to_at DESC`,
    )
      .all(Math.round(since * 1000))
      .map(({ client, agents }) => ({ client, agents: JSON.parse(agents) as string[] }));
  }

  /**
   * Incidents without a judgement, or judged from another state of the access logs while they were not settled; newest
   * first, at most `limit` (all: -1), of one address or of all.
   */
  toJudge(stamp: string, settledBefore: EpochMs, limit = -1, client: string | null = null): IncidentRecord[] {
    if (client !== null)
      return prepared<[string, string, number, number], IncidentRow>(
        this.#db,
        `SELECT * FROM incidents WHERE client = ? AND (judged_stamp IS NULL OR (judged_stamp <> ? AND to_at > ?))
         ORDER BY to_at DESC LIMIT ?`,
      )
        .all(client, stamp, Math.round(settledBefore * 1000), limit)
        .map(toRecord);
    // Two parts, each by its index: as one condition it would read every incident.
    return prepared<[string, number, number], IncidentRow>(
      this.#db,
      `SELECT * FROM incidents INDEXED BY incidents_not_judged WHERE judged_stamp IS NULL
       UNION ALL SELECT * FROM incidents INDEXED BY incidents_by_time WHERE judged_stamp <> ? AND to_at > ?
       ORDER BY to_at DESC LIMIT ?`,
    )
      .all(stamp, Math.round(settledBefore * 1000), limit)
      .map(toRecord);
  }
}

/** The columns what, verdict, evidence, context, actors and sources of the incident that was there before. */
function inherited(old: IncidentRow | undefined): (string | null)[] {
  if (old === undefined) return ['', null, null, null, null, null];
  return [old.what, old.verdict, old.evidence, old.context, old.actors, old.sources];
}

function sameShape(row: IncidentRow | undefined, shape: IncidentShape): boolean {
  return (
    row?.from_at === Math.round(shape.from * 1000) &&
    row.to_at === Math.round(shape.to * 1000) &&
    row.requests === shape.requests &&
    row.denied === shape.denied &&
    row.rule_ids === JSON.stringify(shape.ruleIds) &&
    row.vhosts === JSON.stringify(shape.vhosts)
  );
}

/** A row as everybody else sees it. */
export function toRecord(row: IncidentRow): IncidentRecord {
  return {
    client: row.client,
    from: row.from_at / 1000,
    to: row.to_at / 1000,
    requests: row.requests,
    denied: row.denied,
    vhosts: JSON.parse(row.vhosts) as string[],
    ruleIds: JSON.parse(row.rule_ids) as string[],
    judgement:
      row.verdict === null
        ? null
        : {
            what: row.what,
            verdict: JSON.parse(row.verdict) as Verdict,
            evidence: row.evidence === null ? [] : (JSON.parse(row.evidence) as Evidence[]),
            context: row.context,
            stamp: row.judged_stamp ?? '',
            actors: row.actors === null ? [] : (JSON.parse(row.actors) as ActorRecord[]),
            rests: row.sources,
          },
  };
}
