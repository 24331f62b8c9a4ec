// Asks DNS about addresses that call themselves crawlers, away from the judging, which reads only what is kept.
import { claimedCrawler } from '../analyse/patterns/crawlers.ts';
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import { askNames } from './reverse-names.ts';

/** Addresses that are asked for at one time. */
const MOST = 50;

/**
 * Asks for the names of addresses with incidents since a time whose programs claim to be crawlers; those that something
 * else is known of now are to be judged again. Gives their number. Does nothing where DNS is off.
 */
export async function askCrawlerNames(ctx: Context, since: EpochMs, limitMs: number): Promise<number> {
  const claiming = new Set<string>();
  for (const { client, agents } of ctx.store.incidents.agentsSince(since)) {
    if (claiming.size >= MOST) break;
    if (agents.some((agent) => claimedCrawler(agent) !== null)) claiming.add(client);
  }
  const changed = claiming.size === 0 ? [] : await askNames(ctx, [...claiming], limitMs);
  if (changed.length > 0)
    ctx.store.write(() => {
      ctx.store.incidents.forgetJudgementStamp(changed);
    });
  return changed.length;
}
