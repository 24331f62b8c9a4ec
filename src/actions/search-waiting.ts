// Lines that passed all other fields and are still to be looked at with the pattern, many at once.
import type { GrepLine } from '../host/grep.ts';
import { pickLines } from '../host/grep-lines.ts';
import type { Pattern } from '../host/ripgrep.ts';
import type { FileState } from './search-file-state.ts';

/** A line with its log and its time. */
export interface WaitingLine extends GrepLine {
  readonly owner: FileState;
  readonly at: number;
}

/** Collects such lines. */
export class Waiting {
  readonly #pattern: Pattern | null;
  readonly #signal: AbortSignal;
  #lines: WaitingLine[] = [];
  #bytes = 0;

  constructor(pattern: Pattern | null, signal: AbortSignal) {
    this.#pattern = pattern;
    this.#signal = signal;
  }

  add(line: WaitingLine): void {
    this.#lines.push(line);
    this.#bytes += line.text.length;
  }

  /** The lines that the pattern finds, once more than so many bytes wait; all without a pattern. */
  async ready(bytes: number): Promise<readonly WaitingLine[]> {
    if (this.#pattern !== null && this.#bytes <= bytes && bytes > 0) return [];
    const lines = this.#lines;
    this.#lines = [];
    this.#bytes = 0;
    if (this.#pattern === null || lines.length === 0) return lines;
    const texts = lines.map(({ text }) => Buffer.from(text, 'latin1'));
    const picked = await pickLines(texts, this.#pattern, this.#signal);
    return picked.flatMap((index) => lines[index] ?? []);
  }
}
