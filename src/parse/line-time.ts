// When a log line was written: the time at the one place where the program puts it, for every kind of log.
// A line tells its format by its first characters. Text further on may be a visitor's and is never looked at.
import type { EpochMs, SearchKind, WallMs } from '../model.ts';
import { nextQuote } from './access-log.ts';
import {
  digitsAt,
  fractionEnd,
  monthAt,
  midnight,
  clockAt,
  fractionMs,
  offsetAt,
} from './calendar-digits.ts';
import { clfTimeAt } from './clf-time.ts';
import { normalizeAddress } from './address.ts';
import {
  bracketTime,
  isoTimeAt,
  ctimeAt,
  rememberSecond,
  syslogReader,
  type ToInstant,
} from './service-time.ts';

/** What turns a line's time into an instant where the line does not name its offset, or its year. */
export interface LineClock {
  /** The instant of a local time of the server. */
  wallToEpoch(wall: WallMs): EpochMs;
  /** The present, for logs that write no year. */
  readonly now: EpochMs;
  /** Minutes east of UTC at an instant. */
  offsetMinutesAt(at: EpochMs): number;
}

type Reader = (line: string) => EpochMs | null;

/** `[22/Nov/2026:13:49:04 +0000] ` before the request's quote; cPanel's `[11/22/2026:13:49:04 -0000] ` is one shorter. */
const CLF_WIDTH = 29;
const CPANEL_WIDTH = 28;
const MINUTE = 60_000;
/** Longer than any client address or vhost name: nobody's request is searched for a first blank. */
const LONGEST_WORD = 512;

/**
 * Gives the function that tells when a line (latin1, without its newline) of such a log was written. It gives
 * null for a line without a time of its own (the second line of a message, all of an audit record but its first
 * line) and never throws. Access logs: the common log format, with or without a vhost prefix. Error logs: Apache
 * 2.2 and 2.4, nginx, LiteSpeed. Audit logs: the A part's line, a JSON object, the index of a concurrent log.
 * Others: syslog, RFC 3339, exim, cPanel's own. Except for audit logs every kind knows all these formats but the
 * audit log's. One reader remembers the last second it saw; use one for each log.
 */
export function lineTimeReader(kind: SearchKind, clock: LineClock): Reader {
  const local = rememberSecond(clock);
  if (kind === 'audit') return auditReader(local);
  const own = serviceReader(clock, local);
  if (kind !== 'access') return own;
  const clf = clfReader();
  return (line) => clf(line) ?? own(line);
}

/** The time right before the request's quote; a burst of lines within one second costs one comparison each. */
function clfReader(): Reader {
  let text = '[';
  let at: EpochMs | null = null;
  return (line) => {
    const start = nextQuote(line, 0) - CLF_WIDTH;
    if (start < 0) return null;
    if (at !== null && line.startsWith(text, start)) return at;
    const found = clfTimeAt(line, start)?.at ?? null;
    if (found !== null) {
      text = line.slice(start, start + CLF_WIDTH - 1);
      at = found;
    }
    return found;
  };
}

/** Every format but the audit log's, told apart by the first character. */
function serviceReader(clock: LineClock, local: ToInstant): Reader {
  const syslog = syslogReader(clock);
  const clf = clfReader();
  return (line) => {
    const first = line.charCodeAt(0);
    if (first === 0x5b) return bracketTime(line, local);
    const isDigit = first >= 0x30 && first <= 0x39;
    const own = isDigit ? (isoTimeAt(line, 0, local)?.at ?? null) : syslog(line);
    if (own !== null || !startsWithClient(line)) return own;
    return clf(line) ?? cpanelTime(line);
  };
}

/** Whether the line begins with an address, or with a vhost's name and then an address. */
function startsWithClient(line: string): boolean {
  const first = wordEnd(line, 0);
  if (first < 0) return false;
  if (normalizeAddress(line.slice(0, first)) !== null) return true;
  const second = wordEnd(line, first + 1);
  return second >= 0 && normalizeAddress(line.slice(first + 1, second)) !== null;
}

/** The blank that ends the word at `from`; -1 without a word of bearable length. */
function wordEnd(line: string, from: number): number {
  for (let at = from; at < from + LONGEST_WORD && at < line.length; at++) {
    if (line.charCodeAt(at) === 0x20) return at > from ? at : -1;
  }
  return -1;
}

/** cPanel's access_log: `203.0.113.5 - root [11/22/2026:17:56:41 -0000] "GET …`. */
function cpanelTime(line: string): EpochMs | null {
  const start = nextQuote(line, 0) - CPANEL_WIDTH;
  if (start < 0 || !line.startsWith('] ', start + 26)) return null;
  if (line[start] !== '[' || line[start + 3] !== '/' || line[start + 6] !== '/' || line[start + 11] !== ':')
    return null;
  const month = digitsAt(line, start + 1, 2) - 1;
  const day = midnight(digitsAt(line, start + 7, 4), month, digitsAt(line, start + 4, 2));
  const offset = offsetAt(line, start + 21);
  const wall = day + clockAt(line, start + 12);
  return offset?.end !== start + 26 || Number.isNaN(wall) ? null : wall - offset.minutes * MINUTE;
}

/** The first line of an A part, one JSON object a line, or a line of a concurrent log's index. */
function auditReader(local: ToInstant): Reader {
  return (line) => {
    const first = line.charCodeAt(0);
    if (first === 0x5b) return auditTimeAt(line, 0, PART_A);
    if (first === 0x7b) return jsonTime(line, local);
    return indexTime(line);
  };
}

/** What follows the time in an A part: the unique id, then the addresses and ports of both ends, and nothing else. */
const PART_A = /^ [\w@.+/=-]{1,64} [0-9a-fA-F:.]{2,45} \d{1,5} [0-9a-fA-F:.]{2,45} \d{1,5}\r?$/;
const REQUEST_FOLLOWS = /^ "/;

/** `[22/Nov/2026:13:00:11.101736 +0100]` at `start`, the fraction at will; null when something else follows. */
function auditTimeAt(line: string, start: number, rest: RegExp): EpochMs | null {
  if (line[start + 3] !== '/' || line[start + 7] !== '/' || line[start + 12] !== ':') return null;
  const fraction = fractionEnd(line, start + 21);
  const offset = line[fraction] === ' ' ? offsetAt(line, fraction + 1) : null;
  if (offset === null || line[offset.end] !== ']') return null;
  const day = midnight(digitsAt(line, start + 8, 4), monthAt(line, start + 4), digitsAt(line, start + 1, 2));
  const wall = day + clockAt(line, start + 13);
  if (Number.isNaN(wall) || !rest.test(line.slice(offset.end + 1, offset.end + 256))) return null;
  return wall - offset.minutes * MINUTE + fractionMs(line, start + 21, fraction);
}

/**
 * The time of a JSON record. It stands in front of the request; the request's own keys are the visitor's, and
 * no value can hold a bare quote.
 */
function jsonTime(line: string, local: ToInstant): EpochMs | null {
  const front = line.slice(0, 1024);
  const request = front.indexOf('"request"');
  const head = request < 0 ? front : front.slice(0, request);
  if (!/^\{\s{0,8}"transaction"\s{0,8}:/.test(head)) return null;
  const found = /"(time|time_stamp)"\s{0,8}:\s{0,8}"/.exec(head);
  if (found === null) return null;
  const start = found.index + found[0].length;
  if (found[1] === 'time_stamp') return ctimeAt(line, start, '"', local);
  return auditTimeAt(`[${line.slice(start, start + 40).replace('"', ']')}`, 0, /^/);
}

/** `HOST CLIENT - - [TIME] "GET …" … md5:HASH`; without the hash it is a line of some request. */
function indexTime(line: string): EpochMs | null {
  const end = line.trimEnd();
  if (!end.startsWith(' md5:', end.length - 37) || !startsWithClient(line)) return null;
  const quote = nextQuote(line, 0);
  const start = quote < 0 ? -1 : line.lastIndexOf('[', quote);
  return start < 0 || quote - start > 40 ? null : auditTimeAt(line, start, REQUEST_FOLLOWS);
}
