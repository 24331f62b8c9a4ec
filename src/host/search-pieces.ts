// Puts parts of logs together into one text for ripgrep's stdin, and remembers what came from where.
import type { Writable } from 'node:stream';
import { ReadProblem } from './problems.ts';
import { NEWLINE_BYTE, readOn } from './search-read.ts';
import type { GrepJob, Piece } from './grep.ts';
import type { Ripgrep } from './ripgrep.ts';

/** Where a piece's text begins: in the joined text, and in its own log. */
interface Start {
  readonly fed: number;
  readonly piece: Piece;
  readonly offset: number;
}

/** Grows while text is fed, always ahead of the lines that come back. */
export interface Feed {
  readonly starts: Start[];
}

/** Writes the pieces to ripgrep until all are read, the search is aborted or ripgrep has ended. */
export async function readPieces(job: GrepJob, feed: Feed, run: Ripgrep): Promise<void> {
  const feeder = new Feeder(job, feed, run);
  for (const piece of job.pieces) {
    try {
      if (!(await feeder.write(piece))) break;
    } catch (error) {
      if (!(error instanceof ReadProblem)) throw error;
      job.onProblem(piece, error);
    }
  }
  run.child.stdin?.end();
}

class Feeder {
  readonly #job: GrepJob;
  readonly #feed: Feed;
  readonly #run: Ripgrep;
  #fed = 0;
  /** True when what was written last is no whole line. */
  #open = false;

  constructor(job: GrepJob, feed: Feed, run: Ripgrep) {
    this.#job = job;
    this.#feed = feed;
    this.#run = run;
  }

  /** Writes one piece; false when ripgrep takes no more. */
  async write(piece: Piece): Promise<boolean> {
    let next = -1;
    for await (const { offset, bytes, read } of readOn(piece, this.#job.signal)) {
      this.#job.onRead(read);
      if (bytes.length === 0) continue;
      if (offset !== next) {
        // A line never runs on from one piece into another.
        if (this.#open && !(await this.#put(NEWLINE_BYTE))) return false;
        this.#feed.starts.push({ fed: this.#fed, piece, offset });
      }
      if (piece.file.compressed) this.#job.onBytes?.(piece, offset, bytes);
      next = offset + bytes.length;
      this.#open = bytes[bytes.length - 1] !== NEWLINE_BYTE[0];
      if (!(await this.#put(bytes))) return false;
    }
    return !this.#job.signal.aborted;
  }

  async #put(bytes: Buffer): Promise<boolean> {
    const { stdin } = this.#run.child;
    if (stdin?.writable !== true) return false;
    this.#fed += bytes.length;
    if (!stdin.write(bytes)) await Promise.race([drained(stdin), this.#run.closed]);
    return true;
  }
}

/** Not `once` of node:events: that one also fails when ripgrep ends early and the pipe breaks. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve);
  });
}
