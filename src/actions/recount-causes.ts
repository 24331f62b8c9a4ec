// Counts causes anew after incidents were judged, and once an hour because the window moves. Off the path of any page.
import { isEngineRule } from '../analyse/engine-errors.ts';
import { noiseOf } from '../analyse/noise.ts';
import { spreadOf } from '../analyse/cause-spread.ts';
import { knownPair } from '../analyse/patterns/pairs.ts';
import type { EpochMs } from '../model.ts';
import type { CellWork } from '../store/cause-counts.ts';
import type { CauseRecord } from '../store/cause-record.ts';
import { stepStates } from './cause-steps.ts';
import type { Context } from './context.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** The window of all numbers of causes. */
export const CAUSE_DAYS = 14;
/** Causes that are taken up at once. */
const STEP = 300;
/** Bounds one call: questions wait for it. */
const BUDGET_MS = 150;

/** Where something was counted and not folded yet. */
const unfolded = new WeakSet<Context>();

/** Start of the window that ends now. */
export function windowStart(now: EpochMs): EpochMs {
  return now - CAUSE_DAYS * DAY_MS;
}

export interface Recounted {
  /** Cells that were counted. */
  readonly cells: number;
  /** True when there is more to do: call again. */
  readonly left: boolean;
}

/**
 * Counts what has changed, then what was counted longest ago, for some 150 ms; moves states (fixed, reopened) of what
 * it counted. Cheap when there is nothing to do. Call it after judging, and again while `left` is true.
 */
export function recountCauses(ctx: Context, now: EpochMs): Recounted {
  const end = performance.now() + BUDGET_MS;
  let cells = 0;
  for (let work = nextWork(ctx, now); work.length > 0; work = nextWork(ctx, now)) {
    // One write for many cells: each commit costs more than most cells.
    const done = ctx.store.write(() => countUntil(ctx, work, now, end));
    cells += done;
    if (done < work.length || performance.now() > end) {
      unfolded.add(ctx);
      return { cells, left: true };
    }
  }
  stepStates(ctx, null, now);
  if (cells > 0 || unfolded.delete(ctx))
    ctx.store.write(() => {
      ctx.store.causeCounts.fold();
    });
  return { cells, left: false };
}

/** Counts cells until a moment, one at least; gives how many. */
function countUntil(ctx: Context, work: readonly CellWork[], now: EpochMs, end: number): number {
  let done = 0;
  for (const cell of work) {
    recountCell(ctx, cell, now);
    done++;
    if (performance.now() > end) break;
  }
  return done;
}

/** Counts all that there is to count. For the command line, which waits for it. */
export function recountAll(ctx: Context, now: EpochMs): void {
  while (recountCauses(ctx, now).left);
}

function nextWork({ store }: Context, now: EpochMs): readonly CellWork[] {
  const dirty = store.causeCounts.dirty(now, STEP);
  return dirty.length > 0 ? dirty : store.causeCounts.stale(now - HOUR_MS, STEP);
}

function recountCell(ctx: Context, work: CellWork, now: EpochMs): void {
  const { causeCounts } = ctx.store;
  if (isEngineRule(work.ruleId)) {
    // A failure of the engine is no cause: it is counted with the engine's errors.
    causeCounts.skip(work);
    return;
  }
  const window = { from: windowStart(now), to: now };
  const causes = causeCounts.count(work, window);
  const spreads = spreadOf(causes);
  const scores = causes.flatMap((cause, index) => {
    const spread = spreads[index];
    return spread === undefined
      ? []
      : [{ ...spread, id: cause.id, score: noiseOf(noiseFacts({ ...cause, ...spread })).score }];
  });
  causeCounts.score(scores);
  const best = scores.reduce<(typeof scores)[number] | null>(
    (top, one) => (top === null || one.score > top.score ? one : top),
    null,
  );
  causeCounts.cell(work, scores.length, best?.id ?? null, window);
  stepStates(ctx, causes, now);
}

/** What the score of a kept cause is made of. */
export function noiseFacts(
  cause: Pick<
    CauseRecord,
    | 'ruleId'
    | 'targetSeen'
    | 'pathSeen'
    | 'ordinary'
    | 'visitors'
    | 'hits'
    | 'attackHits'
    | 'shaped'
    | 'twoPaths'
    | 'share'
  >,
): Parameters<typeof noiseOf>[0] {
  const { ruleId, targetSeen, pathSeen, ordinary, visitors, hits, attackHits, shaped, twoPaths, share } =
    cause;
  const pair = knownPair(ruleId, targetSeen === '' ? null : targetSeen, pathSeen === '' ? null : pathSeen);
  const words = pair === null ? null : `${pair.app}, ${pair.words}`;
  return { ordinary, visitors, hits, attackHits, shaped, twoPaths, share, pair: words };
}
