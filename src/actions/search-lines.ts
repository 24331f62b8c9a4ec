// Found lines as they are shown: masked, matches marked, words that lead somewhere linked.
import { maskAuditLine, maskLine } from '../analyse/mask.ts';
import { visible } from '../analyse/secrets.ts';
import { matchSpans, type Span } from '../host/grep-lines.ts';
import type { Pattern } from '../host/ripgrep.ts';
import { netCovers } from '../parse/address.ts';
import { linksIn } from '../parse/line-links.ts';
import { decodeBytes } from '../parse/text.ts';
import type { AddressChoice } from './search-plan.ts';
import type { LineLink, LinePart } from './search-view.ts';

/** What is marked and linked in a line. */
export interface Marking {
  readonly pattern: Pattern | null;
  readonly address: AddressChoice | null;
  readonly isDomain: (name: string) => boolean;
  /** Whether the nth line is one of an audit log, where names stand in other lines than their values. */
  readonly isAudit: (index: number) => boolean;
  /** Bytes of one line that are shown. */
  readonly most: number;
  readonly signal: AbortSignal;
  /** Secrets are shown: an act that the caller has recorded. */
  readonly reveal?: boolean;
}

/**
 * A line's bytes (latin1) as text: secrets masked unless they are to be revealed, control bytes made visible, cut when
 * it is very long.
 */
export function shownText(
  line: string,
  most: number,
  { reveal, isAudit }: { readonly reveal: boolean; readonly isAudit: boolean },
): string {
  const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
  const safe = reveal ? visible : isAudit ? maskAuditLine : maskLine;
  if (whole.length <= most) return safe(decodeBytes(whole));
  return `${safe(decodeBytes(whole.slice(0, most)))}… (${whole.length - most} more bytes)`;
}

/**
 * Splits lines (latin1) into parts. The pattern is looked for in the text as it is shown, so a match within a masked
 * value is not marked. A pattern that ripgrep gives up on marks nothing.
 */
export async function markedLines(lines: readonly string[], marking: Marking): Promise<LinePart[][]> {
  const texts = lines.map((line, index) =>
    shownText(line, marking.most, { reveal: marking.reveal === true, isAudit: marking.isAudit(index) }),
  );
  const spans = await spansOf(texts, marking);
  return texts.map((text, index) => partsOf(text, spans[index] ?? [], marking));
}

async function spansOf(texts: readonly string[], { pattern, signal }: Marking): Promise<Span[][]> {
  if (pattern === null || pattern.text === '') return [];
  // A plain text needs no program.
  if (PLAIN.test(pattern.text) && !pattern.ignoreCase && !pattern.invert)
    return texts.map((text) => spansOfText(text, pattern.text));
  const bytes = texts.map((text) => Buffer.from(text));
  try {
    const found = await matchSpans(bytes, pattern, signal);
    return found.map((spans, index) => {
      const line = bytes[index];
      const text = texts[index];
      return line === undefined || text === undefined || line.length === text.length
        ? spans
        : spans.map((span) => inCharacters(line, span));
    });
  } catch {
    return [];
  }
}

/** Characters that stand for themselves in every dialect. */
const PLAIN = /^[\w /"':;,=@%&<>!~-]+$/;

function spansOfText(text: string, wanted: string): Span[] {
  const spans: Span[] = [];
  for (let from = text.indexOf(wanted); from >= 0; from = text.indexOf(wanted, from + wanted.length))
    spans.push({ from, to: from + wanted.length });
  return spans;
}

/** A span of bytes as a span of UTF-16 units. */
function inCharacters(line: Buffer, { from, to }: Span): Span {
  const before = line.toString('utf8', 0, from).length;
  return { from: before, to: before + line.toString('utf8', from, to).length };
}

function partsOf(text: string, spans: readonly Span[], { address, isDomain }: Marking): LinePart[] {
  const links = linksIn(text, isDomain);
  const wanted = links.filter(({ kind, value }) => kind === 'ip' && isAsked(value, address));
  const marks = [...spans, ...wanted.map(({ from, to }) => ({ from, to }))].filter(
    ({ from, to }) => from < to,
  );
  const cuts = new Set([0, text.length]);
  for (const { from, to } of [...marks, ...links]) cuts.add(from).add(to);
  const places = [...cuts].filter((place) => place <= text.length).sort((a, b) => a - b);
  const parts: LinePart[] = [];
  const covering = new Cover(marks);
  let link = 0;
  for (const [index, from] of places.entries()) {
    const to = places[index + 1];
    if (to === undefined) break;
    while (link < links.length && (links[link]?.to ?? 0) <= from) link++;
    const here = links[link];
    const found: LineLink | null =
      here !== undefined && here.from <= from ? { kind: here.kind, value: here.value } : null;
    parts.push({ text: text.slice(from, to), marked: covering.has(from), link: found });
  }
  return parts;
}

function isAsked(value: string, address: AddressChoice | null): boolean {
  if (address === null) return false;
  return address.isNet ? netCovers(address.value, value) : address.value === value;
}

/** Tells for growing places whether a span covers them. */
class Cover {
  readonly #spans: readonly Span[];
  #next = 0;
  #end = 0;

  constructor(spans: readonly Span[]) {
    this.#spans = spans.toSorted((a, b) => a.from - b.from);
  }

  has(place: number): boolean {
    for (let span = this.#spans[this.#next]; span !== undefined && span.from <= place;) {
      this.#end = Math.max(this.#end, span.to);
      span = this.#spans[++this.#next];
    }
    return place < this.#end;
  }
}
