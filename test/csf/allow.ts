// csf.allow: `-a` and `-ar`.
import { checkIp } from './addresses.ts';
import { splitOnce } from './arguments.ts';
import { type Call, localtime } from './call.ts';
import { ALLOW, DENY, filterEntry, holds, isAdvanced, refusal, removeDenied, shownAddress } from './deny.ts';
import { clean, linesOf, ListFile, readLists, slurp } from './list-file.ts';

/** `-a TARGET [COMMENT]`: the same entry in csf.deny goes first; nets around it stay. */
export function allow(call: Call, argument: string): void {
  const [given, comment] = splitOnce(argument);
  const target = checkIp(given).text;
  const refused = refusal(call, target, 'add');
  if (refused !== null) {
    call.say(refused);
    return;
  }
  const [allowed = []] = readLists(call, [ALLOW]);
  // Of csf.deny it looks at the file alone, without what it includes.
  if (holds(linesOf(slurp(call, [DENY])[0] ?? ''), target, false)) {
    call.say(`Removing ${target} from csf.deny...`);
    removeDenied(call, target);
  }
  const isAllowed = holds(allowed, target, false);
  const list = new ListFile(call, ALLOW);
  if (isAllowed) call.say(`add failed: ${target} is in already in the allow file /etc/csf/csf.allow`);
  else {
    const reason = comment === '' ? `Manually allowed: ${shownAddress(call, target)}` : comment;
    list.print(`${target} # ${reason} - ${localtime(call.now)}`);
    if (call.isOn('TESTING'))
      call.say(`Adding ${target} to csf.allow only while in TESTING mode (not iptables ACCEPT)`);
    else {
      call.say(`Adding ${target} to csf.allow and iptables ACCEPT...`);
      filterEntry(call, target, 'allow', false);
    }
  }
  list.close();
}

/** `-ar TARGET`: the whole entry must be the same; advanced lines are named in full. */
export function removeAllowed(call: Call, argument: string): void {
  const { family, text: target } = checkIp(argument);
  if (family === 0 && !isAdvanced(target)) {
    call.say(`[${target}] is not a valid PUBLIC IP/CIDR`);
    return;
  }
  const list = new ListFile(call, ALLOW);
  list.truncate();
  let isFound = false;
  for (const line of list.lines.map(clean)) {
    const entry = checkIp(splitOnce(line)[0]).text;
    if (entry.toUpperCase() !== target.toUpperCase()) {
      list.print(line);
      continue;
    }
    call.say('Removing rule...');
    filterEntry(call, entry, 'allow', true);
    isFound = true;
  }
  list.close();
  if (!isFound) call.say(`csf: ${target} not found in csf.allow`);
}
