// Audit records of several processes that wrote into one file at once: without ModSecurity's lock (it says "Failed to lock global
// mutex", or two Apaches share the file) their parts stand between each other's. Every part begins with a boundary line that has
// the digits of its record, which no visitor knows, so what stands behind such a line belongs to that record up to the next one.
import { type BoundaryForm, parseOpening } from './audit-boundary.ts';
import type { AuditPiece } from './audit-split.ts';
import { latin1Of, lineEnd } from './byte-lines.ts';

const A = 0x41;
const Z = 0x5a;
/** Parts that hold a visitor's text: an opening in one may be his. */
const BODIES: ReadonlySet<number> = new Set([0x43, 0x45, 0x49]);
/** More than processes write at once, and a record that was left goes on before so many others are whole. */
const MOST_OPEN = 64;
const MOST_WHOLE = 3;
const DASH = 0x2d;

interface OpenRecord {
  readonly start: number;
  readonly pieces: (readonly [from: number, to: number])[];
  /** Others that became whole since its last line. */
  others: number;
}

/** `whole`: all that were begun have ended. `open`: the bytes stop before. `dead`: the first one does not go on. */
export type Tangle =
  | { readonly state: 'whole'; readonly records: readonly AuditPiece[]; readonly next: number }
  | { readonly state: 'open' | 'dead' };

/**
 * Takes apart records of which the one at `start` was left at `left`, where another one opens (a place where no visitor's
 * text can stand). The records come in the order in which they began.
 */
export function untangle(bytes: Uint8Array, start: number, left: number, form: BoundaryForm): Tangle {
  const walk = new Walk(bytes, form);
  walk.open(start, left);
  let at = left;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) break;
    const part = bytes[at] === DASH ? form.part(bytes, at, end) : 0;
    if (part !== 0) walk.boundary(at, end, part);
    if (walk.isDead) return { state: 'dead' };
    if (walk.isDone) return { state: 'whole', records: walk.records, next: end + 1 };
    at = end + 1;
  }
  return { state: 'open' };
}

/** Where the walk is: whose text it reads, and what is still open. */
class Walk {
  readonly #bytes: Uint8Array;
  readonly #form: BoundaryForm;
  readonly #open = new Map<string, OpenRecord>();
  readonly #whole: AuditPiece[] = [];
  #current: OpenRecord | null = null;
  #part = A;
  /** Where the text of the current record goes on since. */
  #from = 0;
  #dead = false;

  constructor(bytes: Uint8Array, form: BoundaryForm) {
    this.#bytes = bytes;
    this.#form = form;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  get isDone(): boolean {
    return this.#open.size === 0;
  }

  get records(): AuditPiece[] {
    return this.#whole.sort((a, b) => a.start - b.start);
  }

  /** The record that was left at `left`. */
  open(start: number, left: number): void {
    this.#open.set(this.#digits(start), { start, pieces: [[start, left]], others: 0 });
  }

  boundary(at: number, end: number, part: number): void {
    const record = this.#open.get(this.#digits(at));
    if (record === undefined) {
      if (part === A && !this.#inBody() && this.#opens(end)) this.#begin(at);
      return;
    }
    if (part === A) {
      this.#dead = true;
      return;
    }
    this.#leave(at);
    record.others = 0;
    if (part !== Z) {
      this.#current = record;
      this.#part = part;
      this.#from = at;
      return;
    }
    record.pieces.push([at, end + 1]);
    this.#open.delete(this.#digits(at));
    this.#whole.push({ start: record.start, end: end + 1, pieces: record.pieces });
    for (const other of this.#open.values()) if (++other.others >= MOST_WHOLE) this.#dead = true;
  }

  #begin(at: number): void {
    this.#leave(at);
    const record: OpenRecord = { start: at, pieces: [], others: 0 };
    this.#open.set(this.#digits(at), record);
    if (this.#open.size > MOST_OPEN) this.#dead = true;
    this.#current = record;
    this.#part = A;
    this.#from = at;
  }

  #leave(at: number): void {
    this.#current?.pieces.push([this.#from, at]);
    this.#current = null;
  }

  #inBody(): boolean {
    return this.#current !== null && BODIES.has(this.#part);
  }

  /** Whether a valid opening stands in the line behind `end`. */
  #opens(end: number): boolean {
    const next = lineEnd(this.#bytes, end + 1);
    return next - end <= 256 && parseOpening(latin1Of(this.#bytes.subarray(end + 1, next))) !== null;
  }

  #digits(at: number): string {
    // All but the part's letter and the dashes behind it.
    return latin1Of(this.#bytes.subarray(at, at + this.#form.length - 3));
  }
}
