// The part of an open plain log that holds the lines of a time window, by binary search. Reading is synchronous: a few
// dozen small reads are over sooner than one turn of the event loop each.
import type { EpochMs } from '../model.ts';
import type { ByteRange } from './byte-range.ts';
import { type OpenLog, readInto } from './read.ts';
import type { LineTime } from './read-window.ts';

/** Below this many bytes reading on is cheaper than searching. */
const FLOOR_BYTES = 64 * 1024;
/** A probe needs one line; then more, for lines without a time or a long one. */
const PROBE_BYTES = 8 * 1024;
const MORE_BYTES = 256 * 1024;

interface Timed {
  readonly offset: number;
  readonly at: EpochMs;
}

const buffer = Buffer.allocUnsafeSlow(MORE_BYTES);

/**
 * The start of a line before which no line is as late as `before`, when no line stands further from its place in
 * time than the slack that the caller took off. Throws ReadProblem.
 */
export function findStart(log: OpenLog, before: EpochMs, timeOf: LineTime): number {
  let low = 0;
  let high = log.size;
  while (high - low > FLOOR_BYTES) {
    const middle = low + Math.floor((high - low) / 2);
    const probe = firstTimed(log, { from: middle, to: high }, timeOf);
    if (probe !== null && probe.at < before) low = probe.offset;
    else high = middle;
  }
  return low;
}

/**
 * The start of the first line found that is later than `after` (with the slack that the caller added), or the end:
 * whatever stands from there on is out of the window. Lines without a time belong to the one before them. Throws ReadProblem.
 */
export function findEnd(log: OpenLog, after: EpochMs, timeOf: LineTime): number {
  let end = log.size;
  let low = 0;
  let high = log.size;
  while (high - low > FLOOR_BYTES) {
    const middle = low + Math.floor((high - low) / 2);
    const probe = firstTimed(log, { from: middle, to: high }, timeOf);
    if (probe !== null && probe.at <= after) low = probe.offset;
    else {
      if (probe !== null) end = probe.offset;
      high = middle;
    }
  }
  return end;
}

/** The first line with a time that begins after `from` and before `to`; a line over 256 KiB is passed over. */
function firstTimed(log: OpenLog, range: ByteRange, timeOf: LineTime): Timed | null {
  let length = PROBE_BYTES;
  // The search lands in the middle of a line: that one is not looked at.
  let isWhole = false;
  for (let at = range.from; at < range.to; length = MORE_BYTES) {
    const got = readInto(log, buffer, at, length);
    const piece = buffer.toString('latin1', 0, got);
    const first: number = isWhole ? 0 : piece.indexOf('\n') + 1;
    const next = piece.lastIndexOf('\n') + 1;
    const found = isWhole || first > 0 ? timedIn(piece, { from: first, to: next }, timeOf) : null;
    if (found !== null) return at + found.offset < range.to ? { ...found, offset: at + found.offset } : null;
    // The unfinished last line of the log tells nothing that the line before it does not.
    if (got < length) return null;
    isWhole = next > 0;
    at += isWhole ? next : got;
  }
  return null;
}

/** The first line with a time in a part of a text that begins and ends at lines. */
function timedIn(piece: string, { from, to }: ByteRange, timeOf: LineTime): Timed | null {
  for (let start = from; start < to;) {
    const end = piece.indexOf('\n', start);
    const at = timeOf(piece.slice(start, end));
    if (at !== null) return { offset: start, at };
    start = end + 1;
  }
  return null;
}
