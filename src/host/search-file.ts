// One log, opened once for a search: what is appended, renamed or cut off meanwhile does not mix into the answer.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { EpochMs, SearchLog } from '../model.ts';
import type { ByteRange } from './byte-range.ts';
import { ReadProblem, problemOf } from './problems.ts';
import type { LineTime } from './read-window.ts';
import { findEnd, findStart } from './time-search.ts';
import type { Fingerprint, OpenLog } from './read.ts';
import { fingerprint, readChunks, readInto } from './read.ts';
import type { OpenFile } from './root.ts';

const NEWLINE = 0x0a;
const PROBE_BYTES = 64 * 1024;

/** Bytes that are kept of the last place that was looked at. */
const REGION_BYTES = 256 * 1024;

/** An opened log. `close` it; reading goes by the descriptor, never by the path again. */
export class SearchFile {
  readonly log: SearchLog;
  readonly open: OpenLog;

  #region: { readonly from: number; readonly text: string } | null = null;

  constructor(log: SearchLog, open: OpenLog) {
    this.log = log;
    this.open = open;
  }

  /** Bytes on disk when it was opened: lines that begin later are not looked at. */
  get size(): number {
    return this.open.size;
  }

  get compressed(): boolean {
    return this.open.compressed;
  }

  /**
   * A second descriptor of the same file at its beginning, also when it was renamed or removed since.
   * The caller closes it. Throws ReadProblem.
   */
  again(): number {
    try {
      return openSync(`/proc/self/fd/${this.open.fd}`, 'r');
    } catch (error) {
      throw new ReadProblem(this.open.path, problemOf(error));
    }
  }

  /** Bytes of a plain log into a buffer; fewer at its end. Throws ReadProblem. */
  readInto(buffer: Buffer, position: number, length = buffer.length): number {
    return readInto(this.open, buffer, position, length);
  }

  /** The start of the first line of a plain log that begins at or after `offset`; `size` when there is none. */
  lineStart(offset: number): number {
    if (offset <= 0) return 0;
    const buffer = Buffer.allocUnsafe(PROBE_BYTES);
    for (let at = offset - 1; at < this.size; at += PROBE_BYTES) {
      const got = this.readInto(buffer, at, Math.min(PROBE_BYTES, this.size - at));
      if (got === 0) break;
      const newline = buffer.subarray(0, got).indexOf(NEWLINE);
      if (newline >= 0) return at + newline + 1;
    }
    return this.size;
  }

  /**
   * Text of a plain log (latin1), from `from` to `to` or its end; at most 256 KiB. Neighbouring questions are
   * answered from one reading. Throws ReadProblem.
   */
  text(from: number, to: number): string {
    const known = this.#region;
    if (known === null || from < known.from || to > known.from + known.text.length) {
      const buffer = Buffer.allocUnsafe(REGION_BYTES);
      // Questions come from lower to higher offsets, and mostly ask what stands before: the end is `to`.
      const start = Math.max(0, Math.min(from, to - REGION_BYTES / 2));
      const got = this.readInto(buffer, start);
      this.#region = { from: start, text: buffer.toString('latin1', 0, got) };
    }
    const region = this.#region;
    return region === null ? '' : region.text.slice(from - region.from, to - region.from);
  }

  /** The part that holds the lines of a time window, give or take `slackMs`; a packed log is one part. */
  range(window: { from: EpochMs; to: EpochMs }, timeOf: LineTime, slackMs: number): ByteRange {
    if (this.compressed) return { from: 0, to: Infinity };
    const from = window.from === -Infinity ? 0 : findStart(this.open, window.from - slackMs, timeOf);
    const to = window.to === Infinity ? this.size : findEnd(this.open, window.to + slackMs, timeOf);
    return { from, to };
  }

  /** The time of the first line that has one, in the first 64 KiB of its text; null without one. */
  async firstTime(timeOf: LineTime): Promise<EpochMs | null> {
    let text = '';
    for await (const chunk of readChunks(this.#source(), 0, PROBE_BYTES))
      text += chunk.bytes.toString('latin1');
    for (const line of text.split('\n')) {
      const at = timeOf(line);
      if (at !== null) return at;
    }
    return null;
  }

  /** The time of the first line with one from a line's start on, in the next 64 KiB of a plain log. */
  timeFrom(offset: number, timeOf: LineTime): EpochMs | null {
    const buffer = Buffer.allocUnsafe(PROBE_BYTES);
    const got = this.readInto(buffer, offset);
    for (const line of buffer.toString('latin1', 0, got).split('\n')) {
      const at = timeOf(line);
      if (at !== null) return at;
    }
    return null;
  }

  /** What it is known by; see `fingerprint`. */
  fingerprint(): Promise<Fingerprint> {
    return fingerprint(this.#source());
  }

  #source(): { path: string; open: () => OpenFile } {
    const open = (): OpenFile => {
      const fd = this.again();
      return { problem: null, fd, stats: fstatSync(fd) };
    };
    return { path: this.open.path, open };
  }

  close(): void {
    this.#region = null;
    this.open.close();
  }
}

/** How far a descriptor was read by whoever shares it; 0 when the kernel does not tell. */
export function positionOf(fd: number): number {
  try {
    return Number(/^pos:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const PAGE_BYTES = 4096;

/** How much of mapped files a process has looked at; 0 when the kernel does not tell. */
export function mappedBytes(pid: number | undefined): number {
  try {
    const shared = readFileSync(`/proc/${pid ?? 0}/statm`, 'utf8').split(' ')[2];
    return Number(shared ?? 0) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

/** Closes a descriptor of `again`. */
export function closeAgain(fd: number): void {
  closeSync(fd);
}
