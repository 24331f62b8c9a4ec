// error_log lines into transactions: grouped by unique_id, masked, joined with what is kept.
import { maskHit, maskLine, maskUri } from '../analyse/mask.ts';
import { mergeParts, reportsOnly, unionErrors } from '../analyse/merge.ts';
import { isSecretTarget } from '../analyse/secrets.ts';
import { findValues } from '../analyse/values.ts';
import type {
  EngineError,
  EpochMs,
  LineRef,
  RuleHit,
  TransactionParts,
  ValueFinding,
  WallMs,
} from '../model.ts';
import { parseApacheErrorTime } from '../parse/apache-time.ts';
import { latin1Of } from '../parse/byte-lines.ts';
import type { ErrorLogEntry } from '../parse/error-log.ts';
import { parseModsecLine } from '../parse/modsec-line.ts';
import { wallClockOf } from '../parse/wall-clock.ts';
import type { FileRow } from '../store/files.ts';
import { type FileTransaction, packTransactions, type PackedBatch, partsOf } from '../store/packed.ts';
import type { Context } from './context.ts';
import { LogOrder } from './log-order.ts';
import type { ServerClock } from './server.ts';

/** What every line of ModSecurity's holds, as Apache and nginx write it and as LiteSpeed does. */
const MARKS = ['ModSecurity: ', '[MODSEC]'] as const;

/** Whole lines of error_log, to be taken apart here or in another thread. */
export interface ErrorJob {
  readonly kind: 'error';
  readonly bytes: Uint8Array;
  /** Where the bytes begin: the file, its head, the offset. */
  readonly place: LineRef;
}

/** What a job gives: everything is masked, times are the log's own. */
export interface ErrorBatch {
  readonly packed: PackedBatch;
  readonly consumed: number;
  readonly firstWall: WallMs | null;
  readonly lastWall: WallMs | null;
  readonly lines: number;
  /** Lines that were not understood: their places and masked beginnings. */
  readonly bad: readonly { readonly offset: number; readonly text: string }[];
  readonly refused: number;
  /** Lines that can be read in two ways. */
  readonly ambiguous: readonly { readonly offset: number; readonly entry: ErrorLogEntry }[];
}

const NEWLINE = 0x0a;
/** Lines that were not understood and are kept of one batch. */
const MOST_BAD = 20;

/** Takes lines of error_log apart into masked transactions; pure. `hash` is the context's keyed hash. */
export function readErrorBatch({ bytes, place }: Omit<ErrorJob, 'kind'>, hash: Context['hash']): ErrorBatch {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const gathered = new Map<string, GatheredLines>();
  const bad: { offset: number; text: string }[] = [];
  const ambiguous: { offset: number; entry: ErrorLogEntry }[] = [];
  const span = new Span();
  let refused = 0;
  // Any line shows that the log covers its time, not only ModSecurity's.
  for (const at of [0, buffer.lastIndexOf(NEWLINE, -2) + 1]) span.add(lineTime(buffer, at));
  const marks = new MarkFinder(buffer);
  for (let mark = marks.next(0); mark >= 0;) {
    const start = buffer.lastIndexOf(NEWLINE, mark) + 1;
    const found = buffer.indexOf(NEWLINE, mark);
    const end = found < 0 ? buffer.length : found;
    const offset = place.offset + start;
    const line = buffer.toString('latin1', start, end);
    const entry = parseModsecLine(line);
    if (entry === null) {
      if (!isNotice(line)) {
        refused++;
        if (bad.length < MOST_BAD) bad.push({ offset, text: maskLine(line.slice(0, 600)) });
      }
    } else {
      span.add(entry.wallAt);
      if (entry.ambiguous) ambiguous.push({ offset, entry: masked(entry) });
      else if (entry.uniqueId !== null)
        gather(gathered, entry.uniqueId, { entry, at: entry.wallAt, ref: { ...place, offset } });
    }
    mark = marks.next(end);
  }
  return {
    packed: packTransactions([...gathered.values()].map((one) => told(hash, one))),
    consumed: buffer.length,
    ...span.value(),
    lines: countLines(buffer),
    bad,
    refused,
    ambiguous,
  };
}

/** A line that is too long to be read: nothing of it is used but its beginning, as a sample. */
export function longLineBatch(beginning: Uint8Array, offset: number, consumed: number): ErrorBatch {
  const text = maskLine(latin1Of(beginning.subarray(0, 600)));
  return {
    packed: { texts: [], transactions: [] },
    consumed,
    firstWall: null,
    lastWall: null,
    lines: 1,
    bad: [{ offset, text }],
    refused: 1,
    ambiguous: [],
  };
}

function gather(into: Map<string, GatheredLines>, uniqueId: string, line: ReadLine): void {
  const known = into.get(uniqueId);
  if (known === undefined) into.set(uniqueId, { uniqueId, lines: [line] });
  else known.lines.push(line);
}

function countLines(buffer: Buffer): number {
  let lines = 0;
  for (let at = buffer.indexOf(NEWLINE); at >= 0; at = buffer.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
}

/** Stores a batch that begins at the file's cursor and moves the cursor past it. Call inside `store.write`. */
export function storeErrorBatch(ctx: Context, clock: ServerClock, file: FileRow, batch: ErrorBatch): void {
  const order = new LogOrder(clock.zone, file.lastAt);
  const firstAt = batch.firstWall === null ? null : order.instant(batch.firstWall);
  const transactions = batch.packed.transactions.map((one) => ({
    ...one,
    at: order.instant(one.at, one.uniqueId),
  }));
  for (const { offset, text } of batch.bad) ctx.store.keepBadLine(file.id, offset, text);
  for (const { offset, entry } of batch.ambiguous) {
    const kept = JSON.stringify({ at: order.instant(entry.wallAt), entry });
    ctx.store.keepAmbiguous({ fileId: file.id, offset, entry: kept });
  }
  storePacked(ctx, file.id, { texts: batch.packed.texts, transactions });
  ctx.store.advanceFile(file.id, {
    cursor: file.cursor + batch.consumed,
    firstAt,
    lastAt: batch.lastWall === null ? null : order.instant(batch.lastWall),
    lines: batch.lines,
    refused: batch.refused,
  });
}

/** Writes the transactions of one file's batch: new ones as they are, others merged. Call inside `store.write`. */
export function storePacked(ctx: Context, fileId: number, packed: PackedBatch): void {
  for (const parts of ctx.store.transactions.add(packed, fileId)) saveMerged(ctx, parts, () => fileId);
  const oldest = new Map<string, EpochMs>();
  for (const { client, at } of packed.transactions)
    oldest.set(client, Math.min(oldest.get(client) ?? at, at));
  for (const [client, at] of oldest) ctx.store.markDirty(client, at);
}

/** One understood line with its time and place. */
export interface ReadLine {
  readonly entry: ErrorLogEntry;
  readonly at: number;
  readonly ref: LineRef;
}

/** The lines of one transaction in a batch, in log order. */
export interface GatheredLines {
  readonly uniqueId: string;
  readonly lines: ReadLine[];
}

/** The time in front of the line at `start`, as Apache, nginx or LiteSpeed writes it; null where none stands. */
function lineTime(buffer: Buffer, start: number): WallMs | null {
  const front = buffer.toString('latin1', start, start + 50);
  const stamp = /^\[([^\]]{20,40})\]/.exec(front)?.[1];
  if (stamp !== undefined) return parseApacheErrorTime(stamp);
  return wallClockOf(front, '/') ?? wallClockOf(front, '-');
}

/** Lines that ModSecurity writes at start and that are about no request. */
function isNotice(line: string): boolean {
  return /\[(?:[a-z_0-9]*:)?notice\]/.test(line.slice(0, 120)) || !line.includes('[client ');
}

function masked(entry: ErrorLogEntry): ErrorLogEntry {
  const text = (value: string | null): string | null => (value === null ? null : maskUri(value));
  const hit = entry.hit === null ? null : maskHit(entry.hit);
  return { ...entry, hit, uri: text(entry.uri), hostname: text(entry.hostname), referer: null };
}

/** What some lines of one transaction in one file tell, masked. */
export function errorParts(hash: Context['hash'], lines: GatheredLines): TransactionParts {
  return partsOf(told(hash, lines), lines.lines[0]?.ref ?? { file: '', offset: 0 });
}

function told(hash: Context['hash'], { uniqueId, lines }: GatheredLines): FileTransaction {
  const hits = lines.flatMap(({ entry }) => entry.hit ?? []);
  // 980xxx lines are written after the response: their uri is that of the error page.
  const telling = lines.find(({ entry }) => entry.hit !== null && !reportsOnly(entry.hit.ruleId)) ?? lines[0];
  const uri = telling?.entry.uri ?? null;
  const hostname = telling?.entry.hostname ?? null;
  return {
    uniqueId,
    at: lines.reduce((least, { at }) => Math.min(least, at), Infinity),
    client: telling?.entry.client ?? '',
    vhost: hostname === null ? null : maskUri(hostname),
    path: uri === null ? null : maskUri(uri),
    errorHits: lines.flatMap(({ entry, ref }) =>
      entry.hit === null ? [] : [{ hit: maskHit(entry.hit), offset: ref.offset, ambiguous: entry.ambiguous }],
    ),
    auditHits: null,
    request: null,
    findings: secretFindings(hash, uri, hits),
    engineErrors: unionErrors(
      lines.flatMap(({ entry, ref }) =>
        entry.engineError === null ? [] : [engineError(entry.engineError, ref)],
      ),
      [],
    ),
    auditRef: null,
    ambiguous: lines.some(({ entry }) => entry.ambiguous),
  };
}

/**
 * Only values that will be masked are looked at now: the others still stand in the stored hits, and an audit record,
 * which shows whole values, mostly follows (see `transactionsOf`).
 */
function secretFindings(hash: Context['hash'], uri: string | null, hits: readonly RuleHit[]): ValueFinding[] {
  const secret = hits.filter((hit) => hit.target !== null && isSecretTarget(hit.target));
  return secret.length === 0
    ? []
    : findValues({ path: uri, method: null, args: [], headers: [], uri, hits: secret }, hash);
}

function engineError(error: Pick<EngineError, 'kind' | 'text' | 'ruleId'>, ref: LineRef): EngineError {
  return { kind: error.kind, text: maskUri(error.text.slice(0, 300)), ruleId: error.ruleId, refs: [ref] };
}

/** Joins a partial record with what is kept of its unique_id and writes it; marks its address for regrouping. */
export function saveMerged(ctx: Context, parts: TransactionParts, fileId: (ref: LineRef) => number): void {
  const kept = ctx.store.transactions.byId(parts.uniqueId);
  const merged = kept === null ? parts : mergeParts(kept, parts);
  ctx.store.transactions.save(merged, fileIdOf(ctx, parts, fileId), kept);
  ctx.store.markDirty(merged.client, merged.at);
  if (kept !== null && kept.client !== merged.client) ctx.store.markDirty(kept.client, kept.at);
}

// Places of earlier batches may lie in other files; they are named by their fingerprint.
function fileIdOf(
  ctx: Context,
  fresh: TransactionParts,
  own: (ref: LineRef) => number,
): (ref: LineRef) => number {
  const freshHead = (fresh.errorHits[0] ?? fresh.auditHits?.[0])?.ref.head ?? fresh.auditRef?.head;
  return (ref) => (ref.head === freshHead ? own(ref) : ctx.store.fileIdOf(ref));
}

/** Finds the next mark of any kind; each kind is looked for once. */
class MarkFinder {
  readonly #buffer: Buffer;
  readonly #next: number[];

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
    this.#next = MARKS.map((mark) => buffer.indexOf(mark));
  }

  /** The first mark at or behind `from`; -1 when there is none. */
  next(from: number): number {
    let least = -1;
    for (const [kind, mark] of MARKS.entries()) {
      let at = this.#next[kind] ?? -1;
      if (at >= 0 && at < from) {
        at = this.#buffer.indexOf(mark, from);
        this.#next[kind] = at;
      }
      if (at >= 0 && (least < 0 || at < least)) least = at;
    }
    return least;
  }
}

/** First and last time of a batch. */
class Span {
  #first: WallMs | null = null;
  #last: WallMs | null = null;

  add(at: WallMs | null): void {
    if (at === null) return;
    if (this.#first === null || at < this.#first) this.#first = at;
    if (this.#last === null || at > this.#last) this.#last = at;
  }

  value(): { firstWall: WallMs | null; lastWall: WallMs | null } {
    return { firstWall: this.#first, lastWall: this.#last };
  }
}
