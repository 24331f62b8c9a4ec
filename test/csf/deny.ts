// csf.deny: `-d`, `-dr` and `-df`.
import { addressWithin, checkIp, netHolds } from './addresses.ts';
import { splitOnce } from './arguments.ts';
import { type Call, localtime } from './call.ts';
import { type ListKind, ruleSaid, rulesOf } from './filter.ts';
import { clean, isSkipped, ListFile, readLists } from './list-file.ts';

export const DENY = 'etc/csf/csf.deny';
export const ALLOW = 'etc/csf/csf.allow';
export const IGNORE = 'etc/csf/csf.ignore';
const TEMPIP = 'var/lib/csf/csf.tempip';
const KEPT = /do not delete/i;

/** Adds the rules of an entry or takes them out, as iptables or ipset tell of it. */
export function filterEntry(call: Call, entry: string, kind: ListKind, isRemoval: boolean): void {
  const target = entry.toLowerCase();
  const { family, text } = checkIp(target);
  if (family !== 0 && call.isOn('LF_IPSET')) {
    const set = `chain${family === 6 ? '_6' : ''}_${kind === 'deny' ? 'DENY' : 'ALLOW'}`;
    const [verb, word] = isRemoval ? ['deleting', 'from'] : ['adding', 'to'];
    call.fork(`csf: IPSET ${verb} [${text}] ${word} set [${set}]\n`);
    return;
  }
  for (const rule of rulesOf(target, kind, call.conf)) call.iptables(ruleSaid(rule));
}

/** What `-d` and `-a` refuse whatever the lists hold; null for nothing. The form is told from an advanced line. */
export function refusal(call: Call, target: string, verb: 'deny' | 'add'): string | null {
  const { family } = checkIp(target);
  if (isOwn(call, target))
    return verb === 'deny'
      ? `deny failed: [${target}] is one of this servers addresses!`
      : `add failed: ${target} is one of this servers addresses!`;
  if (family === 6 && !call.isOn('IPV6'))
    return `${verb} failed: [${target}] is valid IPv6 but IPV6 is not enabled in csf.conf`;
  if (family === 0 && !isAdvanced(target)) return `${verb} failed: [${target}] is not a valid PUBLIC IP/CIDR`;
  return null;
}

/** Whether a text is taken for an advanced line. */
export function isAdvanced(target: string): boolean {
  return /[:|]/.test(target) && target.includes('=');
}

export function isOwn(call: Call, target: string): boolean {
  const own = call.machine.own.filter((one) => !one.includes(':') || call.isOn('IPV6'));
  return own.includes(target) || netHolds('127.0.0.0/8', target) || target === '::1';
}

/** Whether a list has a target: as an entry, or, where asked, in one of its nets. */
export function holds(lines: readonly string[], target: string, inNets: boolean): boolean {
  return lines.some((raw) => {
    const line = clean(raw);
    if (isSkipped(line)) return false;
    const entry = checkIp(splitOnce(line)[0]).text;
    return entry === target || (inNets && /\/\d+/.test(entry) && netHolds(entry, target));
  });
}

/** What csf writes where no reason was given. */
export function shownAddress(call: Call, target: string): string {
  const more = call.machine.lookups[target];
  return more === undefined ? target : `${target} (${more})`;
}

/** `-d TARGET [COMMENT]`. */
export function deny(call: Call, argument: string): void {
  const [given, comment] = splitOnce(argument);
  const target = checkIp(given).text;
  const refused = refusal(call, target, 'deny');
  if (refused !== null) {
    call.say(refused);
    return;
  }
  const [allowed = [], ignored = [], denied = []] = readLists(call, [ALLOW, IGNORE, DENY]);
  for (const [list, name] of [[allowed, 'allow'] as const, [ignored, 'ignore'] as const]) {
    if (!holds(list, target, true)) continue;
    call.say(`deny failed: ${target} is in the ${name} file /etc/csf/csf.${name}`);
    return;
  }
  const isDenied = holds(denied, target, false) && Number(call.conf.LF_REPEATBLOCK ?? 0) <= 1;
  const list = new ListFile(call, DENY);
  if (isDenied) call.say(`deny failed: ${target} is in already in the deny file /etc/csf/csf.deny 1 times`);
  else addDenied(call, list, target, comment);
  list.close();
}

function addDenied(call: Call, list: ListFile, target: string, comment: string): void {
  rotate(call, list);
  const reason = comment === '' ? `Manually denied: ${shownAddress(call, target)}` : comment;
  list.print(`${target} # ${reason} - ${localtime(call.now)}`);
  if (call.isOn('TESTING')) {
    call.say(`Adding ${target} to csf.deny only while in TESTING mode (not iptables DROP)`);
    return;
  }
  call.say(`Adding ${target} to csf.deny and iptables DROP...`);
  filterEntry(call, target, 'deny', false);
}

/** DENY_IP_LIMIT: makes room for one more by taking the topmost entries out. */
function rotate(call: Call, list: ListFile): void {
  const limit = Number(call.conf.DENY_IP_LIMIT ?? 0);
  const lines = list.lines.map(clean);
  const counted = lines.filter((line) => !isSkipped(line) && !KEPT.test(line));
  if (limit <= 0 || counted.length < limit) return;
  const dropped = counted.slice(0, counted.length - limit + 1);
  list.truncate();
  for (const line of lines) if (!dropped.includes(line)) list.print(line);
  call.say(`csf: DENY_IP_LIMIT (${limit}), the following IP's were removed from /etc/csf/csf.deny:`);
  for (const line of dropped) {
    call.say(line);
    filterEntry(call, splitOnce(line)[0], 'deny', true);
  }
}

/** `-dr TARGET`: all lines of it, advanced ones too; those of files that are included stay. */
export function removeDenied(call: Call, argument: string): void {
  const { family, text: target } = checkIp(argument);
  if (family === 0 && !isAdvanced(target)) {
    call.say(`[${target}] is not a valid PUBLIC IP/CIDR`);
    return;
  }
  const list = new ListFile(call, DENY);
  list.truncate();
  let found: 'none' | 'kept' | 'removed' = 'none';
  for (const line of list.lines.map(clean)) {
    const [entry, comment] = splitOnce(line);
    // The entry as it is written: a long or odd form of an IPv6 address is never found.
    const written = family === 0 ? entry : addressWithin(entry);
    if (written.toUpperCase() === target.toUpperCase()) {
      if (!KEPT.test(comment)) {
        call.say('Removing rule...');
        filterEntry(call, entry, 'deny', true);
        found = 'removed';
        continue;
      }
      call.say(`csf: ${target} set as "do not delete" - not removed`);
      found = 'kept';
    }
    list.print(line);
  }
  list.close();
  if (found === 'none') call.say(`csf: ${target} not found in csf.deny`);
  else if (call.isOn('LF_PERMBLOCK') || call.isOn('LF_NETBLOCK')) forget(call, target);
}

/** Takes an address out of the history of lfd's blocks, also where its entry was kept. */
function forget(call: Call, target: string): void {
  const list = new ListFile(call, TEMPIP);
  list.truncate();
  for (const line of list.lines) if (line.split('|')[0] !== target) list.print(line);
  list.close();
}

/** `-df`: all entries but those marked. */
export function removeAllDenied(call: Call): void {
  const list = new ListFile(call, DENY);
  list.truncate();
  for (const line of list.lines.map(clean)) {
    const isKept = KEPT.test(line);
    if (/^(?:#|Include)/.test(line) || isKept) list.print(line);
    if (/^(?:#|Include)/.test(line)) continue;
    if (isKept) call.say(`csf: skipped line: ${line}`);
    else filterEntry(call, splitOnce(line)[0], 'deny', true);
  }
  list.close();
  call.say('csf: all entries removed from csf.deny');
}
