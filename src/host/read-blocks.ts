// A log as blocks of whole lines, unread: who takes them apart may do so in another thread, without a text for every line.
import { readSync } from 'node:fs';
import { problemOf, ReadProblem } from './problems.ts';
import { PinnedText } from './read-pin.ts';
import type { Chunk, LogSource, OpenLog } from './read.ts';
import { CHUNK_BYTES, openLog, unpackedChunks } from './read.ts';

const NEWLINE = 0x0a;
/** What is kept of a line that is too long. */
const LONG_HEAD = 1024;
/** Room for what was left of the block before. */
const ROOM = 64 * 1024;
const BLOCK_BYTES = CHUNK_BYTES + ROOM;
const MOST_SPARE = 9;
/** Memory of blocks that are done. Buffers are freed late, so a log of gigabytes would pile them up. */
const spare: ArrayBuffer[] = [];

/** Whole lines, or one line that is too long to be read. */
export interface Block {
  readonly offset: number;
  /** Lines with their newlines; of a line that is too long its first KiB. Nobody else uses this memory: `giveBack` it. */
  readonly bytes: Buffer;
  /** True for a line that is too long. */
  readonly long: boolean;
  /** Offset behind the block: where the next one begins. */
  readonly next: number;
}

/** Takes the memory of a block that is not used any more, so that another one may be read into it. */
export function giveBack(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer && memory.byteLength === BLOCK_BYTES && spare.length < MOST_SPARE)
    spare.push(memory);
}

/** Memory for a block that begins with `rest`. */
function blockMemory(rest: Buffer, length: number): Buffer {
  const wanted = rest.length + length;
  const memory =
    wanted <= BLOCK_BYTES ? (spare.pop() ?? new ArrayBuffer(BLOCK_BYTES)) : new ArrayBuffer(wanted);
  const buffer = Buffer.from(memory);
  rest.copy(buffer);
  return buffer;
}

/**
 * Reads a log from `from` (the start of a line) in blocks of about a MiB; a line longer than `longest` bytes
 * is passed over in bounded memory. What stands behind the last newline is not given. Throws ReadProblem as `readChunks` does,
 * after the good part.
 */
export async function* readBlocks(source: LogSource, from: number, longest: number): AsyncGenerator<Block> {
  const log = openLog(source);
  const cutter = new BlockCutter(from, longest);
  if (log.compressed) {
    for await (const { bytes } of unpackedChunks(log, from, Infinity)) yield* cutter.add(bytes);
    return;
  }
  try {
    const pin = log.text === null ? null : new PinnedText(log.text, log);
    if (pin?.begin(from) === false) return;
    for (let offset = from; ;) {
      const got = cutter.read(log, offset);
      if (got === 0 || pin?.holds(offset, cutter.last(got)) === false) return;
      offset += got;
      yield* cutter.cut();
    }
  } finally {
    log.close();
  }
}

/** Cuts what was read at its last newline; a class for what is left behind it. */
class BlockCutter {
  readonly #longest: number;
  #offset: number;
  #block: Buffer = Buffer.alloc(0);
  #filled = 0;
  #rest: Buffer = Buffer.alloc(0);
  /** Inside a line that is too long: its beginning and the bytes of it so far. */
  #skipping: { readonly head: Buffer; length: number } | null = null;

  constructor(from: number, longest: number) {
    this.#offset = from;
    this.#longest = longest;
  }

  /** Reads the next bytes of an open log behind what is left. */
  read(log: OpenLog, offset: number): number {
    this.#block = blockMemory(this.#rest, CHUNK_BYTES);
    try {
      const got = readSync(log.fd, this.#block, this.#rest.length, CHUNK_BYTES, offset);
      this.#filled = this.#rest.length + got;
      return got;
    } catch (error) {
      throw new ReadProblem(log.path, problemOf(error));
    }
  }

  /** The bytes that were read last. */
  last(length: number): Buffer {
    return this.#block.subarray(this.#filled - length, this.#filled);
  }

  /** Takes bytes that were unpacked. */
  *add(bytes: Chunk['bytes']): Generator<Block> {
    this.#block = blockMemory(this.#rest, bytes.length);
    bytes.copy(this.#block, this.#rest.length);
    this.#filled = this.#rest.length + bytes.length;
    yield* this.cut();
  }

  *cut(): Generator<Block> {
    const memory = this.#block.buffer;
    let bytes = this.#block.subarray(0, this.#filled);
    if (this.#skipping !== null) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) {
        this.#skipping.length += bytes.length;
        giveBack(memory);
        return;
      }
      const next = this.#offset + this.#skipping.length + end + 1;
      yield { offset: this.#offset, bytes: this.#skipping.head, long: true, next };
      this.#skipping = null;
      this.#offset = next;
      // The memory of a block begins at the block: whoever takes it apart may be given the memory alone.
      bytes = Buffer.from(bytes.subarray(end + 1));
    }
    const last = bytes.lastIndexOf(NEWLINE);
    this.#rest = Buffer.from(bytes.subarray(last + 1));
    if (last >= 0) {
      const block = bytes.subarray(0, last + 1);
      const offset = this.#offset;
      this.#offset += block.length;
      yield { offset, bytes: block, long: false, next: this.#offset };
    } else giveBack(memory);
    if (this.#rest.length <= this.#longest) return;
    this.#skipping = { head: Buffer.from(this.#rest.subarray(0, LONG_HEAD)), length: this.#rest.length };
    this.#rest = Buffer.alloc(0);
  }
}
