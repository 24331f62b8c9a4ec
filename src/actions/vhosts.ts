// Who serves which domain: domain -> vhost -> account, from userdatadomains.
import { normalizeAddress } from '../parse/address.ts';
import type { Vhost } from '../model.ts';

/** Questions about domains that pages and evidence ask. */
export interface VhostIndex {
  /** Account that owns a host name, also through `www.` and cPanel's service names; null when nobody does. */
  account(host: string | null): string | null;
  /** The vhost of a host name; null when the name is not served here. */
  vhostOf(host: string): string | null;
  /** Whether a name is served here or is the parent of one that is. */
  isKnown(name: string): boolean;
  /** All host names that one vhost serves. */
  namesOf(vhost: string): readonly string[];
  /** True for the server's own name, an IP, no name, or a name that nobody here owns. */
  isBareServer(host: string | null): boolean;
}

const SERVICE =
  /^(?:www|mail|webmail|cpanel|whm|webdisk|cpcontacts|cpcalendars|autodiscover|autoconfig|ftp)\./;

/** Builds the index; `hostname` is the server's own name. Works with an empty list (nothing is known then). */
export function indexVhosts(vhosts: readonly Vhost[], hostname: string | null): VhostIndex {
  const byDomain = new Map(vhosts.map((vhost) => [vhost.domain.toLowerCase(), vhost]));
  const names = new Map<string, string[]>();
  for (const vhost of vhosts) names.set(vhost.vhost, [...(names.get(vhost.vhost) ?? []), vhost.domain]);
  const parents = new Set(vhosts.map((vhost) => vhost.domain.toLowerCase().replace(/^[^.]+\./, '')));
  const find = (host: string): Vhost | null =>
    byDomain.get(host) ??
    byDomain.get(host.replace(SERVICE, '')) ??
    byDomain.get(host.replace(/^[^.]+/, '*')) ??
    null;
  return {
    account: (host) => (host === null ? null : (find(host)?.account ?? null)),
    isKnown: (name) => find(name) !== null || parents.has(name),
    vhostOf: (host) => find(host)?.vhost ?? null,
    namesOf: (vhost) => names.get(vhost) ?? [],
    isBareServer: (host) => {
      if (host === null || normalizeAddress(host) !== null) return true;
      if (hostname !== null && host === hostname.toLowerCase()) return true;
      return byDomain.size > 0 && find(host) === null;
    },
  };
}
