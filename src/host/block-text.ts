// A log's text in pieces of whole lines with a look back, for the block index: read ahead while a piece is used.
import { read as readCallback } from 'node:fs';
import { promisify } from 'node:util';
import { ReadProblem, problemOf } from './problems.ts';
import type { OpenLog } from './read.ts';
import { unpackedChunks } from './read.ts';

const read = promisify(readCallback);

const NEWLINE = 0x0a;
const CHUNK_BYTES = 512 * 1024;
/** Of a longer line only the beginning comes in one piece. */
const MAX_PIECED_LINE = 256 * 1024;
/** Bytes that can be looked back at before the start of each piece but the first. */
export const LOOK_BACK = 1024;
const RESERVE = MAX_PIECED_LINE + LOOK_BACK;

/** Text in `bytes` from `from` up to `to`; only good until the next piece is asked for. */
export interface TextPiece {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** Where `from` stands in the log's (unpacked) text. */
  readonly offset: number;
  /** False when it goes on with a line of more than 256 KiB. */
  readonly fresh: boolean;
  /** True for the text after the last newline; else it ends with a newline or within such a long line. */
  readonly rest: boolean;
}

/** Fills a buffer from `at` on with what follows in the text; gives how many bytes, 0 at the end. */
type Fill = (target: Buffer, at: number) => Promise<number>;

/** Pieces of an open plain log from the start of a line on; the log stays open. Throws ReadProblem. */
export function plainPieces(log: OpenLog, from: number): AsyncGenerator<TextPiece> {
  let position = from;
  return pieces(async (target, at) => {
    try {
      const { bytesRead } = await read(log.fd, target, at, CHUNK_BYTES, position);
      position += bytesRead;
      return bytesRead;
    } catch (error) {
      throw new ReadProblem(log.path, problemOf(error));
    }
  }, from);
}

/** Pieces of a packed log's whole text; closes the log. Throws ReadProblem after the good part of a damaged one. */
export async function* unpackedPieces(log: OpenLog): AsyncGenerator<TextPiece> {
  const chunks = unpackedChunks(log, 0, Infinity);
  let left: Buffer = Buffer.alloc(0);
  try {
    yield* pieces(async (target, at) => {
      if (left.length === 0) {
        const next = await chunks.next();
        if (next.done === true) return 0;
        left = next.value.bytes;
      }
      const count = left.copy(target, at, 0, CHUNK_BYTES);
      left = left.subarray(count);
      return count;
    }, 0);
  } finally {
    await chunks.return(undefined);
  }
}

async function* pieces(fill: Fill, start: number): AsyncGenerator<TextPiece> {
  let current = Buffer.allocUnsafe(RESERVE + CHUNK_BYTES);
  let other = Buffer.allocUnsafe(RESERVE + CHUNK_BYTES);
  let offset = start;
  let kept = 0;
  let fresh = true;
  let ahead = fill(current, RESERVE);
  try {
    for (let got = await ahead; got > 0; got = await ahead) {
      ahead = fill(other, RESERVE);
      // A failure is met when its turn has come.
      ahead.catch(() => undefined);
      const end = RESERVE + got;
      const bytes = current.subarray(0, end);
      let from = RESERVE - kept;
      const newline = bytes.lastIndexOf(NEWLINE);
      if (newline >= RESERVE) {
        yield { bytes, from, to: newline + 1, offset, fresh, rest: false };
        offset += newline + 1 - from;
        from = newline + 1;
        fresh = true;
      }
      if (from < end && (!fresh || end - from > MAX_PIECED_LINE)) {
        yield { bytes, from, to: end, offset, fresh, rest: false };
        offset += end - from;
        from = end;
        fresh = false;
      }
      kept = end - from;
      current.copy(other, RESERVE - kept - LOOK_BACK, from - LOOK_BACK, end);
      [current, other] = [other, current];
    }
    const rest = { bytes: current.subarray(0, RESERVE), from: RESERVE - kept, to: RESERVE, offset };
    if (kept > 0) yield { ...rest, fresh, rest: true };
  } finally {
    await ahead.catch(() => 0);
  }
}
