// A stand-in for csf 15.10: `node stand-in.ts ROOT ARGUMENTS…`, started by the program that the kit writes. It shares no
// code with the product, whose judge it is. README.md tells which recording each part stands for.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { allow, removeAllowed } from './allow.ts';
import { joinArguments, meaningOf, type Parsed } from './arguments.ts';
import { Call } from './call.ts';
import { ALLOW, deny, DENY, removeAllDenied, removeDenied } from './deny.ts';
import { takeFault } from './faults.ts';
import { grep, report } from './grep.ts';
import { note } from './journal.ts';
import { pause } from './lock.ts';
import * as others from './others.ts';
import { readConf, readMachine } from './settings.ts';
import { addTemporary, flushTemporary, removeTemporary, showTemporary, TEMPALLOW, TEMPBAN } from './temp.ts';

type Command = (call: Call, argument: string) => void;

/** The second name of a command, as csf takes it too. */
const LONG: Readonly<Record<string, string>> = {
  ...{ '--deny': '-d', '--denyrm': '-dr', '--denyf': '-df', '--add': '-a', '--addrm': '-ar' },
  ...{
    '--tempdeny': '-td',
    '--tempallow': '-ta',
    '--temprm': '-tr',
    '--temprmd': '-trd',
    '--temprma': '-tra',
  },
  ...{
    '--tempf': '-tf',
    '--temp': '-t',
    '--grep': '-g',
    '--iplookup': '-i',
    '--version': '-v',
    '--help': '-h',
  },
  ...{ '--cping': '-cp', '--cdeny': '-cd', '--crm': '-cr', '--cgrep': '-cg', '--ctempdeny': '-ctd' },
  ...{ '--callow': '-ca', '--carm': '-car', '--ctempallow': '-cta' },
  ...{ '--restart': '-r', '--start': '-s', '--stop': '-f', '--disable': '-x', '--enable': '-e' },
};

const asked =
  (answer: string | null): Command =>
  (call, argument) => {
    others.askCluster(call, answer, () => {
      report(call, argument);
    });
  };

const COMMANDS: Readonly<Record<string, Command>> = {
  '-d': deny,
  '-dr': removeDenied,
  '-df': removeAllDenied,
  '-a': allow,
  '-ar': removeAllowed,
  '-td': (call, argument) => {
    addTemporary(call, argument, 'deny');
  },
  '-ta': (call, argument) => {
    addTemporary(call, argument, 'allow');
  },
  '-tr': (call, argument) => {
    removeTemporary(call, argument, ['deny', 'allow']);
  },
  '-trd': (call, argument) => {
    removeTemporary(call, argument, ['deny']);
  },
  '-tra': (call, argument) => {
    removeTemporary(call, argument, ['allow']);
  },
  '-tf': flushTemporary,
  '-t': showTemporary,
  '-g': grep,
  '-i': others.lookUp,
  '-v': others.version,
  '-r': others.restart,
  '-s': others.restart,
  '-f': others.stop,
  '-x': others.disable,
  '-e': others.enable,
  '-cp': asked('PONG!'),
  '-cd': asked('Received'),
  '-ctd': asked('Received'),
  '-cr': asked('Received'),
  '-ca': asked('Received'),
  '-cta': asked('Received'),
  '-car': asked('Received'),
  '-cg': asked(null),
};

/** Commands that csf carries out while it is disabled, and while it has given up. */
const WHILE_DISABLED = ['-v', '-h', '-f', '', '-e'];
const WHILE_BROKEN = ['-s', '-r', '-e'];

/** csf.disable and csf.error end a call before it begins. */
function refuseBroken(call: Call, command: string): void {
  if (existsSync(call.file('etc/csf/csf.disable')) && command !== '-e') {
    call.say("csf and lfd have been disabled, use 'csf -e' to enable");
    if (!WHILE_DISABLED.includes(command)) call.leave(1);
  }
  const error = call.file('etc/csf/csf.error');
  if (!existsSync(error) || WHILE_BROKEN.includes(command)) return;
  const [first = ''] = readFileSync(error, 'latin1').split('\n');
  call.say(`You have an unresolved error when starting csf:\n${first}\n`);
  call.say('You need to restart csf successfully to remove this warning, or delete /etc/csf/csf.error');
  call.leave(1);
}

/** What a fault does before csf does anything. */
function beginFaulty(call: Call): void {
  const { fault } = call;
  if (fault === null) return;
  if (fault.kind === 'slow' && fault.at !== 'middle') pause(fault.ms);
  if (fault.kind === 'lie') call.leave(0);
  if (fault.kind === 'locked') others.refuseLocked(call);
  if (fault.kind === 'perl')
    call.perish(`Can't locate object method "new" via package "Crypt::CBC" at /usr/sbin/csf line 1301.`, 2);
  if (fault.kind === 'warnings') for (const line of fault.lines) call.say(line);
  if (fault.kind === 'huge')
    call.say(`${'noise '.repeat(13)}\n`.repeat(Math.ceil(fault.bytes / 79)).trimEnd());
  call.reach('start');
}

const LIST_OF: Readonly<Record<string, string>> = {
  ...{ '-d': DENY, '-dr': DENY, '-a': ALLOW, '-ar': ALLOW },
  ...{ '-td': TEMPBAN, '-trd': TEMPBAN, '-tr': TEMPBAN, '-ta': TEMPALLOW, '-tra': TEMPALLOW },
};

/** Another process rewrites the list of this command under its lock; this one ends when the list is empty. */
function tearList(call: Call, command: string, ms: number): void {
  const file = call.file(LIST_OF[command] ?? DENY);
  const half = String(ms / 2000);
  const script = `whole=$(cat "$1"; echo .); : >"$1"; sleep ${half}; printf %s "\${whole%.}" | head -c "$2" >"$1"; sleep ${half}; printf %s "\${whole%.}" >"$1"`;
  const { size } = statSync(file);
  if (size === 0) return;
  const args = ['-x', file, '/bin/sh', '-c', script, 'sh', file, String(size >> 1)];
  const child = spawn('/usr/bin/flock', args, { stdio: 'ignore', detached: true });
  child.unref();
  for (let i = 0; i < 2000 && statSync(file).size !== 0; i++) pause(1);
}

function run(call: Call, { command, argument }: Parsed): void {
  for (const warning of call.machine.warnings) call.say(warning);
  refuseBroken(call, command);
  beginFaulty(call);
  const carryOut = COMMANDS[command] ?? others.help;
  carryOut(call, argument);
  if (call.isOn('TESTING'))
    call.say('*WARNING* TESTING mode is enabled - do not forget to disable it in the configuration');
  if (call.fault?.kind === 'torn') tearList(call, command, call.fault.ms);
  call.leave(0);
}

const [root = '', ...argv] = process.argv.slice(2);
const given = joinArguments(argv.map((part) => Buffer.from(part, 'utf8').toString('latin1')));
const parsed = { ...given, command: LONG[given.command] ?? given.command };
const caller = process.env.CSF_CALLER ?? '';
note(root, 'call', { argv, caller, ...parsed, meaning: meaningOf(parsed), start: Date.now() });
process.on('uncaughtException', (error) => {
  process.stderr.write(`stand-in: ${error.stack ?? error.message}\n`);
  note(root, 'end', { outcome: `crashed: ${error.message}`, code: 70, end: Date.now() });
  process.exit(70);
});
run(
  new Call({
    root,
    conf: readConf(root),
    machine: readMachine(root),
    fault: caller === 'lfd' ? null : takeFault(root, parsed.command),
  }),
  parsed,
);
