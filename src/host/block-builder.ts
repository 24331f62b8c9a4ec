// Builds the block index of one log, a part at a time, and goes on when the log has grown.
import { createHash } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';
import type { EpochMs } from '../model.ts';
import type { StoredIndex } from './block-files.ts';
import { checkBefore, indexStem, openStored } from './block-files.ts';
import { validBlocks } from './block-index.ts';
import type { BlockKind, PackedMark } from './block-slab.ts';
import { BLOCK_BYTES } from './block-slab.ts';
import type { TextPiece } from './block-text.ts';
import { plainPieces, unpackedPieces } from './block-text.ts';
import { IndexWriter } from './block-writer.ts';
import { ReadProblem, errorCode, problemOf } from './problems.ts';
import type { OpenLog } from './read.ts';
import { unpackedChunks } from './read.ts';

/** Smaller logs are read through in no time. */
const MIN_TEXT_BYTES = 4 * 1024 * 1024;
const MIN_PACKED_BYTES = 256 * 1024;
const HEAD_BYTES = 1024;
const HEAD_HEX = 32;

/** A log to be indexed. */
export interface BlockSource {
  /** Opens the log anew; throws ReadProblem. */
  readonly open: () => OpenLog;
  readonly kind: BlockKind;
  /** The time of a line (latin1, at most its first 16 KiB); null without one. Asked for few lines. */
  readonly timeOf: (line: string) => EpochMs | null;
}

/** What a step did. */
export interface BlockStep {
  /** Bytes of text read. */
  readonly bytes: number;
  /** Whether all that can be indexed now is. */
  readonly done: boolean;
}

const NOTHING: BlockStep = { bytes: 0, done: true };

/** One step at a time. */
export class BlockBuilder {
  readonly #folder: string;
  readonly #source: BlockSource;
  #pass: PackedPass | null = null;
  /** The packed file that needs no further look. */
  #packedDone: PackedMark | null = null;
  /** A plain log needs no further look while its size is between these. */
  #idle = { inode: -1, from: 0, until: 0 };

  /** `folder`: where indexes lie, made when it is needed. */
  constructor(folder: string, source: BlockSource) {
    this.#folder = folder;
    this.#source = source;
  }

  /**
   * Reads on for about `budget` bytes of text, at least for one block. A plain log is indexed up to its last whole
   * block and counts after each step; an archive to its end, and counts then. Logs under 4 MiB (packed: 256 KiB)
   * are left out. Throws ReadProblem when the log cannot be read or the index cannot be written; what was indexed
   * before still counts.
   */
  async step(budget: number): Promise<BlockStep> {
    const log = this.#source.open();
    try {
      return log.compressed ? await this.#packedStep(log, budget) : await this.#plainStep(log, budget);
    } catch (error) {
      await this.#endPass();
      throw errorCode(error) === '' ? error : new ReadProblem(log.path, problemOf(error));
    } finally {
      log.close();
    }
  }

  /** Gives up what is not finished. */
  close(): void {
    void this.#endPass();
  }

  async #plainStep(log: OpenLog, budget: number): Promise<BlockStep> {
    await this.#endPass();
    const { inode, size } = log;
    const { from, until } = this.#idle;
    if (inode === this.#idle.inode && size >= from && size < until) return NOTHING;
    const head = size < MIN_TEXT_BYTES ? null : plainHead(log);
    if (head === null) return NOTHING;
    const stored = this.#storedFor(log, head, head);
    const covered = stored?.table.covered ?? 0;
    if (size - covered < BLOCK_BYTES) {
      this.#idle = { inode, from: size, until: covered + BLOCK_BYTES };
      return NOTHING;
    }
    const writer = this.#writer(head, stored);
    try {
      const step = await readPlain(log, covered, budget, writer);
      if (writer.maker.covered > covered) return commitPlain(log, head, writer, step);
      // A line without an end is not read again with every byte that it grows by.
      this.#idle = { inode, from: size, until: covered + 2 * step.bytes };
      writer.abandon();
      return step;
    } catch (error) {
      writer.abandon();
      throw error;
    }
  }

  /** The index that is there already and holds for the log. */
  #storedFor(log: OpenLog, stem: string, head: string): StoredIndex | null {
    const stored = openStored(this.#folder, stem);
    if (stored === null) return null;
    stored.close();
    const isOurs = stored.whole && stored.kind === this.#source.kind;
    return isOurs && validBlocks(stored, log, head) > 0 ? stored : null;
  }

  #writer(stem: string, stored: StoredIndex | null): IndexWriter {
    const { kind, timeOf } = this.#source;
    return new IndexWriter({ folder: this.#folder, stem, kind, timeOf }, stored);
  }

  async #packedStep(log: OpenLog, budget: number): Promise<BlockStep> {
    const mark = log.size < MIN_PACKED_BYTES ? null : markOf(log);
    if (mark === null || isMark(this.#packedDone, mark)) return NOTHING;
    if (this.#pass !== null && !isMark(this.#pass.mark, mark)) await this.#endPass();
    this.#pass ??= await this.#startPass(log, mark);
    const pass = this.#pass;
    if (pass === null) {
      this.#packedDone = mark;
      return NOTHING;
    }
    const step = await readPacked(pass, budget);
    if (!step.done) return step;
    pass.writer.commit(mark);
    this.#pass = null;
    this.#packedDone = mark;
    return step;
  }

  /** Begins to read an archive; null when it is indexed already or too short to be known again. */
  async #startPass(log: OpenLog, mark: PackedMark): Promise<PackedPass | null> {
    const head = await packedHead(this.#reopen(log, mark));
    const stem = head === null ? null : indexStem(log, head);
    if (head === null || stem === null || this.#storedFor(log, stem, head) !== null) return null;
    const writer = this.#writer(stem, null);
    return { mark, writer, pieces: unpackedPieces(this.#reopen(log, mark)), end: 0 };
  }

  /** The same archive once more: unpacking takes a descriptor of its own. */
  #reopen(log: OpenLog, mark: PackedMark): OpenLog {
    const again = this.#source.open();
    if (again.compressed && isMark(markOf(again), mark)) return again;
    again.close();
    throw new ReadProblem(log.path, 'replaced while it was read');
  }

  async #endPass(): Promise<void> {
    const pass = this.#pass;
    this.#pass = null;
    pass?.writer.abandon();
    await pass?.pieces.return(undefined);
  }
}

/** An archive that is being read. */
interface PackedPass {
  readonly mark: PackedMark;
  readonly writer: IndexWriter;
  readonly pieces: AsyncGenerator<TextPiece>;
  /** Offset reached. */
  end: number;
}

async function readPlain(
  log: OpenLog,
  from: number,
  budget: number,
  { maker }: IndexWriter,
): Promise<BlockStep> {
  let bytes = 0;
  for await (const piece of plainPieces(log, from)) {
    bytes += piece.to - piece.from;
    // A line without its end may still grow.
    if (!piece.rest) maker.add(piece);
    if (bytes >= budget && maker.covered > from) return { bytes, done: false };
  }
  return { bytes, done: true };
}

/** Makes the blocks count unless the log was emptied while it was read: then the next step sees another text. */
function commitPlain(log: OpenLog, head: string, writer: IndexWriter, step: BlockStep): BlockStep {
  if (fstatSync(log.fd).size < writer.maker.covered || plainHead(log) !== head) {
    writer.abandon();
    return { ...step, done: false };
  }
  writer.commit(null);
  return step;
}

async function readPacked(pass: PackedPass, budget: number): Promise<BlockStep> {
  const { maker } = pass.writer;
  const before = pass.end;
  for (let next = await pass.pieces.next(); next.done !== true; next = await pass.pieces.next()) {
    maker.add(next.value);
    pass.end += next.value.to - next.value.from;
    if (pass.end - before >= budget) return { bytes: pass.end - before, done: false };
  }
  maker.finish(pass.end);
  return { bytes: pass.end - before, done: true };
}

/** Known by its first KiB as `fingerprint` says it; null for a shorter text. */
function headText(bytes: Buffer): string | null {
  if (bytes.length < HEAD_BYTES) return null;
  return createHash('sha256').update(bytes).digest('hex').slice(0, HEAD_HEX);
}

function plainHead(log: OpenLog): string | null {
  const bytes = Buffer.alloc(HEAD_BYTES);
  return headText(bytes.subarray(0, readSync(log.fd, bytes, 0, HEAD_BYTES, 0)));
}

/** Closes the log. */
async function packedHead(log: OpenLog): Promise<string | null> {
  const pieces: Buffer[] = [];
  for await (const { bytes } of unpackedChunks(log, 0, HEAD_BYTES)) pieces.push(bytes);
  return headText(Buffer.concat(pieces));
}

function markOf(log: OpenLog): PackedMark | null {
  const check = checkBefore(log, log.size);
  return check === null ? null : { size: log.size, check };
}

function isMark(mark: PackedMark | null, other: PackedMark): boolean {
  return mark?.size === other.size && mark.check === other.check;
}

export { sweepIndexes } from './block-sweep.ts';
