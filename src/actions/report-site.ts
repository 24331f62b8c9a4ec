// Which vhosts an incident touched, and which of them a report is for: nobody gets to read about another account's.
import type { Transaction } from '../model.ts';
import { BadInput } from './errors.ts';
import type { TouchedVhost } from './report-view.ts';
import type { VhostIndex } from './vhosts.ts';

/** The vhost that a report is for, with its requests alone. */
export interface Site {
  /** Null where the requests named no vhost of this server. */
  readonly vhost: string | null;
  readonly account: string | null;
  readonly transactions: readonly Transaction[];
  /** The incident touched no other vhost. */
  readonly isSole: boolean;
}

export interface Touched {
  readonly list: readonly TouchedVhost[];
  /** Gives the site of a request; null where it named none of this server. */
  readonly siteOf: (transaction: Transaction) => string | null;
}

/**
 * The vhosts that these requests named, most requests first. Where the server's files name no vhost at all, each host
 * name counts as one, with and without `www.`.
 */
export function touchedBy(
  transactions: readonly Transaction[],
  vhosts: VhostIndex,
  isTold: boolean,
): Touched {
  const siteOf = ({ vhost }: Transaction): string | null => {
    if (vhost === null) return null;
    const owner = vhosts.vhostOf(vhost);
    if (owner !== null || isTold) return owner;
    return vhosts.isBareServer(vhost) ? null : bareName(vhost);
  };
  const counts = new Map<string, number>();
  for (const one of transactions) {
    const site = siteOf(one);
    if (site !== null) counts.set(site, (counts.get(site) ?? 0) + 1);
  }
  const list = [...counts]
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([vhost, requests]) => ({ vhost, account: vhosts.account(vhost), requests }));
  return { list, siteOf };
}

/**
 * The site that is wanted. Without a name: the one with the most requests, where all belong to one account, else null:
 * then one must be chosen. Throws BadInput for a name that the incident did not touch.
 */
export function chooseSite(
  transactions: readonly Transaction[],
  { list, siteOf }: Touched,
  wanted: string | null,
  vhosts: VhostIndex,
): Site | null {
  const [first] = list;
  const named = wanted === null ? null : namedSite(list, wanted, vhosts);
  if (named === null && !isOneAccount(list)) return null;
  const chosen = named ?? first ?? NO_SITE;
  const { vhost, account } = chosen;
  return {
    ...{ vhost, account },
    transactions: transactions.filter((one) => siteOf(one) === vhost),
    isSole: list.length <= 1 && transactions.every((one) => siteOf(one) === vhost),
  };
}

/** The name of a site where no file tells which names belong together. */
export function bareName(host: string): string {
  return host.replace(/^www\./, '');
}

const NO_SITE = { vhost: null, account: null } as const;

/** Nobody gets to read about another's: a vhost of no known account stands alone. */
function isOneAccount(list: readonly TouchedVhost[]): boolean {
  const [first] = list;
  return (
    list.length <= 1 || (first?.account != null && list.every(({ account }) => account === first.account))
  );
}

function namedSite(list: readonly TouchedVhost[], wanted: string, vhosts: VhostIndex): TouchedVhost {
  const name = wanted.trim().toLowerCase().replace(/\.$/, '');
  const vhost = vhosts.vhostOf(name);
  const found = list.find((one) => one.vhost === (vhost ?? bareName(name)));
  if (found !== undefined) return found;
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
  throw new BadInput(`The incident has no request to ${shown}.`, 'vhost');
}
