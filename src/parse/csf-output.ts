// What csf said to a command. Its exit code is 0 for a refusal too, so its words are read: whole lines of the shapes that it writes,
// about exactly the target of the command. It also writes lines of its lists and other servers' answers, which may hold anything.
import type { CsfAnswer, CsfCommand, CsfSaid } from '../model-firewall.ts';

const OUTPUT_LENGTH = 64 * 1024;
const LINE_LENGTH = 500;
const MOST_WARNINGS = 20;
const MOST_DROPPED = 1000;

/** A line of csf: `{t}` is the target, `{n}` a number. The first shape of a table that a line has is the answer. */
type Shape = readonly [answer: CsfAnswer, line: string];

const NO_DENY: readonly Shape[] = [
  ['already', 'deny failed: {t} is in already in the deny file /etc/csf/csf.deny {n} times'],
  ['in-allow', 'deny failed: {t} is in the allow file /etc/csf/csf.allow'],
  ['in-ignore', 'deny failed: {t} is in the ignore file /etc/csf/csf.ignore'],
  ['own-address', 'deny failed: [{t}] is one of this servers addresses!'],
  ['own-address', 'deny failed: {t} is one of this servers addresses!'],
  ['no-ipv6', 'deny failed: [{t}] is valid IPv6 but IPV6 is not enabled in csf.conf'],
  ['invalid', 'deny failed: [{t}] is not a valid PUBLIC IP/CIDR'],
];
/** csf goes on behind the first of these: the entry is written, the firewall does not know it. */
const NO_TEMP: readonly Shape[] = [
  ['no-ipv6', 'failed: [{t}] is valid IPv6 but IPV6 is not enabled in csf.conf'],
  ['own-address', 'deny failed: [{t}] is one of this servers addresses!'],
  ['invalid', 'csf: [{t}] is not a valid PUBLIC IP'],
];
const NO_REMOVAL: readonly Shape[] = [
  ['invalid', '[{t}] is not a valid PUBLIC IP/CIDR'],
  ['invalid', 'csf: [{t}] is not a valid PUBLIC IP'],
];
const NO_BAN: readonly Shape[] = [
  ['not-found', 'csf: {t} not found in temporary bans'],
  ['not-found', 'csf: There are no temporary IP bans'],
];
const NO_TEMP_ALLOW: readonly Shape[] = [
  ['not-found', 'csf: {t} not found in temporary allows'],
  ['not-found', 'csf: There are no temporary IP allows'],
];

const SHAPES: Readonly<Record<Exclude<CsfCommand['kind'], 'remove-cluster'>, readonly Shape[]>> = {
  deny: [
    ['done', 'Adding {t} to csf.deny and iptables DROP...'],
    ['done', 'Adding {t} to csf.deny only while in TESTING mode (not iptables DROP)'],
    ...NO_DENY,
  ],
  allow: [
    ['done', 'Adding {t} to csf.allow and iptables ACCEPT...'],
    ['done', 'Adding {t} to csf.allow only while in TESTING mode (not iptables ACCEPT)'],
    ['already', 'add failed: {t} is in already in the allow file /etc/csf/csf.allow'],
    ['own-address', 'add failed: {t} is one of this servers addresses!'],
    ['own-address', 'add failed: [{t}] is one of this servers addresses!'],
    ['no-ipv6', 'add failed: [{t}] is valid IPv6 but IPV6 is not enabled in csf.conf'],
    ['invalid', 'add failed: [{t}] is not a valid PUBLIC IP/CIDR'],
  ],
  'temp-deny': [
    ...NO_TEMP,
    ['done', 'csf: {t} blocked on port {p} for {s} seconds {way}'],
    ['already', 'csf: {t} is already permanently blocked'],
    ['already', 'csf: {t} is already temporarily blocked'],
  ],
  'temp-allow': [
    ...NO_TEMP,
    ['done', 'csf: {t} allowed on port {p} for {s} seconds {way}'],
    ['already', 'csf: {t} is already permanently allowed'],
    ['already', 'csf: {t} is already temporarily allowed'],
  ],
  // Of several lines about an address one may be kept: then it stays blocked.
  'remove-deny': [
    ['kept', 'csf: {t} set as "do not delete" - not removed'],
    ['done', 'Removing rule...'],
    ['not-found', 'csf: {t} not found in csf.deny'],
    ...NO_REMOVAL,
  ],
  'remove-allow': [
    ['done', 'Removing rule...'],
    ['not-found', 'csf: {t} not found in csf.allow'],
    ...NO_REMOVAL,
  ],
  'remove-temp-deny': [['done', 'csf: {t} temporary block removed'], ...NO_BAN, ...NO_REMOVAL],
  'remove-temp-allow': [['done', 'csf: {t} temporary allow removed'], ...NO_TEMP_ALLOW, ...NO_REMOVAL],
  'remove-temp': [
    ['done', 'csf: {t} temporary block removed'],
    ['done', 'csf: {t} temporary allow removed'],
    ...NO_REMOVAL,
  ],
};

/** csf's own end in the middle, behind which the firewall is open: always its last line. */
const GAVE_UP = /^Error: .{1,400}, at line \d{1,6}$/;
const BROKEN = /^You have an unresolved error when starting csf:$/;
const DISABLED = /^(?:WARN\s{1,40})?csf and lfd have been disabled[!,] use 'csf -e' to (?:re-)?enable$/i;
const RESTARTING = /^Error: csf is being restarted, try again in a moment\b.{0,200}$/;
const TESTING = /^(?:\*WARNING\*|WARN)\s{1,40}TESTING mode is enabled\b/;
const WARNING = /^(?:\*WARNING\*|\*Error\*|WARN |FAIL |ip6?tables: |iptables v|ip6tables v)/;
const LIMIT_HEAD =
  /^csf: DENY_IP_LIMIT \(\d{1,9}\), the following IP's were removed from \/etc\/csf\/csf\.deny:$/;
/** What csf shows of the firewall: indented since 15, at the start of the line before. */
const RULE_LINE = /^(?:\s|[A-Z]{3,20} {2}\w{1,10} opt |csf: IPSET |ipset v)/;

/**
 * Reads what csf 14 or 15 wrote (without colours and control bytes; of a longer text the last 64 KiB). The answer is `unclear`
 * unless a line has a known shape for this command and this target; a text that is cut or foreign is never taken for success.
 */
export function readCsfOutput(command: CsfCommand, output: string): CsfSaid {
  const all = output
    .slice(-OUTPUT_LENGTH)
    .split(/\r\n?|\n/)
    .map((line) => line.trimEnd());
  const { lines, dropped } =
    command.kind === 'deny' ? splitDropped(all, command) : { lines: all, dropped: [] };
  const found = offLine(lines) ?? answerOf(command, lines);
  const last = lines.findLast((line) => line.trim() !== '') ?? dropped.at(-1) ?? '';
  return {
    answer: found?.answer ?? 'unclear',
    line: (found?.line ?? last).trim().slice(0, LINE_LENGTH),
    testing:
      (found?.line.includes('TESTING mode') ?? false) || lines.some((line) => TESTING.test(line.trimStart())),
    warnings: lines
      .map((line) => line.trim().slice(0, LINE_LENGTH))
      .filter((line) => WARNING.test(line))
      .slice(0, MOST_WARNINGS),
    dropped,
  };
}

interface Found {
  readonly answer: CsfAnswer;
  readonly line: string;
}

function offLine(lines: readonly string[]): Found | null {
  const written = lines.filter((line) => line !== '');
  const last = written.at(-1) ?? '';
  const busy = written.find((line) => RESTARTING.test(line));
  if (busy !== undefined) return { answer: 'busy', line: busy };
  if (GAVE_UP.test(last)) return { answer: 'off', line: last };
  const off = written.find((line) => BROKEN.test(line) || DISABLED.test(line.trim()));
  return off === undefined ? null : { answer: 'off', line: off };
}

function answerOf(command: CsfCommand, lines: readonly string[]): Found | null {
  if (command.kind === 'remove-cluster') return clusterAnswer(command, lines);
  const found = firstOf(SHAPES[command.kind], command, lines);
  if (found !== null || command.kind !== 'remove-temp') return found;
  // Two lists: it is in neither only when csf says so of both.
  const ban = firstOf(NO_BAN, command, lines);
  return ban !== null && firstOf(NO_TEMP_ALLOW, command, lines) !== null ? ban : null;
}

function firstOf(shapes: readonly Shape[], command: CsfCommand, lines: readonly string[]): Found | null {
  for (const [answer, shape] of shapes) {
    const pattern = patternOf(shape, command);
    const line = lines.find((one) => pattern.test(one));
    if (line !== undefined) return { answer, line };
  }
  return null;
}

function patternOf(shape: string, command: CsfCommand): RegExp {
  const parts: Readonly<Record<string, string>> = {
    '{t}': escaped(command.target.slice(0, 100)),
    '{n}': '\\d{1,9}',
    '{way}': '(?:inbound|outbound|in and outbound)',
    ...('seconds' in command
      ? { '{p}': escaped((command.ports ?? '*').slice(0, 100)), '{s}': String(command.seconds) }
      : {}),
  };
  const source = shape.split(/(\{[a-z]+\})/).map((part) => parts[part] ?? escaped(part));
  return new RegExp(`^${source.join('')}$`);
}

function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9 ]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** One line a server of the cluster; done only when each of them took it. */
function clusterAnswer({ target }: CsfCommand, lines: readonly string[]): Found | null {
  const invalid = lines.find((line) => line === `[${target}] is not a valid PUBLIC IP/CIDR`);
  if (invalid !== undefined) return { answer: 'invalid', line: invalid };
  const peers = lines.filter((line) => /^(?:Sent request to |Failed |Cluster error )/.test(line));
  const failed = peers.find((line) => !/^Sent request to [^\s,]{1,100}, replied: \[Received\]$/.test(line));
  if (failed !== undefined) return { answer: 'unclear', line: failed };
  return peers[0] === undefined ? null : { answer: 'done', line: peers[0] };
}

/**
 * Takes out of csf's words the entries that DENY_IP_LIMIT pushed out: lines of csf.deny, written by whoever, between csf's
 * head for them and its last line about the new entry (to the end where it did not come to that).
 */
function splitDropped(
  all: readonly string[],
  command: CsfCommand,
): { readonly lines: readonly string[]; readonly dropped: readonly string[] } {
  const head = all.findIndex((line) => LIMIT_HEAD.test(line));
  if (head < 0) return { lines: all, dropped: [] };
  const ends = SHAPES.deny.slice(0, 2).map(([, shape]) => patternOf(shape, command));
  const rest = all.slice(head + 1);
  const adding = rest.findLastIndex((line) => ends.some((end) => end.test(line)));
  const last = rest.findLastIndex((line) => line !== '');
  const end = adding >= 0 ? adding : GAVE_UP.test(rest[last] ?? '') ? last : rest.length;
  const dropped = rest
    .slice(0, end)
    .filter((line) => line !== '' && !RULE_LINE.test(line))
    .slice(0, MOST_DROPPED)
    .map((line) => line.slice(0, LINE_LENGTH));
  return { lines: [...all.slice(0, head), ...rest.slice(end)], dropped };
}
