// Apache's error_log, as far as ModSecurity wrote it: one line, one rule hit or engine error.
import type { RuleHit, WallMs } from '../model.ts';
import { clientAddress } from './client-address.ts';
import { parseApacheErrorTime } from './apache-time.ts';
import { unescapeLevel } from './modsec-escape.ts';
import {
  hasForgedMarks,
  readLogged,
  readTails,
  refererOf,
  tailOfCut,
  type Reading,
  type Tail,
} from './modsec-fields.ts';
import {
  hitOf,
  isDoubtful,
  isOwnText,
  readEngineMessage,
  saysRuleMatched,
  type EngineMessage,
} from './modsec-message.ts';
import { decodeBytes } from './text.ts';

/** One way to read a line. `ruleId` is empty where that reading names no rule. */
interface ErrorLogCandidate {
  readonly ruleId: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly hostname: string | null;
  readonly uri: string | null;
  readonly uniqueId: string | null;
}

export interface ErrorLogEntry {
  readonly wallAt: WallMs;
  /** Normalised address. */
  readonly client: string;
  /** Lower case, without port. */
  readonly hostname: string | null;
  /** Path without query. After a block it may be the error document's. */
  readonly uri: string | null;
  readonly uniqueId: string | null;
  readonly hit: RuleHit | null;
  readonly engineError: EngineMessage | null;
  readonly referer: string | null;
  /** True when the line holds forged fields and can be read in more than one way; fields are the best guess. */
  readonly ambiguous: boolean;
  /** Every reading of an ambiguous line, best guess first; empty for the others. */
  readonly candidates: readonly ErrorLogCandidate[];
}

const LONGEST_LINE = 262_144;
const MARK = 'ModSecurity: ';
/** `[security2:error]`, `[:error]` (Apache 2.4), `[error]` (2.2): other modules may print a visitor's text. */
const MODULE = /^(?:(?:security2|mod_security2?)?:)?[a-z][a-z0-9]{2,8}$/;

interface Prefix {
  readonly wallAt: WallMs;
  readonly client: string;
  /** Where the text behind `ModSecurity: ` begins. */
  readonly textStart: number;
}

/** Apache's first `[client …]` has a port behind its last colon, ModSecurity's own has none. */
function readClient(token: string): string | null {
  const text = token.slice('client '.length);
  const address = clientAddress(text);
  if (address !== null) return address;
  const colon = text.lastIndexOf(':');
  if (colon < 0 || !/^\d{1,5}$/.test(text.slice(colon + 1))) return null;
  return clientAddress(text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'));
}

/** Reads the brackets in front; what stands in them no visitor writes. Null when the line is not ModSecurity's. */
function readPrefix(line: string): Prefix | null {
  const tokens: string[] = [];
  let at = 0;
  while (line.charCodeAt(at) === 0x5b && tokens.length < 8) {
    const end = line.indexOf('] ', at);
    if (end < 0 || end - at > 100) return null;
    tokens.push(line.slice(at + 1, end));
    at = end + 2;
  }
  const client = tokens.at(-1);
  if (tokens.length < 3 || client === undefined || !line.startsWith(MARK, at)) return null;
  if (!/^(?:client|remote) /.test(client) || !MODULE.test(tokens[1] ?? '')) return null;
  const wallAt = parseApacheErrorTime(tokens[0] ?? '');
  const address = readClient(client);
  return wallAt === null || address === null
    ? null
    : { wallAt, client: address, textStart: at + MARK.length };
}

function decoded(raw: string | null | undefined): string | null {
  return raw === null || raw === undefined ? null : decodeBytes(unescapeLevel(raw));
}

/** Lower case, without port and without a dot at the end. */
function hostnameOf(tail: Tail | null): string | null {
  const name = decoded(tail?.hostname);
  return name === null ? null : hostnameText(name);
}

function hostnameText(text: string): string | null {
  const name = text
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');
  return name === '' ? null : name;
}

function candidate(tail: Tail | null, fields: Reading['fields'] | null): ErrorLogCandidate {
  return {
    ruleId: fields?.id ?? '',
    file: decoded(fields?.file),
    line: fields === null ? null : Number(fields.line),
    hostname: hostnameOf(tail),
    uri: decoded(tail?.uri),
    uniqueId: tail?.uniqueId ?? null,
  };
}

interface Message {
  readonly text: string;
  /** Whether it says that a rule matched. */
  readonly matched: boolean;
  readonly tails: readonly Tail[];
  readonly readings: readonly Reading[];
}

/** A reading is certain when nothing before its fields is the visitor's: what follows its tail is the referer. */
function certainReading({ text, readings }: Message): Reading | undefined {
  const start = text.indexOf(' [file "');
  return readings.find((reading) => reading.start === start && isOwnText(text, start));
}

/** The readings with a rule, then the tails alone: those no reading uses, or all when the rule may be made up. */
function candidatesOf({ tails, readings }: Message, doubtful: boolean): ErrorLogCandidate[] {
  const alone = tails.filter((tail) => doubtful || !readings.some((reading) => reading.tail === tail));
  return [
    ...readings.map((reading) => candidate(reading.tail, reading.fields)),
    ...alone.map((tail) => candidate(tail, null)),
  ];
}

/** The most likely reading; none when a tail stands where ModSecurity's room ends and no reading leads to it. */
function bestReading({ tails, readings }: Message): Reading | undefined {
  const end = tailOfCut(tails);
  if (end === null || tails.length < 2) return readings[0];
  return readings.find((reading) => reading.tail === end);
}

/** What the text tells: the reading to go by, if there is one, its tail, and whether that is certain. */
interface Choice {
  readonly reading: Reading | undefined;
  readonly tail: Tail | null;
  readonly doubtful: boolean;
  readonly ambiguous: boolean;
}

function choose(message: Message): Choice {
  const forged = hasForgedMarks(message.text);
  const certain = forged ? certainReading(message) : message.readings[0];
  const reading = certain ?? bestReading(message);
  const tail =
    reading?.tail ?? (message.matched ? tailOfCut(message.tails) : null) ?? message.tails[0] ?? null;
  const doubtful = reading !== undefined && isDoubtful(message.text, reading);
  return { reading, tail, doubtful, ambiguous: doubtful || (forged && certain === undefined) };
}

function readMessageText(text: string): Omit<ErrorLogEntry, 'wallAt' | 'client'> {
  const tails = readTails(text);
  const matched = saysRuleMatched(text);
  const message = { text, matched, tails, readings: matched ? readLogged(text, tails) : [] };
  const { reading, tail, doubtful, ambiguous } = choose(message);
  return {
    hostname: hostnameOf(tail),
    uri: decoded(tail?.uri),
    uniqueId: tail?.uniqueId ?? null,
    hit: reading === undefined ? null : hitOf(text, reading),
    engineError: matched ? null : readEngineMessage(text.slice(0, tail?.start)),
    referer: decodedReferer(refererOf(text, tail)),
    ambiguous,
    candidates: ambiguous ? candidatesOf(message, doubtful) : [],
  };
}

function decodedReferer(raw: string | null): string | null {
  return raw === null ? null : decodeBytes(raw);
}

/** A line's message whose tail no visitor can have forged, in its two parts. */
interface Plain {
  /** Up to the tail, as it stands in the line. */
  readonly head: string;
  readonly hostname: string;
  readonly uri: string;
  readonly uniqueId: string;
  /** As it stands in the line; null without one. */
  readonly referer: string | null;
}

const PLAIN_TAIL =
  /^\[hostname "([^"\\]{1,300})"\] \[uri "([^"\\]{0,1000})"\] \[unique_id "([\w@.+/=-]{1,64})"\](?:, referer: ([^"\\[\]]*))?$/;
const HOSTNAME = '[hostname "';

/** Splits a message at its tail; null where anything in or behind the tail could be read in another way. */
function plainOf(line: string, start: number, end: number): Plain | null {
  const at = line.indexOf(HOSTNAME, start);
  if (at < 0 || end - at > 2000) return null;
  const match = PLAIN_TAIL.exec(line.slice(at, end));
  if (match === null) return null;
  const [, hostname = '', uri = '', uniqueId = '', referer = null] = match;
  return { head: line.slice(start, at), hostname, uri, uniqueId, referer };
}

/** Rule hits by the text in front of their tail: the same rules react to the same requests again and again. */
const known = new Map<string, RuleHit>();
const KNOWN_AT_MOST = 1000;
const KNOWN_LONGEST = 1500;

function readPlain(plain: Plain): Omit<ErrorLogEntry, 'wallAt' | 'client'> | null {
  const hit = known.get(plain.head);
  if (hit === undefined) return null;
  return {
    hostname: hostnameText(decodeBytes(plain.hostname)),
    uri: decodeBytes(plain.uri),
    uniqueId: plain.uniqueId,
    hit,
    engineError: null,
    referer: decodedReferer(plain.referer),
    ambiguous: false,
    candidates: [],
  };
}

/** Keeps what a head was read as, where the tail behind it had no part in that. */
function learn(plain: Plain, text: string, entry: Omit<ErrorLogEntry, 'wallAt' | 'client'>): void {
  if (entry.hit === null || entry.ambiguous || plain.head.length > KNOWN_LONGEST || hasForgedMarks(text))
    return;
  if (known.size >= KNOWN_AT_MOST) known.clear();
  known.set(plain.head, entry.hit);
}

/**
 * Reads one line of error_log (latin1, with or without its line end), Apache 2.2's and 2.4's.
 * Null when ModSecurity did not write it for a request: other modules' lines, the notices of Apache's start,
 * lines without a client or a valid time, lines over 256 KiB. A rule hit has `hit`; an engine or parser error
 * `engineError`; a hit whose fields are lost has neither.
 */
export function parseErrorLogLine(line: string): ErrorLogEntry | null {
  if (line.length > LONGEST_LINE) return null;
  const prefix = readPrefix(line);
  if (prefix === null) return null;
  let end = line.length;
  while (end > prefix.textStart && /[\r\n]/.test(line.charAt(end - 1))) end--;
  const { wallAt, client } = prefix;
  const plain = plainOf(line, prefix.textStart, end);
  const same = plain === null ? null : readPlain(plain);
  if (same !== null) return { wallAt, client, ...same };
  // Apache's own escapes first: then the text is what ModSecurity wrote, as in the audit log.
  const text = unescapeLevel(line.slice(prefix.textStart, end));
  const entry = readMessageText(text);
  if (plain !== null) learn(plain, text, entry);
  return { wallAt, client, ...entry };
}
