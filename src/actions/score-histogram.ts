// Requests of one vhost by their score, with the limit: how many of them a higher limit would let through, and whose.
import { toTransaction } from '../analyse/merge.ts';
import { type Score, scoreTransaction } from '../analyse/score.ts';
import type { EpochMs } from '../model.ts';
import type { SenderRecord } from '../store/cause-list.ts';
import type { ScoreHistogram } from './causes-view.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import { previewRules } from './preview-rules.ts';
import { CAUSE_DAYS, windowStart } from './recount-causes.ts';
import { vhostNamed } from './scope-request.ts';
import { presentMoment } from './server.ts';
import { hostsOf } from './vhost-names.ts';

/** Requests that are added up while the page waits: the newest of each host name. */
const MOST_REQUESTS = 20_000;

interface Bar {
  readonly score: number;
  requests: number;
  ordinary: number;
  attacks: number;
}

interface Tally {
  readonly bars: Map<number, Bar>;
  /** As the newest request names it. */
  threshold: number | null;
  thresholdAt: EpochMs;
}

/**
 * The histogram of the vhost of a domain, inbound scores only; null when no vhost here has that name. Scores are the
 * totals that the blocking rule names, else the sum of the hits' points.
 */
export async function scoreHistogram(ctx: Context, domain: string): Promise<ScoreHistogram | null> {
  const vhost = servername(ctx, domain);
  if (vhost === null) return null;
  const now = await presentMoment(ctx);
  const names = hostsOf(ctx, vhost);
  const from = ctx.store.counts.newestFrom(names, windowStart(now), now, MOST_REQUESTS);
  const facts = previewRules(ctx);
  const senderAt = senders(ctx);
  const tally: Tally = { bars: new Map(), threshold: null, thresholdAt: -Infinity };
  for (const parts of ctx.store.transactions.ofVhosts(names, from, now, false)) {
    const one = toTransaction(parts);
    const score = scoreTransaction({ hits: one.hits, ...facts });
    if (score.direction !== 'inbound' || (score.total === null && score.parts.length === 0)) continue;
    count(tally, score, one.at, senderAt(one.client, one.at));
  }
  return {
    vhost,
    threshold: tally.threshold ?? facts.defaultThreshold ?? null,
    bars: [...tally.bars.values()].sort((a, b) => a.score - b.score),
    days: CAUSE_DAYS,
  };
}

function count(tally: Tally, score: Score, at: EpochMs, sender: SenderRecord | undefined): void {
  if (score.threshold !== null && at > tally.thresholdAt) {
    tally.threshold = score.threshold;
    tally.thresholdAt = at;
  }
  const value = score.total ?? score.computed;
  const bar = tally.bars.get(value) ?? { score: value, requests: 0, ordinary: 0, attacks: 0 };
  tally.bars.set(value, bar);
  bar.requests++;
  if (sender?.label === 'attack') bar.attacks++;
  else if (sender?.ordinary === true) bar.ordinary++;
}

function servername(ctx: Context, domain: string): string | null {
  try {
    return vhostNamed(ctx, domain).vhost;
  } catch (error) {
    if (error instanceof BadInput) return null;
    throw error;
  }
}

/** Who sent what an address sent at a time. */
function senders({ store }: Context): (client: string, at: EpochMs) => SenderRecord | undefined {
  const known = new Map<string, readonly SenderRecord[]>();
  return (client, at) => {
    const all = known.get(client) ?? store.causeList.senders(client);
    known.set(client, all);
    return all.find(({ from, to }) => from <= at && at <= to);
  };
}
