// A list in csf's hands: opened, locked by flock on the file itself, read, and either added to at its end or rewritten in
// place: emptied, then written in pieces, with the runs of iptables in between.
import { closeSync, fstatSync, ftruncateSync, openSync, constants, readFileSync, writeSync } from 'node:fs';
import { BLANK } from './arguments.ts';
import type { Call } from './call.ts';
import { lockAlone, lockShared, pause } from './lock.ts';

/** Perl writes a file in pieces of so many bytes. */
const PIECE = 8192;
/** CR, LF, CRLF, VT and FF end a line; so does the byte 85, even inside a letter. */
const LINE_END = /\r\n?|[\n-\x0c\x85]/;
const OUTER = new RegExp(`\\r|\\n|^${BLANK}+|${BLANK}+$`, 'g');
const SKIPPED = new RegExp(`^${BLANK}*#|Include`);

/** The lines of a list; empty ones at its end are dropped. */
export function linesOf(text: string): string[] {
  const lines = text.split(LINE_END);
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** A line without the blanks around it. */
export function clean(line: string): string {
  return line.replace(OUTER, '');
}

/** Whether a cleaned line holds no entry: a comment, an empty line, or one with the word Include anywhere. */
export function isSkipped(line: string): boolean {
  return line === '' || SKIPPED.test(line);
}

/** Reads some lists under shared locks, each with the files that its Include lines name; lines as they stand. */
export function readLists(call: Call, paths: readonly string[]): string[][] {
  const texts = slurp(call, paths);
  return texts.map((text) => {
    const lines = linesOf(text);
    // The list grows while it is walked, so that an included file may include others.
    for (const line of lines) {
      const included = /^Include\s*(.*)$/.exec(line)?.[1];
      if (included !== undefined && lines.length < 100_000)
        lines.push(...linesOf(slurp(call, [included])[0] ?? ''));
    }
    return lines;
  });
}

/** Reads whole files under shared locks; bytes as latin1, empty for one that is not there. */
export function slurp(call: Call, paths: readonly string[]): string[] {
  const fds = paths.map((path) => {
    try {
      return openSync(call.file(path), 'r');
    } catch {
      call.complain(`*Error* File does not exist: [${path}] at /usr/sbin/csf line 1707.`);
      return null;
    }
  });
  lockShared(fds.filter((fd) => fd !== null));
  return fds.map((fd) => {
    if (fd === null) return '';
    const text = readFileSync(fd, 'latin1');
    closeSync(fd);
    return text;
  });
}

export class ListFile {
  /** As they stood when the lock was had. */
  readonly lines: readonly string[];
  private readonly call: Call;
  private readonly fd: number;
  private readonly flush = (): void => {
    this.put(this.waiting, true);
    this.waiting = '';
  };
  private at: number;
  private waiting = '';
  private isRewritten = false;

  /** Waits for the lock without limit; gives up as csf does where the list cannot be opened. */
  constructor(call: Call, path: string) {
    this.call = call;
    if (call.fault?.kind === 'error' && call.fault.at !== 'middle')
      call.giveUp(`Could not lock /${path}: Resource temporarily unavailable`);
    this.fd = open(call, path);
    if (!lockAlone(this.fd)) call.giveUp(`Could not lock /${path}: Bad file descriptor`);
    const bytes = readFileSync(this.fd);
    this.at = bytes.length;
    this.lines = linesOf(bytes.toString('latin1'));
    call.beforeFork.add(this.flush);
    call.reach('locked');
  }

  /** Empties the file: from now on it is written anew. */
  truncate(): void {
    if (this.call.fault?.kind === 'unwritten') return;
    ftruncateSync(this.fd, 0);
    this.at = 0;
    this.isRewritten = true;
    this.call.reach('truncated');
    pause(this.call.machine.pauseMs);
  }

  /** Writes a line, when 8 KiB have come together, iptables is run or the file is closed. */
  print(line: string): void {
    this.waiting += `${line}\n`;
    while (this.waiting.length >= PIECE) {
      this.put(this.waiting.slice(0, PIECE), true);
      this.waiting = this.waiting.slice(PIECE);
    }
  }

  close(): void {
    // A short list would be written in one piece: it is cut all the same, so that every rewrite can be met half done.
    const half = this.isRewritten ? this.waiting.length >> 1 : 0;
    this.put(this.waiting.slice(0, half), true);
    this.put(this.waiting.slice(half), false);
    this.call.beforeFork.delete(this.flush);
    closeSync(this.fd);
    this.call.reach('written');
  }

  private put(text: string, goesOn: boolean): void {
    if (text === '' || this.call.fault?.kind === 'unwritten') return;
    const { fault } = this.call;
    if (!this.isRewritten && fault?.kind === 'die' && fault.at !== 'written') {
      // Added in one go: nothing is there before, and half of it only where the disk is full.
      if (fault.at === 'middle') writeSync(this.fd, text.slice(0, text.length >> 1), this.at, 'latin1');
      this.call.die(fault.at);
    }
    this.at += writeSync(this.fd, text, this.at, 'latin1');
    if (!goesOn) return;
    this.call.reach('middle');
    pause(this.call.machine.pauseMs);
  }
}

function open(call: Call, path: string): number {
  try {
    return openSync(call.file(path), constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (error) {
    return call.giveUp(`Could not open /${path}: ${(error as NodeJS.ErrnoException).code ?? ''}`);
  }
}

/** Whether a list is there and holds nothing, so that csf does not open it. */
export function isEmptyFile(call: Call, path: string): boolean {
  try {
    const fd = openSync(call.file(path), 'r');
    const { size } = fstatSync(fd);
    closeSync(fd);
    return size === 0;
  } catch {
    return false;
  }
}
