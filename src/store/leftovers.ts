// What nothing names any more after old rows went: shared texts of hits, rows of files that are gone, causes without hits.
// Which texts and files are named stands in the transactions alone, so all of them are looked through, piece by piece.
import type { EpochMs, SourceKind } from '../model.ts';
import { type Db, prepared, readMeta, writeMeta } from './database.ts';

/** What a piece of the transactions names. Files of single audit records are left out: there may be a million. */
export interface Named {
  readonly texts: readonly number[];
  readonly files: readonly number[];
  /** The last transaction of the piece; null behind the last one. */
  readonly next: number | null;
}

/** A row of the files table that may be of no use any more. */
export interface OldFile {
  readonly id: number;
  readonly kind: SourceKind;
  readonly path: string;
  /** Neither lfd's lines nor waiting ones lie in it, nor a kept transaction's own record. */
  readonly isFree: boolean;
}

/** Under this key of `meta` stands a number that changes whenever texts were marked or went: see HitCodec.follow. */
export const TEXTS_KEY = 'texts_generation';

/** Microseconds that the time of a transaction lies around that of its record at most: two hours, for long requests. */
const NEAR = 7_200_000_000;

/** Reads and removes leftovers; writes happen inside `Store.write`. */
export class LeftoverTable {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** The newest text there is: what comes later is in use. */
  lastText(): number {
    return (
      prepared<[], { id: number | null }>(this.#db, 'SELECT max(id) AS id FROM hit_texts').get()?.id ?? 0
    );
  }

  /** What the next `limit` transactions name. */
  named(after: number, limit: number): Named {
    const end = prepared<[number, number], { id: number | null }>(
      this.#db,
      'SELECT max(id) AS id FROM (SELECT id FROM transactions WHERE id > ? ORDER BY id LIMIT ?)',
    ).get(after, limit)?.id;
    if (end == null) return { texts: [], files: [], next: null };
    const texts = new Set<number>();
    const files = new Set<number>();
    for (const column of ['error_hits', 'audit_hits'])
      for (const { text, file } of prepared<[number, number], { text: number; file: number | null }>(
        this.#db,
        `SELECT text, f.id AS file FROM
           (SELECT DISTINCT json_extract(h.value, '$[0]') AS text, json_extract(h.value, '$[3]') AS file
            FROM transactions t, json_each(t.${column}) h WHERE t.id > ? AND t.id <= ?)
         LEFT JOIN files f ON f.id = file AND f.kind <> 'audit_file'`,
      ).iterate(after, end)) {
        texts.add(text);
        if (file !== null) files.add(file);
      }
    for (const { file } of prepared<[number, number], { file: number }>(
      this.#db,
      `SELECT DISTINCT f.id AS file FROM transactions t JOIN files f ON f.id = t.audit_file AND f.kind <> 'audit_file'
       WHERE t.id > ? AND t.id <= ?`,
    ).iterate(after, end))
      files.add(file);
    return { texts: [...texts], files: [...files], next: end };
  }

  /** The files that logins lie in. */
  loginFiles(): number[] {
    return prepared<[], { id: number }>(
      this.#db,
      'SELECT first_file AS id FROM logins UNION SELECT last_file FROM logins',
    )
      .all()
      .map(({ id }) => id);
  }

  /**
   * One piece of the texts up to `last`: those that are not named are marked; those that were marked before the look began,
   * and nobody has used since, go. The newest stays, so that no number is ever given twice. Gives where to go on, and whether one
   * was marked.
   */
  sweepTexts(
    named: ReadonlySet<number>,
    { after, last, began, now }: { after: number; last: number; began: EpochMs; now: EpochMs },
    limit: number,
  ): { readonly next: number | null; readonly hasMarked: boolean } {
    const rows = prepared<[number, number, number], { id: number; unused: number | null }>(
      this.#db,
      'SELECT id, unused_since AS unused FROM hit_texts WHERE id > ? AND id < ? ORDER BY id LIMIT ?',
    ).all(after, last, limit);
    const mark = prepared<[number | null, number]>(
      this.#db,
      'UPDATE hit_texts SET unused_since = ? WHERE id = ?',
    );
    const drop = prepared<[number]>(this.#db, 'DELETE FROM hit_texts WHERE id = ?');
    let hasMarked = false;
    let hasGone = false;
    for (const { id, unused } of rows) {
      if (named.has(id)) {
        if (unused !== null) mark.run(null, id);
        continue;
      }
      if (unused === null) {
        mark.run(Math.round(now), id);
        hasMarked = true;
      } else if (unused < began) {
        drop.run(id);
        hasGone = true;
      }
    }
    if (hasMarked || hasGone)
      writeMeta(this.#db, TEXTS_KEY, String(Number(readMeta(this.#db, TEXTS_KEY) ?? '0') + 1));
    return { next: rows.length < limit ? null : (rows.at(-1)?.id ?? null), hasMarked };
  }

  /** Files whose last line is from before a time, or that never had one; the newest row stays, as with texts. */
  files(before: EpochMs, after: number, limit: number): readonly OldFile[] {
    return prepared<[number, number, number], Omit<OldFile, 'isFree'> & { isFree: number }>(
      this.#db,
      `SELECT id, kind, path,
         NOT EXISTS (SELECT 1 FROM lfd_events e WHERE e.file = f.id)
         AND NOT EXISTS (SELECT 1 FROM ambiguous_lines a WHERE a.file = f.id)
         AND NOT (kind = 'audit_file' AND EXISTS (SELECT 1 FROM transactions t
           WHERE t.at BETWEEN f.first_at - ${NEAR} AND f.last_at + ${NEAR} AND t.audit_file = f.id)) AS isFree
       FROM files f WHERE id > ? AND (last_at IS NULL OR last_at < ?) AND head_length > 0
         AND id < (SELECT max(id) FROM files) ORDER BY id LIMIT ?`,
    )
      .all(after, micros(before), limit)
      .map((row) => ({ ...row, isFree: row.isFree === 1 }));
  }

  /** Forgets files with their lines that were not understood. */
  dropFiles(ids: readonly number[]): void {
    const list = JSON.stringify(ids);
    for (const sql of [
      'DELETE FROM bad_lines WHERE file IN (SELECT value FROM json_each(?))',
      'DELETE FROM files WHERE id IN (SELECT value FROM json_each(?))',
    ])
      prepared<[string]>(this.#db, sql).run(list);
  }

  /** Forgets lines of old files that were not understood, waiting lines and names from before a time. */
  dropSmall(before: EpochMs): void {
    prepared<[number]>(
      this.#db,
      'DELETE FROM bad_lines WHERE file IN (SELECT id FROM files WHERE last_at < ?)',
    ).run(micros(before));
    prepared<[number]>(this.#db, "DELETE FROM ambiguous_lines WHERE json_extract(entry, '$.at') < ?").run(
      before,
    );
    prepared<[number]>(
      this.#db,
      'DELETE FROM dns_names WHERE address IN (SELECT address FROM dns_names WHERE at < ? LIMIT 500)',
    ).run(micros(before));
  }

  /**
   * One piece of the causes: those that nobody set a state or a mark on, without a hit and a count to come, go. Gives where to
   * go on.
   */
  dropCauses(after: number, limit: number): number | null {
    const rows = prepared<[number, number], { id: number; isFree: number }>(
      this.#db,
      `SELECT id, hits = 0 AND state = 'new' AND state_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM cause_hits h WHERE h.cause = c.id)
         AND NOT EXISTS (SELECT 1 FROM dirty_causes d WHERE d.cause = c.id)
         AND NOT EXISTS (SELECT 1 FROM noise_cells n WHERE n.vhost = c.vhost AND n.rule_id = c.rule_id AND n.cause = c.id)
         AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.subject = 'cause' AND m.about = CAST(c.id AS TEXT)) AS isFree
       FROM causes c WHERE id > ? ORDER BY id LIMIT ?`,
    ).all(after, limit);
    const drop = prepared<[number]>(this.#db, 'DELETE FROM causes WHERE id = ?');
    for (const { id, isFree } of rows) if (isFree === 1) drop.run(id);
    return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
  }

  /**
   * One piece of what hangs on incidents: where the incident is no more and was before a time, it is given to `drain` (see
   * RetentionTable). Gives where to go on.
   */
  fadeDangling(
    table: 'cause_hits' | 'value_shapes' | 'fingerprints',
    before: EpochMs,
    [client, from]: readonly [client: string, from: number],
    limit: number,
  ): [string, number] | null {
    const rows = prepared<[string, number, number], { client: string; from: number; isLost: number }>(
      this.#db,
      `SELECT client, incident_from AS "from",
         NOT EXISTS (SELECT 1 FROM incidents i WHERE i.client = h.client AND i.from_at = h.incident_from)
         AND NOT EXISTS (SELECT 1 FROM dirty_clients d WHERE d.client = h.client) AS isLost
       FROM (SELECT DISTINCT client, incident_from FROM ${table} WHERE (client, incident_from) > (?, ?)
         ORDER BY client, incident_from LIMIT ?) h`,
    ).all(client, from, limit);
    // From later to earlier: no transaction is between them.
    const fade = prepared<[string, number, number]>(
      this.#db,
      'INSERT INTO fading (client, from_at, to_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    for (const row of rows)
      if (row.isLost === 1 && row.from < micros(before)) fade.run(row.client, row.from, row.from - 1);
    const last = rows.at(-1);
    return last === undefined || rows.length < limit ? null : [last.client, last.from];
  }
}

function micros(at: EpochMs): number {
  return Math.round(at * 1000);
}
