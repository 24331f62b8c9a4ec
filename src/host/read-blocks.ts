// A log as blocks of whole lines, unread: who takes them apart may do so in another thread, without a text for every line.
import { ReadProblem } from './problems.ts';
import type { Chunk, LogSource } from './read.ts';
import { CHUNK_BYTES, openLog, plainChunks, unpackedChunks } from './read.ts';

const NEWLINE = 0x0a;
/** What is kept of a line that is too long. */
const LONG_HEAD = 1024;

/** Whole lines, or one line that is too long to be read. */
export interface Block {
  readonly offset: number;
  /** Lines with their newlines; of a line that is too long its first KiB. Nobody else uses this memory. */
  readonly bytes: Buffer;
  /** True for a line that is too long. */
  readonly long: boolean;
  /** Offset behind the block: where the next one begins. */
  readonly next: number;
}

/**
 * Reads a log from `from` (the start of a line) in blocks of some MiB at most; a line longer than `longest` bytes
 * is passed over in bounded memory. What stands behind the last newline is not given. Throws ReadProblem as `readChunks` does,
 * after the good part.
 */
export async function* readBlocks(source: LogSource, from: number, longest: number): AsyncGenerator<Block> {
  const log = openLog(source);
  if (log.compressed) {
    yield* blocksOf(joined(unpackedChunks(log, from, Infinity)), from, longest);
    return;
  }
  try {
    yield* blocksOf(plainChunks(log, { from, limit: Infinity, reuse: false }), from, longest);
  } finally {
    log.close();
  }
}

/** Unpacked pieces are small and their memory is used again: they are put together to chunks of their own. */
async function* joined(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  let pieces: Buffer[] = [];
  let offset = 0;
  let length = 0;
  let problem: ReadProblem | null = null;
  try {
    for await (const chunk of chunks) {
      if (length === 0) ({ offset } = chunk);
      pieces.push(Buffer.from(chunk.bytes));
      length += chunk.bytes.length;
      if (length < CHUNK_BYTES) continue;
      yield { offset, bytes: Buffer.concat(pieces) };
      pieces = [];
      length = 0;
    }
  } catch (error) {
    if (!(error instanceof ReadProblem)) throw error;
    problem = error;
  }
  // The good part of a damaged archive comes before its problem.
  if (length > 0) yield { offset, bytes: Buffer.concat(pieces) };
  if (problem !== null) throw problem;
}

async function* blocksOf(chunks: AsyncIterable<Chunk>, from: number, longest: number): AsyncGenerator<Block> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = from;
  /** Inside a line that is too long: its beginning, else null. */
  let skipping: Buffer | null = null;
  for await (const chunk of chunks) {
    let { bytes } = chunk;
    if (skipping !== null) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) continue;
      const next = chunk.offset + end + 1;
      yield { offset, bytes: skipping, long: true, next };
      skipping = null;
      offset = next;
      bytes = bytes.subarray(end + 1);
    }
    const last = bytes.lastIndexOf(NEWLINE);
    const whole = last < 0 ? null : bytes.subarray(0, last + 1);
    if (whole !== null) {
      const block = rest.length === 0 ? Buffer.from(whole) : Buffer.concat([rest, whole]);
      yield { offset, bytes: block, long: false, next: offset + block.length };
      offset += block.length;
      rest = Buffer.alloc(0);
      bytes = bytes.subarray(last + 1);
    }
    if (bytes.length > 0) rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
    if (rest.length > longest) {
      skipping = Buffer.from(rest.subarray(0, LONG_HEAD));
      rest = Buffer.alloc(0);
    }
  }
}
