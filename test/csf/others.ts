// Commands beside the lists: version, help, look-up, the cluster, and starting and stopping.
import { constants, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { checkIp } from './addresses.ts';
import { type Call, FLUSHED_MARK } from './call.ts';
import { shownAddress } from './deny.ts';
import { lockAtOnce } from './lock.ts';

const GREY = '\x1b[38;5;244m';
const END = '\x1b[0m';
const INDENT = ' '.repeat(21);
const EMPTY_LINE = `${INDENT}${GREY}  ${END}${' '.repeat(48)}`;

/** `-v`. */
export function version(call: Call): void {
  call.say('ConfigServer Security & Firewall\nv15.10 (cPanel)\nLicense: None\nChannel: Stable Channel');
}

/** `-h` and every command that is not known; of the manual page that follows only its first line. */
export function help(call: Call): void {
  call.say(EMPTY_LINE);
  call.say(
    `   \x1b[1;38;5;15;48;5;27m INFO ${END}            ${GREY}  \x1b[38;5;214mConfigServer Security & Firewall${END}     `,
  );
  call.say(`${INDENT}${GREY}  \x1b[38;5;47mv15.10\x1b[38;5;33m (cPanel)${END}${END}         `);
  call.say(EMPTY_LINE);
  call.say('csf(1)\t\t\t\t\t\t\t     General Commands Manual\t\t\t\t\t\t\t  csf(1)');
}

/** `-i ADDRESS`. */
export function lookUp(call: Call, argument: string): void {
  const { family, text } = checkIp(argument);
  call.say(family === 0 ? `lookup failed: [${argument}] is not a valid PUBLIC IP` : shownAddress(call, text));
}

/** The answer of each member of the cluster; null stands for the one to `-cg`, which is what `-g` says there. */
export function askCluster(call: Call, answer: string | null, grep: () => void): void {
  const peers = (call.conf.CLUSTER_SENDTO ?? '').split(',').filter((one) => one !== '');
  if (peers.length === 0)
    call.perish(`Can't locate object method "new" via package "Crypt::CBC" at /usr/sbin/csf line 1301.`, 2);
  for (const peer of peers) {
    const silence = call.machine.peers[peer];
    if (silence === 'down') call.say(`Failed to connect to ${peer}`);
    else if (silence === 'silent') call.say(`Sent request to ${peer}, no reply`);
    else if (answer !== null) call.say(`Sent request to ${peer}, replied: [${answer}]`);
    else {
      call.say(`Sent request to ${peer}, reply:`);
      call.say('='.repeat(80));
      grep();
      call.say(`${'='.repeat(80)}\n`);
    }
  }
}

/** csf.lock, which only starting and stopping take, and never wait for. It is held until the call ends. */
export function holdCsfLock(call: Call): void {
  const fd = openSync(call.file('var/lib/csf/csf.lock'), constants.O_RDWR | constants.O_CREAT, 0o600);
  if (!lockAtOnce(fd)) refuseLocked(call);
}

/** What csf says while it is being restarted. */
export function refuseLocked(call: Call): never {
  return call.perish(
    'Error: csf is being restarted, try again in a moment: Resource temporarily unavailable at /usr/sbin/csf line 1054.',
    11,
  );
}

/** `-r` and `-s`: the rules are there again, csf.error is gone. */
export function restart(call: Call): void {
  holdCsfLock(call);
  call.fork(`${INDENT}${GREY}  csf: restarting the firewall${END}\n`);
  rmSync(call.file(FLUSHED_MARK), { force: true });
  rmSync(call.file('etc/csf/csf.error'), { force: true });
}

/** `-f`: all rules are gone. */
export function stop(call: Call): void {
  holdCsfLock(call);
  writeFileSync(call.file(FLUSHED_MARK), '');
}

/** `-x`: csf.disable is written first; where cPanel's file is missing it then gives up. */
export function disable(call: Call): void {
  holdCsfLock(call);
  writeFileSync(call.file('etc/csf/csf.disable'), '');
  if (!existsSync(call.file('etc/chkserv.d')))
    call.giveUp('Could not open /etc/chkserv.d/chkservd.conf: No such file or directory', 3973);
  writeFileSync(call.file(FLUSHED_MARK), '');
}

/** `-e`. */
export function enable(call: Call): void {
  holdCsfLock(call);
  rmSync(call.file('etc/csf/csf.disable'), { force: true });
  rmSync(call.file(FLUSHED_MARK), { force: true });
}
