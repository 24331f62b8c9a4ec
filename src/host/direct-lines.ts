// The few lines of a piece of a plain log that hold one of some texts, without starting a program.
import type { GrepLine, Piece } from './grep.ts';

const NEWLINE = '\n';
const CHUNK_BYTES = 512 * 1024;
/** A line that is longer is cut here. */
const MAX_LINE = 1024 * 1024;

/**
 * Gives the lines of a piece that hold one of the texts (ASCII), in file order, in batches; each line once. A line
 * over 1 MiB is cut there. Throws ReadProblem.
 */
export function* linesWith(
  piece: Piece,
  texts: readonly string[],
  onRead: (bytes: number) => void,
): Generator<readonly GrepLine[]> {
  const { file, to } = piece;
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let rest = '';
  let offset = piece.from;
  for (;;) {
    const got = file.readInto(buffer, offset + rest.length);
    const text = rest + buffer.toString('latin1', 0, got);
    const isEnd = got === 0;
    const lastNewline = text.lastIndexOf(NEWLINE);
    // A whole number of lines, except at the end of the log and in a line without end.
    const end = isEnd || (lastNewline < 0 && text.length > MAX_LINE) ? text.length : lastNewline + 1;
    onRead(Math.min(got, Math.max(0, to - offset)));
    const found = linesIn(text.slice(0, end), offset, texts).filter((line) => line.offset < to);
    if (found.length > 0) yield found;
    rest = text.slice(end);
    offset += end;
    if (isEnd || offset >= to) return;
  }
}

function linesIn(text: string, offset: number, needles: readonly string[]): GrepLine[] {
  const found = new Map<number, GrepLine>();
  for (const needle of needles) {
    for (let at = text.indexOf(needle); at >= 0;) {
      const from = text.lastIndexOf(NEWLINE, at) + 1;
      const newline = text.indexOf(NEWLINE, at);
      const end = newline < 0 ? text.length : newline;
      found.set(from, { offset: offset + from, text: text.slice(from, Math.min(end, from + MAX_LINE)) });
      at = newline < 0 ? -1 : text.indexOf(needle, newline + 1);
    }
  }
  return [...found.values()].sort((a, b) => a.offset - b.offset);
}
