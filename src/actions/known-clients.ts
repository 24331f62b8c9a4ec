// Who says that an address is a known client: csf.allow, csf.ignore, and the admin's marks.
import { maskLine } from '../analyse/mask.ts';
import type { PlacedEntry } from '../model-csf.ts';
import type { KnownClient } from '../model-evidence.ts';
import { netTable, type NetTable } from '../parse/net-table.ts';
import { knownByMark } from './active-marks.ts';
import type { Context } from './context.ts';
import type { Firewall } from './firewall.ts';

const LONGEST_NOTE = 60;
/** A wider net (a country's, a provider's) is no statement about one client. */
const WIDEST = { ipv4: 16, ipv6: 32 } as const;

/** csf's lists of known clients, ready for many addresses. */
export type KnownLists = readonly {
  readonly source: 'csf.allow' | 'csf.ignore';
  readonly entries: NetTable<PlacedEntry>;
}[];

/**
 * Makes csf.ignore and csf.allow ready. Entries count that name an address or a net of /16 (IPv6: /32) or narrower,
 * for incoming traffic, on any port: whom the admin lets in to ssh he knows. Entries that lfd itself wrote do not
 * count; temporary ones, ours for 24 hours too, stand in csf.tempallow, which does not count.
 */
export function knownLists({ ignore, allow }: Pick<Firewall, 'ignore' | 'allow'>): KnownLists {
  return [
    { source: 'csf.ignore', entries: tableOf(ignore) },
    { source: 'csf.allow', entries: tableOf(allow) },
  ];
}

function tableOf(entries: readonly PlacedEntry[]): NetTable<PlacedEntry> {
  const counted = entries.filter(
    (entry) => entry.target.direction !== 'out' && isNarrow(entry) && !isLfds(entry),
  );
  return netTable(counted.map((entry) => [entry.target.address ?? '', entry] as const));
}

function isNarrow({ target }: PlacedEntry): boolean {
  const [address, bits] = (target.address ?? '').split('/');
  if (bits === undefined) return true;
  return Number(bits) >= (address?.includes(':') === true ? WIDEST.ipv6 : WIDEST.ipv4);
}

function isLfds({ comment, message }: PlacedEntry): boolean {
  return message !== null || /^lfd\b/i.test(comment);
}

/** Why a normalised address is known: of each of csf's lists the narrowest entry, and the marks. */
export function knownClients(ctx: Pick<Context, 'store'>, lists: KnownLists, address: string): KnownClient[] {
  const listed = lists.flatMap(({ source, entries }): KnownClient[] => {
    const entry = entries.find(address);
    return entry === null ? [] : [{ source, words: wordsOf(entry, source), ref: entry.ref }];
  });
  return [...listed, ...knownByMark(ctx, address)];
}

/** Comments are strangers' text where lfd or a panel wrote the visitor's host name into them. */
function wordsOf({ target, comment }: PlacedEntry, source: string): string {
  const who = target.kind === 'cidr' ? (target.address ?? 'it') : 'it';
  const plain = maskLine(comment).trim();
  const note = plain.length <= LONGEST_NOTE ? plain : `${plain.slice(0, LONGEST_NOTE - 1)}…`;
  return `${source} names ${who}${note === '' ? '' : ` (${note})`}`;
}
