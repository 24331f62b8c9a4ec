// The time (and for audit logs the client and host) that a found line belongs to: its own, or that of what it is a
// part of. A line without a time belongs to the line above it; a line of an audit record to the record.
import { plainLines } from '../host/grep-lines.ts';
import { ReadProblem } from '../host/problems.ts';
import type { SearchFile } from '../host/search-file.ts';
import type { EpochMs } from '../model.ts';
import { normalizeAddress } from '../parse/address.ts';

/** How far back the line with the time is sought. */
const LOOK_BACK = 1024 * 1024;
const STEP = 32 * 1024;
/** Where the headers of an audit record are sought. */
const HEADERS = 8 * 1024;
const BOUNDARY = /^--[0-9a-fA-F]{8,16}-A--\r?$/;
const AUDIT_CLIENT = /^\[[^\]]{1,60}\] \S{1,64} (\S{2,45}) /;
const AUDIT_HOST = /^host:[ \t]*([^\s:/]{1,253})/im;

/** The head of an audit record. */
export interface RecordHead {
  readonly at: EpochMs | null;
  readonly client: string | null;
  /** Offset of the line with time and client. */
  readonly offset: number;
}

/** Tells times for the found lines of one log; ask in file order. */
export class LineTimes {
  readonly #file: SearchFile;
  readonly #timeOf: (line: string) => EpochMs | null;
  readonly #isAudit: boolean;
  /** Time of the last line with one, and where it ended. */
  #last: { readonly at: EpochMs; readonly offset: number } | null = null;
  #record: RecordHead | null = null;
  /** No other record begins between the present one and this place. */
  #checkedTo = 0;
  /** Heads seen while a packed audit log passed by. */
  readonly #heads: RecordHead[] = [];
  #tail = { offset: 0, text: '' };

  constructor(file: SearchFile, timeOf: (line: string) => EpochMs | null) {
    this.#file = file;
    this.#timeOf = timeOf;
    this.#isAudit = file.log.kind === 'audit';
  }

  /**
   * The time a line belongs to; null when none is found within 1 MiB before it. Undefined for a line without a time
   * in a packed log, where nothing can be looked up: see timesAbove.
   */
  at(line: string, offset: number): EpochMs | null | undefined {
    const own = this.#timeOf(line);
    if (own !== null) {
      this.#last = { at: own, offset };
      if (this.#isAudit) {
        this.#record = this.#headOf(line, offset);
        this.#checkedTo = offset;
      }
      return own;
    }
    if (this.#isAudit) return this.#recordAt(line, offset)?.at ?? null;
    return this.#file.compressed ? undefined : this.#above(offset);
  }

  /** The record that a line of an audit log is a part of; ask `at` first. */
  get record(): RecordHead | null {
    return this.#record;
  }

  /** The host that the request of the present record named; null when it is not in its first 8 KiB, or packed. */
  host(): string | null {
    const record = this.#record;
    if (record === null || this.#file.compressed) return null;
    const text = this.#file.text(record.offset, record.offset + HEADERS);
    const end = text.search(/\n--[0-9a-fA-F]{8,16}-A--/);
    return AUDIT_HOST.exec(end < 0 ? text : text.slice(0, end))?.[1]?.toLowerCase() ?? null;
  }

  /** Sees the bytes of a packed audit log: heads of records cannot be looked up there. */
  pass(offset: number, bytes: Buffer): void {
    if (!this.#isAudit) return;
    const joined = this.#tail.text + bytes.toString('latin1');
    const start = offset - this.#tail.text.length;
    let kept = Math.max(0, joined.length - 200);
    for (let at = joined.indexOf('-A--'); at >= 0; at = joined.indexOf('-A--', at + 4)) {
      const from = joined.lastIndexOf('\n', at) + 1;
      const next = joined.indexOf('\n', at);
      const end = next < 0 ? -1 : joined.indexOf('\n', next + 1);
      if (end < 0) {
        kept = Math.min(kept, Math.max(0, from - 1));
        break;
      }
      if (BOUNDARY.test(joined.slice(from, next))) {
        const head = this.#headOf(joined.slice(next + 1, end), start + next + 1);
        if (head !== null && head.offset > (this.#heads.at(-1)?.offset ?? -1)) this.#heads.push(head);
      }
    }
    this.#tail = { offset: start + kept, text: joined.slice(kept) };
  }

  #headOf(line: string, offset: number): RecordHead | null {
    const client = AUDIT_CLIENT.exec(line)?.[1];
    if (client === undefined) return { at: this.#timeOf(line), client: null, offset };
    return { at: this.#timeOf(line), client: normalizeAddress(client), offset };
  }

  #recordAt(line: string, offset: number): RecordHead | null {
    if (this.#file.compressed)
      this.#record = this.#passed(BOUNDARY.test(line) ? offset + line.length + 1 : offset);
    else if (BOUNDARY.test(line)) this.#record = this.#headAfter(offset + line.length + 1);
    else if (!this.#isSameRecord(offset)) this.#record = this.#headBefore(offset);
    this.#checkedTo = offset;
    return this.#record;
  }

  /** Whether nothing begins between the line that was asked for before and this one. */
  #isSameRecord(offset: number): boolean {
    const from = this.#checkedTo;
    if (this.#record === null || from < this.#record.offset || offset < from || offset - from > STEP)
      return false;
    return !this.#file.text(from, offset).includes('-A--');
  }

  /** Of the heads that passed, the last one up to a place; earlier ones are not asked for again. */
  #passed(offset: number): RecordHead | null {
    let found = 0;
    while (found + 1 < this.#heads.length && (this.#heads[found + 1]?.offset ?? Infinity) <= offset) found++;
    if (found > 0) this.#heads.splice(0, found);
    const head = this.#heads[0];
    return head === undefined || head.offset > offset ? null : head;
  }

  #headAfter(offset: number): RecordHead | null {
    const text = this.#file.text(offset, offset + HEADERS);
    const end = text.indexOf('\n');
    return this.#headOf(end < 0 ? text : text.slice(0, end), offset);
  }

  #headBefore(offset: number): RecordHead | null {
    for (let to = offset; to > 0 && offset - to < LOOK_BACK; to -= STEP - 64) {
      const from = Math.max(0, to - STEP);
      const text = this.#file.text(from, to);
      for (
        let at = text.lastIndexOf('-A--');
        at >= 0;
        at = at === 0 ? -1 : text.lastIndexOf('-A--', at - 1)
      ) {
        const start = text.lastIndexOf('\n', at) + 1;
        const end = text.indexOf('\n', at);
        if (end >= 0 && BOUNDARY.test(text.slice(start, end))) return this.#headAfter(from + end + 1);
      }
    }
    return null;
  }

  /** Time of the nearest line above that has one. */
  #above(offset: number): EpochMs | null {
    const last = this.#last;
    for (let to = offset; to > 0 && offset - to < LOOK_BACK;) {
      const from = Math.max(0, to - STEP);
      const lines = this.#file.text(from, to).split('\n');
      // The first line may have begun earlier.
      if (from > 0) lines.shift();
      for (const line of lines.reverse()) {
        const at = this.#timeOf(line);
        if (at !== null) return at;
      }
      if (last !== null && last.offset < offset && from <= last.offset) return last.at;
      to = from === 0 ? 0 : from + Math.min(STEP / 2, 4096);
    }
    return null;
  }
}

/**
 * The times of the lines above some lines without one (offsets in order) of a packed log, by unpacking it once more;
 * a place has no entry when no line above it has a time.
 */
export async function timesAbove(
  file: SearchFile,
  timeOf: (line: string) => EpochMs | null,
  offsets: readonly number[],
  signal: AbortSignal,
): Promise<Map<number, EpochMs>> {
  const times = new Map<number, EpochMs>();
  const wanted = new Set(offsets);
  const end = offsets.at(-1) ?? -1;
  let last: EpochMs | null = null;
  try {
    for await (const lines of plainLines({ file, from: 0, to: Infinity }, signal, () => undefined)) {
      for (const { offset, text } of lines) {
        if (offset > end) return times;
        if (!wanted.has(offset)) last = timeOf(text) ?? last;
        else if (last !== null) times.set(offset, last);
      }
    }
  } catch (error) {
    // What can be read of a damaged archive was searched before.
    if (!(error instanceof ReadProblem)) throw error;
  }
  return times;
}
