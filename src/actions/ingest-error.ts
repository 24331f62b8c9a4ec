// error_log lines into transactions: grouped by unique_id, masked, joined with what is kept.
import { maskHit, maskLine, maskUri } from '../analyse/mask.ts';
import { mergeParts, reportsOnly } from '../analyse/merge.ts';
import { isSecretTarget } from '../analyse/secrets.ts';
import { findValues } from '../analyse/values.ts';
import type { LogLine } from '../host/read-lines.ts';
import type { EngineError, EpochMs, LineRef, RuleHit, TransactionParts, ValueFinding } from '../model.ts';
import { parseApacheErrorTime } from '../parse/apache-time.ts';
import { type ErrorLogEntry, parseErrorLogLine } from '../parse/error-log.ts';
import type { Context } from './context.ts';
import type { Progress } from './ingest-file.ts';
import type { ServerClock } from './server.ts';

const MARK = 'ModSecurity: ';

/** Stores a batch of error_log lines and moves the cursor. Call inside `store.write`. */
export function storeErrorLines(
  ctx: Context,
  clock: ServerClock,
  progress: Progress,
  lines: readonly LogLine[],
): void {
  const place = ctx.store.place(progress.file.id, 0) ?? { file: progress.file.path, offset: 0 };
  const gathered = new Map<string, Gathered>();
  const span = new Span();
  let refused = 0;
  // Any line shows that the log covers its time, not only ModSecurity's.
  for (const line of [lines[0], lines.at(-1)]) span.add(lineTime(clock, line));
  for (const line of lines) {
    if (!line.text.includes(MARK)) continue;
    const entry = parseErrorLogLine(line.text);
    if (entry === null) {
      if (!isNotice(line.text)) {
        refused++;
        ctx.store.keepBadLine(progress.file.id, line.offset, maskLine(line.text.slice(0, 600)));
      }
      continue;
    }
    const at = clock.zone.wallToEpoch(entry.wallAt);
    span.add(at);
    if (entry.ambiguous) {
      const kept = JSON.stringify({ at, entry: masked(entry) });
      ctx.store.keepAmbiguous({ fileId: progress.file.id, offset: line.offset, entry: kept });
    } else if (entry.uniqueId !== null) {
      const one = { entry, at, ref: { ...place, offset: line.offset } };
      const known = gathered.get(entry.uniqueId);
      if (known === undefined) gathered.set(entry.uniqueId, { uniqueId: entry.uniqueId, lines: [one] });
      else known.lines.push(one);
    }
  }
  for (const one of gathered.values()) saveMerged(ctx, errorParts(ctx, one), () => progress.file.id);
  ctx.store.advanceFile(progress.file.id, {
    cursor: progress.end,
    ...span.value(),
    lines: lines.length,
    refused,
  });
}

/** One understood line with its time and place. */
export interface ReadLine {
  readonly entry: ErrorLogEntry;
  readonly at: EpochMs;
  readonly ref: LineRef;
}

/** The lines of one transaction in a batch, in log order. */
interface Gathered {
  readonly uniqueId: string;
  readonly lines: ReadLine[];
}

function lineTime(clock: ServerClock, line: LogLine | undefined): EpochMs | null {
  const stamp = /^\[([^\]]{20,40})\]/.exec(line?.text ?? '')?.[1];
  const wall = stamp === undefined ? null : parseApacheErrorTime(stamp);
  return wall === null ? null : clock.zone.wallToEpoch(wall);
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

/** What some lines of one transaction tell, masked. */
export function errorParts(ctx: Context, { uniqueId, lines }: Gathered): TransactionParts {
  const hits = lines.flatMap(({ entry }) => entry.hit ?? []);
  // 980xxx lines are written after the response: their uri is that of the error page.
  const telling = lines.find(({ entry }) => entry.hit !== null && !reportsOnly(entry.hit.ruleId)) ?? lines[0];
  const uri = telling?.entry.uri ?? null;
  const hostname = telling?.entry.hostname ?? null;
  return {
    uniqueId,
    at: Math.min(...lines.map((line) => line.at)),
    client: telling?.entry.client ?? '',
    vhost: hostname === null ? null : maskUri(hostname),
    path: uri === null ? null : maskUri(uri),
    errorHits: lines.flatMap(({ entry, ref }) =>
      entry.hit === null ? [] : [{ ...maskHit(entry.hit), ref, ambiguous: entry.ambiguous }],
    ),
    auditHits: null,
    request: null,
    findings: secretFindings(ctx, uri, hits),
    engineErrors: lines.flatMap(({ entry, ref }) =>
      entry.engineError === null ? [] : [engineError(entry.engineError, ref)],
    ),
    auditRef: null,
    ambiguous: lines.some(({ entry }) => entry.ambiguous),
  };
}

/**
 * Only values that will be masked are looked at now: the others still stand in the stored hits, and an audit record,
 * which shows whole values, mostly follows (see `transactionsOf`).
 */
function secretFindings(ctx: Context, uri: string | null, hits: readonly RuleHit[]): ValueFinding[] {
  const secret = hits.filter((hit) => hit.target !== null && isSecretTarget(hit.target));
  return secret.length === 0
    ? []
    : findValues({ path: uri, method: null, args: [], headers: [], uri, hits: secret }, ctx.hash);
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

/** First and last time of a batch. */
class Span {
  #first: EpochMs | null = null;
  #last: EpochMs | null = null;

  add(at: EpochMs | null): void {
    if (at === null) return;
    if (this.#first === null || at < this.#first) this.#first = at;
    if (this.#last === null || at > this.#last) this.#last = at;
  }

  value(): { firstAt: EpochMs | null; lastAt: EpochMs | null } {
    return { firstAt: this.#first, lastAt: this.#last };
  }
}
