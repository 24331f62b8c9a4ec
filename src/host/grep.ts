// The lines of some parts of some logs that a pattern finds, by ripgrep, in the order of the parts.
import { ReadProblem } from './problems.ts';
import type { ByteRange } from './byte-range.ts';
import type { SearchFile } from './search-file.ts';
import { closeAgain, mappedBytes, positionOf } from './search-file.ts';
import { readPieces, type Feed } from './search-pieces.ts';
import type { Pattern, Ripgrep } from './ripgrep.ts';
import { FileWasCut, ripgrepArgs, startRipgrep } from './ripgrep.ts';
import { LineSplitter } from './grep-output.ts';

/** A part of a log that is searched. */
export interface Piece extends ByteRange {
  readonly file: SearchFile;
}

/** A line that was found; latin1, at most 1 MiB of it. */
export interface GrepLine {
  readonly offset: number;
  readonly text: string;
}

/** Found lines of one piece, in file order. */
export interface GrepBatch {
  readonly piece: Piece;
  readonly lines: readonly GrepLine[];
}

export interface GrepJob {
  readonly pieces: readonly Piece[];
  readonly pattern: Pattern;
  readonly signal: AbortSignal;
  /** Told the bytes (as on disk) that were read since the last call. */
  readonly onRead: (bytes: number) => void;
  /** Told of a log that could not be read on; the others are. */
  readonly onProblem: (piece: Piece, problem: ReadProblem) => void;
  /** Sees the bytes of packed logs as they pass, unpacked: they cannot be looked up later. */
  readonly onBytes?: (piece: Piece, offset: number, bytes: Buffer) => void;
}

/** Searches pieces with one ripgrep; aborting ends it without an error. Throws PatternProblem. */
export async function* grep(job: GrepJob): AsyncGenerator<GrepBatch> {
  const [only] = job.pieces;
  if (only === undefined || job.signal.aborted) return;
  if (job.pieces.length === 1 && isMostOfFile(only)) yield* grepWhole(job, only);
  else yield* grepFed(job);
}

/** A pipe costs about as much again as the search: from the half of a file on, ripgrep reads it itself. */
function isMostOfFile({ file, from, to }: Piece): boolean {
  return !file.compressed && to - from > file.size / 2 && file.size > 1024 * 1024;
}

/** The whole log mapped by ripgrep; what is left of a log that was cut off meanwhile is read. */
async function* grepWhole(job: GrepJob, piece: Piece): AsyncGenerator<GrepBatch> {
  let next = piece.from;
  try {
    for await (const batch of grepFile(job, piece, 'mapped')) {
      next = (batch.lines.at(-1)?.offset ?? next) + 1;
      yield batch;
    }
  } catch (error) {
    if (!(error instanceof FileWasCut)) throw error;
    // Lines that were given are not given again.
    yield* grepFile(job, { ...piece, from: next }, 'lines');
  }
}

async function* grepFile(job: GrepJob, piece: Piece, how: 'mapped' | 'lines'): AsyncGenerator<GrepBatch> {
  const fd = descriptor(job, piece);
  if (fd === null) return;
  const run = startRipgrep(ripgrepArgs(job.pattern, how), fd);
  let seen = piece.from;
  const progress = (to: number): void => {
    const now = Math.min(to, piece.to);
    if (now <= seen) return;
    job.onRead(now - seen);
    seen = now;
  };
  const timer = setInterval(() => {
    progress(how === 'mapped' ? mappedBytes(run.child.pid) : positionOf(fd));
  }, 100);
  try {
    for await (const lines of outputLines(run, job.signal)) {
      const inside = within(lines, piece);
      if (inside.length > 0) yield { piece, lines: inside };
      if ((lines.at(-1)?.offset ?? 0) >= piece.to) break;
    }
    progress(piece.to);
  } finally {
    clearInterval(timer);
    run.kill();
    closeAgain(fd);
  }
}

/** The lines of a piece; nearly always all that were found. */
function within(lines: readonly GrepLine[], { from, to }: Piece): readonly GrepLine[] {
  const [first] = lines;
  const last = lines.at(-1);
  if (first !== undefined && last !== undefined && first.offset >= from && last.offset < to) return lines;
  return lines.filter(({ offset }) => offset >= from && offset < to);
}

function descriptor(job: GrepJob, piece: Piece): number | null {
  try {
    return piece.file.again();
  } catch (error) {
    if (!(error instanceof ReadProblem)) throw error;
    job.onProblem(piece, error);
    return null;
  }
}

async function* grepFed(job: GrepJob): AsyncGenerator<GrepBatch> {
  const run = startRipgrep(ripgrepArgs(job.pattern, 'lines'), 'pipe');
  const feed: Feed = { starts: [] };
  let failure: unknown = null;
  const feeding = readPieces(job, feed, run).catch((error: unknown) => {
    failure = error;
    run.child.stdin?.end();
  });
  try {
    for await (const lines of outputLines(run, job.signal)) yield* byPiece(feed, lines);
    await feeding;
    if (failure instanceof Error) throw failure;
  } finally {
    run.kill();
    await feeding;
  }
}

/** Lines of the joined text, each given back to the piece it came from. */
function byPiece(feed: Feed, lines: readonly GrepLine[]): GrepBatch[] {
  const batches: { piece: Piece; lines: GrepLine[] }[] = [];
  let at = -1;
  for (const { offset, text } of lines) {
    while (at + 1 < feed.starts.length && (feed.starts[at + 1]?.fed ?? Infinity) <= offset) at++;
    const start = feed.starts[at];
    if (start === undefined) continue;
    let batch = batches.at(-1);
    if (batch?.piece !== start.piece) {
      batch = { piece: start.piece, lines: [] };
      batches.push(batch);
    }
    batch.lines.push({ offset: start.offset + (offset - start.fed), text });
  }
  // Starts before the last line's are not needed again.
  if (at > 0) feed.starts.splice(0, at);
  return batches;
}

async function* outputLines(run: Ripgrep, signal: AbortSignal): AsyncGenerator<GrepLine[]> {
  const splitter = new LineSplitter();
  signal.addEventListener('abort', run.kill, { once: true });
  try {
    for await (const chunk of run.child.stdout as AsyncIterable<Buffer>) {
      const lines = splitter.take(chunk);
      if (lines.length > 0) yield lines;
    }
    const rest = splitter.end();
    if (rest !== null && !signal.aborted) yield [rest];
    await run.ended;
  } finally {
    signal.removeEventListener('abort', run.kill);
  }
}
