// A stand-in for lfd: counts failures per address in log lines as lfd does and says which blocks follow.
// The log line, file entries and mail of a block are written in the shapes that csf 15.10 was seen to write.
import { SERVER_NAME } from './sites.ts';
import { stamp } from './stamps.ts';
import type { EpochMicros } from './stamps.ts';

/** One line that lfd reads; `text` may hold time tokens. */
export interface WatchedLine {
  readonly at: EpochMicros;
  readonly text: string;
}

/** The csf.conf values that decide; all are numbers there, in quotes. */
export type LfdSettings = Readonly<Record<string, string>>;

export interface Block {
  readonly at: EpochMicros;
  readonly address: string;
  readonly trigger: string;
  /** Seconds; null for a permanent block. */
  readonly seconds: number | null;
  /** `80,443` for blocks of the web ports only, else empty. */
  readonly ports: string;
  /** What the log line and the entries say, without `lfd: `. */
  readonly message: string;
  /** The mail's Failures field. */
  readonly failures: string;
  /** Address with country and host, as the look-up printed it. */
  readonly shown: string;
  readonly lines: readonly string[];
}

export interface Failure {
  readonly address: string;
  readonly ruleId: string;
}

export interface Trigger {
  readonly name: string;
  readonly app: string;
  /** Reads the address out of a line of this trigger; null for other lines. */
  readonly read: (text: string) => Failure | null;
  readonly message: (shown: string, count: number, interval: string, ruleId: string) => string;
  /** A fixed count of more than the limit (404 hits) instead of a sliding hour. */
  readonly plainCounter?: boolean;
}

function reader(pattern: RegExp): (text: string) => Failure | null {
  return (text) => {
    const found = pattern.exec(text);
    const address = found?.[1]?.replace(/:\d+$/, '');
    return address === undefined ? null : { address, ruleId: /\[id "(\d+)"\]/.exec(text)?.[1] ?? 'unknown' };
  };
}

const TRIGGERS: readonly Trigger[] = [
  {
    name: 'LF_MODSEC',
    app: 'mod_security',
    read: reader(
      /^\[[^\]]+\] \[[a-z0-9_]*:error\] \[pid [^\]]+\] \[client ([^\]]+)\] (?:\[client [^\]]+\] )?ModSecurity: Access denied/,
    ),
    message: (shown, count, interval, ruleId) =>
      `(mod_security) mod_security (id:${ruleId}) triggered by ${shown}: ${count} in the last ${interval} secs`,
  },
  {
    name: 'LF_APACHE_404',
    app: '',
    plainCounter: true,
    read: reader(
      /^\[[^\]]+\] \[core:(?:error|info)\] \[pid [^\]]+\] \[client ([^\]]+)\] AH00128: File does not exist:/,
    ),
    message: (shown, count, interval) =>
      `${shown}, more than ${count} Apache 404 hits in the last ${interval} secs`,
  },
  {
    name: 'LF_SMTPAUTH',
    app: 'smtpauth',
    read: reader(/ authenticator failed for [^[]*(?:\(\[[^\]]*\]\) )?\[([^\]]+)\](?::\d+)?: 535 /),
    message: (shown, count, interval) =>
      `(smtpauth) Failed SMTP AUTH login from ${shown}: ${count} in the last ${interval} secs`,
  },
  {
    name: 'LF_IMAPD',
    app: 'imapd',
    read: reader(
      / dovecot\[\d+\]: imap-login: (?:Disconnected: )?(?:Connection closed|Disconnected) \(auth failed, \d+ attempts in \d+ secs\): user=<\S*>, method=\S+, rip=(\S+), lip=/,
    ),
    message: (shown, count, interval) =>
      `(imapd) Failed IMAP login from ${shown}: ${count} in the last ${interval} secs`,
  },
  {
    name: 'LF_SSHD',
    app: 'sshd',
    read: reader(/ sshd\[\d+\]: Failed password for .* from (\S+) port \d+/),
    message: (shown, count, interval) =>
      `(sshd) Failed SSH login from ${shown}: ${count} in the last ${interval} secs`,
  },
];

const CYCLE_MICROS = 5_000_000;
/** How long a block takes to be written after its line was read. */
const WRITE_MICROS = 300_000;

interface Counted {
  readonly parsedAt: EpochMicros;
  readonly text: string;
}

/** The end of the cycle in which lfd reads a line written at `at`. */
function parseTime(at: EpochMicros, startedAt: EpochMicros): EpochMicros {
  return Math.ceil((at - startedAt) / CYCLE_MICROS) * CYCLE_MICROS + startedAt;
}

function makeBlock(trigger: Trigger, failure: Failure, counted: readonly Counted[], facts: LfdFacts): Block {
  const { settings, countries } = facts;
  const { address, ruleId } = failure;
  const permanence = settings[`${trigger.name}_PERM`] ?? '1';
  const interval = settings.LF_INTERVAL ?? '3600';
  const shown = `${address} (${countries[address] ?? 'Unknown'})`;
  const limit = Number(settings[trigger.name]);
  const count = trigger.plainCounter === true ? limit : counted.length;
  return {
    at: (counted.at(-1)?.parsedAt ?? 0) + WRITE_MICROS,
    address,
    trigger: trigger.name,
    seconds: Number(permanence) > 1 ? Number(permanence) : null,
    ports: trigger.plainCounter === true ? '80,443' : '',
    message: trigger.message(shown, count, interval, ruleId),
    failures: trigger.app === '' ? String(count) : `${count} (${trigger.app})`,
    shown,
    lines: counted.map((line) => line.text),
  };
}

/** Whether lfd has nothing to do for `later`, because `earlier` blocks the same ports of that address. */
function isInForce(earlier: Block, later: Block): boolean {
  if (earlier.address !== later.address || (earlier.ports !== '' && earlier.ports !== later.ports))
    return false;
  return earlier.seconds === null || later.at < earlier.at + earlier.seconds * 1e6;
}

export interface LfdFacts {
  readonly settings: LfdSettings;
  /** What the address look-up says of an address, e.g. `US/United States/-`. */
  readonly countries: Readonly<Record<string, string>>;
  /** lfd reads its logs every five seconds from here on. */
  readonly startedAt: EpochMicros;
  /** Addresses of csf.ignore. */
  readonly ignored: readonly string[];
}

export interface Found {
  readonly trigger: Trigger;
  readonly failure: Failure;
  /** So many of them block. */
  readonly limit: number;
}

/** What lfd counts in a line, and at how many it blocks; null for nothing, for an ignored address and for a trigger that is off. */
export function failureIn(text: string, { settings, ignored }: LfdFacts): Found | null {
  for (const trigger of TRIGGERS) {
    const failure = trigger.read(text);
    if (failure === null) continue;
    const limit = Number(settings[trigger.name] ?? '0');
    if (limit === 0 || ignored.includes(failure.address)) return null;
    return { trigger, failure, limit: trigger.plainCounter === true ? limit + 1 : limit };
  }
  return null;
}

/**
 * Counts failures in lines, given in the order in which they are read, each with the time of its reading; gives the block
 * that a line leads to. The counts of an address begin anew after its block.
 */
export function lfdCounter(facts: LfdFacts): (text: string, parsedAt: EpochMicros) => Block | null {
  const counts = new Map<string, Counted[]>();
  const interval = Number(facts.settings.LF_INTERVAL ?? '3600') * 1e6;
  return (text, parsedAt) => {
    const found = failureIn(text, facts);
    if (found === null) return null;
    const { trigger, failure, limit } = found;
    const key = `${trigger.name} ${failure.address}`;
    const counted = (counts.get(key) ?? []).filter((earlier) => parsedAt - earlier.parsedAt <= interval);
    counted.push({ parsedAt, text });
    counts.set(key, counted);
    if (counted.length < limit) return null;
    counts.delete(key);
    return makeBlock(trigger, failure, counted, facts);
  };
}

/**
 * Reads lines in time order and gives the blocks that lfd would set. A trigger whose limit is 0 or missing is off.
 * After a block lfd forgets its counts of that address; lines that come later are counted anew, but of an address that
 * is blocked already lfd says nothing.
 */
export function runLfd(lines: readonly WatchedLine[], facts: LfdFacts): Block[] {
  const blocks: Block[] = [];
  const count = lfdCounter(facts);
  for (const line of lines) {
    const made = count(line.text, parseTime(line.at, facts.startedAt));
    if (made !== null && !blocks.some((earlier) => isInForce(earlier, made))) blocks.push(made);
  }
  return blocks;
}

/** The lines of lfd.log for a block; `pid` is the process that blocked. */
export function lfdLogLine(block: Block, pid: number): string {
  const time = block.seconds === null ? '' : ` for ${block.seconds} secs`;
  return `${stamp('S', block.at)} server lfd[${pid}]: ${block.message} - *Blocked in csf*${time} [${block.trigger}]\n`;
}

/** The csf.deny line of a permanent block. */
export function denyLine(block: Block): string {
  return `${block.address} # lfd: ${block.message} - ${stamp('C', block.at)}\n`;
}

const KEPT = /^\s*(?:#|$)|Include|do not delete/;

/**
 * csf.deny after `csf -d`: where as many lines are counted as DENY_IP_LIMIT allows, the topmost go first. Comments,
 * Include lines and those marked "do not delete" are neither counted nor dropped.
 */
export function appendDeny(lines: readonly string[], line: string, limit: number): string[] {
  const counted = lines.filter((one) => !KEPT.test(one)).length;
  let tooMany = KEPT.test(line) ? 0 : Math.max(0, counted - limit + 1);
  const left = lines.filter((one) => KEPT.test(one) || tooMany-- <= 0);
  return [...left, line];
}

/** The csf.tempban line of a temporary block; `in` for blocked ports, else both ways. */
export function tempbanLine(block: Block): string {
  const way = block.ports === '' ? 'inout' : 'in';
  return `${stamp('U', block.at)}|${block.address}|${block.ports}|${way}|${block.seconds ?? 0}|lfd - ${block.message}\n`;
}

/** The csf.tempip line: csf's memory of blocks in the last 24 hours. */
export function tempipLine(block: Block): string {
  return `${block.address}|${block.seconds === null ? 1 : 0}|${stamp('U', block.at)}|${block.message}\n`;
}

/**
 * The mail of a block by csf's alert template. Throws for a line that csf would wrap (over 990 characters), which
 * this stand-in does not do.
 */
export function alertMail(block: Block, settings: LfdSettings): string {
  for (const line of block.lines) if (line.length > 990) throw new Error(`csf would wrap this line: ${line}`);
  const kind = block.seconds === null ? 'Permanent Block' : `Temporary Block for ${block.seconds} seconds`;
  return `From: root
To: root
Subject: lfd on ${SERVER_NAME}: blocked ${block.shown}

Time:     ${stamp('T', block.at)}
IP:       ${block.shown}
Failures: ${block.failures}
Interval: ${settings.LF_INTERVAL ?? '3600'} seconds
Blocked:  ${kind} [${block.trigger}]

Log entries:

${block.lines.join('\n')}

`;
}
