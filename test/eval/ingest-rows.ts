// All rows that came of some logs, in a form in which two readings can be compared: a place is named by the text that it lies
// in, whatever its file was called and however short it was when it was known first.
import { join } from 'node:path';
import { beginsWith } from '../../src/host/known-bytes.ts';
import { openContext } from '../../src/context.ts';
import type { LineRef, PlacedHit, TransactionParts } from '../../src/model.ts';
import { openDatabase } from '../../src/store/database.ts';

/** What one reading gave, each row as a line. */
export type Rows = Readonly<Record<'transactions' | 'incidents' | 'lfdEvents', readonly string[]>>;

interface LfdRow {
  readonly fingerprint: string;
  readonly offset: number;
  readonly at: number;
  readonly address: string | null;
  readonly event: string;
}

/** Reads the rows of a state folder; `texts` are all that ever stood in the logs. */
export function rowsOf(root: string, state: string, texts: readonly Buffer[]): Rows {
  const ctx = openContext({ root, state, version: '0.0.0', env: {}, warn: () => undefined });
  const db = openDatabase(join(state, 'whyblocked.db'), ctx.host.rootDir);
  const places = new Places(texts);
  const column = (sql: string): string[] =>
    db
      .prepare<[], { value: string }>(sql)
      .all()
      .map(({ value }) => value);
  try {
    const transactions = column('SELECT unique_id AS value FROM transactions ORDER BY unique_id').flatMap(
      (id) => {
        const parts = ctx.store.transactions.byId(id);
        return parts === null ? [] : JSON.stringify(comparable(parts, places));
      },
    );
    const incidents = column('SELECT DISTINCT client AS value FROM incidents ORDER BY client').flatMap(
      (client) =>
        ctx.store.incidents
          .ofClient(client)
          .map((incident) => JSON.stringify({ ...incident, id: 0, judgement: null })),
    );
    const lfdEvents = db
      .prepare<[], LfdRow>(
        'SELECT fingerprint, offset, at, address, event FROM lfd_events JOIN files ON files.id = lfd_events.file',
      )
      .all()
      .map(({ fingerprint, offset, ...event }) =>
        JSON.stringify({ ...event, place: places.name({ file: '', head: fingerprint, offset }) }),
      );
    return { transactions, incidents: incidents.sort(), lfdEvents: lfdEvents.sort() };
  } finally {
    db.close();
    ctx.close();
  }
}

/** How far each text was read, for whoever looks into a difference. */
export function filesOf(state: string, root: string, texts: readonly Buffer[]): string[] {
  const db = openDatabase(join(state, 'whyblocked.db'), root);
  try {
    return db
      .prepare<[], { id: number; kind: string; path: string; head: string; cursor: number; tail: string }>(
        'SELECT id, kind, path, fingerprint AS head, cursor, tail FROM files ORDER BY id',
      )
      .all()
      .map(({ id, kind, path, head, cursor, tail }) => {
        const like = [...texts.keys()].filter((at) => beginsWith(texts[at]!.subarray(0, 1024), head));
        return `${kind} ${id}, ${path}: texts ${like.join(' ')} to ${cursor} (${head.slice(32) || ':1024'}, tail ${tail})`;
      });
  } finally {
    db.close();
  }
}

/** The first row in which two readings differ, in words; null when they are the same. */
export function firstDifference(got: Rows, wanted: Rows): string | null {
  for (const table of ['transactions', 'incidents', 'lfdEvents'] as const) {
    const extra = got[table].filter((row, at) => row !== wanted[table][at]);
    const missing = wanted[table].filter((row, at) => row !== got[table][at]);
    if (extra.length + missing.length === 0) continue;
    const onlyGot = extra.find((row) => !wanted[table].includes(row)) ?? extra[0] ?? 'nothing';
    const onlyWanted = missing.find((row) => !got[table].includes(row)) ?? missing[0] ?? 'nothing';
    return `${table}: ${got[table].length} rows, ${wanted[table].length} wanted\n  got    ${onlyGot}\n  wanted ${onlyWanted}`;
  }
  return null;
}

/** Lines of one request that were read apart give values apart; with an audit record its values alone count. */
function comparable(parts: TransactionParts, places: Places): unknown {
  const { auditRef, engineErrors, errorHits, findings, ...rest } = parts;
  const hits = (list: readonly PlacedHit[]): string[] =>
    list.map(({ ref, ...hit }) => JSON.stringify([places.name(ref), hit]));
  return {
    ...rest,
    errorHits: hits(errorHits).sort(),
    auditHits: parts.auditHits === null ? null : hits(parts.auditHits),
    auditRef: auditRef === null ? null : places.name(auditRef),
    engineErrors: engineErrors.map(({ refs, ...error }) => [
      error,
      refs.map((ref) => places.name(ref)).sort(),
    ]),
    findings: auditRef === null ? null : findings.map((one) => JSON.stringify(one)).sort(),
  };
}

/** Names places by the first text that has the same bytes up to the end of their line. */
class Places {
  readonly #texts: readonly Buffer[];
  readonly #known = new Map<string, number>();

  constructor(texts: readonly Buffer[]) {
    this.#texts = texts;
  }

  name(ref: LineRef): string {
    const text = this.#texts[this.#indexOf(ref.head ?? '')];
    if (text === undefined) return `nowhere: ${ref.head ?? ''}@${ref.offset}`;
    const newline = text.indexOf(0x0a, ref.offset);
    const end = newline < 0 ? text.length : newline + 1;
    const part = text.subarray(0, end);
    const first = this.#texts.findIndex(
      (other) => other.length >= end && other.subarray(0, end).equals(part),
    );
    return `${first}@${ref.offset}`;
  }

  #indexOf(head: string): number {
    const known = this.#known.get(head);
    if (known !== undefined) return known;
    const found = this.#texts.findIndex((text) => beginsWith(text.subarray(0, 1024), head));
    this.#known.set(head, found);
    return found;
  }
}
