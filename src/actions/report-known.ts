// What the second net lets through for one report: the shown address and the report's own vhost, nobody else's.
import type { Context } from './context.ts';
import type { NetKnown } from './report-net.ts';
import { bareName } from './report-site.ts';
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
export function netKnown(ctx: Context, { request, vhost, account, touched }: KnownInput): NetKnown {
  const owners = ownersOf(ctx, touched);
  const server = ctx.host.hostname()?.toLowerCase() ?? null;
  if (server !== null && !owners.has(server)) owners.set(server, '');
  if (request.kind === 'crs')
    return {
      ...{ addresses: new Set(), labels: new Set(), account: null },
      isForeign: (name) => ownerOf(owners, name) !== null,
    };
  const shown = shownAddress(request);
  return {
    addresses: new Set([shown, shown.replace(/\/\d+$/, '')]),
    labels: new Set((vhost ?? '').split('.')),
    account,
    isForeign: (name) => {
      const owner = ownerOf(owners, name);
      return owner !== null && owner !== vhost && !(request.nameServer && name === server);
    },
  };
}

/** Host names and whose they are. Where the server's files name no vhost, each that a visitor used may be somebody's. */
function ownersOf({ host, store }: Context, touched: readonly TouchedVhost[]): Map<string, string> {
  const owners = new Map<string, string>();
  const served = host.vhosts();
  for (const one of served) owners.set(one.domain.toLowerCase().replace(/^\*\./, ''), one.vhost);
  for (const one of touched) owners.set(one.vhost.toLowerCase(), one.vhost);
  if (served.length === 0)
    for (const name of store.counts.hosts()) if (name.includes('.')) owners.set(name, bareName(name));
  return owners;
}

function ownerOf(owners: ReadonlyMap<string, string>, name: string): string | null {
  for (let end = name; end.includes('.'); end = end.slice(end.indexOf('.') + 1)) {
    const owner = owners.get(end);
    if (owner !== undefined) return owner;
  }
  return null;
}
