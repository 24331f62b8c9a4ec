// Reads a text only as long as it is the one that was meant: a path may lead to another file a moment later, and a file may
// be emptied and written anew under the hands of whoever reads it.
import type { LogText } from '../model.ts';
import { beginsWith, endsWith, HEAD_BYTES, headLengthOf, TAIL_BYTES } from './known-bytes.ts';
import { type OpenLog, readInto } from './read.ts';
import { ArchiveProblem, unpackMembers } from './unpack.ts';

/** Watches over the reading of an open plain file. */
export class PinnedText {
  readonly #text: LogText;
  readonly #log: OpenLog;
  /** The bytes before the place that is read next. */
  #before: Buffer = Buffer.alloc(0);

  constructor(text: LogText, log: OpenLog) {
    this.#text = text;
    this.#log = log;
  }

  /** Whether the file is the text: head and tail are there. Asked before the first bytes, at `from`, are read. */
  begin(from: number): boolean {
    const { head, cursor, tail } = this.#text;
    this.#before = this.#last(from);
    const atCursor = from === cursor ? this.#before : this.#last(cursor);
    return beginsWith(this.#range(0, HEAD_BYTES), head) && endsWith(atCursor, tail);
  }

  /** Whether the bytes that were just read at `offset` belong to the text: what stood before them still stands there. */
  holds(offset: number, bytes: Buffer): boolean {
    const isWhole =
      offset === 0
        ? beginsWith(bytes, this.#text.head)
        : this.#before.equals(this.#range(offset - this.#before.length, this.#before.length));
    this.#before = Buffer.from(bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES)));
    return isWhole;
  }

  #last(end: number): Buffer {
    const start = Math.max(0, end - TAIL_BYTES);
    return this.#range(start, end - start);
  }

  #range(start: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readInto(this.#log, bytes, start));
  }
}

/** Bytes of a text in an archive, from `from` on; ends where the text does, or at once when the archive holds another. */
export async function* pinnedUnpacked(
  fd: number,
  text: LogText,
  from: number,
  limit: number,
): AsyncGenerator<{ readonly offset: number; readonly bytes: Buffer }> {
  const end = Math.min(from + limit, text.length ?? Infinity);
  const watch = new PinnedArchive(text);
  let offset = 0;
  try {
    for await (const { bytes } of unpackMembers(fd, text.packedAt)) {
      if (!watch.holds(offset, bytes)) return;
      const start = Math.max(from - offset, 0);
      const stop = Math.min(end - offset, bytes.length);
      if (start < stop) yield { offset: offset + start, bytes: bytes.subarray(start, stop) };
      offset += bytes.length;
      if (offset >= end) return;
    }
  } catch (error) {
    // How far the archive is good was found out before: up to there it has been read.
    if (!(error instanceof ArchiveProblem)) throw error;
  }
}

/** The same for an archive, whose bytes come from its beginning and do not change while it is open. */
class PinnedArchive {
  readonly #text: LogText;
  #head: Buffer | null = Buffer.alloc(0);
  #last: Buffer = Buffer.alloc(0);

  constructor(text: LogText) {
    this.#text = text;
  }

  holds(offset: number, bytes: Buffer): boolean {
    return this.#holdsHead(bytes) && this.#holdsTail(offset, bytes);
  }

  #holdsHead(bytes: Buffer): boolean {
    if (this.#head === null) return true;
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES)]);
    if (this.#head.length < (headLengthOf(this.#text.head) ?? 0)) return true;
    const isSame = beginsWith(this.#head, this.#text.head);
    this.#head = null;
    return isSame;
  }

  #holdsTail(offset: number, bytes: Buffer): boolean {
    const { cursor, tail } = this.#text;
    if (tail === null || offset >= cursor) return true;
    const before = bytes.subarray(Math.max(0, cursor - offset - TAIL_BYTES), cursor - offset);
    this.#last = Buffer.concat([this.#last, before]).subarray(-TAIL_BYTES);
    return offset + bytes.length < cursor || endsWith(this.#last, tail);
  }
}
