// Asks ripgrep about lines that are already in memory: which of them a pattern finds, and where in them.
import type { GrepLine, Piece } from './grep.ts';
import { LineSplitter } from './grep-output.ts';
import { splitLines } from './read-lines.ts';
import type { Chunk } from './read.ts';
import type { Pattern } from './ripgrep.ts';
import { ripgrepArgs, startRipgrep } from './ripgrep.ts';
import { readOn } from './search-read.ts';

/** A match in a line, in bytes. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The lines of a piece without any pattern, in batches. Throws ReadProblem. */
export async function* plainLines(
  piece: Piece,
  signal: AbortSignal,
  onRead: (bytes: number) => void,
): AsyncGenerator<readonly GrepLine[]> {
  async function* chunks(): AsyncGenerator<Chunk> {
    for await (const { offset, bytes, read } of readOn(piece, signal)) {
      onRead(read);
      yield { offset, bytes };
      await nextTurn();
    }
  }
  for await (const { lines, rest } of splitLines(chunks(), piece.from)) {
    yield rest === null ? lines : [...lines, rest];
  }
}

/** Lets what waits (an abort, a question) come in between: reading plain files is synchronous. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Which of these lines (bytes, without newline) a pattern finds, by index in order. Throws PatternProblem. */
export async function pickLines(
  lines: readonly Buffer[],
  pattern: Pattern,
  signal: AbortSignal,
): Promise<number[]> {
  const picked: number[] = [];
  for (const { index } of await ask(lines, ripgrepArgs(pattern, 'lines'), signal)) {
    if (picked.at(-1) !== index) picked.push(index);
  }
  return picked;
}

/** Where a pattern matches at least a byte in each of these lines; inverted patterns match nowhere. Throws PatternProblem. */
export async function matchSpans(
  lines: readonly Buffer[],
  pattern: Pattern,
  signal: AbortSignal,
): Promise<Span[][]> {
  const spans: Span[][] = lines.map(() => []);
  if (pattern.invert) return spans;
  for (const { index, offset, length } of await ask(lines, ripgrepArgs(pattern, 'matches'), signal)) {
    if (length > 0) spans[index]?.push({ from: offset, to: offset + length });
  }
  return spans;
}

interface Answer {
  readonly index: number;
  /** Within its line. */
  readonly offset: number;
  readonly length: number;
}

async function ask(
  lines: readonly Buffer[],
  args: readonly string[],
  signal: AbortSignal,
): Promise<Answer[]> {
  if (lines.length === 0 || signal.aborted) return [];
  const starts: number[] = [];
  const parts: Buffer[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    parts.push(line, NEWLINE);
    at += line.length + 1;
  }
  const run = startRipgrep(args, 'pipe');
  signal.addEventListener('abort', run.kill, { once: true });
  const answers: Answer[] = [];
  let index = 0;
  const take = (found: readonly GrepLine[]): void => {
    for (const { offset, text } of found) {
      while (index + 1 < starts.length && (starts[index + 1] ?? Infinity) <= offset) index++;
      answers.push({ index, offset: offset - (starts[index] ?? 0), length: text.length });
    }
  };
  try {
    run.child.stdin?.end(Buffer.concat(parts));
    const splitter = new LineSplitter();
    for await (const chunk of run.child.stdout as AsyncIterable<Buffer>) take(splitter.take(chunk));
    const rest = splitter.end();
    if (rest !== null) take([rest]);
    await run.ended;
    return answers;
  } finally {
    signal.removeEventListener('abort', run.kill);
    run.kill();
  }
}

const NEWLINE = Buffer.from('\n');
