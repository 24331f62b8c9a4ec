// Who would be kept out by a block beside the one it is meant for, before anything is blocked. Pure.
import ipaddr from 'ipaddr.js';
import { sharedWords } from '../analyse/proxies.ts';
import { count, joinAnd } from '../analyse/sentences.ts';
import { normalizeAddress } from '../parse/address.ts';
import { netEnds, netHolds } from '../parse/net-range.ts';
import { isAbout } from './allow-places.ts';
import type { Statement } from './explanation.ts';
import { entryText } from './entry-words.ts';
import { markAs } from './mark-words.ts';
import { seenWords } from './net-facts.ts';
import { netSize } from './net-words.ts';
import { confNumber } from './conf-numbers.ts';
import type { WhereFacts } from './where-facts.ts';

const SHOWN = 5;
/** Kinds of addresses that stand for a machine nearby, or for many visitors at once. */
const RANGES: ReadonlyMap<string, string> = new Map([
  ['private', 'is a private address: a machine, a load balancer or a VPN of your own network'],
  ['uniqueLocal', 'is a private address: a machine, a load balancer or a VPN of your own network'],
  ['linkLocal', 'is an address of the server’s own network segment'],
  ['carrierGradeNat', 'is an address behind which a provider keeps many customers'],
]);
/** What no visitor comes from. */
const NOBODY: ReadonlySet<string> = new Set(['unspecified', 'broadcast', 'multicast']);

/**
 * Why a block cannot be meant, as a sentence; null when it can: loopback, this server's own addresses, those of nobody, and
 * the address that `by`, the admin, is connected from. A net is refused when it holds one of them.
 */
export function blockRefusal({ own }: WhereFacts, target: string, by: string | null = null): string | null {
  const [address = ''] = target.split('/');
  if (!ipaddr.isValid(address)) return `${target} is no address and no net.`;
  const range = ipaddr.parse(address).range();
  if (range === 'loopback') return `${target} is this server itself (loopback).`;
  if (NOBODY.has(range)) return `${target} is no address that a visitor can come from.`;
  const holds = (one: string | null): one is string =>
    one !== null && (one === target || netHolds(target, one));
  const ours = own.map((one) => normalizeAddress(one)).find(holds);
  if (ours !== undefined)
    return target === ours
      ? `${target} is one of this server’s own addresses.`
      : `${target} holds ${ours}, one of this server’s own addresses.`;
  const actor = by === null ? null : normalizeAddress(by);
  if (!holds(actor)) return null;
  return target === actor
    ? `You are connected from ${target}: the block would keep you out.`
    : `${target} holds ${actor}, from which you are connected: the block would keep you out.`;
}

/** What speaks against a block of a normalised address or net, or makes it useless; the weightiest first. */
export function blockWarnings(facts: WhereFacts, target: string): Statement[] {
  const refusal = blockRefusal(facts, target);
  return [
    ...(refusal === null ? [] : [known(refusal)]),
    ...netWarnings(facts, target),
    ...sharedWarnings(facts, target),
    ...markWarnings(facts, target),
    ...visitorWarnings(facts, target),
    ...rangeWarnings(target),
    ...listWarnings(facts, target),
  ];
}

function netWarnings({ seen }: WhereFacts, target: string): Statement[] {
  if (!target.includes('/')) return [];
  const found = seen.get(target);
  const words = found === undefined ? null : seenWords(found);
  return [
    known(
      `The block keeps out all of ${target}: ${netSize(target)}.${words === null ? ' Nobody of them was seen in the logs that are kept.' : ` Seen of them: ${words}.`}`,
    ),
  ];
}

/** A CDN's address stands for all visitors who come through it. */
function sharedWarnings({ proxies }: WhereFacts, target: string): Statement[] {
  const ends = netEnds(target);
  const addresses = ends === null ? [target] : [ends.first, ends.last];
  const shared = addresses.find((address) => proxies.find(address) !== null);
  if (shared === undefined) return [];
  const words = sharedWords(shared, proxies);
  const where = shared === target ? '' : ` (${shared})`;
  return [known(`${words.replace(/\.$/, '')}${where}: a block keeps all of them out.`)];
}

function markWarnings({ marks }: WhereFacts, target: string): Statement[] {
  const told = marks.filter(({ kind }) => kind !== 'false-alarm').slice(0, SHOWN);
  return told.map(({ kind, about }) =>
    known(`You marked ${about === target ? 'it' : about} as ${markAs(kind)}.`),
  );
}

function visitorWarnings({ seen }: WhereFacts, target: string): Statement[] {
  const found = target.includes('/') ? undefined : seen.get(target);
  if (found === undefined) return [];
  const users = found.logins[0]?.users ?? 0;
  const ordinary = found.clients[0]?.ordinary ?? 0;
  return [
    ...(users > 0
      ? [
          known(
            `Customers logged in from it in the last 30 days, with ${count(users, 'user name')}: the block keeps them from mail, FTP and all sites.`,
          ),
        ]
      : []),
    ...(ordinary > 0
      ? [
          known(
            `${count(ordinary, 'incident')} of it ${ordinary === 1 ? 'was' : 'were'} judged as an ordinary visitor’s.`,
          ),
        ]
      : []),
  ];
}

function rangeWarnings(target: string): Statement[] {
  const [address = ''] = target.split('/');
  const words = ipaddr.isValid(address) ? RANGES.get(ipaddr.parse(address).range()) : undefined;
  return words === undefined ? [] : [known(`${target} ${words}.`)];
}

/** csf refuses what csf.allow or csf.ignore names; a full list drops another entry; IPv6 may be off. */
function listWarnings({ firewall, globalAllow }: WhereFacts, target: string): Statement[] {
  const { allow, tempallows, ignore, conf, deny } = firewall;
  const about = (entry: (typeof allow)[number]): boolean => isAbout(entry.target, target);
  const allowed = [...allow, ...tempallows, ...globalAllow].filter(about);
  const ignored = ignore.filter(about);
  const counted = deny.filter((entry) => !entry.included && !entry.doNotDelete);
  const limit = confNumber(conf, 'DENY_IP_LIMIT') ?? 0;
  const [oldest] = counted;
  return [
    ...(allowed.length > 0
      ? [
          known(
            `It is allowed (${joinAnd(allowed.slice(0, SHOWN).map(entryText))}): csf refuses to block it, or the block does not work.`,
            allowed.slice(0, SHOWN).map(({ ref }) => ref),
          ),
        ]
      : []),
    ...(ignored.length > 0
      ? [
          known(
            'It is in csf.ignore: csf refuses to block it.',
            [ignored[0]?.ref].filter((ref) => ref !== undefined),
          ),
        ]
      : []),
    ...(target.includes(':') && confNumber(conf, 'IPV6') === 0
      ? [known('csf leaves IPv6 alone here (IPV6 is 0): it refuses to block an IPv6 address.')]
      : []),
    ...(limit > 0 && counted.length >= limit && oldest !== undefined
      ? [
          known(
            `csf.deny is full (DENY_IP_LIMIT ${limit}): a permanent block drops its oldest line, ${entryText(oldest)}.`,
            [oldest.ref],
          ),
        ]
      : []),
  ];
}

function known(sentence: string, lines: Statement['lines'] = []): Statement {
  return { basis: 'known', sentence, lines };
}
