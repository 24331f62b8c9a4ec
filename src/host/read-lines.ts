// A log as batches of whole lines with their offsets.
import { tailOf } from './known-bytes.ts';
import type { Chunk, LogSource } from './read.ts';
import { CHUNK_BYTES, openLog, plainChunks, unpackedChunks } from './read.ts';

const NEWLINE = 0x0a;
/** Longer lines are cut here; nothing that a log writes on purpose is nearly as long. */
export const MAX_LINE_BYTES = CHUNK_BYTES;

/** One line without its newline; latin1, one character per byte. Its text does not keep a chunk alive. */
export interface LogLine {
  readonly offset: number;
  readonly text: string;
  /** True when the line is longer than the 1 MiB that `text` holds. */
  readonly cut: boolean;
}

export interface LineBatch {
  readonly lines: readonly LogLine[];
  /** Offset after the last whole line: where to go on next time. */
  readonly next: number;
  /** What the bytes before `next` are known by (see `tailOf`); null where the batch has no line. */
  readonly tail: string | null;
  /** In the last batch: the line without a newline that begins at `next`; it may still be growing. */
  readonly rest: LogLine | null;
}

/**
 * Reads a log from `from` (the start of a line) in batches of whole lines; at least one batch, the last one with
 * `rest`. Memory: one chunk and its lines. Throws ReadProblem as `readChunks` does, after the good part.
 */
export async function* readLines(source: LogSource, from: number): AsyncGenerator<LineBatch> {
  const log = openLog(source);
  if (log.compressed) {
    yield* splitLines(unpackedChunks(log, from, Infinity), from);
    return;
  }
  try {
    yield* splitLines(plainChunks(log, { from, limit: Infinity, reuse: true }), from);
  } finally {
    log.close();
  }
}

/** Splits chunks that follow each other, the first one beginning at `from`, into lines. */
export async function* splitLines(chunks: AsyncIterable<Chunk>, from: number): AsyncGenerator<LineBatch> {
  let open: OpenLine = { offset: from, pieces: [], length: 0, cut: false };
  for await (const chunk of chunks) {
    const lines: LogLine[] = [];
    const { bytes } = chunk;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      if (open.length === 0) {
        lines.push(wholeLine(bytes, start, end, chunk.offset));
      } else {
        lines.push(closeLine(grow(open, bytes, start, end)));
      }
      start = end + 1;
      open = { offset: chunk.offset + start, pieces: [], length: 0, cut: false };
    }
    open = grow(open, bytes, start, bytes.length);
    if (lines.length > 0) yield { lines, next: open.offset, tail: tailOf(bytes, start), rest: null };
  }
  yield { lines: [], next: open.offset, tail: null, rest: open.length === 0 ? null : closeLine(open) };
}

/** A line whose newline has not come yet. */
interface OpenLine {
  readonly offset: number;
  readonly pieces: readonly string[];
  readonly length: number;
  readonly cut: boolean;
}

function wholeLine(bytes: Buffer, start: number, end: number, chunkOffset: number): LogLine {
  const cut = end - start > MAX_LINE_BYTES;
  return {
    offset: chunkOffset + start,
    text: bytes.toString('latin1', start, cut ? start + MAX_LINE_BYTES : end),
    cut,
  };
}

function grow(line: OpenLine, bytes: Buffer, start: number, end: number): OpenLine {
  const room = Math.min(end - start, MAX_LINE_BYTES - line.length);
  const cut = line.cut || end - start > room;
  if (room === 0) return cut === line.cut ? line : { ...line, cut };
  return {
    ...line,
    pieces: [...line.pieces, bytes.toString('latin1', start, start + room)],
    length: line.length + room,
    cut,
  };
}

function closeLine(line: OpenLine): LogLine {
  return { offset: line.offset, text: line.pieces.join(''), cut: line.cut };
}
