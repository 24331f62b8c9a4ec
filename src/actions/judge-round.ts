// The background share of judging: a bounded piece of work between two questions, so that pages find it done.
import type { Context } from './context.ts';
import { askCrawlerNames } from './crawler-names.ts';
import { judgePending } from './judge.ts';
import { recountAll, recountCauses } from './recount-causes.ts';
import type { ServerClock } from './server.ts';
import { indexVhosts } from './vhosts.ts';

const DAY_MS = 86_400_000;
/** Others count for 14 days; a little more is kept. */
const KEPT_MS = 30 * DAY_MS;
/** Incidents that one piece of work judges: some tenths of a second. */
const AT_ONCE = 32;
/** How long a command waits for DNS. */
const DNS_MS = 2000;

/** Judges some of what waits and counts some causes. `onlyNew`: unsettled incidents are left for a later round. */
export async function judgeRound(ctx: Context, clock: ServerClock, onlyNew: boolean): Promise<void> {
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  await judgePending(ctx, clock, vhosts, { most: AT_ONCE, onlyNew });
  recountCauses(ctx, clock.now);
  // A copied server may be of any age.
  if (!onlyNew && ctx.host.rootDir === '/')
    ctx.store.write(() => {
      ctx.store.fingerprints.prune(clock.now - 3 * DAY_MS);
      ctx.store.causeHits.prune(clock.now - KEPT_MS);
    });
}

/** Judges all that waits, with what DNS says of those that call themselves crawlers. For the command line. */
export async function judgeAll(ctx: Context, clock: ServerClock): Promise<void> {
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  await judgePending(ctx, clock, vhosts);
  if ((await askCrawlerNames(ctx, clock.now - DAY_MS, DNS_MS)) > 0) await judgePending(ctx, clock, vhosts);
}

/** `judgeAll`, and counts the causes: what `ingest` leaves behind outlives the logs. */
export async function settleAll(ctx: Context, clock: ServerClock): Promise<void> {
  await judgeAll(ctx, clock);
  recountAll(ctx, clock.now);
}
