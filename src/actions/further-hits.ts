// What the logs show since an exclusion is in force: "0 of 12 further requests still show the rule there".
import { previewTransaction } from '../analyse/preview.ts';
import { toTransaction } from '../analyse/merge.ts';
import type { KeptExclusion } from '../store/exclusions.ts';
import type { Context } from './context.ts';
import { previewRules } from './preview-rules.ts';
import { hostsOf } from './vhost-names.ts';

/** A page of many vhosts would read too much: then it is left to the page of each. */
const MOST_VHOSTS = 10;
const MOST_REQUESTS = 5000;

/** Requests on its vhost with rule hits since, and those of them in which a hit stands that should be gone. */
export interface FurtherHits {
  readonly requests: number;
  readonly hits: number;
}

/**
 * Counts for each exclusion, from what is kept; at most 5,000 requests a vhost are looked at. Empty for exclusions on
 * more than 10 vhosts.
 */
export function furtherHits(
  ctx: Context,
  exclusions: readonly KeptExclusion[],
): ReadonlyMap<number, FurtherHits> {
  const byVhost = Map.groupBy(exclusions, ({ scope }) => scope.vhost);
  const counts = new Map<number, { requests: number; hits: number }>();
  if (byVhost.size > MOST_VHOSTS) return counts;
  for (const [vhost, list] of byVhost) {
    const names = hostsOf(ctx, vhost);
    const facts = { ...previewRules(ctx), names };
    for (const { id } of list) counts.set(id, { requests: 0, hits: 0 });
    let seen = 0;
    const from = Math.min(...list.map(({ createdAt }) => createdAt));
    for (const parts of ctx.store.transactions.ofVhosts(names, from, Infinity, false)) {
      if (++seen > MOST_REQUESTS) break;
      const transaction = toTransaction(parts);
      if (transaction.hits.length === 0) continue;
      for (const { id, scope, form, createdAt } of list) {
        const count = counts.get(id);
        if (count === undefined || transaction.at < createdAt) continue;
        count.requests++;
        if (previewTransaction(transaction, scope, form, facts).touched) count.hits++;
      }
    }
  }
  return counts;
}
