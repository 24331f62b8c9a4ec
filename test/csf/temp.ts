// The temporary lists: `-td`, `-ta`, `-t`, `-tr`, `-trd`, `-tra` and `-tf`.
import { checkIp } from './addresses.ts';
import { readTemp, type TempArguments } from './arguments.ts';
import type { Call } from './call.ts';
import { ALLOW, DENY, isOwn, shownAddress } from './deny.ts';
import { type ListKind, ruleSaid, temporaryRules } from './filter.ts';
import { isEmptyFile, linesOf, ListFile, readLists } from './list-file.ts';
import { existsSync, readFileSync } from 'node:fs';

export const TEMPBAN = 'var/lib/csf/csf.tempban';
export const TEMPALLOW = 'var/lib/csf/csf.tempallow';
const WAYS = { in: 'inbound', out: 'outbound', inout: 'in and outbound' } as const;

/** A line of one of the lists. csf splits it at every bar, so a bar in the comment ends what it shows of it. */
export interface TempEntry {
  readonly since: number;
  readonly target: string;
  readonly ports: string;
  readonly way: string;
  readonly seconds: number;
  readonly comment: string;
}

/** Reads a line. */
export function readEntry(line: string): TempEntry {
  const [since = '', target = '', ports = '', way = '', seconds = '', comment = ''] = line.split('|');
  return { since: Number(since), target, ports, way, seconds: Number(seconds), comment };
}

/** The lines of a list without a lock. */
export function readTempList(call: Call, path: string): string[] {
  return existsSync(call.file(path)) ? linesOf(readFileSync(call.file(path), 'latin1')) : [];
}

/** Words that differ between the two lists. */
const LISTS = {
  deny: { path: TEMPBAN, file: DENY, usual: 'in', done: 'blocked', name: 'block', plural: 'bans' },
  allow: { path: TEMPALLOW, file: ALLOW, usual: 'inout', done: 'allowed', name: 'allow', plural: 'allows' },
} as const;

/** What is refused before a line is written; null for nothing. */
function refusal(call: Call, kind: ListKind, parsed: TempArguments): string | null {
  const { target, ports } = parsed;
  const { path, file, done } = LISTS[kind];
  if (checkIp(target).family === 0) return `csf: [${target}] is not a valid PUBLIC IP`;
  if (kind === 'deny' && isOwn(call, target))
    return `deny failed: [${target}] is one of this servers addresses!`;
  const [listed = []] = readLists(call, [file]);
  const start = new RegExp(`^${kind === 'deny' ? quote(target) : target}\\b`);
  if (listed.some((line) => start.test(line))) return `csf: ${target} is already permanently ${done}`;
  const same = new RegExp(`\\b${target}\\|${ports}\\|\\b`);
  return readTempList(call, path).some((line) => same.test(line))
    ? `csf: ${target} is already temporarily ${done}`
    : null;
}

function quote(text: string): string {
  return text.replace(/[^\w]/g, '\\$&');
}

/** `-td` and `-ta`. */
export function addTemporary(call: Call, argument: string, kind: ListKind): void {
  const { path, usual, done } = LISTS[kind];
  const parsed = readTemp(argument, usual);
  const { target, seconds, way } = parsed;
  if (checkIp(target).family === 6 && !call.isOn('IPV6'))
    call.say(`failed: [${target}] is valid IPv6 but IPV6 is not enabled in csf.conf`);
  const refused = refusal(call, kind, parsed);
  if (refused !== null) {
    call.say(refused);
    // Of what stands already csf ends at once, without its words about the testing mode.
    if (refused.includes('already')) call.leave(0);
    return;
  }
  const ports = parsed.ports.includes('*') ? '' : parsed.ports;
  for (const rule of temporaryRules({ target, ports, way }, kind, call.conf)) call.iptables(ruleSaid(rule));
  const comment = parsed.comment === '' ? `Manually added: ${shownAddress(call, target)}` : parsed.comment;
  const list = new ListFile(call, path);
  list.print(`${call.now}|${target}|${ports}|${way}|${seconds}|${comment}`);
  list.close();
  call.say(
    `csf: ${target} ${done} on port ${ports === '' ? '*' : ports} for ${seconds} seconds ${WAYS[way]}`,
  );
}

/** `-trd`, `-tra` and, for both lists, `-tr`. */
export function removeTemporary(call: Call, argument: string, kinds: readonly ListKind[]): void {
  const { family, text: target } = checkIp(argument);
  if (argument === '') {
    call.say('csf: No IP specified');
    return;
  }
  if (family === 6 && !call.isOn('IPV6'))
    call.say(`failed: [${target}] is valid IPv6 but IPV6 is not enabled in csf.conf`);
  if (family === 0) {
    call.say(`csf: [${target}] is not a valid PUBLIC IP`);
    return;
  }
  for (const kind of kinds) removeFrom(call, target, kind);
}

function removeFrom(call: Call, target: string | null, kind: ListKind): void {
  const { path, name, plural } = LISTS[kind];
  if (isEmptyFile(call, path)) {
    call.say(`csf: There are no temporary IP ${plural}`);
    return;
  }
  const list = new ListFile(call, path);
  const left: string[] = [];
  for (const line of list.lines) {
    const entry = readEntry(line);
    if (target === null ? line === '' : entry.target !== target) {
      left.push(line);
      continue;
    }
    for (const rule of temporaryRules(entry, kind, call.conf)) call.iptables(ruleSaid(rule));
    call.say(`csf: ${entry.target} temporary ${name} removed`);
  }
  list.truncate();
  if (target !== null) for (const line of left) list.print(line);
  list.close();
  if (target !== null && left.length === list.lines.length)
    call.say(`csf: ${target} not found in temporary ${plural}`);
}

/** `-tf`: both lists are emptied. */
export function flushTemporary(call: Call): void {
  removeFrom(call, null, 'deny');
  removeFrom(call, null, 'allow');
}

function timeLeft(seconds: number): string {
  if (seconds < 1) return '<1';
  const part = (value: number, unit: string): string => (value < 1 ? '' : `${value}${unit} `);
  const days = part(Math.floor(seconds / 86_400), 'd');
  const hours = part(Math.floor(seconds / 3600) % 24, 'h');
  return `${days}${hours}${part(Math.floor(seconds / 60) % 60, 'm')}${seconds % 60}s`;
}

function centered(text: string, width: number): string {
  const cut = text.slice(0, width);
  const before = (width - cut.length) >> 1;
  return cut.padStart(cut.length + before).padEnd(width);
}

function tableRow(call: Call, kind: ListKind, entry: TempEntry): string {
  const field = (text: string, width: number): string => text.slice(0, width).padEnd(width);
  const ports = entry.ports === '' ? '*' : entry.ports;
  const way = entry.way === '' ? ' *' : entry.way;
  const left = timeLeft(entry.seconds - (call.now - entry.since));
  return [
    field(kind === 'deny' ? 'DENY' : 'ALLOW', 5),
    field(entry.target, 39),
    centered(ports, 7),
    field(way, 5),
    field(left, 16),
    entry.comment,
  ].join(' ');
}

/** `-t`: a row for each port of an entry, each with all of its ports. */
export function showTemporary(call: Call): void {
  if (isEmptyFile(call, TEMPBAN) && isEmptyFile(call, TEMPALLOW)) {
    call.say('csf: There are no temporary IP entries');
    return;
  }
  call.say('');
  call.say('A/D   IP address                               Port   Dir   Time To Live     Comment');
  for (const kind of ['deny', 'allow'] as const)
    for (const line of readTempList(call, LISTS[kind].path)) {
      if (line === '') continue;
      const entry = readEntry(line);
      const rows = entry.ports === '' ? 1 : entry.ports.split(',').length;
      for (let i = 0; i < rows; i++) call.say(tableRow(call, kind, entry));
    }
}
