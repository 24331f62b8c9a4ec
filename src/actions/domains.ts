// The list of domains with counts, and the page of one: its rules with their switches, its exclusions, what was found.
import type { ExclusionScope } from '../model-rules.ts';
import type { Context } from './context.ts';
import { domainRules, type OffHere } from './domain-rules.ts';
import { findDrift } from './drift.ts';
import { engineFacts } from './engine-facts.ts';
import { writableHere } from './exclusion-list.ts';
import type { DomainRow, DomainsView, DomainView } from './domain-view.ts';
import type { FoundView, ScopeView, VhostView } from './exclusion-view.ts';
import { foundExclusions } from './found.ts';
import { BEFORE_ANSWER, judgePending } from './judge.ts';
import { activeExclusions } from './exclusion-lists.ts';
import { refresh } from './refresh.ts';
import { vhostNamed } from './scope-request.ts';
import { serverView } from './server.ts';
import { BadInput } from './errors.ts';
import { readPath } from '../analyse/path-scope.ts';
import { indexVhosts } from './vhosts.ts';

const DAYS = 14;
const DAY_MS = 86_400_000;

interface Tally {
  requests: number;
  refused: number;
  readonly clients: Set<string>;
  readonly rules: Set<string>;
}

type CountField = 'requests' | 'refused' | 'visitors' | 'rules';

/** All vhosts of the server, those with most requests that rules hit first. */
export async function listDomains(ctx: Context): Promise<DomainsView> {
  const { clock } = await refresh(ctx);
  const domains = ctx.host.vhosts();
  const tallies = countHosts(ctx, clock.now - DAYS * DAY_MS);
  const exclusions = Map.groupBy(ctx.store.exclusions.active(), ({ scope }) => scope.vhost);
  const found = Map.groupBy(await foundExclusions(ctx, null), ({ vhost }) => vhost);
  const byVhost = Map.groupBy(domains, ({ vhost }) => vhost);
  const rows = Array.from(byVhost, ([vhost, all]): DomainRow => ({
    vhost,
    account: all[0]?.account ?? '',
    aliases: all
      .map(({ domain }) => domain)
      .filter((domain) => domain !== vhost)
      .sort(),
    ...countsOf(tallies.get(vhost) ?? newTally()),
    exclusions: exclusions.get(vhost)?.length ?? 0,
    found: found.get(vhost)?.length ?? 0,
  }));
  return {
    rows: rows.sort((a, b) => b.requests - a.requests || (a.vhost < b.vhost ? -1 : 1)),
    days: DAYS,
    server: serverView(ctx, clock),
  };
}

function newTally(): Tally {
  return { requests: 0, refused: 0, clients: new Set(), rules: new Set() };
}

function countsOf({ requests, refused, clients, rules }: Tally): Pick<DomainRow, CountField> {
  return { requests, refused, visitors: clients.size, rules: rules.size };
}

/** Requests by vhost; names that this server does not serve are no vhosts. */
function countHosts(ctx: Context, from: number): ReadonlyMap<string, Tally> {
  const index = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  const tallies = new Map<string, Tally>();
  for (const { host, client, ruleIds, requests, refused } of ctx.store.counts.uses(from)) {
    const vhost = index.vhostOf(host);
    if (vhost === null) continue;
    const tally = tallies.get(vhost) ?? newTally();
    tallies.set(vhost, tally);
    tally.requests += requests;
    tally.refused += refused;
    tally.clients.add(client);
    for (const id of ruleIds) tally.rules.add(id);
  }
  return tallies;
}

/** The page of the vhost that serves a domain; null when none does. */
export async function viewDomain(ctx: Context, domain: string): Promise<DomainView | null> {
  const place = placeOf(ctx, domain);
  if (place === null) return null;
  const { clock } = await refresh(ctx);
  await judgePending(ctx, clock, indexVhosts(ctx.host.vhosts(), ctx.host.hostname()), {
    most: BEFORE_ANSWER,
  });
  const exclusions = await activeExclusions(ctx, place.vhost);
  const found = await foundExclusions(ctx, place.vhost);
  const off = [
    ...exclusions.map(({ scope, reason }) => offOf(scope, reason)),
    ...found.filter(({ vhost }) => vhost === place.vhost).flatMap(foundOff),
  ];
  return {
    ...place,
    days: DAYS,
    rules: await domainRules(ctx, place.vhost, { days: DAYS, off }),
    exclusions,
    found,
    drift: findDrift(ctx, place.vhost),
    engine: await engineFacts(ctx),
    writable: await writableHere(ctx),
    server: serverView(ctx, clock),
  };
}

function placeOf(ctx: Context, domain: string): VhostView | null {
  try {
    const place = vhostNamed(ctx, domain);
    return { ...place, aliases: ctx.host.aliases(place.vhost) };
  } catch (error) {
    if (error instanceof BadInput) return null;
    throw error;
  }
}

const MAKERS = { cmc: 'by ConfigServer’s CMC', whm: 'in WHM', hand: 'by hand' } as const;

function foundOff({ maker, scopes }: FoundView): OffHere[] {
  return scopes.map((scope) => offOf(scope, `${MAKERS[maker]}, no reason given`));
}

function offOf(view: ScopeView, note: string): OffHere {
  const { kind, vhost, ruleId, tag, target, path } = view;
  const scope: ExclusionScope = {
    kind,
    vhost,
    ruleId,
    tag,
    target,
    path: path === null ? null : readPath(path),
  };
  return { scope, note };
}
