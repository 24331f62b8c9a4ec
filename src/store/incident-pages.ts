// The list of incidents, counted and cut by the database: a page asks for its own rows only.
import type { EpochMs, VerdictLabel } from '../model.ts';
import { type Db, prepared } from './database.ts';
import { type IncidentRecord, type IncidentRow, toRecord } from './incidents.ts';

/** Which incidents are meant. */
export interface IncidentWish {
  /** Ended at or after; all when null. */
  readonly since: EpochMs | null;
  /** Touched this host name; any when null. */
  readonly vhost: string | null;
  /** Only those of these addresses; any when null. */
  readonly clients: readonly string[] | null;
}

/** Incidents by the label of their verdict; those that wait to be judged count as unclear. */
export type LabelCounts = Readonly<Partial<Record<VerdictLabel, number>>>;

// The expression is that of the index incidents_by_label.
const LABEL = `coalesce(json_extract(verdict, '$.label'), 'unclear')`;
const WISHED = `to_at >= :since
  AND (:vhost IS NULL OR EXISTS (SELECT 1 FROM json_each(vhosts) WHERE value = :vhost))
  AND (:clients IS NULL OR client IN (SELECT value FROM json_each(:clients)))`;

interface Wished {
  readonly since: number;
  readonly vhost: string | null;
  readonly clients: string | null;
}

/** Reads pages of the incidents table. */
export class IncidentPages {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** How many there are of each label. */
  counts(wish: IncidentWish): LabelCounts {
    const rows = prepared<[Wished], { label: VerdictLabel; number: number }>(
      this.#db,
      `SELECT ${LABEL} AS label, count(*) AS number FROM incidents WHERE ${WISHED} GROUP BY 1`,
    ).all(wished(wish));
    return Object.fromEntries(rows.map(({ label, number }) => [label, number]));
  }

  /** Those with one of these labels, newest first, without evidence, context and visitors. */
  page(
    wish: IncidentWish,
    labels: readonly VerdictLabel[],
    { offset, limit }: { readonly offset: number; readonly limit: number },
  ): IncidentRecord[] {
    return prepared<[Wished & { labels: string; offset: number; limit: number }], IncidentRow>(
      this.#db,
      `SELECT client, from_at, to_at, requests, denied, vhosts, rule_ids, what, verdict, NULL AS evidence, NULL AS context,
         NULL AS actors, NULL AS sources, judged_stamp FROM incidents
       WHERE ${WISHED} AND ${LABEL} IN (SELECT value FROM json_each(:labels))
       ORDER BY to_at DESC, client LIMIT :limit OFFSET :offset`,
    )
      .all({ ...wished(wish), labels: JSON.stringify(labels), offset, limit })
      .map(toRecord);
  }

  /** Different addresses with an incident that ended at or after `since`. */
  clients(since: EpochMs | null): string[] {
    return prepared<[number], { client: string }>(
      this.#db,
      'SELECT DISTINCT client FROM incidents WHERE to_at >= ?',
    )
      .all(micros(since))
      .map(({ client }) => client);
  }

  /** Incidents that wait to be judged. */
  waiting(): number {
    const sql = 'SELECT count(*) AS number FROM incidents WHERE judged_stamp IS NULL';
    return prepared<[], { number: number }>(this.#db, sql).get()?.number ?? 0;
  }
}

function wished({ since, vhost, clients }: IncidentWish): Wished {
  return { since: micros(since), vhost, clients: clients === null ? null : JSON.stringify(clients) };
}

function micros(since: EpochMs | null): number {
  return since === null ? 0 : Math.round(since * 1000);
}
