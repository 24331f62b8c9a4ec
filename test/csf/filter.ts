// The rules that an entry makes in iptables, as iptables tells of them and as its listing shows them. There is no
// firewall behind: the rules are those that the lists ask for.
import { checkIp } from './addresses.ts';
import { type Conf, isOn } from './settings.ts';

export interface Rule {
  readonly family: 4 | 6;
  readonly chain: string;
  readonly target: string;
  /** `all`, `tcp` … */
  readonly protocol: string;
  /** Device that it comes in by, or goes out by; `*` for any. */
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly destination: string;
  /** `tcp dpt:80`; empty without. */
  readonly more: string;
}

export type ListKind = 'deny' | 'allow';

const NUMBERS: Readonly<Record<string, string>> = { all: '0', icmp: '1', tcp: '6', udp: '17' };

/** The targets of blocked packets, in and out. */
function targets(kind: ListKind, conf: Conf): readonly [string, string] {
  if (kind === 'allow') return ['ACCEPT', 'ACCEPT'];
  return [
    isOn(conf, 'DROP_IP_LOGGING') ? 'LOGDROPIN' : (conf.DROP ?? 'DROP'),
    isOn(conf, 'DROP_OUT_LOGGING') ? 'LOGDROPOUT' : (conf.DROP_OUT ?? 'DROP'),
  ];
}

interface RuleParts {
  readonly kind: ListKind;
  readonly way: 'in' | 'out';
  readonly family: 4 | 6;
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: string;
  readonly more?: string;
}

function rule(conf: Conf, parts: RuleParts): Rule {
  const { kind, way, family } = parts;
  const any = family === 4 ? '0.0.0.0/0' : '::/0';
  const named = conf.ETH_DEVICE ?? '';
  const device = named === '' ? '!lo' : named;
  const chain = kind === 'deny' ? 'DENY' : 'ALLOW';
  return {
    family,
    chain: `${chain}${way.toUpperCase()}`,
    target: targets(kind, conf)[way === 'in' ? 0 : 1],
    protocol: parts.protocol ?? 'all',
    from: way === 'in' ? device : '*',
    to: way === 'in' ? '*' : device,
    source: parts.source ?? any,
    destination: parts.destination ?? any,
    more: parts.more ?? '',
  };
}

/** The rules of an entry of csf.deny or csf.allow: an address, a net or an advanced line. */
export function rulesOf(entry: string, kind: ListKind, conf: Conf): Rule[] {
  const { family, text } = checkIp(entry.toLowerCase());
  if (family === 6 && !isOn(conf, 'IPV6')) return [];
  if (family === 0) return advancedRules(text, kind, conf);
  const rules = [rule(conf, { kind, way: 'in', family, source: text })];
  if (kind === 'allow' || !isOn(conf, 'LF_BLOCKINONLY'))
    rules.push(rule(conf, { kind, way: 'out', family, destination: text }));
  return rules;
}

/** What an advanced line says: `proto|dir|s/d=ports|s/d=address`, with colons where there is no bar. */
const ADVANCED = /^(?:(tcp|udp|icmp)\|)?(?:(in|out)\|)?[^|]*?([ds])=([^|]+)\|[^|]*?([ds])=([^|]+)/;

function advancedRules(line: string, kind: ListKind, conf: Conf): Rule[] {
  const found = ADVANCED.exec(line.includes('|') ? line : line.replaceAll(':', '|'));
  if (found === null) return [];
  const [, protocol = 'tcp', way = 'in', portSide = 'd', ports = '', side = 'd', address = ''] = found;
  const { family } = checkIp(address);
  if (family === 0) return [];
  const where = side === 's' ? { source: address } : { destination: address };
  const more = portText(protocol, portSide, ports);
  return [rule(conf, { kind, way: way === 'out' ? 'out' : 'in', family, protocol, ...where, more })];
}

function portText(protocol: string, side: string, value: string): string {
  if (protocol === 'icmp') return `icmptype ${value}`;
  const ports = value.replaceAll('_', ':');
  if (ports.includes(',')) return `multiport ${side}ports ${ports}`;
  return `${protocol} ${side}pt${ports.includes(':') ? 's' : ''}:${ports}`;
}

/** The rules of a temporary entry: one a port and direction. */
export function temporaryRules(
  entry: { readonly target: string; readonly ports: string; readonly way: string },
  kind: ListKind,
  conf: Conf,
): Rule[] {
  const { family } = checkIp(entry.target);
  if (family === 0) return [];
  const ports = entry.ports === '' ? [''] : entry.ports.split(',');
  return (['in', 'out'] as const)
    .filter((way) => entry.way.includes(way))
    .flatMap((way) =>
      ports.map((port) => {
        const [number = '', protocol = 'tcp'] = port.split(';');
        const place = way === 'in' ? { source: entry.target } : { destination: entry.target };
        const narrowed = port === '' ? {} : { protocol, more: `${protocol} dpt:${number}` };
        return rule(conf, { kind, way, family, ...place, ...narrowed });
      }),
    );
}

/** What iptables says when it adds or takes out a rule. */
export function ruleSaid(one: Rule): string {
  const more = one.more === '' ? '' : ` ${one.more}`;
  return `${one.target}  ${one.protocol} opt -- in ${one.from} out ${one.to}  ${one.source}  -> ${one.destination}  ${more}`;
}

/** Its row in the listing with numbers. */
export function ruleRow(one: Rule, number: number): string {
  const protocol = NUMBERS[one.protocol] ?? one.protocol;
  const head = `${String(number).padEnd(4)}     0     0 ${one.target.padEnd(9)}  ${protocol.padEnd(5)}--  `;
  const places = `${one.from.padEnd(6)} ${one.to.padEnd(7)} ${one.source.padEnd(20)} `;
  return head + places + (one.more === '' ? one.destination : `${one.destination.padEnd(21)}${one.more}`);
}
