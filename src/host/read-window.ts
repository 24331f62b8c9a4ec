// The lines of a time window: found by binary search in a plain log, by reading through in an archive.
import type { EpochMs } from '../model.ts';
import type { LogSource } from './read.ts';
import { openLog, plainChunks, unpackedChunks } from './read.ts';
import type { LineBatch, LogLine } from './read-lines.ts';
import { splitLines } from './read-lines.ts';
import { findStart } from './time-search.ts';

/** Apache writes a line when its request ends: a slow request's line stands among later ones. */
const DEFAULT_SLACK_MS = 5 * 60_000;

export interface TimeWindow {
  /** First and last instant, both included. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** How far a line may stand from its place in time; 5 minutes unless said (say 65 for a repeated hour). */
  readonly slackMs?: number;
  /** Asked before a line's time: lines that nobody wants cost less. All are wanted when it is left out. */
  readonly wanted?: (line: string) => boolean;
}

/** The time of a line; null for a line without one. Asked for many lines: make it cheap. */
export type LineTime = (line: string) => EpochMs | null;

/**
 * Gives the lines whose time lies in the window, in file order, in batches like `readLines`; lines without a
 * time are left out, the unfinished last line is in when its time is. In batches `next` is the offset reached.
 * Correct for lines out of order by up to `slackMs`. Throws ReadProblem.
 */
export async function* readWindow(
  source: LogSource,
  window: TimeWindow,
  timeOf: LineTime,
): AsyncGenerator<LineBatch> {
  const log = openLog(source);
  const slack = window.slackMs ?? DEFAULT_SLACK_MS;
  const inside: Inside = { ...window, last: window.to + slack, timeOf };
  if (log.compressed) {
    yield* filterLines(splitLines(unpackedChunks(log, 0, Infinity), 0), inside);
    return;
  }
  try {
    const start = findStart(log, window.from - slack, timeOf);
    const chunks = plainChunks(log, { from: start, limit: Infinity, reuse: true });
    yield* filterLines(splitLines(chunks, start), inside);
  } finally {
    log.close();
  }
}

interface Inside extends TimeWindow {
  /** A line after this instant ends the reading. */
  readonly last: EpochMs;
  readonly timeOf: LineTime;
}

/** Where the lines of a plain log begin that may be as late as `from`: see Host.windowStart. Throws ReadProblem. */
export function windowStart(source: LogSource, from: EpochMs, timeOf: LineTime): number {
  const log = openLog(source);
  try {
    return log.compressed ? 0 : findStart(log, from - DEFAULT_SLACK_MS, timeOf);
  } finally {
    log.close();
  }
}

async function* filterLines(batches: AsyncIterable<LineBatch>, inside: Inside): AsyncGenerator<LineBatch> {
  for await (const batch of batches) {
    const lines: LogLine[] = [];
    for (const [index, line] of (batch.rest === null
      ? batch.lines
      : [...batch.lines, batch.rest]
    ).entries()) {
      const isWanted = inside.wanted?.(line.text) !== false;
      // Of the others a few are enough to see that the window is over.
      if (!isWanted && index % 100 !== 0) continue;
      const at = inside.timeOf(line.text);
      if (at === null) continue;
      if (at > inside.last) {
        if (lines.length > 0) yield { lines, next: line.offset, tail: null, rest: null };
        return;
      }
      if (isWanted && at >= inside.from && at <= inside.to) lines.push(line);
    }
    if (lines.length > 0) yield { lines, next: batch.next, tail: null, rest: null };
  }
}
