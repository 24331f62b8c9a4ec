// In which order logs are read: the newest lines of all logs first, then back in growing steps, archives last.
import type { ByteRange } from '../host/byte-range.ts';
import { SearchFile } from '../host/search-file.ts';
import { ReadProblem } from '../host/problems.ts';
import type { BlockIndex, Candidates } from '../host/block-index.ts';
import type { EpochMs, SearchLog } from '../model.ts';
import type { SearchContext } from './search-context.ts';
import { familyOf } from './search-choice.ts';
import { finish, type FileState, type OwnedPiece } from './search-file-state.ts';
import { SLACK_MS } from './search-judge.ts';
import type { SearchPlan } from './search-plan.ts';

const MIB = 1024 * 1024;
/** The newest part of a log that is looked at first, the next one, and then the rest at once. */
const FIRST_BYTES = 4 * MIB;
const SECOND_BYTES = 16 * MIB;
/** Small logs share one ripgrep: that many bytes, or that many logs. */
const SHARED_BYTES = 16 * MIB;
const SHARED_LOGS = 500;
/** Up to that ripgrep reads all the rest in about the time that a pipe takes for a second part. */
const SOON_READ_BYTES = 2048 * MIB;
/** What was written since a log was indexed is read line by line up to this. */
const UNINDEXED_BYTES = 4 * MIB;
/** Archives that are unpacked at once: unpacking is what takes the time, and there are two cores. */
const PACKED_AT_ONCE = 2;
/** Above this share of blocks reading them one by one is slower than ripgrep on the whole log. */
const BREAK_EVEN = 0.15;
const FEW_BLOCKS = 16;
/** Without an index, logs up to this size are not worth more than one reading. */
const MTIME_SLACK_MS = 60_000;

/**
 * What is to be searched next: `together` by one ripgrep, `apart` at the same time by one each, or `directly`, since
 * they are few enough lines to be read without it.
 */
export interface Work {
  readonly pieces: readonly OwnedPiece[];
  readonly how: 'together' | 'apart' | 'directly';
}

export interface OrderOptions {
  readonly ctx: SearchContext;
  readonly plan: SearchPlan;
  readonly states: readonly FileState[];
  /** Whether lines of this time or older are still wanted: false ends a log early. */
  readonly wants: (latest: EpochMs) => boolean;
}

/** Gives the work piece by piece; what was given before is searched when the next is asked for. */
export class SearchOrder {
  /** True when logs were not read to their end because all that is left is older than what is wanted. */
  endedEarly = false;
  readonly #options: OrderOptions;
  readonly #window: SearchPlan['window'];

  constructor(options: OrderOptions) {
    this.#options = options;
    const { window, cursor } = options.plan;
    // Older lines are asked for: nothing later than the last one shown.
    this.#window = cursor === null ? window : { from: window.from, to: Math.min(window.to, cursor.at) };
  }

  async *work(): AsyncGenerator<Work> {
    this.#chooseRotated();
    const waiting = this.#options.states.filter((state) => state.state === 'waiting');
    const newestFirst = waiting.toSorted((a, b) => b.log.mtimeMs - a.log.mtimeMs);
    const packed: FileState[] = [];
    yield* this.#tails(newestFirst, packed);
    for (const size of [SECOND_BYTES, Infinity]) {
      for (const state of newestFirst) {
        if (state.left === null || isSoonRead(state.left, size) || this.#isDoneWith(state)) continue;
        yield { pieces: [this.#takeTail(state, size)], how: 'together' };
        this.#settle(state);
      }
    }
    yield* this.#archives(packed);
  }

  async *#archives(packed: readonly FileState[]): AsyncGenerator<Work> {
    let pieces: OwnedPiece[] = [];
    for (const state of packed) {
      const piece = this.#isDoneWith(state) ? null : await this.#packedPiece(state);
      if (piece !== null) pieces.push(piece);
      if (pieces.length < PACKED_AT_ONCE) continue;
      yield { pieces, how: 'apart' };
      for (const { owner } of pieces) this.#settle(owner);
      pieces = [];
    }
    if (pieces.length > 0) yield { pieces, how: 'apart' };
    for (const { owner } of pieces) this.#settle(owner);
  }

  /** Leaves rotated logs out where the current one reaches back to the window's start, or no window asks for them. */
  #chooseRotated(): void {
    const { plan, states } = this.#options;
    if (plan.query.rotated !== 'auto') return;
    const { from } = plan.window;
    for (const [, family] of Map.groupBy(states, ({ log }) => familyOf(log))) {
      const rotated = family.filter(({ state, log }) => state === 'waiting' && log.rotated);
      const current = family.filter(({ log }) => !log.rotated);
      if (rotated.length === 0 || current.length === 0) continue;
      const why =
        from === -Infinity
          ? 'rotated logs are read when a time window needs them, or always when you say so'
          : 'the current log reaches back to the time asked for';
      const isNeeded = from !== -Infinity && !current.some((state) => this.#reachesBack(state, from));
      if (!isNeeded) for (const state of rotated) finish(state, 'left out', why);
    }
  }

  #reachesBack(state: FileState, from: EpochMs): boolean {
    if (state.state !== 'waiting') return false;
    try {
      const file = new SearchFile(state.log, this.#options.ctx.host.openSearchLog(state.log));
      const first = file.compressed ? null : file.timeFrom(0, state.timeOf);
      file.close();
      return first !== null && first <= from - state.slackMs;
    } catch (error) {
      if (!(error instanceof ReadProblem)) throw error;
      return false;
    }
  }

  /** The newest part of every plain log, small ones together. */
  async *#tails(states: readonly FileState[], packed: FileState[]): AsyncGenerator<Work> {
    let shared: OwnedPiece[] = [];
    let bytes = 0;
    // The first answer should not wait for many logs.
    let most = FIRST_BYTES;
    for (const state of states) {
      if (!this.#open(state)) continue;
      if (state.file?.compressed === true) {
        packed.push(state);
        continue;
      }
      const direct = await this.#indexed(state);
      if (direct !== null) {
        yield { pieces: direct, how: 'directly' };
        this.#settle(state);
        continue;
      }
      if (state.left === null) {
        finish(state, 'done', null);
        continue;
      }
      const piece = this.#takeTail(state, FIRST_BYTES);
      shared.push(piece);
      bytes += piece.to - piece.from;
      if (bytes < most && shared.length < SHARED_LOGS) continue;
      yield { pieces: shared, how: 'together' };
      for (const { owner } of shared) this.#settle(owner);
      shared = [];
      bytes = 0;
      most = SHARED_BYTES;
    }
    if (shared.length > 0) yield { pieces: shared, how: 'together' };
    for (const { owner } of shared) this.#settle(owner);
  }

  /** Opens a log and finds the part that the window needs; false when there is nothing to read. */
  #open(state: FileState): boolean {
    const { ctx } = this.#options;
    const { log } = state;
    // A copy of a server may have any file times.
    if (ctx.host.rootDir === '/' && log.mtimeMs < this.#window.from - MTIME_SLACK_MS) {
      finish(state, 'left out', 'it was last written before the time asked for');
      return false;
    }
    try {
      const file = new SearchFile(log, ctx.host.openSearchLog(log));
      state.file = file;
      if (file.compressed) return true;
      if (Number.isFinite(this.#window.from)) state.first = file.timeFrom(0, state.timeOf);
      const range = file.range(this.#window, state.timeOf, state.slackMs);
      state.left = range.from < range.to ? range : null;
      return true;
    } catch (error) {
      if (!(error instanceof ReadProblem)) throw error;
      finish(state, 'problem', error.problem);
      return false;
    }
  }

  /** The few blocks that hold lines of the client asked for; null when the log must be read as a whole. */
  async #indexed(state: FileState): Promise<OwnedPiece[] | null> {
    const { file, left } = state;
    if (file === null || left === null) return null;
    const index = await this.#indexOf(state);
    if (index === null) return null;
    const found = this.#candidates(index, state);
    const rest = { from: Math.max(left.from, index.covered), to: left.to };
    const isMuch = found.blocks > Math.max(FEW_BLOCKS, found.of * BREAK_EVEN);
    if (isMuch || rest.to - rest.from > UNINDEXED_BYTES) return null;
    state.left = null;
    const ranges = [...found.ranges.map((range) => clip(range, left)), rest];
    return ranges.filter(({ from, to }) => from < to).map((range) => ({ ...range, file, owner: state }));
  }

  #candidates(index: BlockIndex, { slackMs }: FileState): Candidates {
    const { from, to } = this.#window;
    // The index allows for late lines by itself, not for a repeated hour.
    const more = slackMs - SLACK_MS;
    return index.candidates(this.#options.plan.address?.value ?? '', { from: from - more, to: to + more });
  }

  async #indexOf({ file, log }: FileState): Promise<BlockIndex | null> {
    const { ctx, plan } = this.#options;
    if (file === null || ctx.indexFolder === null || plan.address === null || plan.address.isNet) return null;
    if (!isIndexed(log) || (log.kind === 'error' && !isApaches(file))) return null;
    return await ctx.indexes.of(ctx.indexFolder, file);
  }

  /** Takes the newest part of what is left of a log, a line's start on. */
  #takeTail(state: FileState, size: number): OwnedPiece {
    const { file, left } = state;
    if (file === null || left === null) throw new Error('a log that is not open has no tail');
    const start = left.to - size * 1.25 > left.from ? file.lineStart(left.to - size) : left.from;
    const from = start < left.to ? start : left.from;
    state.left = from > left.from ? { from: left.from, to: from } : null;
    if (state.left !== null) {
      const at = file.timeFrom(from, state.timeOf);
      if (at !== null) state.latestLeft = at + state.slackMs;
    }
    return { file, from, to: left.to, owner: state };
  }

  #settle(state: FileState): void {
    if (state.left === null && state.state === 'reading') finish(state, 'done', null);
  }

  /** True when all that is left of a log is older than the lines that are wanted. */
  #isDoneWith(state: FileState): boolean {
    if (state.state !== 'waiting' && state.state !== 'reading') return true;
    if (this.#options.wants(state.latestLeft)) return false;
    this.endedEarly = true;
    finish(state, state.lines > 0 ? 'done' : 'left out', 'the rest of it is older than the lines found');
    return true;
  }

  /** A packed log is read as a whole, or not at all when its first line or its index rules it out. */
  async #packedPiece(state: FileState): Promise<OwnedPiece | null> {
    const { file } = state;
    if (file === null) return null;
    try {
      const first = await file.firstTime(state.timeOf);
      state.first = first;
      if (first !== null && first > this.#window.to + state.slackMs) {
        finish(state, 'left out', 'it begins after the time asked for');
        return null;
      }
      const range = await this.#packedRange(state);
      if (range !== null) return { ...range, file, owner: state };
      finish(state, 'done', null);
      return null;
    } catch (error) {
      if (!(error instanceof ReadProblem)) throw error;
      finish(state, 'problem', error.problem);
      return null;
    }
  }

  async #packedRange(state: FileState): Promise<ByteRange | null> {
    const whole = { from: 0, to: Infinity };
    const index = await this.#indexOf(state);
    if (index === null) return whole;
    // An archive is indexed as a whole or not at all.
    const { ranges } = this.#candidates(index, state);
    const [first] = ranges;
    return first === undefined ? null : { from: first.from, to: ranges.at(-1)?.to ?? Infinity };
  }
}

/**
 * The index of an error log knows the clients that Apache wrote down. nginx and LiteSpeed, whose lines begin with a
 * digit, write them elsewhere.
 */
function isApaches(file: SearchFile): boolean {
  return !file.compressed && !/^\d/m.test(file.text(0, 64 * 1024));
}

function isSoonRead({ from, to }: ByteRange, size: number): boolean {
  return size !== Infinity && to - from < SOON_READ_BYTES;
}

function clip({ from, to }: ByteRange, within: ByteRange): ByteRange {
  return { from: Math.max(from, within.from), to: Math.min(to, within.to) };
}

/** Logs whose lines name a client in a fixed place have block indexes. */
export function isIndexed(log: SearchLog): boolean {
  return log.kind === 'access' || log.kind === 'error';
}
