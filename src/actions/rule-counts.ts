// How often each rule fired, on which vhosts and for how many visitors.
import type { EpochMs } from '../model.ts';
import type { RuleUse } from '../store/rule-use.ts';
import type { VhostIndex } from './vhosts.ts';

/** Distinct addresses count as visitors. */
export interface RuleCount {
  readonly requests: number;
  readonly visitors: number;
  /** The same by vhost, most requests first. */
  readonly vhosts: readonly {
    readonly vhost: string;
    readonly requests: number;
    readonly visitors: number;
  }[];
  /** unique_id of the newest request. */
  readonly newest: string;
}

/** Names that visitors made up stand together: they are not vhosts, and there may be any number of them. */
const OTHER = 'other host names';
const MOST_VHOSTS = 1000;

interface Tally {
  requests: number;
  readonly clients: Set<string>;
}

interface RuleTally {
  readonly byVhost: Map<string, Tally>;
  at: EpochMs;
  newest: string;
}

/** Counts by rule id. `knows`: whether any domain of this server is known; without, host names stand as sent. */
export function countRules(
  uses: Iterable<RuleUse>,
  vhosts: VhostIndex,
  knows: boolean,
): ReadonlyMap<string, RuleCount> {
  const all = new Map<string, RuleTally>();
  for (const { ruleIds, vhost, client, requests, at, uniqueId } of uses) {
    const name = nameOf(vhost, vhosts, knows);
    for (const id of ruleIds) {
      const rule = entry(all, id, () => ({ byVhost: new Map<string, Tally>(), at, newest: uniqueId }));
      if (at > rule.at) Object.assign(rule, { at, newest: uniqueId });
      const { byVhost } = rule;
      const key = byVhost.has(name) || byVhost.size < MOST_VHOSTS ? name : OTHER;
      const tally = entry(byVhost, key, () => ({ requests: 0, clients: new Set<string>() }));
      tally.requests += requests;
      tally.clients.add(client);
    }
  }
  return new Map(Array.from(all, ([id, rule]) => [id, countOf(rule)]));
}

function nameOf(host: string | null, vhosts: VhostIndex, knows: boolean): string {
  if (host === null) return OTHER;
  return vhosts.vhostOf(host) ?? (knows ? OTHER : host);
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function countOf({ byVhost, newest }: RuleTally): RuleCount {
  const clients = new Set<string>();
  for (const tally of byVhost.values()) for (const client of tally.clients) clients.add(client);
  const vhosts = Array.from(byVhost, ([vhost, tally]) => ({
    vhost,
    requests: tally.requests,
    visitors: tally.clients.size,
  })).sort((a, b) => b.requests - a.requests || (a.vhost < b.vhost ? -1 : 1));
  return {
    requests: vhosts.reduce((sum, { requests }) => sum + requests, 0),
    visitors: clients.size,
    vhosts,
    newest,
  };
}
