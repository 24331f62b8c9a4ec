// WHM's own database of rule hits as the last source: its rows count where no log covers their time.
import { HITS_LIST_ID } from '../analyse/merge.ts';
import { maskHit, maskUri } from '../analyse/mask.ts';
import type { Zone } from '../host/clock.ts';
import { ReadProblem, problemOf } from '../host/problems.ts';
import type { EpochMs, LineRef, TransactionParts } from '../model.ts';
import { type HitsEntry, HITS_COLUMNS, type HitsRow, parseHitsRow } from '../parse/hits-db.ts';
import { stableHash } from '../parse/stable-hash.ts';
import { HitsDb, hitsDbProblem } from '../store/hits-db.ts';
import type { Context } from './context.ts';
import { saveMerged } from './ingest-error.ts';
import { breath } from './ingest-file.ts';
import type { IngestReport } from './ingest.ts';
import type { ShouldStop } from './read-text.ts';

const META = 'hits_db';
const PAGE = 500;
/** error_log is read every second, and the watcher that fills the database reads it too: younger rows may be in both. */
const SETTLED_MS = 120_000;
/** The logs stamp one request a little apart. */
const SAME_REQUEST_MS = 2000;
const HEAD_LENGTH = 64;
const NOTHING: IngestReport = { bytes: 0, files: 0, problems: [] };

/** How far the database was read; kept in the table `meta`. */
interface Progress {
  readonly lastId: number;
  /** The file's stamp when all of it was read; empty when some was left. */
  readonly stamp: string;
  /** Where the logs began that covered time when rows were last compared with them. */
  readonly begins: string;
}

type Span = readonly [from: EpochMs, to: EpochMs];

/**
 * Reads the rows that are new in WHM's hits database, oldest first, and keeps those of times that neither error_log nor
 * the audit log covers: rows of one address, host, path and second are one request, under an id made of these. Rows of
 * requests that are known are passed over, and what was kept goes when a log that covers its time is read later.
 * Safe to run twice or several at once. What cannot be read comes as a problem; a database that is not there is none.
 */
export async function ingestHitsDb(
  ctx: Context,
  zone: Zone,
  shouldStop: ShouldStop = () => false,
): Promise<IngestReport> {
  const { path, stamp, problem } = ctx.host.hitsDb.look();
  if (stamp === null) return problem === 'missing' ? NOTHING : failed(path, problem ?? 'unreadable');
  dropCovered(ctx);
  if (readProgress(ctx).stamp === stamp) return NOTHING;
  try {
    return await readRows({ ctx, zone, shouldStop, path, stamp });
  } catch (error) {
    if (error instanceof ReadProblem) return failed(path, error.problem);
    const words = hitsDbProblem(error) ?? problemOf(error);
    return failed(path, words);
  }
}

function failed(path: string, problem: string): IngestReport {
  return { ...NOTHING, problems: [{ path, problem }] };
}

function readProgress(ctx: Context): Progress {
  const text = ctx.store.meta(META);
  return text === null ? { lastId: 0, stamp: '', begins: '' } : (JSON.parse(text) as Progress);
}

/** The times that the logs cover, and where they begin, as one text. */
function coveredSpans(ctx: Context): { readonly spans: readonly Span[]; readonly begins: string } {
  const files = [...ctx.store.files('error_log'), ...ctx.store.files('audit_log')];
  const spans = files.flatMap(({ firstAt, lastAt }): Span[] =>
    firstAt === null || lastAt === null ? [] : [[firstAt, lastAt]],
  );
  return { spans, begins: files.map(({ id, firstAt }) => `${id}:${firstAt ?? ''}`).join(' ') };
}

function isCovered(spans: readonly Span[], at: EpochMs): boolean {
  return spans.some(([from, to]) => at >= from - SAME_REQUEST_MS && at <= to + SAME_REQUEST_MS);
}

/** Takes back what was kept of times that a log covers now: the log tells more, under the real ids. */
function dropCovered(ctx: Context): void {
  const { spans, begins } = coveredSpans(ctx);
  if (readProgress(ctx).begins === begins) return;
  ctx.store.write(() => {
    const covered = [...ctx.store.counts.withIds(HITS_LIST_ID)].filter(({ at }) => isCovered(spans, at));
    for (const { uniqueId, client, at } of covered) {
      ctx.store.transactions.remove(uniqueId);
      ctx.store.markDirty(client, at);
    }
    ctx.store.setMeta(META, JSON.stringify({ ...readProgress(ctx), begins }));
  });
}

interface Run {
  readonly ctx: Context;
  readonly zone: Zone;
  readonly shouldStop: ShouldStop;
  readonly path: string;
  readonly stamp: string;
}

async function readRows(run: Run): Promise<IngestReport> {
  const { ctx, shouldStop } = run;
  const opened = ctx.host.hitsDb.open(ctx.stateDir);
  let read = 0;
  try {
    const db = new HitsDb(opened.file, HITS_COLUMNS);
    try {
      startAnew(ctx, db.lastId());
      for (;;) {
        const page = db.page(readProgress(ctx).lastId, PAGE);
        const rows = settled(run, page);
        const isEnd = page.length < PAGE && rows.length === page.length;
        ctx.store.write(() => {
          keepPage(run, rows, isEnd);
        });
        read += rows.length;
        if (isEnd || rows.length < page.length || shouldStop()) break;
        await breath();
      }
    } finally {
      db.close();
    }
  } finally {
    opened.release();
  }
  return { bytes: 0, files: read > 0 ? 1 : 0, problems: [] };
}

/** WHM makes the database anew when it was damaged: its ids begin again. */
function startAnew(ctx: Context, lastId: number): void {
  const progress = readProgress(ctx);
  if (lastId >= progress.lastId) return;
  ctx.store.write(() => {
    ctx.store.setMeta(META, JSON.stringify({ ...progress, lastId: 0 }));
  });
}

/** A row with what it says; null for one that tells nothing. */
interface ReadRow {
  readonly id: number;
  readonly entry: (HitsEntry & { readonly at: EpochMs }) | null;
}

/** The rows up to the first one that is too young to be told from what the logs will show. */
function settled({ ctx, zone }: Run, page: readonly HitsRow[]): ReadRow[] {
  const newest = ctx.host.rootDir === '/' ? Date.now() - SETTLED_MS : Infinity;
  const rows: ReadRow[] = [];
  for (const row of page) {
    const entry = parseHitsRow(row);
    const at = entry === null ? null : (entry.at ?? zone.wallToEpoch(entry.wallAt ?? 0));
    if (at !== null && at > newest) break;
    rows.push({ id: row.id, entry: entry === null || at === null ? null : { ...entry, at } });
  }
  return rows;
}

/** Keeps what counts of a page and moves on. Call inside a write. */
function keepPage({ ctx, path, stamp }: Run, rows: readonly ReadRow[], isEnd: boolean): void {
  const before = readProgress(ctx);
  const fresh = rows.filter(({ id }) => id > before.lastId);
  const { spans } = coveredSpans(ctx);
  const entries = fresh.flatMap(({ entry }) =>
    entry === null || isCovered(spans, entry.at) || isKnown(ctx, entry) ? [] : [entry],
  );
  if (entries.length > 0) {
    const file = ctx.store.texts.named({ kind: 'hits_db', path, ...headOf(path) });
    for (const group of Map.groupBy(entries, requestId)) {
      const place = { file: path, offset: 0, head: file.fingerprint };
      saveMerged(ctx, toParts(group, place), () => file.id);
    }
    const times = entries.map(({ at }) => at);
    ctx.store.advanceFile(file.id, {
      ...{ cursor: rows.at(-1)?.id ?? 0, lines: entries.length, refused: 0 },
      ...{ firstAt: Math.min(...times), lastAt: Math.max(...times) },
    });
  }
  const lastId = Math.max(before.lastId, rows.at(-1)?.id ?? 0);
  ctx.store.setMeta(META, JSON.stringify({ ...before, lastId, stamp: isEnd ? stamp : '' }));
}

/** A database is no log: its rows are known by their ids, and it by its path. */
function headOf(path: string): {
  fingerprint: string;
  headLength: number;
  begins: (head: string) => boolean;
} {
  const fingerprint = stableHash(`hits ${path}`);
  return { fingerprint, headLength: HEAD_LENGTH, begins: (head) => head === fingerprint };
}

/** Whether a request that is kept from a log has this hit: same address, rule and vhost, about the same time. */
function isKnown(ctx: Context, { client, at, host, hit }: HitsEntry & { readonly at: EpochMs }): boolean {
  return ctx.store.transactions
    .ofClient(client, at - SAME_REQUEST_MS, at + SAME_REQUEST_MS)
    .some(
      (known) =>
        !known.uniqueId.startsWith(HITS_LIST_ID) &&
        (host === null || known.vhost === null || known.vhost === maskUri(host)) &&
        [...known.errorHits, ...(known.auditHits ?? [])].some(({ ruleId }) => ruleId === hit.ruleId),
    );
}

function requestId({ client, host, path, at }: { readonly at: EpochMs } & HitsEntry): string {
  const second = String(Math.floor(at / 1000));
  return `${HITS_LIST_ID}${stableHash([client, host ?? '', path ?? '', second].join('\u0000'))}`;
}

function toParts(
  [uniqueId, entries]: readonly [string, readonly (HitsEntry & { readonly at: EpochMs })[]],
  place: LineRef,
): TransactionParts {
  const [first] = entries;
  return {
    uniqueId,
    at: Math.min(...entries.map(({ at }) => at)),
    client: first?.client ?? '',
    vhost: first?.host == null ? null : maskUri(first.host),
    path: first?.path == null ? null : maskUri(first.path),
    errorHits: entries.map(({ id, hit }) => ({
      ...maskHit(hit),
      ref: { ...place, offset: id },
      ambiguous: false,
    })),
    auditHits: null,
    request: null,
    findings: [],
    engineErrors: [],
    auditRef: null,
    ambiguous: false,
  };
}
