// Where an address or a net stands in csf's lists, and what undoes each: the table of how csf is unblocked. Pure.
// Source: csf.pl and lfd.pl (CSF 15.10), and runs of them.
import type { PlacedEntry } from '../model-csf.ts';
import { normalizeAddress } from '../parse/address.ts';
import { netHolds } from '../parse/net-range.ts';
import { allowPlaces, letsAllIn } from './allow-places.ts';
import { elsewhereStatements } from './elsewhere.ts';
import { commentText, coverWords, entryReason, entryText } from './entry-words.ts';
import type { PlaceKind, PlaceView, WhereView } from './firewall-view.ts';
import { entryEnd, entryTime } from './firewall.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { listPlaces } from './list-places.ts';
import { neighbourStatements, netStatements, seenWords } from './net-facts.ts';
import { netSize } from './net-words.ts';
import type { ServerClock } from './server.ts';
import type { WhereFacts } from './where-facts.ts';

/** Lines of one kind that are told; an address may stand in a list as often as it has ports. */
const MOST_LINES = 20;

/** Kinds that keep the address out. */
const BLOCKING: ReadonlySet<PlaceKind> = new Set<PlaceKind>([
  ...(['deny', 'deny-ports', 'deny-kept', 'deny-net', 'temp-deny', 'temp-deny-net', 'include'] as const),
  ...(['blocklist', 'global-deny'] as const),
]);

/**
 * Every place of csf's that holds or frees a normalised address or net. `blocked`: one keeps it out for incoming traffic, none
 * lets it in before that is asked, and csf is on.
 */
export function whereIs(facts: WhereFacts, address: string, clock: ServerClock): WhereView {
  const denied = [...denyPlaces(facts, address, clock), ...tempPlaces(facts, address, clock)];
  const lists = listPlaces(facts, address);
  const allowed = allowPlaces(facts, address, clock);
  const places = [...denied.map(({ view }) => view), ...lists, ...allowed];
  const isKeptOut =
    denied.some(({ isIncoming }) => isIncoming) || lists.some(({ kind }) => BLOCKING.has(kind));
  const blocked = isKeptOut && facts.off.length === 0 && !letsAllIn(facts, address, clock);
  return {
    address,
    blocked,
    places,
    elsewhere: elsewhereStatements(facts, { address, clock, blocked, isListed: isKeptOut }),
    neighbours: address.includes('/') ? netStatements(facts, address) : neighbourStatements(facts, clock),
  };
}

interface Found {
  readonly view: PlaceView;
  /** Whether it keeps anything out that comes from the address. */
  readonly isIncoming: boolean;
}

function denyPlaces(facts: WhereFacts, address: string, clock: ServerClock): Found[] {
  const { deny } = facts.firewall;
  const own = deny.filter(({ target }) => target.address === address).slice(0, MOST_LINES);
  const nets = deny.filter((entry) => isNetAround(entry, address)).slice(0, MOST_LINES);
  return [
    ...own.flatMap((entry) => ownPlaces(facts, entry, address, clock)),
    ...nets.map((entry) => netPlace(facts, entry, { address, hasOwn: own.length > 0 }, clock)),
  ];
}

/** A net that is wider than what is asked about. */
function isNetAround({ target }: PlacedEntry, address: string): boolean {
  const net = target.kind === 'cidr' ? target.address : null;
  return net !== null && net !== address && netHolds(net, address);
}

function ownPlaces(facts: WhereFacts, entry: PlacedEntry, address: string, clock: ServerClock): Found[] {
  const text = entryText(entry);
  const kind = ownKind(entry);
  const cluster = clusterPlace(facts, entry, address);
  return [
    found(entry, {
      ...{ kind, basis: 'known', entry: text, ref: entry.ref },
      sentence: `${text} ${placeWords(entry, clock)}.${cluster === null ? '' : ` ${cluster.words}`}`,
      way: `${ownWay(kind, address)}${hiddenWords(entry)}`,
    }),
    ...(cluster?.place == null ? [] : [found(entry, cluster.place)]),
  ];
}

function ownKind({ included, doNotDelete, target }: PlacedEntry): PlaceKind {
  if (included) return 'include';
  if (doNotDelete) return 'deny-kept';
  return target.kind === 'advanced' ? 'deny-ports' : 'deny';
}

function ownWay(kind: PlaceKind, address: string): string {
  const letIn = `csf -ta ${address} 1d lets it in for a day before the block is asked.`;
  if (kind === 'include')
    return `csf does not edit included files (csf -dr says “not found”): take the line out by hand, then csf -r. Or leave it: ${letIn}`;
  if (kind === 'deny-kept')
    return `csf does not remove a line that says “do not delete”. Take these words out of the line in csf.deny, then csf -dr ${address}. Or leave it: ${letIn}`;
  const all = address.includes('/') ? `frees all of ${address}` : 'takes it out';
  return `csf -dr ${address} ${all}, with every line about it.`;
}

/** Several of csf's readers pass over a line that has this word anywhere. */
function hiddenWords({ included, text }: PlacedEntry): string {
  return included || !text.includes('Include')
    ? ''
    : ' Its comment has the word “Include”, and csf passes over such lines: where csf -dr does not find it, take it out by hand, then csf -r.';
}

function netPlace(
  facts: WhereFacts,
  entry: PlacedEntry,
  { address, hasOwn }: { readonly address: string; readonly hasOwn: boolean },
  clock: ServerClock,
): Found {
  const net = entry.target.address ?? '';
  const kind: PlaceKind = entry.included ? 'include' : 'deny-net';
  const kept = entry.doNotDelete ? ' csf does not remove the line: it says “do not delete”.' : '';
  const alone = `For ${address} alone: csf -ta ${address} 1d lets it in for a day, csf -a ${address} for good; csf asks who is allowed first.`;
  const rebuilt =
    entry.message?.trigger === 'LF_NETBLOCK' ? ' lfd may block the net again (LF_NETBLOCK).' : '';
  const whole = entry.included
    ? 'csf does not edit included files: take the line out by hand, then csf -r.'
    : `csf -dr ${net} frees ${netSize(net)}.${rebuilt}`;
  return found(entry, {
    ...{ kind, basis: 'known', entry: entryText(entry), ref: entry.ref },
    sentence: `${net} ${placeWords(entry, clock)}: ${coveredWords(facts, net)}.`,
    way: `${alone}${hasOwn ? '' : ` csf -dr ${address} finds nothing.`} ${whole}${kept}`,
    ...(entry.doNotDelete ? { isKept: true } : {}),
  });
}

function coveredWords({ seen }: WhereFacts, net: string): string {
  const known = seen.get(net);
  const words = known === undefined ? null : seenWords(known);
  return `${netSize(net)}${words === null ? ', nobody of them was seen in the logs that are kept' : `; seen of them: ${words}`}`;
}

/** `in csf.deny, permanent, all ports, both ways, since 22 Nov 2026, 13:04:08: 5 refusals by ModSecurity within an hour`. */
function placeWords(entry: PlacedEntry, clock: ServerClock): string {
  const file = entry.included ? `in ${entry.ref.file}, which csf.deny includes` : 'in csf.deny';
  const at = entryTime(entry, clock);
  const since = at === null ? '' : `, since ${readableTime(isoTime(clock.zone, at))}`;
  const kept = entry.doNotDelete ? ', marked “do not delete”' : '';
  return `${file}, permanent, ${coverWords(entry)}${kept}${since}${reasonWords(entry)}`;
}

function reasonWords(entry: PlacedEntry): string {
  const reason = entryReason(entry);
  if (reason !== null && entry.message !== null) return `: ${reason}`;
  const comment = commentText(entry.comment);
  return comment === '' ? '' : `: “${comment}”`;
}

function tempPlaces(facts: WhereFacts, address: string, clock: ServerClock): Found[] {
  const { tempbans } = facts.firewall;
  const own = tempbans.filter(({ target }) => target.address === address).slice(0, MOST_LINES);
  const nets = tempbans.filter((entry) => isNetAround(entry, address)).slice(0, MOST_LINES);
  return [
    ...own.flatMap((entry) => ownTemporary(facts, entry, address, clock)),
    ...nets.map((entry) => {
      const net = entry.target.address ?? '';
      return found(entry, {
        ...temporary(entry, clock),
        kind: 'temp-deny-net',
        sentence: `${net} ${temporaryWords(entry, clock)}: ${coveredWords(facts, net)}.`,
        way: `For ${address} alone: csf -ta ${address} 1d. csf -trd ${net} ends the block of ${netSize(net)}.`,
      });
    }),
  ];
}

function ownTemporary(facts: WhereFacts, entry: PlacedEntry, address: string, clock: ServerClock): Found[] {
  const cluster = clusterPlace(facts, entry, address);
  const block: PlaceView = {
    ...temporary(entry, clock),
    kind: 'temp-deny',
    sentence: `${address} ${temporaryWords(entry, clock)}.${cluster === null ? '' : ` ${cluster.words}`}`,
    way: `csf -trd ${address} ends it, with every temporary block of the address.`,
  };
  const cloudflare: PlaceView = {
    ...temporary(entry, clock),
    kind: 'cloudflare',
    basis: 'known',
    sentence: `lfd has blocked ${address} at Cloudflare, too: the line says CF_ENABLE.`,
    way: `csf -tr ${address} ends it here and at Cloudflare; csf -trd does so only here. It also ends a temporary allow.`,
  };
  const views = [
    block,
    ...(cluster?.place == null ? [] : [cluster.place]),
    ...(entry.comment.endsWith('(CF_ENABLE)') ? [cloudflare] : []),
  ];
  return views.map((view) => found(entry, view));
}

/** lfd takes a line out when its time is over: one that still stands after that is still in force. */
function temporary(entry: PlacedEntry, clock: ServerClock): Pick<PlaceView, 'basis' | 'entry' | 'ref'> {
  const isOver = (entryEnd(entry) ?? Infinity) <= clock.now;
  return { basis: isOver ? 'inferred' : 'known', entry: entryText(entry), ref: entry.ref };
}

function temporaryWords(entry: PlacedEntry, clock: ServerClock): string {
  const end = entryEnd(entry) ?? clock.now;
  const until = readableTime(isoTime(clock.zone, end));
  const over =
    end > clock.now
      ? `until ${until}`
      : `its time was over on ${until}, and lfd has not taken it out yet: it does so every few seconds, while it runs`;
  return `in csf.tempban, ${over}, ${coverWords(entry)}${reasonWords(entry)}`;
}

interface ClusterWords {
  readonly words: string;
  /** Null where this server can ask no other. */
  readonly place: PlaceView | null;
}

/** A block that another server of the cluster asked for; null for others. */
function clusterPlace(
  { firewall }: WhereFacts,
  { comment, message, ref, target }: PlacedEntry,
  address: string,
): ClusterWords | null {
  if (message?.trigger !== 'LF_CLUSTER') return null;
  const named = /Cluster member (\S{1,45})/.exec(comment)?.[1] ?? '';
  const member = normalizeAddress(named);
  const who = member === null ? 'Another server of the cluster' : `${member}, another server of the cluster,`;
  const words = `${who} asked for it.`;
  if ((firewall.conf.get('CLUSTER_SENDTO') ?? '').trim() === '')
    return {
      words: `${words} This server cannot ask it to unblock (CLUSTER_SENDTO is empty): do that there, too.`,
      place: null,
    };
  return {
    words,
    place: {
      ...{ kind: 'cluster', basis: 'inferred', entry: target.address, ref },
      sentence: `The other servers of the cluster block ${address} as well, as far as they were told.`,
      way: `csf -cr ${address} asks them to take it out. csf -dr and -trd do so only here.`,
    },
  };
}

function found(entry: PlacedEntry, view: PlaceView): Found {
  return { view, isIncoming: BLOCKING.has(view.kind) && entry.target.direction !== 'out' };
}
