// The log lines that an lfd mail quotes: found, split where they were joined, unfolded where they were wrapped.
//
// lfd wraps lines over 990 characters at blanks and sets the next line right behind the last piece; mail
// programs wrap again. What starts a new line is a log's date, unless it stands inside a quoted field: there
// a visitor wrote it.

/** The log lines of a mail and the text around them. */
export interface QuotedLines {
  readonly kind: 'log' | 'connections' | 'records' | 'none';
  readonly lines: readonly string[];
  /** Text before the first log line, and after the last one. */
  readonly before: string;
  readonly after: string;
}

type LineKind = 'log' | 'connections' | 'records';

interface Start {
  readonly at: number;
  readonly kind: LineKind;
}

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const STAMP = `${DAY}\\s${MONTH}\\s{1,3}\\d{1,2}\\s\\d\\d:\\d\\d:\\d\\d`;
const EDGE = '(?<=^[ \\t]{0,4})';
const STARTS = new RegExp(
  [
    `(?<log>\\[${STAMP}(?:\\.\\d{1,9})?\\s\\d{4}\\]\\s{0,3}(?=\\[))`,
    `(?<other>${EDGE}(?:${[
      '\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[\\w{1,10}\\] ',
      '\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d:\\d\\d\\S{0,20} \\S',
      '\\[\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}\\] ',
      `${MONTH} [ \\d]?\\d \\d\\d:\\d\\d:\\d\\d \\S{1,255} [^\\s:]{1,80}:`,
      '\\S{1,64} \\S{1,64} \\S{1,64} \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:[\\d:]{8} [+-]\\d{4}\\] "',
    ].join('|')}))`,
    `(?<tuple>${EDGE}(?:tcp|udp|icmp)6?: \\S{1,80} -> \\S{1,80})`,
    `(?<record>${EDGE}${STAMP}\\s\\d{4}\\s(?![+-]\\d{4}\\b)(?=\\S))`,
  ].join('|'),
  'gm',
);
const BARE = /(?<=^[ \t]{0,4})(?:\[(?:client|remote) [^\]\n]{0,80}\] ?){0,2}(?:ModSecurity|mod_security): /gm;
const SIGNATURE = /^(?:-- ?$|--\S|_{5,}|-{5,}|={5,})/;

/** Finds all log lines of a decoded mail text, one entry each; `none` when it has no log line. */
export function readQuotedLines(text: string): QuotedLines {
  const starts = findStarts(text);
  const [first] = starts;
  if (first === undefined) return { kind: 'none', lines: [], before: text, after: '' };
  const kind = starts.some((start) => start.kind === 'log') ? 'log' : first.kind;
  const lines: string[] = [];
  let end = first.at;
  for (const [index, start] of starts.entries()) {
    if (start.kind !== kind) continue;
    const entry = takeEntry(text.slice(start.at, starts[index + 1]?.at ?? text.length));
    lines.push(entry.line);
    end = start.at + entry.length;
  }
  return { kind, lines, before: text.slice(0, first.at), after: text.slice(end) };
}

/** Offsets at which log lines start; those inside another line's quoted field are left out. */
function findStarts(text: string): Start[] {
  const starts: Start[] = [];
  const quotes = new QuoteReader(text);
  let joined = false;
  for (const match of text.matchAll(STARTS)) {
    const at = match.index;
    const atEdge = /(?:^|\n)[ \t]{0,4}$/.test(text.slice(Math.max(0, at - 6), at));
    if (starts.length === 0 && !atEdge) joined = true;
    if (starts.length > 0 && !isNewEntry(text, { at, atEdge, joined, last: starts.at(-1)?.at ?? 0 }, quotes))
      continue;
    starts.push({ at, kind: kindOf(match.groups) });
    quotes.restart(at);
  }
  if (starts.length > 0) return starts;
  return [...text.matchAll(BARE)].map((match) => ({ at: match.index, kind: 'log' as const }));
}

function kindOf(groups: { readonly tuple?: string; readonly record?: string } | undefined): LineKind {
  if (groups?.tuple !== undefined) return 'connections';
  return groups?.record === undefined ? 'log' : 'records';
}

/** Whether a date begins a log line of its own or belongs to what the last line quotes. */
function isNewEntry(
  text: string,
  place: { at: number; atEdge: boolean; joined: boolean; last: number },
  quotes: QuoteReader,
): boolean {
  if (quotes.isInside(place.at)) return quotes.isCutBefore(place.at, place.atEdge);
  if (place.atEdge || place.joined) return true;
  // In the middle of a line only where lfd joins: behind a long line, or behind a closed field.
  const before = text.slice(Math.max(0, place.at - 4), place.at);
  return place.at - place.last > 900
    ? !/\s$/.test(before) || /"\]\s*$/.test(before)
    : /[^\\]"\]\s*$/.test(before);
}

/** Follows the quoted fields (`[key "…"]`) of a log line; each character is read once. */
class QuoteReader {
  readonly #text: string;
  #at = 0;
  #open = false;
  #nextQuote = -1;

  constructor(text: string) {
    this.#text = text;
  }

  restart(at: number): void {
    this.#at = at;
    this.#open = false;
  }

  /** Whether a field is open at this offset. */
  isInside(at: number): boolean {
    while (this.#at < at) {
      if (this.#open) this.#skipValue(at);
      else this.#skipToField(at);
    }
    return this.#open;
  }

  /**
   * Inside an open field: true when the field's own end is missing, so that the line before was cut.
   * Then the next quote opens a field of the new line; else it is this field's end.
   */
  isCutBefore(at: number, atEdge: boolean): boolean {
    if (this.#nextQuote < at) this.#nextQuote = this.#findQuote(at);
    if (this.#nextQuote === this.#text.length) return atEdge;
    return !/^"\s{0,3}\]/.test(this.#text.slice(this.#nextQuote, this.#nextQuote + 6));
  }

  #findQuote(from: number): number {
    for (let i = from; i < this.#text.length; i++) {
      const char = this.#text.charAt(i);
      if (char === '\\') i++;
      else if (char === '"') return i;
    }
    return this.#text.length;
  }

  #skipToField(limit: number): void {
    const field = /\[[a-z_]{1,20}\s{1,3}"/g;
    field.lastIndex = this.#at;
    const found = field.exec(this.#text.slice(0, limit));
    this.#at = found === null ? limit : found.index + found[0].length;
    this.#open = found !== null;
  }

  #skipValue(limit: number): void {
    const quote = Math.min(this.#findQuote(this.#at), limit);
    this.#at = quote < limit ? quote + 1 : limit;
    if (quote < limit && /^"\s{0,3}\]/.test(this.#text.slice(quote, quote + 6))) this.#open = false;
  }
}

/** One entry without what the mail has behind it: an empty line, a signature, the writer's own words. */
function takeEntry(raw: string): { line: string; length: number } {
  const pieces = raw.split('\n');
  let line = pieces[0] ?? '';
  let length = line.length;
  const modsec = raw.slice(0, 1000).includes('ModSecurity:');
  let complete = isComplete(line);
  for (const [index, piece] of pieces.entries()) {
    if (index === 0) continue;
    const previous = pieces[index - 1] ?? '';
    if (!continues(piece, previous, { complete, modsec })) break;
    line += (line.endsWith(' ') || line.endsWith('\t') ? '' : ' ') + piece.trimStart();
    length += 1 + piece.length;
    complete = isComplete(line.slice(-300));
  }
  return { line: line.trim(), length };
}

function continues(piece: string, previous: string, entry: { complete: boolean; modsec: boolean }): boolean {
  if (piece.trim() === '' || SIGNATURE.test(piece)) return false;
  if (entry.complete) return /^[ \t]*(?:,|\[[a-z_]+ )/.test(piece);
  // ModSecurity's lines end with their unique_id; others are continued only where the next word did not fit.
  const word = /^[ \t]*\S{0,80}/.exec(piece)?.[0].length ?? 0;
  return entry.modsec || previous.length + word >= 60 || previous.endsWith(' ');
}

function isComplete(line: string): boolean {
  return /\[unique_id\s{1,3}"[^"\s]{0,128}"\s{0,2}\](?:, referer: \S*)?\s*$/.test(line);
}
