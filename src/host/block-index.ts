// Which parts of a big log may hold lines of one client: the reading side of the block index.
import { readSync } from 'node:fs';
import type { EpochMs } from '../model.ts';
import type { ClientHash } from './block-filter.ts';
import { GROUP_BYTES, SLAB_BLOCKS, blocksWith, groupOf, hashClient, newHash } from './block-filter.ts';
import type { StoredIndex } from './block-files.ts';
import { checkBefore, indexStem, openStored } from './block-files.ts';
import type { ByteRange } from './byte-range.ts';
import type { BlockTable } from './block-slab.ts';
import { SLAB_BYTES, SLAB_HEADER_BYTES } from './block-slab.ts';
import type { OpenLog } from './read.ts';
import { beginsWith } from './known-bytes.ts';

/** Apache writes a line when its request ends: a slow request's line stands among later ones. */
const SLACK_MS = 5 * 60_000;
const HEAD_BYTES = 1024;

/** What may hold a client's lines. */
export interface Candidates {
  /** In file order, neighbours joined; they begin and end at lines. */
  readonly ranges: readonly ByteRange[];
  /** How many blocks the ranges are. */
  readonly blocks: number;
  /** How many blocks the time alone leaves. */
  readonly of: number;
}

export interface BlockIndex {
  /** Bytes from 0 that the blocks cover; what follows has to be read in any case. */
  readonly covered: number;
  readonly blocks: number;
  /** Least and greatest time seen, over all blocks; lines may lie up to 5 minutes outside. Null without one. */
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  /**
   * The blocks that may hold lines of a client (normalised address, or a host name as logged) within a time, both
   * ends included and infinite ones allowed. Lines up to 5 minutes out of order are allowed for; a caller whose
   * clock repeats an hour widens `within` by that. Where the index cannot be read, all blocks of the time.
   */
  candidates(client: string, within: { readonly from: number; readonly to: number }): Candidates;
  close(): void;
}

/**
 * Opens the index of an open log; `head` is its `fingerprint` head. Null when there is none, it is damaged, or the
 * log's text is not the indexed one: a plain log is compared by its first KiB and the last KiB that is covered, a
 * packed one by its size and its first and last KiB on disk. Of a log that ends earlier (a copy made before) the
 * blocks that it has are given. The log stays open. Never throws.
 */
export function openBlockIndex(folder: string, log: OpenLog, head: string): BlockIndex | null {
  try {
    const stem = indexStem(log, head);
    const stored = stem === null ? null : openStored(folder, stem);
    if (stored === null) return null;
    const blocks = validBlocks(stored, log, head);
    if (blocks > 0) return new OpenIndex(stored, stored.table.first(blocks));
    stored.close();
    return null;
  } catch {
    return null;
  }
}

/** How many blocks of an index hold for a log, from the first one on; none when the log cannot be read. */
export function validBlocks(stored: StoredIndex, log: OpenLog, head: string): number {
  try {
    return log.compressed ? packedBlocks(stored, log) : plainBlocks(stored, log, head);
  } catch {
    return 0;
  }
}

/** All or none. */
function packedBlocks({ packed, table }: StoredIndex, log: OpenLog): number {
  const isSame = packed?.size === log.size && packed.check === checkBefore(log, log.size);
  return isSame ? table.count : 0;
}

/** Those that lie within the log, when the last of them is right. */
function plainBlocks({ table }: StoredIndex, log: OpenLog, head: string): number {
  const first = Buffer.alloc(HEAD_BYTES);
  if (!beginsWith(first.subarray(0, readSync(log.fd, first, 0, HEAD_BYTES, 0)), head)) return 0;
  let count = table.count;
  while (count > 0 && table.end(count - 1) > log.size) count--;
  return count > 0 && table.check(count - 1) === checkBefore(log, table.end(count - 1)) ? count : 0;
}

class OpenIndex implements BlockIndex {
  readonly covered: number;
  readonly blocks: number;
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  readonly #stored: StoredIndex;
  readonly #table: BlockTable;

  constructor(stored: StoredIndex, table: BlockTable) {
    this.#stored = stored;
    this.#table = table;
    this.covered = table.covered;
    this.blocks = table.count;
    let [least, most] = [Infinity, -Infinity];
    for (let block = 0; block < table.count; block++) {
      // Comparisons with NaN, for a block without a time, are false.
      if (table.from(block) < least) least = table.from(block);
      if (table.to(block) > most) most = table.to(block);
    }
    this.from = least === Infinity ? null : least;
    this.to = most === -Infinity ? null : most;
  }

  candidates(client: string, { from, to }: { readonly from: number; readonly to: number }): Candidates {
    const hash = newHash();
    hashClient(client, hash);
    const table = this.#table;
    const ranges: { from: number; to: number }[] = [];
    const sum = { blocks: 0, of: 0 };
    for (let slab = 0; slab * SLAB_BLOCKS < table.count; slab++) {
      let holds: readonly [number, number] | null = null;
      const first = slab * SLAB_BLOCKS;
      for (let block = first; block < Math.min(first + SLAB_BLOCKS, table.count); block++) {
        // Written so that a block without a time is in.
        if (table.from(block) - SLACK_MS > to || table.to(block) + SLACK_MS < from) continue;
        sum.of++;
        holds ??= this.#holding(slab, hash);
        const half = block - first < 32 ? holds[0] : holds[1];
        if ((half & (1 << (block & 31))) === 0) continue;
        sum.blocks++;
        addRange(ranges, table.start(block), table.end(block));
      }
    }
    return { ranges, ...sum };
  }

  /** Which blocks of a slab may hold the client: all when the file cannot be read. */
  #holding(slab: number, hash: ClientHash): readonly [number, number] {
    const { fd, slabs, last } = this.#stored;
    const at = groupOf(hash) * GROUP_BYTES;
    if (slab >= slabs) return blocksWith(last.words.subarray(at / 4, (at + GROUP_BYTES) / 4), hash);
    try {
      if (fd === null) return ALL;
      const got = readSync(fd, group, 0, GROUP_BYTES, slab * SLAB_BYTES + SLAB_HEADER_BYTES + at);
      return got === GROUP_BYTES ? blocksWith(group, hash) : ALL;
    } catch {
      return ALL;
    }
  }

  close(): void {
    this.#stored.close();
  }
}

const ALL = [-1, -1] as const;
/** Used again for each read: nothing waits in between. */
const group = new Uint32Array(GROUP_BYTES / 4);

function addRange(ranges: { from: number; to: number }[], from: number, to: number): void {
  const before = ranges.at(-1);
  if (before?.to === from) before.to = to;
  else ranges.push({ from, to });
}
