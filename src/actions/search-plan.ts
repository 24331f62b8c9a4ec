// From what was typed to what is searched: every field is read here, and a field that cannot be read is refused in one
// sentence. Which logs are read is told in search-choice.ts.
import type { Pattern } from '../host/ripgrep.ts';
import { normalizeAddress, normalizeNet } from '../parse/address.ts';
import { argumentSafe, literalPattern } from '../parse/grep-dialect.ts';
import { readTimeText } from '../parse/time-text.ts';
import type { EpochMs } from '../model.ts';
import { BadInput } from './errors.ts';
import { lineClock } from './line-clock.ts';
import type { SearchClock } from './search-context.ts';
import { readCursor, type Cursor } from './search-cursor.ts';
import { MAX_CONTEXT, MAX_LIMIT, type SearchQuery } from './search-query.ts';
import type { SearchNote } from './search-view.ts';
import { basicGrepNotes } from './search-words.ts';

/** Longer patterns are refused: ripgrep takes the pattern as one argument of at most 128 KiB. */
const MAX_PATTERN_BYTES = 64 * 1024;
const MAX_FIELD = 300;

/** An address or a net, normalised. */
export interface AddressChoice {
  readonly value: string;
  readonly isNet: boolean;
}

export interface SearchPlan {
  readonly query: SearchQuery;
  /** Null when every line is wanted that passes the other fields. */
  readonly pattern: Pattern | null;
  readonly address: AddressChoice | null;
  /** Open ends are -Infinity and Infinity. */
  readonly window: { readonly from: EpochMs; readonly to: EpochMs };
  /** First and last status wanted, e.g. 400 to 499; null: any. */
  readonly status: { readonly from: number; readonly to: number } | null;
  readonly cursor: Cursor | null;
  readonly notes: readonly SearchNote[];
}

/** Reads the fields of a query. Throws BadInput that names the field, what is wrong and what fits. */
export function planSearch(query: SearchQuery, clock: SearchClock): SearchPlan {
  checkNumbers(query);
  const cursor = query.before === null ? null : readCursor(query.before);
  return {
    query,
    pattern: readPattern(query),
    address: query.ip === null ? null : readAddressField(query.ip),
    window: readWindow(query, clock),
    status: query.status === null ? null : readStatus(query.status),
    cursor,
    notes: basicNotes(query),
  };
}

/** `a\|b` is what csf's search wants for "a or b"; other escaped signs are only hinted at when nothing is found. */
function basicNotes(query: SearchQuery): readonly SearchNote[] {
  return query.pattern.includes('\\|') ? basicGrepNotes(query) : [];
}

function checkNumbers({ limit, context }: SearchQuery): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new BadInput(`The number of lines must be from 1 to ${MAX_LIMIT}.`, 'limit');
  if (!Number.isInteger(context) || context < 0 || context > MAX_CONTEXT)
    throw new BadInput(`The number of lines around each line must be from 0 to ${MAX_CONTEXT}.`, 'context');
}

function readPattern(query: SearchQuery): Pattern | null {
  const { pattern, syntax, ignoreCase, invert } = query;
  if (pattern === '') {
    if (invert)
      throw new BadInput(
        'An empty pattern is in every line, so no line is without it. Type a pattern.',
        'pattern',
      );
    return null;
  }
  if (/[\r\n]/.test(pattern))
    throw new BadInput(
      'The pattern holds a line break, and no line of a log does. Search for one line at a time.',
      'pattern',
    );
  const text = syntax === 'literal' ? literalPattern(pattern) : argumentSafe(pattern);
  const size = new TextEncoder().encode(text).length;
  if (size > MAX_PATTERN_BYTES)
    throw new BadInput(
      `The pattern is too long (${size} bytes); at most ${MAX_PATTERN_BYTES} can be searched for. Use fewer alternatives, or the address field.`,
      'pattern',
    );
  // Letters beyond ASCII have a lower case for Unicode only.
  const unicode = ignoreCase && syntax !== 'pcre' && /[^\x00-\x7f]/.test(text);
  return { text, pcre: syntax === 'pcre', ignoreCase, invert, unicode };
}

function readAddressField(text: string): AddressChoice {
  const net = normalizeNet(text);
  if (net !== null) return { value: net, isNet: true };
  const address = normalizeAddress(text.replace(/^\s*\[(.*)\]\s*$/, '$1'));
  if (address !== null) return { value: address, isNet: false };
  throw new BadInput(
    `“${shown(text)}” is no address. Give one like 203.0.113.5 or 2001:db8::5, or a net like 203.0.113.0/24.`,
    'ip',
  );
}

const AROUND = /\+-|\+\/-|±/;
const TIME_FORMS =
  'Give a time like 2026-11-22 17:30, 17:56 yesterday, -2h, or a mail’s time followed by +-5 min.';

function readWindow(query: SearchQuery, clock: SearchClock): SearchPlan['window'] {
  const { from, to } = query;
  const first = from === null ? null : readTime('from', from, clock);
  const last = to === null ? null : readTime('to', to, clock);
  // `TIME +-5 min` in the first field names both ends.
  const both = last === null && AROUND.test(from ?? '') ? first : null;
  const window = { from: first?.from ?? -Infinity, to: (last ?? both)?.to ?? Infinity };
  if (window.from <= window.to) return window;
  throw new BadInput(
    `The time window ends before it begins: from “${shown(from ?? '')}” to “${shown(to ?? '')}”.`,
    'from',
  );
}

function readTime(field: string, text: string, { zone, now }: SearchClock): { from: EpochMs; to: EpochMs } {
  const time = text.length > MAX_FIELD ? null : readTimeText(text, lineClock(zone, now));
  if (time === null)
    throw new BadInput(`The “${field}” time “${shown(text)}” was not understood. ${TIME_FORMS}`, field);
  return time;
}

function readStatus(text: string): { from: number; to: number } {
  const match = /^([1-5])(?:xx|(\d\d))$/i.exec(text.trim());
  if (match?.[1] === undefined)
    throw new BadInput(`“${shown(text)}” is no status. Give a class like 4xx or a code like 403.`, 'status');
  if (match[2] === undefined) return { from: Number(match[1]) * 100, to: Number(match[1]) * 100 + 99 };
  return { from: Number(match[0].trim()), to: Number(match[0].trim()) };
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
