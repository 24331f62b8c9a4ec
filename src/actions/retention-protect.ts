// What must stay however old it is: what open incidents and exclusions need.
import type { EpochMs } from '../model.ts';
import { ActiveMarks } from './active-marks.ts';
import { blockedNow } from './blocked-now.ts';
import type { Context } from './context.ts';
import { readFirewall } from './firewall.ts';
import { hostsOf } from './vhost-names.ts';

/** Previews and the numbers of causes look back so far. */
const WINDOW_MS = 14 * 86_400_000;

export interface Protection {
  /** Blocked now by csf.deny or a temporary entry that has not ended, or marked by the admin. */
  readonly holdsAddress: (address: string) => boolean;
  /** Whether an exclusion is in force at one of these host names that was there at a time and looks back so far. */
  readonly holdsHosts: (hosts: readonly string[], at: EpochMs) => boolean;
}

/**
 * Reads csf's lists, marks and exclusions as they are now. Null when csf.deny is there and could not be read whole: then nobody
 * can tell what is still needed. `before`: nothing younger is asked for.
 */
export async function readProtection(
  ctx: Context,
  now: EpochMs,
  before: EpochMs,
): Promise<Protection | null> {
  const firewall = await readFirewall(ctx);
  const isUnknown = !firewall.readable && firewall.problems.some(({ why }) => why !== 'missing');
  if (isUnknown) return null;
  const isBlocked = blockedNow(firewall, now);
  const marks = new ActiveMarks(ctx);
  const since = heldHosts(ctx, now, before);
  const known = new Map<string, boolean>();
  return {
    holdsAddress: (address) => {
      let holds = known.get(address);
      if (holds === undefined) {
        // A million distinct addresses must not fill the memory.
        if (known.size >= MOST_KNOWN) known.clear();
        holds = isBlocked(address) || marks.of(address).length > 0;
        known.set(address, holds);
      }
      return holds;
    },
    holdsHosts: (hosts, at) => hosts.some((host) => at >= (since.get(host.toLowerCase()) ?? Infinity)),
  };
}

const MOST_KNOWN = 5000;

/** From when on the requests to a host name are needed. */
function heldHosts(ctx: Context, now: EpochMs, before: EpochMs): ReadonlyMap<string, EpochMs> {
  const byVhost = new Map<string, EpochMs>();
  for (const { scope, createdAt } of ctx.store.exclusions.eachActive(null)) {
    const from = Math.max(createdAt, now - WINDOW_MS);
    if (from < before) byVhost.set(scope.vhost, Math.min(from, byVhost.get(scope.vhost) ?? Infinity));
  }
  const byHost = new Map<string, EpochMs>();
  for (const [vhost, from] of byVhost)
    for (const host of hostsOf(ctx, vhost)) byHost.set(host, Math.min(from, byHost.get(host) ?? Infinity));
  return byHost;
}
