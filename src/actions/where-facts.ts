// What is read before anything is said of where an address or a net stands in the firewall, and of what a block would do.
import type { ProxyNets } from '../analyse/proxies.ts';
import type { BlockList } from '../host/block-lists.ts';
import type { PlacedEntry } from '../model-csf.ts';
import type { FirewallAct } from '../model-firewall.ts';
import type { EpochMs, LineRef } from '../model.ts';
import { netAround, netHolder, netHolds, textRange } from '../parse/net-range.ts';
import { type ClientSeen, type LoginSeen } from '../store/firewall-lookups.ts';
import type { KeptMark } from '../store/marks.ts';
import { marksOn } from './active-marks.ts';
import { confNumber } from './conf-numbers.ts';
import type { Context } from './context.ts';
import { entriesOf, type Firewall, readFirewall } from './firewall.ts';
import { pastBlocks, type PlacedBlock } from './lfd-catches.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';
import type { ServerClock } from './server.ts';

/** Logins count as those of customers for so long. */
const LOGINS_MS = 30 * 86_400_000;
/** Addresses of a net that are looked through, and nets that are. */
const MOST_ADDRESSES = 2000;
const MOST_NETS = 8;
const MOST_EVENTS = 100;
const MOST_ACTS = 20;
/** The part of an IPv6 address that one customer has. */
const CUSTOMER_BITS = 64;

/** A line of lfd.log. */
export interface PlacedEvent {
  readonly at: EpochMs;
  readonly event: KeptLfdEvent;
  readonly ref: LineRef | null;
}

/** Who of a net, or under an address, was seen. */
export interface NetSeen {
  readonly clients: readonly ClientSeen[];
  readonly logins: readonly LoginSeen[];
  /** False when there are so many that not all were looked through. */
  readonly isAll: boolean;
}

/** The marks of an admin that hold for some of a net. */
export type MarkInNet = Pick<KeptMark, 'about' | 'kind'>;

export interface WhereFacts {
  /** Normalised address or net that is asked about. */
  readonly target: string;
  readonly firewall: Firewall;
  /** Block lists that csf has loaded, GLOBAL_DENY among them. */
  readonly lists: readonly BlockList[];
  readonly globalAllow: readonly PlacedEntry[];
  readonly globalIgnore: readonly PlacedEntry[];
  /** Why no list is in force for it, as a sentence each: csf.disable, csf.error, IPV6. */
  readonly off: readonly string[];
  /** Newest first. */
  readonly events: readonly PlacedEvent[];
  /** Whether an lfd.log was ever read. */
  readonly hasLfdLog: boolean;
  /** lfd's own memory of its blocks of the last day (csf.tempip). */
  readonly past: readonly PlacedBlock[];
  /** What was done about it with Whyblocked, newest first. */
  readonly acts: readonly FirewallAct[];
  /** By net: the target itself, nets of csf's lists that hold it, its /64. */
  readonly seen: ReadonlyMap<string, NetSeen>;
  readonly own: readonly string[];
  readonly proxies: ProxyNets;
  readonly marks: readonly MarkInNet[];
}

/** Reads all that is known about a normalised address or net. Never throws for what stands in csf's files. */
export async function readWhereFacts(
  ctx: Context,
  clock: ServerClock,
  target: string,
  firewall?: Firewall,
): Promise<WhereFacts> {
  const { host, store } = ctx;
  const [lists, gallow, gignore, tempip, read] = await Promise.all([
    host.blockLists(),
    host.csfFile('gallow'),
    host.csfFile('gignore'),
    host.csfFile('tempip'),
    firewall ?? readFirewall(ctx),
  ]);
  const around = netsAround(read, target);
  const since = clock.now - LOGINS_MS;
  return {
    target,
    firewall: read,
    lists,
    globalAllow: entriesOf(gallow, 'allow'),
    globalIgnore: entriesOf(gignore, 'ignore'),
    off: [...offWords(ctx), ...ipv6Words(read, target)],
    events: store.lfdEventsOf<KeptLfdEvent>(target, MOST_EVENTS).map(({ at, event, fileId, offset }) => ({
      ...{ at, event, ref: store.place(fileId, offset) },
    })),
    hasLfdLog: store.newestLfdEvent() !== null,
    past: pastBlocks(tempip).get(target) ?? [],
    acts: store.firewall.acts.newest(MOST_ACTS, target),
    seen: new Map([target, ...around].map((net) => [net, netSeen(ctx, net, since)])),
    own: host.ownAddresses(),
    proxies: ctx.proxies(),
    marks: marksIn(ctx, target),
  };
}

/** Nets of csf's lists that hold the target, and its /64. */
function netsAround({ deny, tempbans }: Firewall, target: string): string[] {
  const nets = new Set<string>();
  for (const { target: own } of [...deny, ...tempbans]) {
    if (nets.size >= MOST_NETS) break;
    const net = own.kind === 'cidr' ? own.address : null;
    if (net !== null && net !== target && netHolds(net, target)) nets.add(net);
  }
  const customer = target.includes(':') && !target.includes('/') ? netAround(target, CUSTOMER_BITS) : null;
  return [...nets, ...(customer === null ? [] : [customer])];
}

/** Addresses of a net, or an address, that had incidents or logins. */
export function netSeen({ store }: Pick<Context, 'store'>, net: string, since: EpochMs): NetSeen {
  const range = textRange(net);
  const holds = netHolder(net);
  const isIn = (address: string): boolean => address === net || holds(address);
  const { lookups } = store.firewall;
  const clients = lookups.clientsIn(range, MOST_ADDRESSES);
  const logins = lookups.loginsIn(range, since, MOST_ADDRESSES);
  return {
    clients: clients.filter(({ client }) => isIn(client)),
    logins: logins.filter(({ address }) => isIn(address)),
    isAll: clients.length < MOST_ADDRESSES && logins.length < MOST_ADDRESSES,
  };
}

/** Marks that hold for the target, and for addresses and nets in it. */
function marksIn(ctx: Pick<Context, 'store'>, target: string): MarkInNet[] {
  const around = marksOn(ctx, target);
  if (!target.includes('/')) return around;
  const isIn = netHolder(target);
  const inside = ctx.store.marks.active('address').filter(({ about }) => about !== target && isIn(about));
  return [...around, ...inside];
}

/** csf makes no rule for IPv6 while it is told to leave that alone. */
function ipv6Words({ conf }: Firewall, target: string): string[] {
  return target.includes(':') && confNumber(conf, 'IPV6') === 0
    ? [
        'csf leaves IPv6 alone here (IPV6 is 0): an IPv6 address in its lists is neither blocked nor let in by that.',
      ]
    : [];
}

/** `csf.disable` and `csf.error`: while one of them is there, no list is in force. */
function offWords({ host }: Pick<Context, 'host'>): string[] {
  const disabled = host.selfLook.place('csfDisabled');
  const error = host.selfLook.place('csfError');
  return [
    ...(disabled.kind === 'missing'
      ? []
      : [`${disabled.path} is there: csf is switched off and blocks nobody (csf -e switches it on).`]),
    ...(error.kind === 'missing'
      ? []
      : [
          `${error.path} is there: csf could not load its rules, and nobody is blocked until it can (csf -r says what is wrong).`,
        ]),
  ];
}
