// Cuts one client's transactions into incidents.
import type { EpochMs } from '../model.ts';

/** Gaps up to this long stay inside one incident. */
export const INCIDENT_GAP_MS = 300_000;
/** Host names that an incident names: a scanner may make up a new one for every request. */
const MOST_VHOSTS = 1000;

/** What grouping looks at. */
export interface Groupable {
  readonly at: EpochMs;
  readonly vhost: string | null;
  readonly ruleIds: readonly string[];
  readonly denied: boolean;
}

/** One incident's outline; vhosts and rule ids sorted, each once. */
export interface IncidentOutline {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly requests: number;
  readonly denied: number;
  readonly vhosts: readonly string[];
  readonly ruleIds: readonly string[];
}

/**
 * Groups the transactions of ONE client, which come oldest first and each once, into incidents, oldest first. Only those with
 * at least one rule hit count (audit records without a message are context). A gap of exactly 300 s still belongs to the
 * incident. None of the transactions is kept in memory: a flood has millions.
 */
export function groupIncidents(oldestFirst: Iterable<Groupable>): IncidentOutline[] {
  const incidents: IncidentOutline[] = [];
  let open: OpenIncident | null = null;
  for (const one of oldestFirst) {
    if (one.ruleIds.length === 0) continue;
    if (open === null || one.at - open.to > INCIDENT_GAP_MS) {
      if (open !== null) incidents.push(closed(open));
      open = { from: one.at, to: one.at, requests: 0, denied: 0, vhosts: new Set(), ruleIds: new Set() };
    }
    open.to = one.at;
    open.requests++;
    if (one.denied) open.denied++;
    if (one.vhost !== null && open.vhosts.size < MOST_VHOSTS) open.vhosts.add(one.vhost);
    for (const id of one.ruleIds) open.ruleIds.add(id);
  }
  if (open !== null) incidents.push(closed(open));
  return incidents;
}

interface OpenIncident {
  readonly from: EpochMs;
  to: EpochMs;
  requests: number;
  denied: number;
  readonly vhosts: Set<string>;
  readonly ruleIds: Set<string>;
}

function closed({ vhosts, ruleIds, ...rest }: OpenIncident): IncidentOutline {
  return { ...rest, vhosts: [...vhosts].sort(), ruleIds: [...ruleIds].sort() };
}
