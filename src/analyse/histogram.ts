// Lines over time, counted while they are found and before the whole span is known.
import type { EpochMs } from '../model.ts';

/** Widths of a bar in seconds that read well; each is a multiple of an earlier one. */
const STEPS: readonly number[] = [
  1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400, 172_800, 604_800, 2_419_200,
];
/** Counted at most in so many pieces: more than are shown, so that a wider view loses little. */
const MOST_PIECES = 2000;

/** One bar: its start and its lines. */
export interface Bar {
  readonly at: EpochMs;
  readonly lines: number;
}

/** Counts times in pieces that grow with the span, in bounded memory. */
export class Histogram {
  #step = 0;
  #pieces = new Map<number, number>();
  /** Minutes east of UTC, so that days and hours begin where the server's do. */
  readonly #shiftMs: number;

  constructor(offsetMinutes: number) {
    this.#shiftMs = offsetMinutes * 60_000;
  }

  /** Counts one line. */
  add(at: EpochMs): void {
    const piece = Math.floor((at + this.#shiftMs) / this.#width);
    this.#pieces.set(piece, (this.#pieces.get(piece) ?? 0) + 1);
    if (this.#pieces.size > MOST_PIECES) this.#widen();
  }

  /** All bars from the first to the last line, at most `most`; empty when nothing was counted. */
  bars(most: number): { readonly stepSeconds: number; readonly bars: readonly Bar[] } {
    if (this.#pieces.size === 0) return { stepSeconds: 0, bars: [] };
    let first = Infinity;
    let last = -Infinity;
    for (const piece of this.#pieces.keys()) {
      if (piece < first) first = piece;
      if (piece > last) last = piece;
    }
    const step = this.#fitting(first, last, most);
    const ratio = step / this.#seconds;
    const start = Math.floor(first / ratio);
    const counts = new Array<number>(Math.floor(last / ratio) - start + 1).fill(0);
    for (const [piece, lines] of this.#pieces) {
      const index = Math.floor(piece / ratio) - start;
      counts[index] = (counts[index] ?? 0) + lines;
    }
    const bars = counts.map((lines, index) => ({ at: (start + index) * step * 1000 - this.#shiftMs, lines }));
    return { stepSeconds: step, bars };
  }

  get #seconds(): number {
    return STEPS[this.#step] ?? this.#beyond(this.#step);
  }

  get #width(): number {
    return this.#seconds * 1000;
  }

  /** After the last round step: doubling. */
  #beyond(step: number): number {
    return (STEPS.at(-1) ?? 1) * 2 ** (step - STEPS.length + 1);
  }

  /** The first width from the present one on with which the span needs at most `most` bars. */
  #fitting(first: number, last: number, most: number): number {
    const base = this.#seconds;
    for (let index = this.#step; ; index++) {
      const seconds = STEPS[index] ?? this.#beyond(index);
      const ratio = seconds / base;
      if (Number.isInteger(ratio) && Math.floor(last / ratio) - Math.floor(first / ratio) < most)
        return seconds;
    }
  }

  /** Goes to the next width that is a multiple of the present one. */
  #widen(): void {
    const before = this.#seconds;
    do this.#step++;
    while (!Number.isInteger(this.#seconds / before));
    const ratio = this.#seconds / before;
    const wider = new Map<number, number>();
    for (const [piece, lines] of this.#pieces) {
      const index = Math.floor(piece / ratio);
      wider.set(index, (wider.get(index) ?? 0) + lines);
    }
    this.#pieces = wider;
  }
}
