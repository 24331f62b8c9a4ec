// The background share of judging: a bounded piece of work between two questions, so that pages find it done.
import type { Context } from './context.ts';
import { askCrawlerNames } from './crawler-names.ts';
import { breath } from './ingest-file.ts';
import { judgePending } from './judge.ts';
import { mayKeep } from './read-state.ts';
import { recountAll, recountCauses } from './recount-causes.ts';
import type { ServerClock } from './server.ts';
import { indexVhosts } from './vhosts.ts';

const DAY_MS = 86_400_000;
/** Others count for 14 days; a little more is kept. */
const KEPT_MS = 30 * DAY_MS;
/** Incidents that one piece of work judges: some tenths of a second. */
const AT_ONCE = 8;
const UNSETTLED_AT_ONCE = 32;
/** How long a round goes on with pieces. */
const ROUND_MS = 1000;
/** How long a command waits for DNS. */
const DNS_MS = 2000;

/**
 * Judges some of what waits and counts some causes. `onlyNew`: unsettled incidents are left for a later round. Gives whether
 * more waits.
 */
export async function judgeRound(ctx: Context, clock: ServerClock, onlyNew: boolean): Promise<boolean> {
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  const end = Date.now() + ROUND_MS;
  // Unsettled ones wait for more lines, judged or not: they are looked at once a round.
  let judged = await judgePending(ctx, clock, vhosts, {
    most: onlyNew ? AT_ONCE : UNSETTLED_AT_ONCE,
    onlyNew,
  });
  while (judged >= AT_ONCE && Date.now() < end) {
    await breath();
    judged = await judgePending(ctx, clock, vhosts, { most: AT_ONCE, onlyNew: true });
  }
  recountCauses(ctx, clock.now);
  // A copied server may be of any age.
  if (!onlyNew && ctx.host.rootDir === '/')
    ctx.store.write(() => {
      ctx.store.fingerprints.prune(clock.now - 3 * DAY_MS);
      ctx.store.causeHits.prune(clock.now - KEPT_MS);
    });
  return judged >= AT_ONCE;
}

/** Judges all that waits (`most`: the newest), with what DNS says of those that call themselves crawlers. For the command line. */
async function judgeAll(ctx: Context, clock: ServerClock, most: number): Promise<void> {
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  await judgePending(ctx, clock, vhosts, { most });
  if ((await askCrawlerNames(ctx, clock.now - DAY_MS, DNS_MS)) > 0) await judgePending(ctx, clock, vhosts);
}

/** `judgeAll`, and counts the causes: what `ingest` leaves behind outlives the logs. */
export async function settleAll(ctx: Context, clock: ServerClock, most = Infinity): Promise<void> {
  if (!mayKeep(ctx)) return;
  await judgeAll(ctx, clock, most);
  recountAll(ctx, clock.now);
}
