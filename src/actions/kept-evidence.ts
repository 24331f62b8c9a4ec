// Evidence does not evaporate: what was judged while the logs were there is kept when they are emptied.
import type { AccessContext } from '../analyse/access-context.ts';
import { slotOf } from '../analyse/evidence/collect.ts';
import type { EpochMs, Evidence } from '../model.ts';

/** Lines of the access log that are kept with a judged incident. */
const KEPT_LINES = 200;

/** The context that shows more: logs may have been emptied since the last judgement. */
export function fuller(fresh: AccessContext | null, kept: AccessContext | null): AccessContext | null {
  if (fresh === null || kept === null) return fresh ?? kept;
  return fresh.covered || fresh.total >= kept.total ? fresh : kept;
}

/** Reads a context that was kept with an incident; null when there is none. */
export function keptContext(json: string | null): AccessContext | null {
  return json === null ? null : (JSON.parse(json) as AccessContext);
}

/** At most 200 lines, those nearest to the incident's start. */
export function thinned(context: AccessContext, start: EpochMs): AccessContext {
  if (context.hits.length <= KEPT_LINES) return context;
  const nearest = [...context.hits]
    .sort((a, b) => Math.abs(a.at - start) - Math.abs(b.at - start))
    .slice(0, KEPT_LINES);
  return { ...context, hits: nearest.sort((a, b) => a.at - b.at) };
}

/**
 * The evidence of a new judgement, where logs that an earlier one read are gone: what was present or known then stays.
 * Items that the new one found stay too; so does the order.
 */
export function withKept(fresh: readonly Evidence[], kept: readonly Evidence[]): Evidence[] {
  const before = new Map(kept.map((item) => [slotOf(item.id), item]));
  return fresh.map((item) => {
    const old = before.get(slotOf(item.id));
    if (old === undefined || rank(old) <= rank(item)) return item;
    return old;
  });
}

function rank(item: Evidence): number {
  if (item.status === 'present') return 2 + Math.abs(item.weight) / 100;
  return item.status === 'absent' ? 1 : 0;
}
