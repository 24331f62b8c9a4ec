// What the second net lets through for one report: the shown address and the report's own vhost, nobody else's.
import type { Context } from './context.ts';
import type { NetKnown } from './report-net.ts';
import type { ReportRequest, TouchedVhost } from './report-view.ts';
import { normalizeNet } from '../parse/address.ts';

/** The address as a report shows it: whole, or its net (/24, IPv6 /48). */
export function shownAddress({
  address,
  hideAddress,
}: Pick<ReportRequest, 'address' | 'hideAddress'>): string {
  if (!hideAddress) return address;
  return normalizeNet(`${address}/${address.includes(':') ? 48 : 24}`) ?? 'hidden';
}

interface KnownInput {
  readonly request: ReportRequest;
  /** Null for a report in which no host name of this server may stand. */
  readonly vhost: string | null;
  readonly account: string | null;
  readonly touched: readonly TouchedVhost[];
}

/** Makes the net's knowledge. A host name belongs to the vhost of its longest ending that this server knows. */
export function netKnown(
  { host, store }: Context,
  { request, vhost, account, touched }: KnownInput,
): NetKnown {
  const owners = new Map<string, string>();
  const served = host.vhosts();
  for (const one of served) owners.set(one.domain.toLowerCase().replace(/^\*\./, ''), one.vhost);
  for (const one of touched) owners.set(one.vhost.toLowerCase(), one.vhost);
  // Servers whose files name no vhost: each host name that a visitor used may be somebody's.
  if (served.length === 0)
    for (const name of store.counts.hosts()) if (name.includes('.')) owners.set(name, name);
  const server = host.hostname()?.toLowerCase() ?? null;
  if (server !== null && !owners.has(server)) owners.set(server, request.nameServer ? (vhost ?? server) : '');
  const shown = shownAddress(request);
  const isCrs = request.kind === 'crs';
  return {
    addresses: new Set(isCrs ? [] : [shown, shown.replace(/\/\d+$/, '')]),
    isForeign: (name) => {
      const owner = ownerOf(owners, name);
      if (owner === null) return false;
      return isCrs || !(owner === vhost || (request.nameServer && name === server));
    },
    account: isCrs ? null : account,
  };
}

function ownerOf(owners: ReadonlyMap<string, string>, name: string): string | null {
  for (let end = name; end.includes('.'); end = end.slice(end.indexOf('.') + 1)) {
    const owner = owners.get(end);
    if (owner !== undefined) return owner;
  }
  return null;
}
