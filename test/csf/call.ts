// One call of the stand-in: where its lists are, what it says, how it ends, and the fault that it has to suffer.
import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { DeathPoint, Fault } from './faults.ts';
import { note } from './journal.ts';
import { pause } from './lock.ts';
import { type Conf, isOn, type Machine } from './settings.ts';

const FLUSHED = 'run/csf/flushed';
/** Colour and indent of what iptables printed. */
const LABEL = `${' '.repeat(21)}\x1b[38;5;244m  `;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** A time as Perl's localtime prints it. */
export function localtime(seconds: number): string {
  const at = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = String(at.getDate()).padStart(2, ' ');
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${DAYS[at.getDay()] ?? ''} ${MONTHS[at.getMonth()] ?? ''} ${day} ${clock} ${at.getFullYear()}`;
}

export interface CallParts {
  readonly root: string;
  readonly conf: Conf;
  readonly machine: Machine;
  readonly fault: Fault | null;
}

export class Call {
  readonly root: string;
  readonly conf: Conf;
  readonly machine: Machine;
  readonly fault: Fault | null;
  /** Epoch seconds. */
  readonly now: number;
  /** What has to be written before another program is started: Perl flushes its files then. */
  readonly beforeFork = new Set<() => void>();
  private said = '';
  private printed = 0;

  constructor({ root, conf, machine, fault }: CallParts) {
    this.root = root;
    this.conf = conf;
    this.machine = machine;
    this.fault = fault;
    this.now = machine.clock ?? Math.floor(Date.now() / 1000);
  }

  isOn(name: string): boolean {
    return isOn(this.conf, name);
  }

  /** The place of one of csf's own paths below the root. */
  file(path: string): string {
    return join(this.root, path);
  }

  /** Prints a line, at the latest when the call ends. */
  say(line: string): void {
    this.said += `${line}\n`;
  }

  /** Runs iptables or ipset: all that was said and written so far goes out, then comes its word where csf is verbose. */
  fork(word: string | null): void {
    for (const write of this.beforeFork) write();
    this.flush();
    if (this.fault?.kind === 'slow' && this.fault.at === 'middle') pause(this.fault.ms);
    if (this.fault?.kind === 'error' && this.fault.at === 'middle')
      this.giveUp(
        'Error processing command for line [4872] (6 times): [Another app is currently holding the xtables lock.]',
      );
    if (word !== null && this.isOn('VERBOSE')) this.said += word;
  }

  /** Runs iptables, which tells the rule. */
  iptables(rule: string): void {
    this.fork(`${LABEL}${rule}\x1b[0m\n`);
  }

  /** Dies here where the fault says so. */
  reach(point: DeathPoint): void {
    if (this.fault?.kind === 'die' && this.fault.at === point) this.die(point);
  }

  die(point: string): never {
    note(this.root, 'end', { outcome: `killed at ${point}`, code: null, end: Date.now() });
    process.kill(process.pid, 'SIGKILL');
    // The signal ends this process before anything else can happen.
    for (;;) pause(1000);
  }

  /** csf's error(): opens the firewall, leaves csf.error behind and ends with 1. */
  giveUp(problem: string, line = 2412): never {
    writeFileSync(join(this.root, FLUSHED), '');
    this.say(`Error: ${problem}, at line ${line}`);
    writeFileSync(this.file('etc/csf/csf.error'), `Error: ${problem}, at line ${line} in /usr/sbin/csf\n`);
    return this.leave(1);
  }

  /** Perl's own death: its words on stderr. */
  perish(words: string, code: number): never {
    process.stderr.write(`${words}\n`);
    return this.leave(code);
  }

  complain(words: string): void {
    process.stderr.write(`${words}\n`);
  }

  leave(code: number): never {
    this.flush();
    note(this.root, 'end', {
      outcome: code === 0 ? 'done' : `left ${code}`,
      code,
      end: Date.now(),
    });
    process.exit(code);
  }

  private flush(): void {
    const bytes = Buffer.from(this.said, 'latin1');
    this.said = '';
    const most = this.fault?.kind === 'cut' ? Math.max(0, this.fault.bytes - this.printed) : bytes.length;
    this.printed += bytes.length;
    print(bytes.subarray(0, most));
  }
}

/** Writes all of it to stdout, however slowly it is read; a reader that went away is none of our business. */
function print(bytes: Buffer): void {
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      pause(1);
    }
  }
}

/** Whether csf has thrown its rules away since it was started last. */
export const FLUSHED_MARK = FLUSHED;
