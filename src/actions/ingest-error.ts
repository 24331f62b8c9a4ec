// error_log lines into transactions: grouped by unique_id, masked, joined with what is kept.
import { maskHit, maskUri } from '../analyse/mask.ts';
import { mergeParts } from '../analyse/merge.ts';
import { findValues } from '../analyse/values.ts';
import type { LogLine } from '../host/read-lines.ts';
import type { EngineError, EpochMs, LineRef, TransactionParts } from '../model.ts';
import { type ErrorLogEntry, parseErrorLogLine } from '../parse/error-log.ts';
import type { Context } from './context.ts';
import type { Progress } from './ingest.ts';
import { installedRules } from './rules.ts';
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
  const gathered = new Map<string, TransactionParts>();
  const span = new Span();
  let refused = 0;
  for (const line of lines) {
    if (!line.text.includes(MARK)) continue;
    const entry = parseErrorLogLine(line.text);
    if (entry === null) {
      if (!isNotice(line.text)) {
        refused++;
        ctx.store.keepBadLine(progress.file.id, line.offset, maskUri(line.text.slice(0, 600)));
      }
      continue;
    }
    const at = clock.zone.wallToEpoch(entry.wallAt);
    span.add(at);
    const ref = { ...place, offset: line.offset };
    if (entry.ambiguous) {
      ctx.store.keepAmbiguous({
        fileId: progress.file.id,
        offset: line.offset,
        entry: JSON.stringify({ at, entry: masked(entry) }),
      });
      continue;
    }
    const parts = toParts(ctx, entry, at, ref);
    if (parts === null) continue;
    const known = gathered.get(parts.uniqueId);
    gathered.set(parts.uniqueId, known === undefined ? parts : mergeParts(known, parts));
  }
  for (const parts of gathered.values()) saveMerged(ctx, parts, () => progress.file.id);
  ctx.store.advanceFile(progress.file.id, {
    cursor: progress.end,
    ...span.value(),
    lines: lines.length,
    refused,
  });
}

/** Lines that ModSecurity writes at start and that are about no request. */
function isNotice(line: string): boolean {
  return /\[(?:[a-z_0-9]*:)?notice\]/.test(line.slice(0, 120)) || !line.includes('[client ');
}

function masked(entry: ErrorLogEntry): ErrorLogEntry {
  return { ...entry, hit: entry.hit === null ? null : maskHit(entry.hit), referer: null };
}

function toParts(ctx: Context, entry: ErrorLogEntry, at: EpochMs, ref: LineRef): TransactionParts | null {
  if (entry.uniqueId === null) return null;
  const { hit } = entry;
  const findings =
    hit === null
      ? []
      : findValues(
          { path: entry.uri, method: null, args: [], headers: [], uri: entry.uri, hits: [hit] },
          ctx.hash,
        );
  return {
    uniqueId: entry.uniqueId,
    at,
    client: entry.client,
    vhost: entry.hostname,
    path: entry.uri === null ? null : maskUri(entry.uri),
    errorHits: hit === null ? [] : [{ ...maskHit(hit), ref, ambiguous: entry.ambiguous }],
    auditHits: null,
    request: null,
    findings,
    engineErrors: entry.engineError === null ? [] : [engineError(entry.engineError, ref)],
    auditRef: null,
    ambiguous: entry.ambiguous,
  };
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

  add(at: EpochMs): void {
    if (this.#first === null || at < this.#first) this.#first = at;
    if (this.#last === null || at > this.#last) this.#last = at;
  }

  value(): { firstAt: EpochMs | null; lastAt: EpochMs | null } {
    return { firstAt: this.#first, lastAt: this.#last };
  }
}

/**
 * Decides lines that can be read in two ways: the reading whose unique_id is known from an audit record or from
 * unambiguous lines of the same address wins, and among several the one whose rule stands in the installed files.
 * Without any such help the first reading is taken and stays marked ambiguous.
 */
export function decideAmbiguous(ctx: Context): void {
  const waiting = ctx.store.ambiguousLines();
  if (waiting.length === 0) return;
  const installed = new Set(installedRules(ctx).keys());
  ctx.store.write(() => {
    for (const line of waiting) {
      const { at, entry } = JSON.parse(line.entry) as { at: EpochMs; entry: ErrorLogEntry };
      const place = ctx.store.place(line.fileId, line.offset);
      if (place === null || entry.hit === null) continue;
      const chosen = chooseReading(ctx, entry, installed);
      const decided: ErrorLogEntry = {
        ...entry,
        uniqueId: chosen.uniqueId,
        hostname: chosen.hostname,
        uri: chosen.uri,
        hit: { ...entry.hit, ruleId: chosen.ruleId, file: chosen.file, line: chosen.line },
      };
      const parts = toParts(ctx, decided, at, place);
      if (parts !== null) saveMerged(ctx, parts, () => line.fileId);
      ctx.store.dropAmbiguous(line.fileId, line.offset);
    }
  });
}

function chooseReading(
  ctx: Context,
  entry: ErrorLogEntry,
  installed: ReadonlySet<string>,
): ErrorLogEntry['candidates'][number] {
  const first = entry.candidates[0] ?? {
    ruleId: entry.hit?.ruleId ?? '',
    file: null,
    line: null,
    hostname: entry.hostname,
    uri: entry.uri,
    uniqueId: entry.uniqueId,
  };
  const ranked = entry.candidates.map((reading, index) => ({
    reading,
    rank: rankReading(ctx, entry.client, reading, installed) - index / 100,
  }));
  return ranked.sort((a, b) => b.rank - a.rank)[0]?.reading ?? first;
}

function rankReading(
  ctx: Context,
  client: string,
  reading: ErrorLogEntry['candidates'][number],
  installed: ReadonlySet<string>,
): number {
  const kept = reading.uniqueId === null ? null : ctx.store.transactions.byId(reading.uniqueId);
  let rank = installed.size > 0 && installed.has(reading.ruleId) ? 1 : 0;
  if (kept?.client !== client) return rank;
  rank += kept.auditHits?.some((hit) => hit.ruleId === reading.ruleId) === true ? 8 : 2;
  if (kept.auditRef !== null) rank += 2;
  return rank;
}
