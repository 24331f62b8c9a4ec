// Cuts the serial audit log into records.
//
// Bodies stand in it raw, so a visitor can write any boundary, any record into one. What he cannot know is the
// eight digits of his own record: a record ends only at `--<its own digits>-Z--`, all other boundaries in it are
// text. ModSecurity writes one record at a time (under a lock), so a record without an end is either being
// written (the bytes stop in it), or its process died, or several wrote at once (see audit-tangle.ts). It counts as left as soon
// as one of these follows:
// - its own digits with the letter A: child processes draw the same numbers, it is the next record;
// - another opening, with a valid line below it, where no visitor's text can stand: right behind a part that
//   holds none, or behind the longest body that it can have (its Content-Length, else ModSecurity's own limit);
// - 64 MiB, or the caller's word that nothing more will come.
// Openings inside the reach of a body are never trusted, not even when the record is dead: records lost that way
// are in error_log too, forged ones would be in no other place.
import { type BoundaryForm, NATIVE, parseOpening } from './audit-boundary.ts';
import { untangle } from './audit-tangle.ts';
import { latin1Of, lineEnd } from './byte-lines.ts';

/** Where a record stands in the bytes. `pieces`: only these parts of it, where others were written in between. */
export interface AuditPiece {
  readonly start: number;
  readonly end: number;
  readonly pieces?: readonly (readonly [from: number, to: number])[];
}

export interface AuditSplit {
  readonly records: AuditPiece[];
  /** Bytes that need not be given again. */
  readonly consumed: number;
  /** Records that were given up, and openings without a valid line below. */
  readonly skipped: number;
}

const LONGEST_RECORD = 64 * 1024 * 1024;
const LONGEST_BODY = LONGEST_RECORD - 1024 * 1024;
/** ModSecurity's default SecRequestBodyLimit, more than its response limit: what a body without a length can fill. */
const BODY_ROOM = 13_107_200;
const DASH = 0x2d;
const A = 0x41;
const B = 0x42;
const C = 0x43;
const E = 0x45;
const I = 0x49;
const Z = 0x5a;
/** Part B's headers are looked through for a length as far as this. */
const HEADER_ROOM = 65_536;

/** Where a record ends, or why it has no end. `next` is where the search for the next record goes on. */
interface End {
  /** left: another record begins where no visitor's text can stand. */
  readonly state: 'whole' | 'dead' | 'open' | 'left';
  readonly next: number;
}

function validOpening(bytes: Uint8Array, boundary: number): boolean | null {
  const start = lineEnd(bytes, boundary) + 1;
  const end = bytes.indexOf(0x0a, start);
  if (start > bytes.length || end < 0) return null;
  return end - start <= 256 && parseOpening(latin1Of(bytes.subarray(start, end))) !== null;
}

/** The part of a record that the search is in, and where the record's headers stand. */
interface Place {
  readonly part: number;
  /** Behind the part's boundary line. */
  readonly start: number;
  readonly headers: readonly [start: number, end: number] | null;
}

/** The length that the headers promise for the body as it is logged; null when they do not tell for certain. */
export function contentLength(bytes: Uint8Array, headers: Place['headers']): number | null {
  if (headers === null) return null;
  const text = latin1Of(bytes.subarray(headers[0], Math.min(headers[1], headers[0] + HEADER_ROOM)));
  if (/\n(?:transfer|content)-encoding:/i.test(text)) return null;
  const lengths = [...text.matchAll(/\ncontent-length: ?(\d{1,9})\r?(?=\n)/gi)];
  return lengths.length === 1 ? Number(lengths[0]?.[1]) : null;
}

/** Up to where the text of a visitor can reach from this part on: an opening before that may be his. */
function reachOfBody(bytes: Uint8Array, { part, start, headers }: Place): number {
  if (part !== C && part !== I && part !== E) return start;
  return start + roomOfBody(part, part === E ? null : contentLength(bytes, headers));
}

/** The most bytes that the text of a part can fill; `length` as `contentLength` gives it. 0 for a part that holds none. */
export function roomOfBody(part: number, length: number | null): number {
  if (part === E) return BODY_ROOM;
  if (part !== C && part !== I) return 0;
  if (length === null) return BODY_ROOM;
  // Part I is percent-encoded: at most thrice as long as what was sent.
  return Math.min(part === I ? 3 * length : length, LONGEST_BODY);
}

function nextPlace(place: Place, part: number, lines: { start: number; end: number }): Place {
  const headers = place.part === B ? ([place.start, lines.start] as const) : place.headers;
  return { part, start: lines.end + 1, headers };
}

/** Follows the record at `start` to its end. */
function findEnd(bytes: Uint8Array, start: number, form: BoundaryForm): End {
  let place: Place = { part: A, start, headers: null };
  let reach = -1;
  let at = lineEnd(bytes, start) + 1;
  for (let end = bytes.indexOf(0x0a, at); end >= 0; end = bytes.indexOf(0x0a, at)) {
    const part = bytes[at] === DASH ? form.part(bytes, at, end) : 0;
    if (part !== 0 && form.same(bytes, start, at)) {
      if (part === Z) return { state: 'whole', next: end + 1 };
      if (part === A) return { state: 'dead', next: at };
      place = nextPlace(place, part, { start: at, end });
      reach = -1;
    } else if (part === A) {
      if (reach < 0) reach = reachOfBody(bytes, place);
      const valid = at >= reach ? validOpening(bytes, at) : false;
      if (valid === null) break;
      if (valid) return { state: 'left', next: at };
    }
    at = end + 1;
    // No body is believed to reach this far.
    if (at - start > LONGEST_RECORD) return { state: 'dead', next: at };
  }
  return { state: 'open', next: bytes.length };
}

/** How the bytes are to be taken. */
export interface SplitOptions {
  /** Nothing more will come, because the log was rotated away: what is unfinished is given up. */
  readonly atEnd: boolean;
  /** The log was written to within the last minute: a record that another one interrupts may still go on. */
  readonly isFresh?: boolean;
  readonly form?: BoundaryForm;
}

/**
 * Finds the whole records in `bytes`, which begin at the log's beginning or where an earlier call stopped
 * (`consumed`). `start` is the record's opening boundary, `end` lies behind its last line. An unfinished record
 * at the end is left for the next call, which gets the bytes from `consumed` on with new ones behind them.
 */
export function splitAuditRecords(bytes: Uint8Array, options: SplitOptions): AuditSplit {
  const { atEnd, isFresh = false, form = NATIVE } = options;
  const records: AuditPiece[] = [];
  let skipped = 0;
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) break;
    if (end - at < form.length || form.part(bytes, at, end) !== A) {
      at = end + 1;
      continue;
    }
    const taken = takeAt(bytes, at, form, isFresh && !atEnd);
    if (taken.next === null)
      return { records, consumed: atEnd ? bytes.length : at, skipped: skipped + (atEnd ? 1 : 0) };
    if (taken.records.length === 0) skipped++;
    records.push(...taken.records);
    at = taken.next;
  }
  return { records, consumed: atEnd ? bytes.length : at, skipped };
}

/** What begins at an opening boundary; `next` is null while it is not over. */
interface Taken {
  readonly records: readonly AuditPiece[];
  readonly next: number | null;
}

function takeAt(bytes: Uint8Array, at: number, form: BoundaryForm, mayGoOn: boolean): Taken {
  const found = recordAt(bytes, at, form);
  if (found.state === 'open') return { records: [], next: null };
  if (found.state === 'whole') return { records: [{ start: at, end: found.next }], next: found.next };
  if (found.state === 'dead') return { records: [], next: found.next };
  const tangle = untangle(bytes, at, found.next, form);
  if (tangle.state === 'whole') return tangle;
  return { records: [], next: tangle.state === 'open' && mayGoOn ? null : found.next };
}

/** The record whose opening boundary stands at `at`; dead behind its line where no valid opening follows. */
function recordAt(bytes: Uint8Array, at: number, form: BoundaryForm): End {
  const valid = validOpening(bytes, at);
  if (valid === null) return { state: 'open', next: bytes.length };
  return valid ? findEnd(bytes, at, form) : { state: 'dead', next: lineEnd(bytes, at) + 1 };
}
