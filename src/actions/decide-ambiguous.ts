// Lines of error_log that can be read in two ways: which transaction they belong to, decided by what else is kept.
import type { EpochMs, LineRef, TransactionParts } from '../model.ts';
import type { ErrorLogEntry } from '../parse/error-log.ts';
import type { AmbiguousLine } from '../store/store.ts';
import type { Context } from './context.ts';
import { errorParts, type ReadLine, saveMerged } from './ingest-error.ts';
import { installedRules } from './rules.ts';

type Candidate = ErrorLogEntry['candidates'][number];

/** What is kept of a waiting line. */
interface Waiting {
  readonly at: EpochMs;
  readonly entry: ErrorLogEntry;
  /** unique_id of the transaction that the line was given to for the time being. */
  readonly placed?: string | null;
}

/** Lines that are decided in one write; bounds the memory that a flood of them takes. */
const PAGE = 200;
/** Lines that go on waiting for an audit record; beyond that the oldest stay where they were placed. */
const MOST_WAITING = 1000;
const DECIDED_AT = 'ambiguous_decided_at';
/** What speaks for a reading: a request of this address is known; by its audit record; that names the rule. */
const KNOWN = 2;
const AUDITED = 4;
const BY_AUDIT = 8;

/**
 * Decides lines that can be read in two ways: the reading whose unique_id is known from an audit record or from
 * unambiguous lines of the same address wins, and among several the one whose rule stands in the installed files.
 * Without any such help the first reading is taken for the time being, marked ambiguous; the line waits on, and
 * moves when an audit record comes. So the order in which the logs are read makes no difference.
 */
export function decideAmbiguous(ctx: Context): void {
  const { store } = ctx;
  if (store.ambiguousLines(1).length === 0) return;
  const state = readState(ctx);
  if (store.meta(DECIDED_AT) === state) return;
  const installed = new Set(installedRules(ctx).keys());
  let last: AmbiguousLine | null = null;
  do {
    const after: AmbiguousLine | null = last;
    // Read inside the write: another process may just have placed them.
    last = store.write(() => {
      const lines = store.ambiguousLines(PAGE, after);
      for (const line of lines) decideLine(ctx, line, installed);
      return lines.at(-1) ?? null;
    });
  } while (last !== null);
  store.write(() => {
    store.trimAmbiguous(MOST_WAITING);
    store.setMeta(DECIDED_AT, state);
  });
}

/** How far the logs were read: nothing new to decide by while it stays the same. */
function readState(ctx: Context): string {
  const files = [...ctx.store.files('error_log'), ...ctx.store.files('audit_log')];
  return files.map((file) => `${file.id}:${file.cursor}`).join(' ');
}

/** Places one line; it waits on unless nothing that may still come can change its place. */
function decideLine(ctx: Context, line: AmbiguousLine, installed: ReadonlySet<string>): void {
  const { at, entry, placed = null } = JSON.parse(line.entry) as Waiting;
  const ref = ctx.store.place(line.fileId, line.offset);
  const isLost = ref === null || entry.hit === null;
  const { reading, rank } = choose(ctx, entry, installed);
  // A reading without a rule says that the line's rule is made up: its request is known, its hit is not.
  const isMadeUp = reading.ruleId === '';
  const wanted = isMadeUp ? null : reading.uniqueId;
  const isFinal = isLost || rank >= (isMadeUp ? AUDITED : BY_AUDIT);
  const moves = !isLost && placed !== wanted;
  if (moves) {
    if (placed !== null) takeBack(ctx, placed, ref);
    if (wanted !== null) give(ctx, line.fileId, { entry: readAs(entry, reading), at, ref }, wanted);
  }
  if (isFinal || moves) ctx.store.dropAmbiguous(line.fileId, line.offset);
  if (!isFinal && moves) {
    const kept: Waiting = { at, entry, placed: wanted };
    ctx.store.keepAmbiguous({ ...line, entry: JSON.stringify(kept) });
  }
}

function readAs(entry: ErrorLogEntry, reading: Candidate): ErrorLogEntry {
  const { uniqueId, hostname, uri, ruleId, file, line } = reading;
  return { ...entry, uniqueId, hostname, uri, hit: entry.hit && { ...entry.hit, ruleId, file, line } };
}

function give(ctx: Context, fileId: number, line: ReadLine, uniqueId: string): void {
  saveMerged(ctx, errorParts(ctx.hash, { uniqueId, lines: [line] }), () => fileId);
}

/** Removes a line's hit from the transaction it was given to; a transaction that is nothing else goes with it. */
function takeBack(ctx: Context, uniqueId: string, place: LineRef): void {
  const kept = ctx.store.transactions.byId(uniqueId);
  if (kept === null) return;
  const errorHits = kept.errorHits.filter(
    ({ ref }) => ref.offset !== place.offset || ref.head !== place.head || ref.file !== place.file,
  );
  if (errorHits.length === 0 && kept.auditRef === null && kept.engineErrors.length === 0) {
    ctx.store.transactions.remove(uniqueId);
  } else {
    const rest = { ...kept, errorHits, ambiguous: errorHits.some((hit) => hit.ambiguous) };
    ctx.store.transactions.save(rest, (ref) => ctx.store.fileIdOf(ref), kept);
  }
  ctx.store.markDirty(kept.client, kept.at);
}

interface Choice {
  readonly reading: Candidate;
  readonly rank: number;
}

function choose(ctx: Context, entry: ErrorLogEntry, installed: ReadonlySet<string>): Choice {
  const own: Candidate = {
    ruleId: entry.hit?.ruleId ?? '',
    file: entry.hit?.file ?? null,
    line: entry.hit?.line ?? null,
    hostname: entry.hostname,
    uri: entry.uri,
    uniqueId: entry.uniqueId,
  };
  const ranked = entry.candidates.map((reading, index) => ({
    reading,
    rank: rankReading(ctx, entry.client, reading, installed),
    index,
  }));
  return ranked.sort((a, b) => b.rank - a.rank || a.index - b.index)[0] ?? { reading: own, rank: 0 };
}

function rankReading(
  ctx: Context,
  client: string,
  reading: Candidate,
  installed: ReadonlySet<string>,
): number {
  const kept = reading.uniqueId === null ? null : ctx.store.transactions.byId(reading.uniqueId);
  // A visitor who names another one's request does not get his line into it.
  if (kept !== null && kept.client !== client) return -1;
  const rank = installed.has(reading.ruleId) ? 1 : 0;
  if (kept === null || !isCertain(kept)) return rank;
  if (kept.auditRef === null) return rank + KNOWN;
  return rank + (kept.auditHits?.some((hit) => hit.ruleId === reading.ruleId) === true ? BY_AUDIT : AUDITED);
}

/** Whether more than ambiguous lines tells of a transaction. */
function isCertain({ auditRef, errorHits, engineErrors }: TransactionParts): boolean {
  return auditRef !== null || engineErrors.length > 0 || errorHits.some((hit) => !hit.ambiguous);
}
