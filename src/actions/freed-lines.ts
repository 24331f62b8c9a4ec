// The refusals of a visit as lfd counts them, and which of them are freed by exclusions that are in force by now.
import { isFreed, type PreviewFacts, scoredRequest } from '../analyse/preview.ts';
import type { Transaction } from '../model.ts';
import type { RefusedAt } from './again.ts';
import type { Context } from './context.ts';
import { isDenied } from './incidents.ts';
import { standingOn } from './preview.ts';
import { deniedLines } from './preview-blocks.ts';
import { previewRules } from './preview-rules.ts';
import { unseenByLfd } from './unseen-by-lfd.ts';
import { hostsOf } from './vhost-names.ts';
import { indexVhosts } from './vhosts.ts';

/** The refused ones of a visit's requests, in order of time. */
export function freedLines(ctx: Context, transactions: readonly Transaction[]): RefusedAt[] {
  const denied = transactions.filter(isDenied).sort((a, b) => a.at - b.at);
  const factsOf = standingFacts(ctx);
  const isUnseen = unseenTest(ctx, denied);
  return denied.map((transaction) => {
    const facts = factsOf(transaction.vhost);
    const lines = transaction.hits.reduce((sum, hit) => sum + deniedLines(hit), 0);
    return {
      at: transaction.at,
      // Without the error log nobody knows how many lines the request wrote: one at least.
      lines: Math.max(1, lines),
      isFreed: facts !== null && isFreed(scoredRequest(transaction, facts), facts),
      isUnseen: isUnseen(transaction),
    };
  });
}

/** What is in force on the vhost of a host name; null where nothing is. Read once a vhost. */
function standingFacts(ctx: Context): (host: string | null) => PreviewFacts | null {
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  const known = new Map<string, PreviewFacts | null>();
  return (host) => {
    if (host === null) return null;
    const vhost = vhosts.vhostOf(host) ?? host;
    const facts = known.has(vhost) ? (known.get(vhost) ?? null) : readStanding(ctx, vhost);
    known.set(vhost, facts);
    return facts;
  };
}

function readStanding(ctx: Context, vhost: string): PreviewFacts | null {
  const inForce = standingOn(ctx, vhost);
  return inForce.length === 0 ? null : { ...previewRules(ctx), names: hostsOf(ctx, vhost), inForce };
}

/** Lines that lfd cannot read; as a rule there are none, and nothing more is asked. */
function unseenTest(ctx: Context, denied: readonly Transaction[]): (transaction: Transaction) => boolean {
  if (unseenByLfd(ctx, denied).length === 0) return () => false;
  return (transaction) => unseenByLfd(ctx, [transaction]).length > 0;
}
