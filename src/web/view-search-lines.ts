// The lines a search found: folded, with marks and links piece by piece, so that no mark can break the escaping.
import type { IsoTime } from '../actions/explanation.ts';
import type { FoundLine, LinePart, SurroundingView } from '../actions/search-view.ts';
import { explainLink, pageLink } from './links.ts';
import { baseName, whole } from './view-text.ts';
import { lineTime } from './view-time.ts';

/** Characters shown of a line before it folds, and of its folded rest. */
const FOLD = 600;
const REST = 16_384;
/** Characters of the folded rest of the one line whose neighbours are shown. */
const ASKED = 512 * 1024;
/** Folded text of all lines of a page together; beyond it a line keeps its start and the link to the whole. */
const PAGE_REST = 1024 * 1024;

/** A piece of a line as the partial `hit-rows` prints it. */
export interface PieceView {
  readonly text: string;
  readonly marked: boolean;
  readonly href: string | null;
}

/** A line that may be long. */
export interface LineText {
  readonly start: readonly PieceView[];
  /** The folded rest; empty for a short line. */
  readonly rest: readonly PieceView[];
  /** What the fold says: `1,234 more characters`; empty for a short line. */
  readonly more: string;
  /** What is not even folded; empty when the line is whole. */
  readonly cut: string;
}

/** One row of a list of lines. */
export interface HitRow {
  readonly time: string;
  readonly title: string;
  readonly place: string;
  readonly file: string;
  /** The page of the lines around it; null on that page itself. */
  readonly href: string | null;
  /** Whether it is the line that was asked for. */
  readonly asked: boolean;
  readonly line: LineText;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function piece(part: LinePart, text: string): PieceView {
  return { text, marked: part.marked, href: part.link === null ? null : explainLink(part.link.value) };
}

/** Pieces of characters `from` to `to` of a line; an end inside a character of two units is moved before it. */
function slice(parts: readonly LinePart[], from: number, to: number): readonly PieceView[] {
  let at = 0;
  return parts.flatMap((part) => {
    const [start, end] = [Math.max(from - at, 0), Math.min(to - at, part.text.length)];
    at += part.text.length;
    return start < end ? [piece(part, part.text.slice(start, end))] : [];
  });
}

function charAt(parts: readonly LinePart[], index: number): number {
  let at = 0;
  for (const { text } of parts) {
    if (index < at + text.length) return text.charCodeAt(index - at);
    at += text.length;
  }
  return 0;
}

function safeCut(parts: readonly LinePart[], index: number): number {
  const unit = charAt(parts, index - 1);
  return unit >= 0xd800 && unit <= 0xdbff ? index - 1 : index;
}

/**
 * A line for the page: its first 600 characters, and up to `room` of the rest to be folded away. Pieces joined are the
 * line, unless `cut` says what is left out.
 */
export function lineText(parts: readonly LinePart[], room = REST): LineText {
  const length = parts.reduce((sum, part) => sum + part.text.length, 0);
  if (length <= FOLD + 40) return { start: slice(parts, 0, length), rest: [], more: '', cut: '' };
  const fold = safeCut(parts, FOLD);
  const end = room >= length - fold ? length : safeCut(parts, fold + Math.max(0, room));
  const rest = slice(parts, fold, end);
  const marks = rest.some((one) => one.marked) ? ', with what was found' : '';
  return {
    start: slice(parts, 0, fold),
    rest,
    more: rest.length === 0 ? '' : `${whole(length - fold)} more characters${marks}`,
    cut: end === length ? '' : `${whole(length - end)} characters are not shown here`,
  };
}

/** The page of a line with its neighbours. */
export function aroundLink(file: string, offset: number, lines: number | null = null): string {
  return pageLink('/search/around', { file, offset, n: lines });
}

/** The rows of a list; `now` is the server's time. The folded text of all rows together is limited. */
export function hitRows(lines: readonly FoundLine[], now: IsoTime): readonly HitRow[] {
  let left = PAGE_REST;
  return lines.map((line) => {
    const text = lineText(line.parts, Math.min(REST, left));
    left -= text.rest.reduce((sum, one) => sum + one.text.length, 0);
    return {
      time: line.at === null ? 'no time' : lineTime(line.at, now),
      title: line.at ?? 'This line and those above it have no time.',
      place: `${baseName(line.file)} @ ${whole(line.offset)}`,
      file: line.file,
      href: aroundLink(line.file, line.offset),
      asked: false,
      line: text,
      before: line.before.map(short),
      after: line.after.map(short),
    };
  });
}

/** The rows of the lines around one, which is shown whole up to `ASKED`. */
export function nearRows(view: SurroundingView): readonly HitRow[] {
  return view.lines.map((line) => ({
    time: line.at === null ? '' : lineTime(line.at, view.server.now),
    title: line.at ?? '',
    place: `@ ${whole(line.offset)}`,
    file: view.file,
    href: null,
    asked: line.asked,
    line: lineText(line.parts, line.asked ? ASKED : REST),
    before: [],
    after: [],
  }));
}

function short(text: string): string {
  if (text.length <= FOLD) return text;
  return `${text.slice(0, FOLD).toWellFormed()}\u2026 (${whole(text.length - FOLD)} more characters)`;
}
