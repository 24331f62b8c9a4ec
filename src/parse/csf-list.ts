// csf.deny, csf.allow and csf.ignore: one entry a line, and the files they include.
import type { CsfTarget, DenyEntry } from '../model-csf.ts';
import type { WallMs } from '../model.ts';
import { parseAdvancedFilter } from './csf-filter.ts';
import { normalizeTarget, parseLfdMessage } from './lfd-message.ts';
import { decodeBytes } from './text.ts';

/** What a csf list holds. Offsets count bytes from the start of the file to the start of the line. */
export interface CsfList {
  readonly entries: readonly { readonly entry: DenyEntry; readonly offset: number; readonly line: number }[];
  readonly includes: readonly { readonly path: string; readonly offset: number }[];
}

// csf reads bytes, so a lone 0x85 ends a line for it, also as the second half of a letter such as U+00C5;
// that matters only where an address follows. (Same set as csf's own expression, plus the UTF-8 forms.)
const LINE_END = /\r\n?|[\n\x0b\x0c]|\xc2\x85|\xe2\x80[\xa8\xa9]|\x85(?=\s{0,20}[0-9a-fA-F]{0,4}[.:])/g;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DATE = /(?:^|- )[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/**
 * Reads a whole csf.deny, csf.allow or csf.ignore (latin1 text). Comment lines, empty lines and lines
 * without a valid address, net or filter are left out, as csf leaves them out.
 */
export function parseCsfListText(text: string, list: 'deny' | 'allow' | 'ignore'): CsfList {
  const entries: CsfList['entries'][number][] = [];
  const includes: CsfList['includes'][number][] = [];
  let start = 0;
  let line = 1;
  const take = (end: number): void => {
    const raw = text.slice(start, end);
    const include = /^\s*Include\s+(\S[^\0]{0,4095})$/.exec(raw);
    if (include) includes.push({ path: decodeBytes((include[1] ?? '').trim()), offset: start });
    const entry = include ? null : parseLine(raw, list);
    if (entry) entries.push({ entry, offset: start, line });
  };
  for (const end of text.matchAll(LINE_END)) {
    take(end.index);
    start = end.index + end[0].length;
    line += 1;
  }
  take(text.length);
  return { entries, includes };
}

function parseLine(raw: string, list: DenyEntry['list']): DenyEntry | null {
  if (raw.length > 262_144) return null;
  const text = trimBlanks(raw);
  if (text === '' || text.startsWith('#')) return null;
  const word = /^\S{1,400}(?=\s|$)/.exec(text)?.[0];
  const target = word === undefined ? null : parseTarget(word);
  if (target === null) return null;
  const note = trimBlanks(text.slice(word?.length ?? 0)).replace(/^#[ \t]{0,8}/, '');
  const date = DATE.exec(note.slice(-40));
  const comment = date ? trimBlanks(note.slice(0, note.length - date[0].length)) : note;
  return {
    list,
    target,
    comment: decodeBytes(comment),
    message: comment.startsWith('lfd: ') ? parseLfdMessage(comment) : null,
    sinceWall: date ? wallOf(date) : null,
    sinceEpoch: null,
    ttlSeconds: null,
    doNotDelete: /do not delete/i.test(note),
    text: decodeBytes(text),
  };
}

/** Not String.trim: in latin1 text that would eat 0xA0, the last byte of many letters. */
function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && ' \t\0'.includes(text.charAt(start))) start++;
  while (end > start && ' \t\0'.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** One word: an address, a net, or an advanced filter. Plain ones are blocked both ways. */
function parseTarget(word: string): CsfTarget | null {
  if (word.includes('=')) return parseAdvancedFilter(word);
  const address = normalizeTarget(word);
  if (address === null) return null;
  return { kind: word.includes('/') ? 'cidr' : 'ip', address, ports: null, direction: 'inout' };
}

/** `Sun Nov  2 13:00:15 2026` as csf writes it: the server's local time. Null for a day that does not exist. */
function wallOf(date: RegExpExecArray): WallMs | null {
  const month = MONTHS.indexOf(date[1] ?? '') / 3;
  const [day, hour, minute, second, year] = [date[2], date[3], date[4], date[5], date[6]].map(Number);
  if (!Number.isInteger(month) || month < 0) return null;
  const wall = Date.UTC(year ?? 0, month, day, hour, minute, second);
  return new Date(wall).getUTCDate() === day && new Date(wall).getUTCHours() === hour ? wall : null;
}
