// The list of incidents, counted and cut by the database: a page asks for its own rows only.
import type { EpochMs, VerdictLabel } from '../model.ts';
import { type Db, prepared } from './database.ts';
import { type IncidentRecord, type IncidentRow, toRecord } from './incidents.ts';
import { SlowAnswers } from './slow-answers.ts';

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

/** Every label there is, each once. */
const ALL: readonly VerdictLabel[] = Object.keys({
  attack: 0,
  'false-positive': 0,
  unclear: 0,
  local: 0,
  'not-attributable': 0,
} satisfies Record<VerdictLabel, 0>) as VerdictLabel[];

// The expression is that of the index incidents_by_label.
const LABEL = `coalesce(json_extract(verdict, '$.label'), 'unclear')`;

/** The condition of a wish. What is not asked for is left out: then an index alone answers. */
function conditionOf({ vhost, clients }: Wished): string {
  const parts = ['to_at >= :since'];
  if (vhost !== null) parts.push('EXISTS (SELECT 1 FROM json_each(vhosts) WHERE value = :vhost)');
  if (clients !== null) parts.push('client IN (SELECT value FROM json_each(:clients))');
  return parts.join(' AND ');
}

interface Wished {
  readonly since: number;
  readonly vhost: string | null;
  readonly clients: string | null;
}

/** Reads pages of the incidents table. */
export class IncidentPages {
  readonly #db: Db;
  readonly #slow = new SlowAnswers();

  constructor(db: Db) {
    this.#db = db;
  }

  /** How many there are of each label. */
  counts(wish: IncidentWish): LabelCounts {
    const asked = wished(wish);
    // The labels are named: then the index finds those of each since a time.
    const sql = `SELECT ${LABEL} AS label, count(*) AS number FROM incidents
      WHERE ${LABEL} IN (${ALL.map((label) => `'${label}'`).join()}) AND ${conditionOf(asked)} GROUP BY 1`;
    // The time moves on with every page: within a minute the same is meant.
    const key = JSON.stringify(['counts', Math.floor(asked.since / 60e6), asked.vhost, asked.clients]);
    return this.#slow.ask(key, () => {
      const rows = prepared<[Wished], { label: VerdictLabel; number: number }>(this.#db, sql).all(asked);
      return Object.fromEntries(rows.map(({ label, number }) => [label, number]));
    });
  }

  /** Those with one of these labels, newest first, without evidence, context and visitors. */
  page(
    wish: IncidentWish,
    labels: readonly VerdictLabel[],
    { offset, limit }: { readonly offset: number; readonly limit: number },
  ): IncidentRecord[] {
    const asked = wished(wish);
    // Cut per label, where the index has them in order, then joined; the long columns are read for the page's rows only.
    const cut = labels.map(
      (label) => `SELECT * FROM (SELECT id, to_at, client FROM incidents WHERE ${LABEL} = '${label}'
        AND ${conditionOf(asked)} ORDER BY to_at DESC, client LIMIT :limit + :offset)`,
    );
    return prepared<[Wished & { offset: number; limit: number }], IncidentRow>(
      this.#db,
      `SELECT i.client, from_at, i.to_at, requests, denied, vhosts, rule_ids, what, verdict, NULL AS evidence, NULL AS context,
         NULL AS actors, NULL AS sources, judged_stamp
       FROM (SELECT * FROM (${cut.join(' UNION ALL ')}) ORDER BY to_at DESC, client LIMIT :limit OFFSET :offset) AS wanted
       JOIN incidents AS i USING (id) ORDER BY i.to_at DESC, i.client`,
    )
      .all({ ...asked, offset, limit })
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
    return this.#slow.ask(sql, () => prepared<[], { number: number }>(this.#db, sql).get()?.number ?? 0);
  }
}

function wished({ since, vhost, clients }: IncidentWish): Wished {
  return { since: micros(since), vhost, clients: clients === null ? null : JSON.stringify(clients) };
}

function micros(since: EpochMs | null): number {
  return since === null ? 0 : Math.round(since * 1000);
}
