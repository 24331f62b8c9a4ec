// Cuts the serial audit log into records.
//
// Bodies stand in it raw, so a visitor can write any boundary, any record into one. What he cannot know is the
// eight digits of his own record: a record ends only at `--<its own digits>-Z--`, all other boundaries in it are
// text. ModSecurity writes one record at a time (under a lock), so a record without an end is either being
// written (the bytes stop in it) or its process died. It counts as dead as soon as one of these follows:
// - its own digits with the letter A: child processes draw the same numbers, it is the next record;
// - another opening, with a valid line below it, where no visitor's text can stand: right behind a part that
//   holds none, or behind the longest body that it can have (its Content-Length, else ModSecurity's own limit);
// - 64 MiB, or the caller's word that nothing more will come.
// Openings inside the reach of a body are never trusted, not even when the record is dead: records lost that way
// are in error_log too, forged ones would be in no other place.
import { boundaryPart, BOUNDARY_LENGTH, parseOpening, sameBoundary } from './audit-boundary.ts';
import { latin1Of, lineEnd } from './byte-lines.ts';

export interface AuditSplit {
  readonly records: { readonly start: number; readonly end: number }[];
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
  readonly state: 'whole' | 'dead' | 'open';
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
function contentLength(bytes: Uint8Array, headers: Place['headers']): number | null {
  if (headers === null) return null;
  const text = latin1Of(bytes.subarray(headers[0], Math.min(headers[1], headers[0] + HEADER_ROOM)));
  if (/\n(?:transfer|content)-encoding:/i.test(text)) return null;
  const lengths = [...text.matchAll(/\ncontent-length: ?(\d{1,9})\r?(?=\n)/gi)];
  return lengths.length === 1 ? Number(lengths[0]?.[1]) : null;
}

/** Up to where the text of a visitor can reach from this part on: an opening before that may be his. */
function reachOfBody(bytes: Uint8Array, { part, start, headers }: Place): number {
  if (part === E) return start + BODY_ROOM;
  if (part !== C && part !== I) return start;
  const length = contentLength(bytes, headers);
  if (length === null) return start + BODY_ROOM;
  // Part I is percent-encoded: at most thrice as long as what was sent.
  return start + Math.min(part === I ? 3 * length : length, LONGEST_BODY);
}

function nextPlace(place: Place, part: number, lines: { start: number; end: number }): Place {
  const headers = place.part === B ? ([place.start, lines.start] as const) : place.headers;
  return { part, start: lines.end + 1, headers };
}

/** Follows the record at `start` to its end. */
function findEnd(bytes: Uint8Array, start: number): End {
  let place: Place = { part: A, start, headers: null };
  let reach = -1;
  let at = lineEnd(bytes, start) + 1;
  for (let end = bytes.indexOf(0x0a, at); end >= 0; end = bytes.indexOf(0x0a, at)) {
    const part = bytes[at] === DASH ? boundaryPart(bytes, at, end) : 0;
    if (part !== 0 && sameBoundary(bytes, start, at)) {
      if (part === Z) return { state: 'whole', next: end + 1 };
      if (part === A) return { state: 'dead', next: at };
      place = nextPlace(place, part, { start: at, end });
      reach = -1;
    } else if (part === A) {
      if (reach < 0) reach = reachOfBody(bytes, place);
      const valid = at >= reach ? validOpening(bytes, at) : false;
      if (valid === null) break;
      if (valid) return { state: 'dead', next: at };
    }
    at = end + 1;
    // No body is believed to reach this far.
    if (at - start > LONGEST_RECORD) return { state: 'dead', next: at };
  }
  return { state: 'open', next: bytes.length };
}

/**
 * Finds the whole records in `bytes`, which begin at the log's beginning or where an earlier call stopped
 * (`consumed`). `start` is the record's opening boundary, `end` lies behind its last line. An unfinished record
 * at the end is left for the next call, which gets the bytes from `consumed` on with new ones behind them.
 * `atEnd`: nothing more will come, because the log was rotated away or because its last record has stayed
 * unfinished for a minute (ModSecurity writes one in milliseconds); what is unfinished is then given up.
 */
export function splitAuditRecords(bytes: Uint8Array, atEnd: boolean): AuditSplit {
  const records: { start: number; end: number }[] = [];
  let skipped = 0;
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) break;
    if (end - at < BOUNDARY_LENGTH || boundaryPart(bytes, at, end) !== A) {
      at = end + 1;
      continue;
    }
    const valid = validOpening(bytes, at);
    const found = valid === null ? { state: 'open', next: bytes.length } : valid ? findEnd(bytes, at) : null;
    if (found === null) {
      skipped++;
      at = end + 1;
      continue;
    }
    if (found.state === 'open')
      return atEnd
        ? { records, consumed: bytes.length, skipped: skipped + 1 }
        : { records, consumed: at, skipped };
    if (found.state === 'whole') records.push({ start: at, end: found.next });
    else skipped++;
    at = found.next;
  }
  return { records, consumed: atEnd ? bytes.length : at, skipped };
}
