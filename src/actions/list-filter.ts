// Which entries of csf's lists are shown: by kind, and by a piece of their text or an address that they cover. Pure.
import type { WallMs } from '../model.ts';
import type { PlacedEntry } from '../model-csf.ts';
import { normalizeAddress, normalizeNet } from '../parse/address.ts';
import { netHolder, netHolds } from '../parse/net-range.ts';
import { entryKind } from './entry-words.ts';
import type { EntryKind, FirewallFilter } from './firewall-view.ts';
import type { Firewall } from './firewall.ts';

/** A comment of whole kilobytes is looked through so far. */
const LOOKED_AT = 8000;

/** An entry with its group. */
export interface KindedEntry {
  readonly entry: PlacedEntry;
  readonly kind: EntryKind;
}

/** Kinds of entries that deny. */
const DENYING: ReadonlySet<EntryKind> = new Set<EntryKind>(['waf', 'logins', 'hand', 'nets', 'other']);

/** All entries of csf's lists in the order of their files. */
export function kindedEntries({ deny, tempbans, allow, tempallows, ignore }: Firewall): KindedEntry[] {
  return [deny, tempbans, allow, tempallows, ignore].flatMap((list) =>
    list.map((entry) => ({ entry, kind: entryKind(entry) })),
  );
}

/** How many there are of each kind; `all`: everything that denies. */
export function countKinds(entries: readonly KindedEntry[]): Record<FirewallFilter['kind'], number> {
  const counts = { all: 0, waf: 0, logins: 0, hand: 0, nets: 0, other: 0, allowed: 0, ignored: 0 };
  for (const { kind } of entries) {
    counts[kind]++;
    if (DENYING.has(kind)) counts.all++;
  }
  return counts;
}

/** Whether a kind is what a filter shows. */
export function isShown(wanted: FirewallFilter['kind'], kind: EntryKind): boolean {
  return wanted === 'all' ? DENYING.has(kind) : wanted === kind;
}

/**
 * Whether an entry fits a text: an address or net finds the entries about it, in it, and the nets that hold it, however it
 * is written; anything else a piece of the entry, its comment or its trigger. Everything fits no text.
 */
export function textTest(text: string | null): (entry: PlacedEntry) => boolean {
  const needle = text?.trim().toLowerCase() ?? '';
  if (needle === '') return () => true;
  const asked = normalizeAddress(needle) ?? normalizeNet(needle);
  if (asked !== null) return aboutTest(asked);
  return ({ text: line, message }) =>
    line.slice(0, LOOKED_AT).toLowerCase().includes(needle) ||
    (message?.trigger?.toLowerCase().includes(needle) ?? false);
}

function aboutTest(asked: string): (entry: PlacedEntry) => boolean {
  const isIn = asked.includes('/') ? netHolder(asked) : () => false;
  return ({ target: { kind, address } }) =>
    address !== null && (address === asked || isIn(address) || (kind === 'cidr' && netHolds(address, asked)));
}

/**
 * The newest first, those without a date last, by wall clock: an hour that comes twice in autumn may stand in another order.
 * `offsetMs`: the server's offset now.
 */
export function newestFirst(entries: readonly KindedEntry[], offsetMs: number): KindedEntry[] {
  const keyed = entries.map((one, index) => ({ one, index, at: wallOf(one.entry, offsetMs) }));
  keyed.sort((a, b) => b.at - a.at || b.index - a.index);
  return keyed.map(({ one }) => one);
}

function wallOf({ sinceWall, sinceEpoch }: PlacedEntry, offsetMs: number): WallMs {
  return sinceWall ?? (sinceEpoch === null ? 0 : sinceEpoch + offsetMs);
}
