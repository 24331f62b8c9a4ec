// What `ripgrep -b` prints, `OFFSET:LINE`, taken apart as it arrives.
import type { GrepLine } from './grep.ts';

/** Longer lines are cut here, so that one line cannot fill the memory. */
const MAX_LINE = 1024 * 1024;

/** Keeps the unfinished last line between chunks. */
export class LineSplitter {
  #rest = '';
  /** True while the end of a line that was cut is passed over. */
  #skipping = false;

  /** Takes a chunk; gives its whole lines. */
  take(chunk: Buffer): GrepLine[] {
    const text = chunk.toString('latin1');
    const lines: GrepLine[] = [];
    let from = 0;
    let end = text.indexOf('\n');
    if (end < 0) {
      this.#grow(text);
      return lines;
    }
    const first = this.#skipping ? this.#rest : this.#rest + text.slice(0, end);
    this.#skipping = false;
    this.#rest = '';
    push(lines, first, 0, first.length);
    from = end + 1;
    for (end = text.indexOf('\n', from); end >= 0; end = text.indexOf('\n', from)) {
      push(lines, text, from, end);
      from = end + 1;
    }
    this.#grow(text.slice(from));
    return lines;
  }

  /** The last line when the output ended without a newline. */
  end(): GrepLine | null {
    const lines: GrepLine[] = [];
    push(lines, this.#rest, 0, this.#rest.length);
    return lines[0] ?? null;
  }

  #grow(text: string): void {
    if (this.#skipping) return;
    this.#rest += text;
    if (this.#rest.length <= MAX_LINE + 32) return;
    this.#rest = this.#rest.slice(0, MAX_LINE + 32);
    this.#skipping = true;
  }
}

/** Adds the line in text[from, end): digits, a colon, the line. */
function push(lines: GrepLine[], text: string, from: number, end: number): void {
  let offset = 0;
  let at = from;
  for (; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    offset = offset * 10 + digit;
  }
  if (at === from || at >= end || text.charCodeAt(at) !== 58) return;
  lines.push({ offset, text: text.slice(at + 1, Math.min(end, at + 1 + MAX_LINE)) });
}
