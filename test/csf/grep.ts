// `-g`: what of the firewall's rules and of csf's lists concerns an address. The rules are those that the lists ask for,
// as after a restart; none where csf has given up.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { checkIp, netHolds } from './addresses.ts';
import { splitOnce } from './arguments.ts';
import { type Call, FLUSHED_MARK } from './call.ts';
import { ALLOW, DENY } from './deny.ts';
import { type ListKind, ruleRow, type Rule, rulesOf, temporaryRules } from './filter.ts';
import { clean, isSkipped, linesOf, readLists } from './list-file.ts';
import { readEntry, readTempList, TEMPALLOW, TEMPBAN } from './temp.ts';

const HEAD =
  'Table  Chain            num   pkts bytes target     prot opt in     out     source               destination         ';
const STATE = 'var/lib/csf';

interface Lists {
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
  readonly tempAllowed: readonly string[];
  readonly banned: readonly string[];
}

function entriesOf(lines: readonly string[]): string[] {
  return lines.map(clean).filter((line) => !isSkipped(line));
}

/** Nets that a chain of its own drops, by the chain's name: blocklists, GLOBAL_DENY, countries. */
function netChains(
  call: Call,
): Map<string, { readonly nets: readonly string[]; readonly set: string; readonly setting: string }> {
  const chains = new Map<string, { nets: readonly string[]; set: string; setting: string }>();
  const folder = call.file(STATE);
  const read = (name: string): string[] => entriesOf(linesOf(readFileSync(`${folder}/${name}`, 'latin1')));
  for (const file of readdirSync(folder).filter((one) => one.startsWith('csf.block.'))) {
    const name = file.slice('csf.block.'.length);
    chains.set(name, {
      nets: read(file),
      set: `bl_${name}`,
      setting: `${name} file:/etc/csf/csf.blocklists`,
    });
  }
  if (existsSync(`${folder}/csf.gdeny`))
    chains.set('GDENYIN', { nets: read('csf.gdeny'), set: 'chain_GDENY', setting: 'GLOBAL_DENY' });
  for (const code of (call.conf.CC_DENY ?? '')
    .toLowerCase()
    .split(',')
    .filter((one) => one !== ''))
    chains.set(`CC_DENY ${code}`, {
      nets: call.machine.countries[code] ?? [],
      set: `cc_${code}`,
      setting: `CC_DENY Country:${code.toUpperCase()}`,
    });
  return chains;
}

function rulesInForce(call: Call, lists: Lists): Rule[] {
  if (existsSync(call.file(FLUSHED_MARK)) || call.isOn('TESTING')) return [];
  const inSets = call.isOn('LF_IPSET');
  const listed = (lines: readonly string[], kind: ListKind): Rule[] =>
    entriesOf(lines)
      .map((line) => splitOnce(line)[0])
      .filter((entry) => !inSets || checkIp(entry).family === 0)
      .flatMap((entry) => rulesOf(entry, kind, call.conf));
  const temporary = (lines: readonly string[], kind: ListKind): Rule[] =>
    lines.flatMap((line) => temporaryRules(readEntry(line), kind, call.conf));
  // Allowing rules are put at the top, each before those that were there.
  const allowing = [...temporary(lists.tempAllowed, 'allow'), ...listed(lists.allowed, 'allow')].reverse();
  const dropping = inSets
    ? []
    : [...netChains(call)].flatMap(([name, { nets }]) =>
        nets.flatMap((net): Rule[] => {
          const { family } = checkIp(net);
          if (family === 0) return [];
          const any = family === 4 ? '0.0.0.0/0' : '::/0';
          const [chain = name] = name.split(' ');
          return [
            {
              family,
              chain,
              target: 'DROP',
              protocol: 'all',
              from: '*',
              to: '*',
              source: net,
              destination: any,
              more: '',
            },
          ];
        }),
      );
  return [...allowing, ...listed(lists.denied, 'deny'), ...temporary(lists.banned, 'deny'), ...dropping];
}

function concerns(rule: Rule, row: string, target: string): boolean {
  const word = new RegExp(`\\b${target.replace(/\W/g, '\\$&')}\\b`, 'i');
  if (word.test(row)) return true;
  return [rule.source, rule.destination].some((place) => !place.endsWith('/0') && netHolds(place, target));
}

/** The table of one family; rows are numbered in their chain. */
function table(call: Call, rules: readonly Rule[], target: string, program: string): void {
  call.say(HEAD);
  const numbers = new Map<string, number>();
  const rows = rules.flatMap((rule) => {
    const number = (numbers.get(rule.chain) ?? 0) + 1;
    numbers.set(rule.chain, number);
    const row = ruleRow(rule, number);
    return concerns(rule, row, target) ? [{ chain: rule.chain, row }] : [];
  });
  rows.sort((a, b) => (a.chain < b.chain ? -1 : Number(a.chain > b.chain)));
  let last = 'INPUT';
  for (const { chain, row } of rows) {
    if (chain !== last) call.say('');
    call.say(`filter ${chain.slice(0, 16).padEnd(16)} ${row}`);
    last = chain;
  }
  if (rows.length === 0) call.say(`No matches found for ${target} in ${program}`);
}

function sets(call: Call, lists: Lists, target: string): void {
  call.say('');
  const matches = (nets: readonly string[]): boolean =>
    nets.some((net) => checkIp(net).text === target || netHolds(net, target));
  const lists6 = checkIp(target).family === 6 ? '_6' : '';
  const named: [string, readonly string[], string][] = [
    [
      `chain${lists6}_DENY`,
      entriesOf(lists.denied).map((line) => splitOnce(line)[0]),
      ' File:/etc/csf/csf.deny',
    ],
    [
      `chain${lists6}_ALLOW`,
      entriesOf(lists.allowed).map((line) => splitOnce(line)[0]),
      ' File:/etc/csf/csf.allow',
    ],
    ...[...netChains(call).values()].map(({ set, nets, setting }): [string, readonly string[], string] => [
      set,
      nets,
      setting,
    ]),
  ];
  const found = named.filter(([, nets]) => matches(nets));
  for (const [set, , setting] of found) {
    call.say('');
    call.say(`IPSET: Set:${set} Match:${target} Setting:${setting}`);
  }
  if (found.length === 0) call.say(`IPSET: No matches found for ${target}`);
}

/** Lines of the lists: the entry itself, or a net around it, each in its own words. */
function listed(call: Call, lines: readonly string[], target: string, name: 'allow' | 'deny'): void {
  for (const line of entriesOf(lines)) {
    const entry = checkIp(splitOnce(line)[0]).text;
    const all = name === 'deny' ? 'Permanent Blocks' : 'Permanent Allows';
    if (entry === target) call.say(`\ncsf.${name}: ${line}`);
    else if (netHolds(entry, target)) call.say(`\n${all} (csf.${name}): ${line}`);
  }
}

function temporary(call: Call, lines: readonly string[], target: string, words: string): void {
  for (const entry of lines.map(readEntry)) {
    const text = checkIp(entry.target).text;
    if (text !== target && !netHolds(text, target)) continue;
    const { ports, way, seconds, comment } = entry;
    call.say(`\n${words}: IP:${text} Port:${ports} Dir:${way} TTL:${seconds} (${comment})`);
  }
}

/** `-g TARGET`. */
export function grep(call: Call, argument: string): void {
  call.say('');
  report(call, argument);
}

/** What `-g` prints below its first, empty line. */
export function report(call: Call, argument: string): void {
  const { family, text: target } = checkIp(argument);
  const [allowed = [], denied = []] = readLists(call, [ALLOW, DENY]);
  const lists = {
    allowed,
    denied,
    tempAllowed: readTempList(call, TEMPALLOW),
    banned: readTempList(call, TEMPBAN),
  };
  const rules = rulesInForce(call, lists);
  table(
    call,
    rules.filter((rule) => rule.family === 4),
    target,
    'iptables',
  );
  if (call.isOn('LF_IPSET') && family !== 0) sets(call, lists, target);
  if (call.isOn('IPV6')) {
    call.say('\n\nip6tables:\n');
    table(
      call,
      rules.filter((rule) => rule.family === 6),
      target,
      'ip6tables',
    );
  }
  temporary(call, lists.tempAllowed, target, 'Temporary Allows');
  listed(call, allowed, target, 'allow');
  temporary(call, lists.banned, target, 'Temporary Blocks');
  listed(call, denied, target, 'deny');
}
