// Makes blocks out of a log's text as it comes in pieces: where each ends, its clients and its times.
import type { EpochMs } from '../model.ts';
import type { ClientScanner } from './block-clients.ts';
import { SLAB_BLOCKS, clearBlock } from './block-filter.ts';
import { checkOf } from './block-files.ts';
import { BLOCK_BYTES, Slab } from './block-slab.ts';
import type { TextPiece } from './block-text.ts';
import { LOOK_BACK } from './block-text.ts';

const NEWLINE = 0x0a;
/** Lines looked at for a time from either end of a run; in a log with times the first one mostly has it. */
const TIMED_WITHIN = 256;
/** Enough of a line for its time. */
const LINE_START_BYTES = 16 * 1024;

export interface MakerOptions {
  /** What is there already: a slab that is not full and the blocks in it. */
  readonly last: Slab;
  readonly blocks: number;
  /** Where the text goes on. */
  readonly covered: number;
  readonly scan: ClientScanner;
  readonly timeOf: (line: string) => EpochMs | null;
  /** Takes a sealed slab; it is used again afterwards. */
  readonly onFull: (slab: Slab) => void;
}

interface OpenBlock {
  from: number;
  to: number;
  /** False when there were too many lines without a time to say when the block is. */
  timed: boolean;
}

/** Takes pieces in the order of the text. */
export class BlockMaker {
  readonly slab: Slab;
  /** Whole blocks in `slab`. */
  blocks: number;
  /** Offset after the last whole block. */
  covered: number;
  readonly #options: MakerOptions;
  #open = emptyBlock();

  constructor(options: MakerOptions) {
    this.#options = options;
    ({ last: this.slab, blocks: this.blocks, covered: this.covered } = options);
  }

  add({ bytes, from, to, offset, fresh }: TextPiece): void {
    let at = from;
    // The bytes of a long line whose beginning came before.
    if (!fresh) {
      const newline = bytes.subarray(0, to).indexOf(NEWLINE, at);
      at = newline < 0 ? to : newline + 1;
      const reached = offset + at - from;
      if (newline >= 0 && reached - this.covered >= BLOCK_BYTES) this.#close(reached, checkAt(bytes, at));
    }
    while (at < to) {
      const wanted = Math.max(at, this.covered + BLOCK_BYTES - offset + from - 1);
      const newline = wanted < to ? bytes.subarray(0, to).indexOf(NEWLINE, wanted) : -1;
      const end = newline < 0 ? to : newline + 1;
      this.#scan(bytes.subarray(at, end));
      if (newline >= 0) this.#close(offset + end - from, checkAt(bytes, end));
      at = end;
    }
  }

  /** Ends the open block at the end of a text that will not grow, however small the block is. */
  finish(end: number): void {
    if (end > this.covered) this.#close(end, 0);
  }

  /** Takes back what is noted of the block that is not whole yet. */
  dropOpen(): void {
    clearBlock({ words: this.slab.words, block: this.blocks });
    this.#open = emptyBlock();
  }

  #scan(run: Buffer): void {
    const { scan, timeOf } = this.#options;
    scan(run, { words: this.slab.words, block: this.blocks });
    const open = this.#open;
    for (const at of [firstTime(run, timeOf), lastTime(run, timeOf)]) {
      if (at === 'unknown') open.timed = false;
      if (typeof at !== 'number') continue;
      open.from = Math.min(open.from, at);
      open.to = Math.max(open.to, at);
    }
  }

  #close(end: number, check: number): void {
    const { from, to, timed } = this.#open;
    const isTimed = timed && from <= to;
    const times = isTimed ? { from, to } : { from: NaN, to: NaN };
    this.slab.set(this.blocks, { end, ...times, check });
    this.covered = end;
    this.#open = emptyBlock();
    this.blocks++;
    if (this.blocks < SLAB_BLOCKS) return;
    this.slab.seal();
    this.#options.onFull(this.slab);
    this.slab.bytes.fill(0);
    this.blocks = 0;
  }
}

/** For a block that ends at `end`: a whole one is longer than what is looked at. */
function checkAt(bytes: Buffer, end: number): number {
  return checkOf(bytes.subarray(end - LOOK_BACK, end));
}

function emptyBlock(): OpenBlock {
  return { from: Infinity, to: -Infinity, timed: true };
}

/** The time of a run's first line that has one; null when none has, `unknown` when too many had to be asked. */
function firstTime(run: Buffer, timeOf: MakerOptions['timeOf']): EpochMs | 'unknown' | null {
  let at = 0;
  for (let asked = 0; at < run.length; asked++) {
    if (asked === TIMED_WITHIN) return 'unknown';
    const newline = run.indexOf(NEWLINE, at);
    const end = newline < 0 ? run.length : newline;
    const time = timeOf(run.toString('latin1', at, Math.min(end, at + LINE_START_BYTES)));
    if (time !== null) return time;
    at = end + 1;
  }
  return null;
}

/** The same from the end. */
function lastTime(run: Buffer, timeOf: MakerOptions['timeOf']): EpochMs | 'unknown' | null {
  let end = run.at(-1) === NEWLINE ? run.length - 1 : run.length;
  for (let asked = 0; end >= 0; asked++) {
    if (asked === TIMED_WITHIN) return 'unknown';
    const start = end === 0 ? 0 : run.lastIndexOf(NEWLINE, end - 1) + 1;
    const time = timeOf(run.toString('latin1', start, Math.min(end, start + LINE_START_BYTES)));
    if (time !== null) return time;
    end = start - 1;
  }
  return null;
}
