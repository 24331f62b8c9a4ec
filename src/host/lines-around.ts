// The lines before and after a line of a log.
import type { GrepLine } from './grep.ts';
import { plainLines } from './grep-lines.ts';
import type { SearchFile } from './search-file.ts';

/** How much of a plain log is looked at on both sides, more when lines are long; then fewer lines are given. */
const FIRST_BYTES = 16 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * The line that begins at `offset` with at most `count` lines before and after it, in file order; without it when
 * no line begins there. A packed log is unpacked up to there. Throws ReadProblem.
 */
export async function linesAround(file: SearchFile, offset: number, count: number): Promise<GrepLine[]> {
  if (file.compressed) return await around(file, offset, count);
  for (let bytes = FIRST_BYTES; ; bytes *= 8) {
    const lines = plainAround(file, offset, bytes);
    const before = lines.filter((line) => line.offset < offset).length;
    const isWhole = bytes >= MOST_BYTES || (offset <= bytes && offset + bytes >= file.size);
    if (!isWhole && (before < count || lines.length - before <= count)) continue;
    return lines.slice(Math.max(0, before - count), before + count + 1);
  }
}

/** The whole lines within so many bytes of a place; the unfinished last line of the log counts as whole. */
function plainAround(file: SearchFile, offset: number, bytes: number): GrepLine[] {
  const from = Math.max(0, offset - bytes);
  const buffer = Buffer.allocUnsafe(offset + bytes - from);
  const text = buffer.toString('latin1', 0, file.readInto(buffer, from));
  const lines: GrepLine[] = [];
  // Whatever begins before the first newline began earlier, except at the start of the log.
  let at = from === 0 ? 0 : text.indexOf('\n') + 1;
  if (from > 0 && at === 0) return lines;
  for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', at)) {
    lines.push({ offset: from + at, text: text.slice(at, end) });
    at = end + 1;
  }
  const isEnd = from + text.length >= file.size;
  if (at < text.length && (isEnd || from + at === offset))
    lines.push({ offset: from + at, text: text.slice(at) });
  return lines;
}

async function around(file: SearchFile, offset: number, count: number): Promise<GrepLine[]> {
  const before: GrepLine[] = [];
  const after: GrepLine[] = [];
  const end = new AbortController();
  const piece = { file, from: 0, to: Infinity };
  for await (const lines of plainLines(piece, end.signal, () => undefined)) {
    for (const line of lines) {
      if (line.offset < offset) {
        before.push(line);
        if (before.length > count) before.shift();
      } else if (after.length <= count) after.push(line);
    }
    if (after.length > count) break;
  }
  end.abort();
  return [...before, ...after];
}
