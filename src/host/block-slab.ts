// The form of a block index on disk: slabs of 64 blocks, and the state that says which of them count.
import { crc32 } from 'node:zlib';
import { FILTERS_BYTES, SLAB_BLOCKS } from './block-filter.ts';

/** Aimed at for a block; it ends with the line that reaches this. */
export const BLOCK_BYTES = 64 * 1024;

/** A page, so that each group of the filters lies in one. */
export const SLAB_HEADER_BYTES = 4096;
export const SLAB_BYTES = SLAB_HEADER_BYTES + FILTERS_BYTES;
const FIELDS = 4;
const SUM_AT = SLAB_BLOCKS * FIELDS;
/** The blocks' facts and their checksum. */
export const USED_HEADER_BYTES = (SUM_AT + 1) * 8;

/** What is kept of one block; it begins where the block before it ends. */
export interface BlockFacts {
  /** Offset after its last byte. */
  readonly end: number;
  /** Least and greatest time of the lines looked at, EpochMs; NaN when they have none. */
  readonly from: number;
  readonly to: number;
  /** `checkOf` the last KiB before `end`. */
  readonly check: number;
}

/** 64 blocks, or fewer when it is the last one. Numbers are doubles in the machine's own byte order. */
export class Slab {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly #header: Float64Array;

  /** An empty slab, or one from its SLAB_BYTES on disk. */
  constructor(bytes: Buffer = Buffer.from(new ArrayBuffer(SLAB_BYTES))) {
    const { buffer, byteOffset } = bytes;
    this.bytes = bytes;
    this.#header = new Float64Array(buffer, byteOffset, SLAB_HEADER_BYTES / 8);
    this.words = new Uint32Array(buffer, byteOffset + SLAB_HEADER_BYTES, FILTERS_BYTES / 4);
  }

  set(block: number, { end, from, to, check }: BlockFacts): void {
    this.#header.set([end, from, to, check], block * FIELDS);
  }

  /** To be called before a full slab is written. */
  seal(): void {
    this.#header[SUM_AT] = this.#sum();
  }

  /** Whether the header is as it was sealed. */
  isSealed(): boolean {
    return this.#header[SUM_AT] === this.#sum();
  }

  #sum(): number {
    return crc32(this.bytes.subarray(0, SUM_AT * 8));
  }

  /** Copies the facts of the first `count` blocks into a table, from its block `at` on. */
  copyFacts(count: number, table: Float64Array, at: number): void {
    table.set(this.#header.subarray(0, count * FIELDS), at * FIELDS);
  }
}

/** The blocks of an index in the order of the text, by number. What is not there is NaN. */
export class BlockTable {
  readonly count: number;
  readonly #numbers: Float64Array;

  constructor(count: number, numbers: Float64Array = new Float64Array(count * FIELDS)) {
    this.count = count;
    this.#numbers = numbers;
  }

  /** Puts a slab's first `count` blocks at block `at`. */
  take(slab: Slab, count: number, at: number): void {
    slab.copyFacts(count, this.#numbers, at);
  }

  /** The same without all but the first `count` blocks. */
  first(count: number): BlockTable {
    return new BlockTable(count, this.#numbers.subarray(0, count * FIELDS));
  }

  start(block: number): number {
    return block === 0 ? 0 : this.end(block - 1);
  }

  end(block: number): number {
    return this.#numbers[block * FIELDS] ?? NaN;
  }

  from(block: number): number {
    return this.#numbers[block * FIELDS + 1] ?? NaN;
  }

  to(block: number): number {
    return this.#numbers[block * FIELDS + 2] ?? NaN;
  }

  check(block: number): number {
    return this.#numbers[block * FIELDS + 3] ?? NaN;
  }

  /** Offset after the last block; 0 without one. */
  get covered(): number {
    return this.count === 0 ? 0 : this.end(this.count - 1);
  }
}

/** Only of this version; another one is no index. */
const MAGIC = 0x77_62_69_78_01;
const STATE_NUMBERS = 8;
const STATE_HEADER_BYTES = STATE_NUMBERS * 8;
export const STATE_BYTES = STATE_HEADER_BYTES + SLAB_BYTES;
const KINDS = ['access', 'error'] as const;
export type BlockKind = (typeof KINDS)[number];

/** A packed file as it was when its index was made. */
export interface PackedMark {
  /** Bytes on disk. */
  readonly size: number;
  /** `checkOf` its last KiB on disk, which holds gzip's own checksum of the text. */
  readonly check: number;
}

/** What counts: written last and in one piece. */
export interface IndexState {
  readonly kind: BlockKind;
  /** Names the file of full slabs. */
  readonly generation: number;
  readonly slabs: number;
  /** Blocks in `last`, the slab that is not full yet. */
  readonly blocks: number;
  /** Null for a plain log. */
  readonly packed: PackedMark | null;
  readonly last: Slab;
}

/** The bytes of a state file. */
export function encodeState(state: IndexState): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(STATE_BYTES));
  const { kind, generation, slabs, blocks, packed, last } = state;
  const { size, check } = packed ?? { size: -1, check: 0 };
  const numbers = new Float64Array(bytes.buffer, 0, STATE_NUMBERS);
  numbers.set([MAGIC, KINDS.indexOf(kind), generation, slabs, blocks, size, check]);
  last.bytes.copy(bytes, STATE_HEADER_BYTES);
  numbers[STATE_NUMBERS - 1] = stateSum(bytes);
  return bytes;
}

/** A state from its file's bytes; null when it is cut, damaged or of another version. */
export function decodeState(bytes: Buffer): IndexState | null {
  if (bytes.length !== STATE_BYTES || bytes.byteOffset % 8 !== 0) return null;
  const [magic, kindAt = -1, generation, slabs, blocks, size = -1, check = 0, sum] = new Float64Array(
    bytes.buffer,
    bytes.byteOffset,
    STATE_NUMBERS,
  );
  const kind = KINDS[kindAt];
  if (magic !== MAGIC || kind === undefined || sum !== stateSum(bytes)) return null;
  if (generation === undefined || slabs === undefined || blocks === undefined) return null;
  const packed = size < 0 ? null : { size, check };
  return { kind, generation, slabs, blocks, packed, last: new Slab(bytes.subarray(STATE_HEADER_BYTES)) };
}

function stateSum(bytes: Buffer): number {
  return crc32(bytes.subarray(STATE_HEADER_BYTES), crc32(bytes.subarray(0, STATE_HEADER_BYTES - 8)));
}
