// Apache access-log lines: common, combined, and both behind a vhost prefix (`%v:%p` of splitlogs and Debian).
// User names and requests are the visitor's text: the time and the request are found from the first quote
// that is not escaped, which no visitor can write (Apache escapes `"` in every field before the request).
import type { AccessEntry, EpochMs } from '../model.ts';
import { normalizeAddress } from './address.ts';
import { clfTimeAt } from './clf-time.ts';
import { isEscaped, unescapeLevel } from './modsec-escape.ts';
import { decodeBytes } from './text.ts';

const MAX_LINE = 256 * 1024;
const QUOTE = '"';
/** `[22/Nov/2026:13:49:04 +0000] ` stands right before the request's opening quote. */
const TIME_WIDTH = 29;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]*:[0-9a-fA-F.]*$/;
/** IPv6 that is in short form already: no zero group, and eight groups or at most six around one `::`. */
const GROUP = '[1-9a-f][0-9a-f]{0,3}';
const SHORT_IPV6 = new RegExp(
  `^(?:(?!(?:[^:]*:){7})(?:${GROUP}:){1,5}(?::${GROUP}){1,5}|(?:${GROUP}:){7}${GROUP})$`,
);
const REQUEST = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) (.*) (HTTP\/\d(?:\.\d)?)$/s;
const SHORT_REQUEST = /^([A-Z]{3,20}) (\/\S*)$/;
const STATUS_AND_BYTES = / (\d{3}) (\d{1,15}|-)(?= |\r?$)/y;

/**
 * Reads one access-log line (latin1, without its newline).
 * Garbage requests give method null and the request as logged; `-` fields give null.
 * Null when client, time, request or status cannot be read, or the line is over 256 KiB.
 */
export function parseAccessLogLine(line: string): AccessEntry | null {
  if (line.length > MAX_LINE) return null;
  const open = nextQuote(line, 0);
  if (open < TIME_WIDTH + 2) return null;
  const time = clfTimeAt(line, open - TIME_WIDTH);
  const who = readClient(line);
  if (time === null || who === null) return null;
  const close = nextQuote(line, open + 1);
  if (close < 0) return null;
  STATUS_AND_BYTES.lastIndex = close + 1;
  const numbers = STATUS_AND_BYTES.exec(line);
  if (numbers === null) return null;
  const referer = quotedField(line, STATUS_AND_BYTES.lastIndex);
  const agent = referer === null ? null : quotedField(line, referer.end);
  return {
    at: time.at,
    offsetMinutes: time.offsetMinutes,
    client: shortForm(who.client),
    vhost: who.vhost,
    ...readRequest(line.slice(open + 1, close)),
    status: Number(numbers[1]),
    bytes: numbers[2] === '-' ? null : Number(numbers[2]),
    referer: fieldText(referer),
    userAgent: fieldText(agent),
  };
}

/**
 * The client of a line without reading the rest: the normalised address (a host name as logged).
 * Null when the line does not begin like an access-log line.
 */
export function accessLineClient(line: string): string | null {
  const who = readClient(line);
  return who === null ? null : shortForm(who.client);
}

/** The time of a line without reading the rest; null when no CLF time stands before the request. */
export function accessLineTime(line: string): EpochMs | null {
  const open = nextQuote(line, 0);
  return open < TIME_WIDTH ? null : (clfTimeAt(line, open - TIME_WIDTH)?.at ?? null);
}

/** The vhost in front of a line, lower case and without port; null where the log has no such prefix. */
export function accessLineVhost(line: string): string | null {
  return readClient(line)?.vhost ?? null;
}

interface Who {
  readonly client: string;
  readonly vhost: string | null;
}

/** Client and vhost prefix: an address as second word means that the first one is the vhost (ident is `-`). */
function readClient(line: string): Who | null {
  const first = line.indexOf(' ');
  if (first < 1 || first > 512) return null;
  const second = line.indexOf(' ', first + 1);
  if (second < 0) return null;
  // The usual case: ident is `-`, so no second word to look at.
  if (second === first + 2) return { client: line.slice(0, first), vhost: null };
  const word = line.slice(first + 1, second);
  if (!isAddress(word)) return { client: line.slice(0, first), vhost: null };
  return { client: word, vhost: vhostName(line.slice(0, first)) };
}

function isAddress(word: string): boolean {
  return word.length <= 45 && (IPV4.test(word) || IPV6.test(word));
}

/** Almost all are in short form as logged, which is told much faster than by taking the address apart. */
function shortForm(client: string): string {
  if (!client.includes(':') || SHORT_IPV6.test(client)) return decodeBytes(client);
  return normalizeAddress(client) ?? decodeBytes(client);
}

function vhostName(prefix: string): string | null {
  const name = decodeBytes(prefix.replace(/:\d{1,5}$/, '')).toLowerCase();
  return name === '' || name === '-' ? null : name;
}

/** Index of the next `"` at or after `from` that no backslash escapes; -1 without one. */
export function nextQuote(line: string, from: number): number {
  for (let at = line.indexOf(QUOTE, from); at >= 0; at = line.indexOf(QUOTE, at + 1)) {
    if (!isEscaped(line, at, from)) return at;
  }
  return -1;
}

interface Field {
  readonly raw: string;
  readonly end: number;
}

/** A ` "…"` field that begins at `from`; null when none stands there. */
function quotedField(line: string, from: number): Field | null {
  if (line[from] !== ' ' || line[from + 1] !== QUOTE) return null;
  const close = nextQuote(line, from + 2);
  return close < 0 ? null : { raw: line.slice(from + 2, close), end: close + 1 };
}

function fieldText(field: Field | null): string | null {
  return field === null || field.raw === '-' ? null : decodeBytes(unescapeLevel(field.raw));
}

/** Method and target of the request line; `GET /` (HTTP 0.9) counts, anything else is kept as logged. */
function readRequest(raw: string): { readonly method: string | null; readonly uri: string } {
  const match = REQUEST.exec(raw) ?? SHORT_REQUEST.exec(raw);
  if (match?.[1] === undefined || match[2] === undefined) return { method: null, uri: decodeBytes(raw) };
  return { method: match[1], uri: decodeBytes(unescapeLevel(match[2])) };
}
