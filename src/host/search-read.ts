// The bytes of a piece of a log: from a line's start to the end of its last line, unpacked where it is packed.
import type { Piece } from './grep.ts';
import { unpackedChunks } from './read.ts';
import { positionOf } from './search-file.ts';

export const NEWLINE_BYTE = Buffer.from('\n');
const CHUNK_BYTES = 256 * 1024;
/** How far a last line that had no end when the log was opened is followed, when it has one now. */
const FOLLOW_BYTES = 1024 * 1024;

/** Some bytes of a piece; `read` counts what was read on disk for them. */
export interface PieceBytes {
  readonly offset: number;
  readonly bytes: Buffer;
  readonly read: number;
}

/** Reads a piece in chunks; each chunk's bytes are its own. Ends early when aborted. Throws ReadProblem. */
export async function* readOn(piece: Piece, signal: AbortSignal): AsyncGenerator<PieceBytes> {
  if (piece.file.compressed) yield* readPacked(piece, signal);
  else yield* readPlain(piece, signal);
}

function* readPlain({ file, from, to }: Piece, signal: AbortSignal): Generator<PieceBytes> {
  const end = Math.min(to, file.size);
  let offset = from;
  let last = NEWLINE_BYTE[0];
  while (offset < end && !signal.aborted) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - offset));
    const got = file.readInto(buffer, offset);
    // Cut off while it was read: what is left was read.
    if (got === 0) return;
    const bytes = buffer.subarray(0, got);
    last = bytes[got - 1];
    yield { offset, bytes, read: got };
    offset += got;
  }
  if (offset <= from || last === NEWLINE_BYTE[0]) return;
  yield* lineEnd({ file, from: offset, to: offset + FOLLOW_BYTES });
}

/** The rest of the line that runs over the end of a piece. */
function* lineEnd({ file, from, to }: Piece): Generator<PieceBytes> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let offset = from; offset < to; offset += CHUNK_BYTES) {
    const got = file.readInto(buffer, offset);
    if (got === 0) return;
    const newline = buffer.subarray(0, got).indexOf(NEWLINE_BYTE);
    yield {
      offset,
      bytes: Buffer.from(buffer.subarray(0, newline < 0 ? got : newline + 1)),
      read: 0,
    };
    if (newline >= 0) return;
  }
}

async function* readPacked({ file, from, to }: Piece, signal: AbortSignal): AsyncGenerator<PieceBytes> {
  const fd = file.again();
  let seen = 0;
  const log = { ...file.open, fd };
  // The generator closes the descriptor when it ends, also when it is left early.
  for await (const { offset, bytes } of unpackedChunks(log, from, to - from)) {
    if (signal.aborted) return;
    const position = positionOf(fd);
    yield { offset, bytes, read: Math.max(0, position - seen) };
    seen = Math.max(seen, position);
  }
}
