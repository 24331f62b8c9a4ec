// nginx's error log, as far as ModSecurity 3 (libmodsecurity and its connector) wrote it: one line, one rule hit.
//
// `2026/11/22 13:18:07 [error] 1#1: *5 [client A] ModSecurity: <message>, client: A, server: S, request: "…",
// host: "…"[, referrer: "…"]`. Refusals stand at level error and name the client in front; warnings stand at info,
// without it. nginx cuts a line at 2,047 bytes. The names and values of arguments, the uri, the request and the
// referrer are the visitor's and hold raw quotes: a line with more than one way to read it is ambiguous.
import { clientAddress } from './client-address.ts';
import { isOwnText, readEngineMessage, saysRuleMatched } from './modsec-message.ts';
import type { ErrorLogEntry } from './error-log.ts';
import { decodeBytes } from './text.ts';
import { hitOfV3, readV3, v3Text, type V3Reading } from './v3-message.ts';
import { vhostName } from './vhost-name.ts';
import { wallClockOf } from './wall-clock.ts';

type Candidate = ErrorLogEntry['candidates'][number];

const LONGEST_LINE = 262_144;
/** nginx writes 2,048 bytes a line at most, its line end with them. */
const CUT_FROM = 2040;
const FRONT =
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[[a-z]{1,10}\] \d{1,10}#\d{1,10}: (?:\*\d{1,20} )?(?:\[client ([0-9a-fA-F.:]{2,45})\] )?ModSecurity: /;
const SUFFIX = /, client: ([0-9a-fA-F.:]{2,45}), server: ([^,]{0,255})/y;
const HOST = ', host: "';
const HOST_VALUE = /([^"\s]{1,300})"(?:, referrer: "|$)/y;

/** What nginx appends behind a message. */
interface Suffix {
  readonly client: string | null;
  readonly vhost: string | null;
  readonly referer: string | null;
}

const NO_SUFFIX: Suffix = { client: null, vhost: null, referer: null };

/** Reads nginx's suffix at `start`; all null where none begins there (the line was cut before it). */
function suffixAt(line: string, start: number): Suffix {
  SUFFIX.lastIndex = start;
  const match = SUFFIX.exec(line);
  if (match === null) return NO_SUFFIX;
  const server = vhostName(match[2] ?? '');
  const hosts = hostsOf(line, SUFFIX.lastIndex);
  const [first] = hosts;
  const asked = first !== undefined && hosts.every((host) => host === first) ? vhostName(first) : null;
  const referrer = line.indexOf('", referrer: "', SUFFIX.lastIndex);
  return {
    client: clientAddress(match[1] ?? ''),
    vhost: asked ?? server,
    referer: referrer < 0 ? null : decodeBytes(line.slice(referrer + 14).replace(/"$/, '')),
  };
}

const MOST_HOSTS = 16;

/**
 * The hosts that the suffix names. nginx refuses a host with a blank in it; where the text behind `host: "` is no
 * host, or there are several (a referrer may hold that text), the server's name counts.
 */
function hostsOf(line: string, from: number): string[] {
  const hosts: string[] = [];
  for (
    let at = line.indexOf(HOST, from);
    at >= 0 && hosts.length < MOST_HOSTS;
    at = line.indexOf(HOST, at + 1)
  ) {
    HOST_VALUE.lastIndex = at + HOST.length;
    hosts.push(HOST_VALUE.exec(line)?.[1]?.toLowerCase() ?? '');
  }
  return hosts;
}

function candidate(line: string, reading: V3Reading, offset: number): Candidate {
  const { fields, tail } = reading;
  return {
    ruleId: fields.id ?? '',
    file: fields.file === null ? null : decodeBytes(fields.file),
    line: Number(fields.line),
    hostname: suffixAt(line, offset + tail.end).vhost,
    uri: v3Text(tail.uri),
    uniqueId: tail.uniqueId,
  };
}

/** A line whose front is read: the message begins at `offset`; `front` is the client that stands before it. */
interface Opened {
  readonly line: string;
  readonly offset: number;
  readonly front: string | null;
}

/**
 * The readings that count. Where nothing in front of the first fields is the visitor's, only those that begin there;
 * where the line names its client in front, only those behind which nginx names the same.
 */
function readingsOf({ line, offset, front }: Opened, text: string): V3Reading[] {
  const readings = readV3(text, (end) => end === text.length || text.startsWith(', client: ', end));
  if (readings.length < 2) return readings;
  const start = text.indexOf(' [file "');
  const own = isOwnText(text, start) ? readings.filter((reading) => reading.start === start) : readings;
  if (front === null) return own;
  const same = own.filter(({ tail }) => suffixAt(line, offset + tail.end).client === front);
  return same.length === 0 ? own : same;
}

/** Whether a line that nginx cut may show a rule of the visitor's making while its own was lost. */
function isDoubtful(text: string, offset: number, { start }: V3Reading): boolean {
  return offset + text.length >= CUT_FROM && !isOwnText(text, start);
}

/** Every reading; where the rule may be made up, its request alone too. */
function candidatesOf(
  line: string,
  offset: number,
  readings: readonly V3Reading[],
  doubtful: boolean,
): Candidate[] {
  const all = readings.map((reading) => candidate(line, reading, offset));
  return doubtful ? [...all, ...all.map((one) => ({ ...one, ruleId: '', file: null, line: null }))] : all;
}

/** The suffix behind the first reading, else the last one in the text; its client is null where readings differ in it. */
function suffixOf({ line, offset }: Opened, text: string, readings: readonly V3Reading[]): Suffix {
  const [reading] = readings;
  if (reading === undefined) {
    const last = text.lastIndexOf(', client: ');
    return last < 0 ? NO_SUFFIX : suffixAt(line, offset + last);
  }
  const [first = NO_SUFFIX, ...others] = readings.map(({ tail }) => suffixAt(line, offset + tail.end));
  return others.every(({ client }) => client === first.client) ? first : { ...first, client: null };
}

/** What a line without a rule's match says: the text up to nginx's suffix. */
function engineText(text: string): ErrorLogEntry['engineError'] {
  const end = text.lastIndexOf(', client: ');
  return readEngineMessage(text.slice(0, end < 0 ? undefined : end));
}

type Read = Omit<ErrorLogEntry, 'wallAt' | 'client'> & Pick<Suffix, 'client'>;

/** What a line tells once its front is read. */
function readText(opened: Opened): Read {
  const { line, offset } = opened;
  const text = line.slice(offset);
  const isRule = saysRuleMatched(text);
  const readings = isRule ? readingsOf(opened, text) : [];
  const [reading = null] = readings;
  const { vhost, referer, client } = suffixOf(opened, text, readings);
  const doubtful = reading !== null && isDoubtful(text, offset, reading);
  const ambiguous = readings.length > 1 || doubtful;
  return {
    hostname: vhost,
    uri: reading && v3Text(reading.tail.uri),
    uniqueId: reading?.tail.uniqueId ?? null,
    hit: reading && hitOfV3(text, reading),
    engineError: isRule ? null : engineText(text),
    referer,
    ambiguous,
    candidates: ambiguous ? candidatesOf(line, offset, readings, doubtful) : [],
    client,
  };
}

/**
 * Reads one line of nginx's error log (latin1, with or without its line end). Null when ModSecurity did not write it,
 * when no client can be told (a warning that nginx cut, or into which the visitor wrote another), for an impossible time, and for lines over 256 KiB.
 * `hostname` is the host asked for, else the server that nginx names. A hit whose fields nginx cut has none.
 */
export function parseNginxModsec(line: string): ErrorLogEntry | null {
  if (line.length > LONGEST_LINE) return null;
  const front = FRONT.exec(line);
  const wallAt = wallClockOf(line, '/');
  if (front === null || wallAt === null) return null;
  let length = line.length;
  while (length > front[0].length && /[\r\n]/.test(line.charAt(length - 1))) length--;
  const named = front[1] === undefined ? null : clientAddress(front[1]);
  const entry = readText({ line: line.slice(0, length), offset: front[0].length, front: named });
  const client = named ?? entry.client;
  return client === null ? null : { ...entry, wallAt, client };
}
