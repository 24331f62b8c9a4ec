// Which clients may have lines in a block of a log: Bloom filters of 512 bytes and 6 bits, the 64 of a slab held
// bit by bit. For each filter bit a slab has one 64-bit word over its blocks; the six bits of a client lie in one
// of 8 groups, so that one read of 4 KiB tells about 64 blocks.

export const SLAB_BLOCKS = 64;
const GROUP_BITS = 512;
const GROUPS = 8;
/** Two 32-bit halves for each filter bit. */
const GROUP_WORDS = GROUP_BITS * 2;
export const GROUP_BYTES = GROUP_WORDS * 4;
/** The filters of a whole slab. */
export const FILTERS_BYTES = GROUPS * GROUP_BYTES;

const SEEDS = [0x811c9dc5 | 0, 0x3c6ef372] as const;
const FACTOR_A = 0x01000193;
const FACTOR_B = 0x5bd1e995;
const DOT = 0x2e;
const SLASH = 0x2f;
const NINE = 0x39;

/** Two independent 32-bit hashes of a client. Made once and filled again for each line. */
export type ClientHash = Int32Array;

export function newHash(): ClientHash {
  return new Int32Array(2);
}

/** Last mixing of MurmurHash3: each bit of the result depends on all bits. */
function mixed(value: number): number {
  let mix = value ^ (value >>> 16);
  mix = Math.imul(mix, 0x85ebca6b);
  mix ^= mix >>> 13;
  mix = Math.imul(mix, 0xc2b2ae35);
  return mix ^ (mix >>> 16);
}

/** Hashes the bytes from `from` up to `to` into `hash`. */
export function hashBytes(bytes: Uint8Array, from: number, to: number, hash: ClientHash): void {
  let [a, b]: [number, number] = [SEEDS[0], SEEDS[1]];
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    a = Math.imul(a ^ byte, FACTOR_A);
    b = Math.imul(b ^ byte, FACTOR_B);
  }
  hash[0] = mixed(a);
  hash[1] = mixed(b);
}

/** As `hashBytes` for the digits and dots at `from`; gives the index of the first other byte, at most `to`. */
export function hashDotted(bytes: Uint8Array, from: number, to: number, hash: ClientHash): number {
  let [a, b]: [number, number] = [SEEDS[0], SEEDS[1]];
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > NINE || byte < DOT || byte === SLASH) break;
    a = Math.imul(a ^ byte, FACTOR_A);
    b = Math.imul(b ^ byte, FACTOR_B);
  }
  hash[0] = mixed(a);
  hash[1] = mixed(b);
  return at;
}

/** Hashes a client as its lines are hashed: normalised address or host name, as UTF-8. */
export function hashClient(client: string, hash: ClientHash): void {
  const bytes = Buffer.from(client, 'utf8');
  hashBytes(bytes, 0, bytes.length, hash);
}

/** The group that holds a client's bits: 0 to 7. */
export function groupOf(hash: ClientHash): number {
  return (hash[0] ?? 0) >>> 29;
}

/** One block's filter within its slab. */
export interface FilterColumn {
  /** FILTERS_BYTES / 4 words. */
  readonly words: Uint32Array;
  /** 0 to 63. */
  readonly block: number;
}

/** Notes that a block holds lines of a client. */
export function addClient({ words, block }: FilterColumn, hash: ClientHash): void {
  const a = hash[0] ?? 0;
  const b = hash[1] ?? 0;
  const base = (a >>> 29) * GROUP_WORDS + (block >>> 5);
  const mask = 1 << (block & 31);
  setBit(words, base + ((a & 511) << 1), mask);
  setBit(words, base + (((a >>> 9) & 511) << 1), mask);
  setBit(words, base + (((a >>> 18) & 511) << 1), mask);
  setBit(words, base + ((b & 511) << 1), mask);
  setBit(words, base + (((b >>> 9) & 511) << 1), mask);
  setBit(words, base + (((b >>> 18) & 511) << 1), mask);
}

function setBit(words: Uint32Array, index: number, mask: number): void {
  words[index] = (words[index] ?? 0) | mask;
}

/** Takes back all that was noted for a block. */
export function clearBlock({ words, block }: FilterColumn): void {
  const kept = ~(1 << (block & 31));
  for (let at = block >>> 5; at < words.length; at += 2) words[at] = (words[at] ?? 0) & kept;
}

/**
 * Which of a slab's 64 blocks may hold lines of a client, from the words of the client's group alone:
 * two halves of 32 blocks, the lowest bit for the first block.
 */
export function blocksWith(group: Uint32Array, hash: ClientHash): readonly [number, number] {
  let low = -1;
  let high = -1;
  for (const part of hash) {
    for (const shift of [0, 9, 18]) {
      const at = ((part >>> shift) & 511) << 1;
      low &= group[at] ?? 0;
      high &= group[at + 1] ?? 0;
    }
  }
  return [low, high];
}
