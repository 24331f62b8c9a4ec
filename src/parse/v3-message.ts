// A rule's message as ModSecurity 3 (libmodsecurity) writes it: in nginx's error log, in the native audit log's
// part H. Unlike 2.9 it cuts nothing off, ends with `[ref "…"]`, and leaves quotes raw in the names and values of
// the operator's text and in the uri; only [data] has them escaped. Control characters are `\xHH` everywhere.
import type { RuleHit } from '../model.ts';
import { firstIndices } from './first-indices.ts';
import { isRule, readRun, type Reading, type Tail } from './modsec-fields.ts';
import { hitOf } from './modsec-message.ts';
import { decodeBytes } from './text.ts';

/** One way to read a message: all its fields and its tail, whose `end` lies behind `[ref "…"]`. */
export interface V3Reading extends Reading {
  readonly tail: Tail & { readonly ref: string };
}

/** More readings than this are forgery for its own sake. */
const MOST_READINGS = 32;
/** libmodsecurity shows 200 characters of a path, each four long at most where it is escaped. */
const LONGEST_URI = 1000;
const LONGEST_REF = 20_000;
const FILE_FIELD = ' [file "';
const HOSTNAME = ' [hostname "';
const UNIQUE_MARK = '"] [unique_id "';
const UNIQUE_ID = /([\w@.+/=:-]{1,64})"\] \[ref "/y;

/**
 * Every way to read a message (latin1): the runs that name file, line and id and lead to a hostname, uri, unique_id
 * and ref behind which `closes` says that the message may end. In the order in which they stand; empty when none.
 */
export function readV3(text: string, closes: (end: number) => boolean): V3Reading[] {
  const readings: V3Reading[] = [];
  for (const start of firstIndices(text, FILE_FIELD, MOST_READINGS)) {
    const run = readRun(text, start);
    if (!isRule(run.fields) || !text.startsWith(HOSTNAME, run.end)) continue;
    for (const tail of tailsAt(text, run.end, closes)) {
      readings.push({ start, fields: run.fields, tail, cut: false });
      if (readings.length >= MOST_READINGS) return readings;
    }
  }
  return readings;
}

/** The tails that begin at `start`: a path may hold what looks like its end, so each such place is one. */
function tailsAt(text: string, start: number, closes: (end: number) => boolean): V3Reading['tail'][] {
  const hostStart = start + HOSTNAME.length;
  const hostEnd = text.indexOf('"] [uri "', hostStart);
  if (hostEnd < 0 || hostEnd - hostStart > 255) return [];
  const uriStart = hostEnd + '"] [uri "'.length;
  const within = text.slice(uriStart, uriStart + LONGEST_URI + UNIQUE_MARK.length);
  return firstIndices(within, UNIQUE_MARK, MOST_READINGS).flatMap((at) => {
    UNIQUE_ID.lastIndex = uriStart + at + UNIQUE_MARK.length;
    const uniqueId = UNIQUE_ID.exec(text)?.[1];
    const refStart = UNIQUE_ID.lastIndex;
    const end = uniqueId === undefined ? -1 : refEnd(text, refStart);
    if (uniqueId === undefined || end < 0 || !closes(end)) return [];
    return [
      {
        start,
        end,
        hostname: text.slice(hostStart, hostEnd),
        uri: text.slice(uriStart, uriStart + at),
        uniqueId,
        ref: text.slice(refStart, end - 2),
      },
    ];
  });
}

/** Behind the `"]` that closes [ref]; -1 without one. Positions and names of transformations stand in it. */
function refEnd(text: string, from: number): number {
  const quote = text.indexOf('"', from);
  return quote < 0 || quote - from > LONGEST_REF || text.charCodeAt(quote + 1) !== 0x5d ? -1 : quote + 2;
}

const PLACE = /v\d{1,9},\d{1,9}/g;

/**
 * How many places a [ref] names, as part of a hit; nothing where it is one. libmodsecurity writes one line for a rule
 * that matched several variables, and it scores for each; the links of a chain are named as well, and score once.
 */
export function placesIn(ref: string): Pick<RuleHit, 'places'> {
  const places = ref.slice(0, LONGEST_REF).match(PLACE)?.length ?? 0;
  return places > 1 ? { places } : {};
}

/** The hit of one reading; see `hitOf`. */
export function hitOfV3(text: string, reading: V3Reading): RuleHit | null {
  const hit = hitOf(text, reading);
  return hit && { ...hit, ...placesIn(reading.tail.ref) };
}

const ESCAPED = /\\x([0189a-f][0-9a-f]|7f)/g;
const OMITTED = / \(\d{1,9} characters omitted\)$/;

/** A path or value as libmodsecurity shows it (latin1), its `\xHH` undone and decoded, without its note of what it omits. */
export function v3Text(raw: string): string {
  const bytes = raw
    .replace(OMITTED, '')
    .replace(ESCAPED, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decodeBytes(bytes);
}
