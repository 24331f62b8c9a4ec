// Who says that an address is a known client: csf.allow, csf.ignore, and the admin's marks.
import { maskLine } from '../analyse/mask.ts';
import type { PlacedEntry } from '../model.ts';
import type { KnownClient } from '../model-evidence.ts';
import { knownByMark } from './active-marks.ts';
import { matchesEntry } from './block.ts';
import type { Context } from './context.ts';
import type { Firewall } from './firewall.ts';

const MOST = 3;
const LONGEST_NOTE = 60;
/** A wider net (a country's, a provider's) is no statement about one client. */
const WIDEST = { ipv4: 16, ipv6: 32 } as const;

/**
 * Why an address is known, at most three reasons. Of csf's lists entries count that name the address or a net of /16
 * (IPv6: /32) or narrower around it, for incoming traffic, on any port: whom the admin lets in to ssh he knows. Entries
 * that lfd itself wrote do not count; temporary ones, ours for 24 hours too, stand in csf.tempallow, which is not read.
 */
export function knownClients(
  ctx: Pick<Context, 'store'>,
  firewall: Firewall,
  address: string,
): KnownClient[] {
  return [
    ...listed(firewall.ignore, 'csf.ignore', address),
    ...listed(firewall.allow, 'csf.allow', address),
    ...knownByMark(ctx, address),
  ].slice(0, MOST);
}

function listed(
  entries: readonly PlacedEntry[],
  source: 'csf.allow' | 'csf.ignore',
  address: string,
): KnownClient[] {
  const own = entries.filter(
    (entry) =>
      entry.target.direction !== 'out' && isNarrow(entry) && !isLfds(entry) && matchesEntry(entry, address),
  );
  return own.map((entry) => ({ source, words: wordsOf(entry, source), ref: entry.ref }));
}

function isNarrow({ target }: PlacedEntry): boolean {
  const [address, bits] = (target.address ?? '').split('/');
  if (bits === undefined) return true;
  return Number(bits) >= (address?.includes(':') === true ? WIDEST.ipv6 : WIDEST.ipv4);
}

function isLfds({ comment, message }: PlacedEntry): boolean {
  return message !== null || /^lfd\b/i.test(comment);
}

/** Comments are strangers' text where lfd or a panel wrote the visitor's host name into them. */
function wordsOf({ target, comment }: PlacedEntry, source: string): string {
  const who = target.kind === 'cidr' ? (target.address ?? 'it') : 'it';
  const plain = maskLine(comment).trim();
  const note = plain.length <= LONGEST_NOTE ? plain : `${plain.slice(0, LONGEST_NOTE - 1)}…`;
  return `${source} names ${who}${note === '' ? '' : ` (${note})`}`;
}
