// One audit record that is too long for memory: followed to its end piece by piece, with the middle of its bodies left out.
import { type BoundaryForm, parseOpening } from './audit-boundary.ts';
import { contentLength, roomOfBody } from './audit-split.ts';
import { latin1Of } from './byte-lines.ts';

const NEWLINE = 0x0a;
const DASH = 0x2d;
const A = 0x41;
const B = 0x42;
const Z = 0x5a;
const BODIES: ReadonlySet<number> = new Set([0x43, 0x45, 0x49]);
/** What is kept of a body, and of any other part. Values are looked at as far as 64 KiB. */
const BODY_KEPT = 256 * 1024;
const PART_KEPT = 1024 * 1024;
/** A boundary line and the line that opens a record are shorter. */
const LONGEST_MARK = 512;

/** `whole`: the record ended; `left`: another one begins; `open`: more bytes are needed. */
export type LongState = 'whole' | 'left' | 'open';

/** Follows one record from its opening boundary on; a class, because it goes on from chunk to chunk. */
export class LongRecord {
  readonly #form: BoundaryForm;
  readonly #kept: Uint8Array[] = [];
  #carry: Uint8Array = new Uint8Array(0);
  /** Its own opening boundary. */
  #own: Uint8Array | null = null;
  #part = A;
  /** Bytes of the present part so far, kept or not. */
  #length = 0;
  #room = 0;
  #headers: Uint8Array[] = [];
  #bodyLength: number | null = null;
  #isMidLine = false;
  #used = 0;

  constructor(form: BoundaryForm) {
    this.#form = form;
  }

  /** Bytes from the record's start to where it ended. */
  get used(): number {
    return this.#used;
  }

  /** Once it has ended: bytes that were fed and stand behind its end. */
  get unused(): Uint8Array {
    return this.#carry;
  }

  /** The record without the middle of its bodies. */
  bytes(): Uint8Array {
    return joinAll(this.#kept);
  }

  /** The next bytes of the file. What stands behind the record's end is not looked at. */
  feed(chunk: Uint8Array): LongState {
    const bytes = joined(this.#carry, chunk);
    const start = this.#used;
    let at = 0;
    while (at < bytes.length) {
      const end = bytes.indexOf(NEWLINE, at);
      if (this.#isMidLine || bytes[at] !== DASH || end - at > LONGEST_MARK) {
        const to = end < 0 ? bytes.length : end + 1;
        this.#take(bytes.subarray(at, to));
        this.#isMidLine = end < 0;
        at = to;
        continue;
      }
      if (end < 0) {
        if (bytes.length - at <= LONGEST_MARK) break;
        this.#take(bytes.subarray(at));
        this.#isMidLine = true;
        at = bytes.length;
        break;
      }
      const state = this.#line(bytes, at, end);
      if (state === null) break;
      at = this.#used - start;
      if (state === 'open') continue;
      this.#carry = bytes.slice(at);
      return state;
    }
    this.#carry = bytes.slice(at);
    return 'open';
  }

  /** A whole line that begins with a dash; null when the line behind it is needed too. */
  #line(bytes: Uint8Array, at: number, end: number): LongState | null {
    const part = this.#form.part(bytes, at, end);
    const line = bytes.subarray(at, end + 1);
    if (this.#own === null) this.#own = line.slice();
    else if (part === A && !this.#isOwn(line) && this.#length >= this.#room) {
      const next = bytes.indexOf(NEWLINE, end + 1);
      if (next < 0 && bytes.length - end <= LONGEST_MARK) return null;
      const opening = next < 0 ? '' : latin1Of(bytes.subarray(end + 1, next));
      if (opening.length <= 256 && parseOpening(opening) !== null) return 'left';
    } else if (part !== 0 && this.#isOwn(line)) {
      if (part === A) return 'left';
      this.#enter(part);
    }
    this.#take(line);
    return this.#part === Z ? 'whole' : 'open';
  }

  #isOwn(line: Uint8Array): boolean {
    const own = this.#own ?? line;
    const both = joined(own, line);
    return this.#form.same(both, 0, own.length);
  }

  #enter(part: number): void {
    if (this.#part === B) this.#bodyLength = contentLength(joinAll(this.#headers), [0, Infinity]);
    this.#part = part;
    this.#length = 0;
    this.#room = roomOfBody(part, this.#bodyLength);
  }

  #take(piece: Uint8Array): void {
    const most = BODIES.has(this.#part) ? BODY_KEPT : PART_KEPT;
    const room = Math.max(0, most - this.#length);
    this.#length += piece.length;
    this.#used += piece.length;
    if (room === 0) return;
    const kept = piece.slice(0, room);
    this.#kept.push(kept);
    if (this.#part === B) this.#headers.push(kept);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  return joinAll([a, b]);
}

function joinAll(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
