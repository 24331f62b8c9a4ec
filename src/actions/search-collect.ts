// Keeps what a search has found: counts of all lines, the newest lines themselves, and lines over time.
import { Histogram } from '../analyse/histogram.ts';
import type { EpochMs } from '../model.ts';
import { compareNewest, type Cursor } from './search-cursor.ts';

/** Text of kept lines together: beyond it older ones make room, so that long lines cannot fill the memory. */
const MOST_BYTES = 16 * 1024 * 1024;

/** A found line that is kept; `text` is latin1. */
export interface KeptLine extends Cursor {
  readonly text: string;
}

/** Collects found lines; memory is bounded by `limit` lines and 16 MiB of text. */
export class Collector {
  readonly #limit: number;
  readonly #histogram: Histogram;
  /** A heap whose first element is the oldest. */
  readonly #heap: KeptLine[] = [];
  #bytes = 0;
  #dropped = false;
  count = 0;

  constructor(limit: number, offsetMinutes: number) {
    this.#limit = limit;
    this.#histogram = new Histogram(offsetMinutes);
  }

  /** Counts a line, and keeps it when it is among the newest. */
  add(at: EpochMs, path: string, offset: number, text: string): void {
    this.count++;
    if (at !== -Infinity) this.#histogram.add(at);
    const oldest = this.#heap[0];
    // Most lines of a common pattern are older than those kept: no object is made for them.
    if (oldest !== undefined && at < oldest.at && this.#isFull()) {
      this.#dropped = true;
      return;
    }
    // The text is a slice of a larger one, which it would keep in memory.
    this.#push({ at, path, offset, text: Buffer.from(text, 'latin1').toString('latin1') });
    while (this.#heap.length > this.#limit || (this.#bytes > MOST_BYTES && this.#heap.length > 1)) {
      this.#dropOldest();
      this.#dropped = true;
    }
  }

  /** Whether older lines than this can still come into the list. */
  takes(at: EpochMs): boolean {
    const oldest = this.#heap[0];
    return !this.#isFull() || oldest === undefined || at >= oldest.at;
  }

  /** Whether lines were found that are not kept. */
  get hasOlder(): boolean {
    return this.#dropped;
  }

  /** Memory that the kept lines take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The kept lines, newest first. */
  newest(): KeptLine[] {
    return this.#heap.toSorted(compareNewest);
  }

  bars(most: number): ReturnType<Histogram['bars']> {
    return this.#histogram.bars(most);
  }

  #isFull(): boolean {
    return this.#heap.length >= this.#limit || this.#bytes >= MOST_BYTES;
  }

  #push(line: KeptLine): void {
    const heap = this.#heap;
    this.#bytes += line.text.length;
    heap.push(line);
    let at = heap.length - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || compareNewest(line, parent) <= 0) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = line;
  }

  #dropOldest(): void {
    const heap = this.#heap;
    const last = heap.pop();
    const first = heap[0];
    if (last === undefined) return;
    this.#bytes -= (first ?? last).text.length;
    if (first === undefined) return;
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      const right = left + 1;
      const [a, b] = [heap[left], heap[right]];
      const child = b !== undefined && a !== undefined && compareNewest(b, a) > 0 ? right : left;
      const lower = heap[child];
      if (lower === undefined || compareNewest(lower, last) <= 0) break;
      heap[at] = lower;
      at = child;
    }
    heap[at] = last;
  }
}
