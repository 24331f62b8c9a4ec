// What lets an address in, or keeps lfd from counting it: csf.allow, csf.tempallow, GLOBAL_ALLOW, csf.ignore. Pure.
import type { PlacedEntry } from '../model-csf.ts';
import { netHolds } from '../parse/net-range.ts';
import { commentText, coverWords, entryText } from './entry-words.ts';
import type { PlaceKind, PlaceView } from './firewall-view.ts';
import { entryEnd } from './firewall.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { netSize } from './net-words.ts';
import type { ServerClock } from './server.ts';
import type { WhereFacts } from './where-facts.ts';

const MOST_LINES = 20;

/** The entries that free a normalised address or net, or make lfd pass over it. */
export function allowPlaces(facts: WhereFacts, address: string, clock: ServerClock): PlaceView[] {
  const { firewall, globalAllow, globalIgnore } = facts;
  return [
    ...about(firewall.allow, address).map((entry) => allowPlace(facts, entry, address)),
    ...about(firewall.tempallows, address).map((entry) => tempAllowPlace(entry, address, clock)),
    ...about(globalAllow, address).map((entry) => globalPlace(entry, address)),
    ...about(firewall.ignore, address).map((entry) => ignorePlace(entry, address, false)),
    ...about(globalIgnore, address).map((entry) => ignorePlace(entry, address, true)),
  ];
}

/** Whether csf lets in all that comes from an address before it asks who is blocked. */
export function letsAllIn(
  { firewall, globalAllow }: WhereFacts,
  address: string,
  clock: ServerClock,
): boolean {
  const running = firewall.tempallows.filter((entry) => (entryEnd(entry) ?? 0) > clock.now);
  return [firewall.allow, running, globalAllow].some((entries) =>
    about(entries, address).some(
      ({ target }) => target.kind !== 'advanced' && target.ports === null && target.direction !== 'out',
    ),
  );
}

/** Entries about an address, itself or by a net. */
function about(entries: readonly PlacedEntry[], address: string): PlacedEntry[] {
  return entries.filter(({ target }) => isAbout(target, address)).slice(0, MOST_LINES);
}

/** Whether an entry is about an address or net: itself, or by a net that holds it. */
export function isAbout({ kind, address: own }: PlacedEntry['target'], address: string): boolean {
  return own !== null && (own === address || (kind === 'cidr' && netHolds(own, address)));
}

function allowKind({ target }: PlacedEntry, address: string, whole: PlaceKind): PlaceKind {
  if (target.kind === 'advanced' || target.ports !== null) return 'allow-ports';
  return target.address === address ? whole : 'allow-net';
}

function allowPlace({ firewall }: WhereFacts, entry: PlacedEntry, address: string): PlaceView {
  const kind = allowKind(entry, address, 'allow');
  const file = entry.included ? `${entry.ref.file}, which csf.allow includes` : 'csf.allow';
  const counts =
    firewall.conf.get('IGNORE_ALLOW') === '1'
      ? 'lfd passes over it (IGNORE_ALLOW is 1).'
      : 'lfd still counts it and mails blocks that csf then refuses (IGNORE_ALLOW).';
  return {
    ...{ kind, basis: 'known', entry: entryText(entry), ref: entry.ref },
    sentence: `${entryText(entry)} is in ${file}${noted(entry)}: ${letIn(entry, kind)} ${counts}`,
    way: entry.included
      ? 'csf does not edit included files: take the line out by hand, then csf -r.'
      : allowWay(entry, kind, address),
    ...(entry.included ? { isKept: true } : {}),
  };
}

/** csf -ar finds a line only by its whole first word, and a filter is no address. */
function allowWay(entry: PlacedEntry, kind: PlaceKind, address: string): string {
  if (kind === 'allow-ports')
    return `csf -ar ${address} does not find such a line: take it out of csf.allow by hand, then csf -r.`;
  return `csf -ar ${kind === 'allow-net' ? `${entry.target.address ?? ''} takes the whole net` : `${address} takes it`} out.`;
}

function letIn(entry: PlacedEntry, kind: PlaceKind): string {
  if (kind === 'allow-ports') return `it is let in on ${coverWords(entry)}, before any block is asked.`;
  const net = kind === 'allow-net' ? `${netSize(entry.target.address ?? '')} are` : 'it is';
  return `${net} let in before any block is asked, so a block of it does not work.`;
}

function tempAllowPlace(entry: PlacedEntry, address: string, clock: ServerClock): PlaceView {
  const kind = allowKind(entry, address, 'temp-allow');
  const end = entryEnd(entry) ?? clock.now;
  const until = readableTime(isoTime(clock.zone, end));
  const isOver = end <= clock.now;
  const time = isOver
    ? `its time was over on ${until}, and lfd has not taken it out yet:`
    : `until ${until}${noted(entry)}:`;
  return {
    ...{ kind, basis: isOver ? 'inferred' : 'known', entry: entryText(entry), ref: entry.ref },
    sentence: `${entryText(entry)} is in csf.tempallow, ${time} ${letIn(entry, kind)}`,
    way: `csf -tra ${entry.target.address ?? address} ends it.`,
  };
}

function globalPlace(entry: PlacedEntry, address: string): PlaceView {
  const isPart = entry.target.kind === 'advanced';
  const ports = isPart ? ` on ${coverWords(entry)}` : '';
  return {
    ...{ kind: isPart ? 'allow-ports' : 'global-allow', basis: 'known', entry: null, ref: entry.ref },
    sentence: `${entryText(entry)} is in the list of GLOBAL_ALLOW, which csf loads (${entry.ref.file}): ${address} is let in${ports}, whatever blocks it.`,
    way: 'It cannot be taken out here: change the list that GLOBAL_ALLOW in csf.conf names.',
  };
}

function ignorePlace(entry: PlacedEntry, address: string, isGlobal: boolean): PlaceView {
  const file = isGlobal
    ? `the list of GLOBAL_IGNORE (${entry.ref.file})`
    : entry.included
      ? `${entry.ref.file}, which csf.ignore includes`
      : 'csf.ignore';
  return {
    ...{ kind: 'ignore', basis: 'known', entry: isGlobal ? null : entryText(entry), ref: entry.ref },
    sentence: `${entryText(entry)} is in ${file}${noted(entry)}: lfd counts nothing of ${address}, of any service, as of its last start. A block that stands goes on, and nothing is let in by that.`,
    way: isGlobal
      ? 'Change the list that GLOBAL_IGNORE in csf.conf names.'
      : 'Take the line out by hand, then csf --lfd restart: lfd reads the list only when it starts.',
  };
}

function noted({ comment }: PlacedEntry): string {
  const text = commentText(comment);
  return text === '' ? '' : ` (“${text}”)`;
}
