// The journal of the stand-in's calls: one line an event, in the order in which things happened. A line is written in
// one piece before a call goes on, so that a call that is killed has left its beginning.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Meaning } from './arguments.ts';

/** Where it lies; the program's first line of shell writes `start PID UPTIME` into it. */
export const JOURNAL = 'run/csf/journal';

/** What a call was, as csf understood it. */
export interface CallFacts {
  /** As it was given, the program left out. */
  readonly argv: readonly string[];
  /** Who called, from `CSF_CALLER` in the environment; empty without. */
  readonly caller: string;
  /** The command in its short form, and all other arguments joined. */
  readonly command: string;
  readonly argument: string;
  readonly meaning: Meaning;
  /** Epoch milliseconds. */
  readonly start: number;
}

export interface EndFacts {
  /** `done`, `left N`, `killed at …`, `crashed …`. */
  readonly outcome: string;
  readonly code: number | null;
  readonly end: number;
}

/** A call. What is null was never reached: it was killed from outside, or runs still. */
export interface Call {
  readonly pid: number;
  readonly facts: CallFacts | null;
  readonly end: EndFacts | null;
  /** Pids of calls that had begun and not ended when this one began. */
  readonly besides: readonly number[];
}

/** Writes an event of this process. */
export function note(root: string, kind: 'call' | 'end', facts: CallFacts | EndFacts): void {
  appendFileSync(join(root, JOURNAL), `${kind} ${process.pid} ${JSON.stringify(facts)}\n`);
}

/** All calls in the order of their beginnings. A pid may come again: its newest call is meant. */
export function readJournal(root: string): Call[] {
  const calls: { pid: number; facts: CallFacts | null; end: EndFacts | null; besides: number[] }[] = [];
  for (const line of readFileSync(join(root, JOURNAL), 'utf8').split('\n')) {
    const [kind, number = '', ...rest] = line.split(' ');
    const pid = Number(number);
    if (kind === 'start') {
      const besides = calls.filter((call) => call.end === null && call.pid !== pid).map((call) => call.pid);
      calls.push({ pid, facts: null, end: null, besides });
      continue;
    }
    const call = calls.findLast((one) => one.pid === pid);
    if (call === undefined) continue;
    if (kind === 'call') call.facts = JSON.parse(rest.join(' ')) as CallFacts;
    if (kind === 'end') call.end = JSON.parse(rest.join(' ')) as EndFacts;
  }
  return calls;
}
