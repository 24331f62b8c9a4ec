// What is old goes, so that the database keeps its size: in short writes, between which everybody else reads and writes.
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import { breath } from './ingest-file.ts';
import { newLeftovers, stepLeftovers } from './retention-leftovers.ts';
import { newPass, stepPass, widened } from './retention-pass.ts';
import { readProtection } from './retention-protect.ts';
import { keepMemory, type Pass, readMemory, type RetentionMemory } from './retention-state.ts';
import type { ServerClock } from './server.ts';

/** Old rows are looked for so often; leftovers of what went once a day, not always at the same hour. */
const PASS_EVERY_MS = 600_000;
const LEFTOVERS_EVERY_MS = 20 * 3_600_000;
/** The last hour always stays: its incidents may not be settled. */
const FRESH_MS = 3_600_000;
/** The present is not believed to be later than the newest line and this: a wrong clock must not empty the database. */
const CLOCK_MS = 86_400_000;
/** Once over the limit of bytes, so much of it is left. */
const GOOD_SHARE = 0.9;
/** Rows that go for the limit of bytes between two looks at the size. */
const SLICE = 500;
const DRAIN = 300;

/** What is left for the next round. */
export interface RetentionRound {
  /** True when there is more to do now: call again soon. */
  readonly left: boolean;
}

interface Round {
  readonly ctx: Context;
  readonly clock: ServerClock;
  /** Whether the time is up. */
  readonly isOver: () => boolean;
}

/**
 * Removes what is older than the limits, for about `budgetMs` milliseconds, gives free pages back and folds the log of writes.
 * Call it about once a minute, after reading; cheap when nothing is due (`always`: everything is). It may be killed anywhere: the
 * next round does what was begun. Does nothing where another thread reads.
 */
export async function retentionRound(
  ctx: Context,
  clock: ServerClock,
  budgetMs: number,
  always = false,
): Promise<RetentionRound> {
  if (ctx.reader !== null) return { left: false };
  const end = performance.now() + budgetMs;
  const round = { ctx, clock, isOver: () => performance.now() > end };
  let memory = readMemory(ctx);
  if (always || isPassDue(ctx, memory)) memory = await removeOld(round, memory);
  if (memory.pass === null && (always || isTidyingDue(memory))) memory = await tidyUp(round, memory);
  keepMemory(ctx, memory);
  while (!round.isOver() && ctx.store.file.giveBack()) await breath();
  ctx.store.file.foldLog();
  return { left: memory.pass !== null || memory.leftovers !== null };
}

function isPassDue(ctx: Context, { pass, nextAt, trouble }: RetentionMemory): boolean {
  const { ageMs, bytes } = ctx.retention;
  if (pass !== null || ctx.store.retention.hasFading()) return true;
  if (ageMs === null && bytes === null) return false;
  return isDue(nextAt) || (trouble === null && isOverLimit(ctx, 1));
}

function isTidyingDue({ leftovers, leftoversAt, isUntidy }: RetentionMemory): boolean {
  return leftovers !== null || (isUntidy && isDue(leftoversAt));
}

/** Also when the clock was set back since: nothing is ever put off for long. */
function isDue(at: number): boolean {
  const now = Date.now();
  return now >= at || at - now > LEFTOVERS_EVERY_MS;
}

function isOverLimit(ctx: Context, share: number): boolean {
  const { bytes } = ctx.retention;
  return bytes !== null && ctx.store.file.size().usedBytes > bytes * share;
}

/** Goes on with the pass, or begins one. */
async function removeOld({ ctx, clock, isOver }: Round, memory: RetentionMemory): Promise<RetentionMemory> {
  const newest = ctx.store.retention.newestLine();
  const rest = { ...memory, pass: null, nextAt: Date.now() + PASS_EVERY_MS };
  if (newest === null) return rest;
  const now = Math.min(clock.now, newest + CLOCK_MS);
  const latest = now - FRESH_MS;
  const protection = await readProtection(ctx, now, latest);
  if (protection === null) return { ...rest, pass: memory.pass, trouble: 'csf' };
  let bytesBefore = memory.bytesBefore;
  let pass = memory.pass ?? newPass(Math.min(latest, startOf(ctx, now, bytesBefore)));
  // One step at least, however short the time is: it always ends.
  do {
    pass = stepPass(ctx, pass, protection);
    if (pass.stage === 'over' && !ctx.store.retention.hasFading()) {
      const next = nextSlice(ctx, pass, latest);
      if (next === null) return ended(ctx, { ...rest, bytesBefore }, pass);
      bytesBefore = next;
      pass = widened(pass, next);
    }
    await breath();
  } while (!isOver());
  return { ...memory, bytesBefore, pass };
}

function startOf(ctx: Context, now: EpochMs, bytesBefore: EpochMs | null): EpochMs {
  const { ageMs } = ctx.retention;
  return Math.max(0, ageMs === null ? 0 : now - ageMs, bytesBefore ?? 0);
}

/** Up to when the limit of bytes makes rows go next; null when it is kept, or nothing more may go. */
function nextSlice(ctx: Context, { before, isShrinking }: Pass, latest: EpochMs): EpochMs | null {
  if (before >= latest || !isOverLimit(ctx, isShrinking ? GOOD_SHARE : 1)) return null;
  const next = ctx.store.retention.timeBehind(before, SLICE) ?? latest;
  // Many rows may have one time: the next microsecond is behind them.
  return Math.min(latest, Math.max(next, before + 0.001));
}

function ended(ctx: Context, memory: RetentionMemory, { removed, before }: Pass): RetentionMemory {
  const isAny = removed.incidents + removed.transactions + removed.others > 0;
  return {
    ...memory,
    last: isAny ? { ...removed, at: Date.now(), before } : memory.last,
    isUntidy: memory.isUntidy || isAny,
    trouble: isOverLimit(ctx, 1) ? 'needed' : null,
  };
}

/** Goes on with the look for leftovers, or begins one. */
async function tidyUp({ ctx, isOver }: Round, memory: RetentionMemory): Promise<RetentionMemory> {
  let pass = memory.leftovers ?? newLeftovers(ctx, memory.last?.before ?? 0);
  while (pass.stage !== 'over') {
    pass = stepLeftovers(ctx, pass);
    await breath();
    if (isOver()) return { ...memory, leftovers: pass };
  }
  while (ctx.store.write(() => ctx.store.retention.drain(DRAIN).left)) {
    if (isOver()) return { ...memory, leftovers: pass };
    await breath();
  }
  // Texts that were found unused go when the next look finds them so again.
  return {
    ...memory,
    leftovers: null,
    leftoversAt: Date.now() + LEFTOVERS_EVERY_MS,
    isUntidy: pass.hasMarked,
  };
}
