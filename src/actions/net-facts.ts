// What a net holds: how many addresses, who of them was seen, and what else of csf's lists lies in it. Pure.
import { count, joinAnd } from '../analyse/sentences.ts';
import type { PlacedEntry } from '../model-csf.ts';
import { netAround, netHolder } from '../parse/net-range.ts';
import type { Statement } from './explanation.ts';
import { entryText } from './entry-words.ts';
import type { Firewall } from './firewall.ts';
import { isoTime, readableDay } from './iso-time.ts';
import { netSize } from './net-words.ts';
import type { ServerClock } from './server.ts';
import type { NetSeen, WhereFacts } from './where-facts.ts';

const SHOWN = 5;
const LISTS: readonly { readonly name: keyof Lists; readonly file: string }[] = [
  { name: 'deny', file: 'csf.deny' },
  { name: 'tempbans', file: 'csf.tempban' },
  { name: 'allow', file: 'csf.allow' },
  { name: 'tempallows', file: 'csf.tempallow' },
  { name: 'ignore', file: 'csf.ignore' },
];
type Lists = Pick<Firewall, 'deny' | 'tempbans' | 'allow' | 'tempallows' | 'ignore'>;

/**
 * What freeing a net frees, one statement each: its addresses, who of them was seen, and which entries of csf.deny and
 * csf.tempban lie in it: those stay, each by its own line.
 */
export function netStatements({ firewall, seen }: WhereFacts, net: string): Statement[] {
  const said: Statement[] = [{ basis: 'known', sentence: `${net} holds ${netSize(net)}.`, lines: [] }];
  const known = seen.get(net);
  if (known !== undefined) said.push(seenStatement(net, known));
  const isIn = netHolder(net);
  const inside = [...firewall.deny, ...firewall.tempbans].filter(
    ({ target }) => target.address !== null && target.address !== net && isIn(target.address),
  );
  if (inside.length > 0)
    said.push({
      basis: 'known',
      sentence: `${count(inside.length, 'other entry', 'other entries')} in it ${inside.length === 1 ? 'stays' : 'stay'} blocked by ${inside.length === 1 ? 'its own line' : 'their own lines'}: ${listed(inside.map(entryText))}.`,
      lines: inside.slice(0, SHOWN).map(({ ref }) => ref),
    });
  return said;
}

function seenStatement(net: string, known: NetSeen): Statement {
  const words = seenWords(known);
  return words === null
    ? { basis: 'known', sentence: `Nobody of ${net} was seen in the logs that are kept.`, lines: [] }
    : { basis: 'known', sentence: `Seen of ${net} in the logs that are kept: ${words}.`, lines: [] };
}

/** `5 addresses with incidents (2 of attacks, 1 of ordinary visitors), 1 with logins of customers`; null for nobody. */
export function seenWords({ clients, logins, isAll }: NetSeen): string | null {
  const attackers = clients.filter(({ attacks }) => attacks > 0).length;
  const visitors = clients.filter(({ ordinary }) => ordinary > 0).length;
  const judged = [
    ...(attackers > 0 ? [`${attackers} judged as attacks`] : []),
    ...(visitors > 0 ? [`${visitors} as ordinary visitors`] : []),
  ];
  const parts = [
    ...(clients.length > 0
      ? [
          `${count(clients.length, 'address', 'addresses')} with incidents${judged.length > 0 ? ` (${judged.join(', ')})` : ''}`,
        ]
      : []),
    ...(logins.length > 0
      ? [`${count(logins.length, 'address', 'addresses')} from which customers logged in`]
      : []),
  ];
  if (parts.length === 0) return null;
  return `${isAll ? '' : 'at least '}${joinAnd(parts)}`;
}

/** For an IPv6 address what else of its /64 is listed or was seen: one customer has all of it. Nothing for IPv4 and nets. */
export function neighbourStatements(facts: WhereFacts, clock: ServerClock): Statement[] {
  const { target, firewall, seen } = facts;
  const net = target.includes(':') && !target.includes('/') ? netAround(target, 64) : null;
  if (net === null) return [];
  const entries = LISTS.flatMap(({ name, file }) => listedIn(firewall[name], { target, net, file }));
  const { clients, logins, isAll } = seen.get(net) ?? { clients: [], logins: [], isAll: false };
  const others = clients.filter(({ client }) => client !== target);
  const said: Statement[] = [...entries];
  if (others.length > 0) {
    const last = Math.max(...others.map(({ lastAt }) => lastAt));
    const words = seenWords({ clients: others, logins: [], isAll }) ?? '';
    said.push({
      basis: 'known',
      sentence: `Others of ${net} in the logs that are kept: ${words}, the last on ${readableDay(isoTime(clock.zone, last))}: ${listed(others.map(({ client }) => client))}.`,
      lines: [],
    });
  }
  const elsewhere = logins.filter(({ address }) => address !== target);
  if (elsewhere.length > 0)
    said.push({
      basis: 'known',
      sentence: `Customers logged in from ${count(elsewhere.length, 'other address', 'other addresses')} of ${net}.`,
      lines: [],
    });
  if (said.length === 0)
    return [
      {
        basis: 'known',
        sentence: `Nothing else of ${net} is in csf’s lists or in the logs that are kept. One visitor has a whole /64, and may come with another address of it.`,
        lines: [],
      },
    ];
  const note: Statement = {
    basis: 'inferred',
    sentence: `One visitor has a whole /64 as a rule: the others of ${net} may be the same one.`,
    lines: [],
  };
  return [...said, note];
}

function listedIn(
  entries: readonly PlacedEntry[],
  { target, net, file }: { readonly target: string; readonly net: string; readonly file: string },
): Statement[] {
  const isIn = netHolder(net);
  const found = entries.filter(
    ({ target: own }) => own.address !== null && own.address !== target && isIn(own.address),
  );
  if (found.length === 0) return [];
  return [
    {
      basis: 'known',
      sentence: `${count(found.length, 'other entry', 'other entries')} of ${net} in ${file}: ${listed(found.map(entryText))}.`,
      lines: found.slice(0, SHOWN).map(({ ref }) => ref),
    },
  ];
}

function listed(texts: readonly string[]): string {
  const shown = texts.slice(0, SHOWN).map((text) => (text.length > 80 ? `${text.slice(0, 79)}…` : text));
  return texts.length > SHOWN ? `${shown.join(', ')} and ${texts.length - SHOWN} more` : joinAnd(shown);
}
