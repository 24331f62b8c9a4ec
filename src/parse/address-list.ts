// A long list of addresses and nets, one a line, kept in eight bytes an entry and searched without reading it again.
import ipaddr from 'ipaddr.js';
import { usableNet } from './address.ts';
import { netTable } from './net-table.ts';

/** A number of an entry takes 21 bits beside an address's 32 in a number that counts exactly. */
const NUMBERS = 2 ** 21;
const MOST_V6 = 200_000;
/** Of a line only its beginning matters: some blanks, and the longest net. */
const LONGEST = 100;
const MOST_BLANKS = 20;
const WIDEST_V4 = 8;
const [NEWLINE, DOT, SLASH, ZERO, NINE] = [0x0a, 0x2e, 0x2f, 0x30, 0x39] as const;

/** An entry that holds an address. */
export interface ListEntry {
  /** The address or net, normalised. */
  readonly entry: string;
  /** Where its line begins. */
  readonly offset: number;
}

/** What a list became. */
export interface AddressList {
  readonly entries: number;
  /** The narrowest entry that holds a normalised address; null when none does. */
  readonly find: (address: string) => ListEntry | null;
}

/**
 * Takes a list in pieces, in order. A line counts when it begins with an address or a net, after blanks, and a blank,
 * `#`, `;`, `,` or nothing follows; nets wider than /8 (IPv6: /16) say nothing of one address and are passed over, as
 * comments and all other lines are. Takes at most some two million entries, with places below 4 GiB.
 */
export class AddressListReader {
  readonly #most: number;
  readonly #v4 = new V4Entries();
  readonly #v6: (readonly [net: string, entry: ListEntry])[] = [];
  /** The beginning of a line whose end has not come yet, and where it lies; null between lines. */
  #begun: { readonly bytes: Buffer; readonly offset: number } | null = null;

  /** `most`: how many entries are taken; null for as many as fit. */
  constructor(most: number | null = null) {
    this.#most = Math.min(most ?? NUMBERS, NUMBERS);
  }

  /** True when no further entry is taken. */
  get isFull(): boolean {
    return this.#v4.count + this.#v6.length >= this.#most;
  }

  /** Takes the next piece; `offset` is its place in the list. */
  take(piece: Buffer, offset: number): void {
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      if (this.#begun === null) this.#line(piece, start, end, offset + start);
      else this.#endLine(piece.subarray(0, Math.min(end, LONGEST)));
      start = end + 1;
    }
    if (start >= piece.length) return;
    const bytes = piece.subarray(start, start + LONGEST);
    if (this.#begun === null) this.#begun = { bytes: Buffer.from(bytes), offset: offset + start };
    else if (this.#begun.bytes.length < LONGEST)
      this.#begun = { bytes: Buffer.concat([this.#begun.bytes, bytes]), offset: this.#begun.offset };
  }

  /** The list is over. */
  done(): AddressList {
    if (this.#begun !== null) this.#endLine(Buffer.alloc(0));
    const lengths = this.#v4.sorted();
    const v6 = netTable(this.#v6);
    const entries = this.#v4.count + this.#v6.length;
    return {
      entries,
      find: (address) => (address.includes(':') ? v6.find(address) : findV4(lengths, address)),
    };
  }

  #endLine(more: Buffer): void {
    const begun = this.#begun;
    this.#begun = null;
    if (begun === null) return;
    const bytes = Buffer.concat([begun.bytes, more]);
    this.#line(bytes, 0, bytes.length, begun.offset);
  }

  #line(bytes: Buffer, start: number, end: number, offset: number): void {
    if (this.isFull || end === start) return;
    const from = behindBlanks(bytes, start, end);
    const net = readV4(bytes, from, Math.min(end, from + LONGEST));
    if (net !== null) {
      if (net.bits >= WIDEST_V4) this.#v4.add(net.start, net.bits, offset);
      return;
    }
    const word = /^[0-9a-fA-F:.]{2,45}(?:\/\d{1,3})?(?=[\s#;,]|$)/.exec(
      bytes.toString('latin1', from, Math.min(end, from + LONGEST)),
    )?.[0];
    const entry = word?.includes(':') === true ? usableNet(word) : null;
    if (entry === null || this.#v6.length >= MOST_V6) return;
    if (entry.includes(':')) this.#v6.push([entry, { entry, offset }]);
    else this.#v4.add(numberOf(entry), 32, offset);
  }
}

function behindBlanks(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && at - start < MOST_BLANKS && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  return at;
}

/** What may follow an entry: the end, white space, a comment, a further field. */
function isEnd(byte: number | undefined): boolean {
  return byte === undefined || byte <= 0x20 || byte === 0x23 || byte === 0x3b || byte === 0x2c;
}

/** A dotted IPv4 address or net at `from`, with its host bits cleared; null for anything else. */
function readV4(
  bytes: Buffer,
  from: number,
  end: number,
): { readonly start: number; readonly bits: number } | null {
  let at = from;
  let address = 0;
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0 && bytes[at++] !== DOT) return null;
    const number = readNumber(bytes, at, end);
    if (number === null || number.value > 255) return null;
    address = address * 256 + number.value;
    at = number.end;
  }
  if (at >= end || isEnd(bytes[at])) return { start: address, bits: 32 };
  if (bytes[at] !== SLASH) return null;
  const bits = readNumber(bytes, at + 1, end);
  if (bits === null || bits.value < 1 || bits.value > 32) return null;
  if (bits.end < end && !isEnd(bytes[bits.end])) return null;
  return { start: masked(address, bits.value), bits: bits.value };
}

/** At most three digits; null without one, and for octal-looking ones such as `010`. */
function readNumber(
  bytes: Buffer,
  from: number,
  end: number,
): { readonly value: number; readonly end: number } | null {
  let at = from;
  let value = 0;
  for (; at < end && at - from < 4; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < ZERO || byte > NINE) break;
    value = value * 10 + (byte - ZERO);
  }
  const length = at - from;
  return length === 0 || length > 3 || (length > 1 && bytes[from] === ZERO) ? null : { value, end: at };
}

function masked(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return address - (address % size);
}

/** IPv4 nets of one length, sorted, with the places of their lines. */
interface Length {
  readonly bits: number;
  readonly starts: Uint32Array;
  readonly offsets: Uint32Array;
}

/** IPv4 entries as they come, in arrays that double. */
class V4Entries {
  count = 0;
  #starts = new Uint32Array(1024);
  #offsets = new Uint32Array(1024);
  #bits = new Uint8Array(1024);

  add(start: number, bits: number, offset: number): void {
    if (this.count === this.#starts.length) this.#grow();
    this.#starts[this.count] = start;
    this.#offsets[this.count] = offset;
    this.#bits[this.count] = bits;
    this.count++;
  }

  /** The nets by length, narrowest first. */
  sorted(): Length[] {
    const numbers = new Map<number, number>();
    for (let i = 0; i < this.count; i++)
      numbers.set(this.#bits[i] ?? 0, (numbers.get(this.#bits[i] ?? 0) ?? 0) + 1);
    const lengths = [...numbers].map(([bits, number]) => this.#ofLength(bits, number));
    return lengths.sort((a, b) => b.bits - a.bits);
  }

  #ofLength(bits: number, number: number): Length {
    // Address and number of the entry in one number: those are sorted a hundred times faster than pairs.
    const keys = new Float64Array(number);
    for (let i = 0, filled = 0; i < this.count; i++) {
      if (this.#bits[i] === bits) keys[filled++] = (this.#starts[i] ?? 0) * NUMBERS + i;
    }
    keys.sort();
    const starts = new Uint32Array(number);
    const offsets = new Uint32Array(number);
    keys.forEach((key, at) => {
      starts[at] = Math.floor(key / NUMBERS);
      offsets[at] = this.#offsets[key % NUMBERS] ?? 0;
    });
    return { bits, starts, offsets };
  }

  #grow(): void {
    const size = Math.min(this.#starts.length * 2, NUMBERS);
    const larger = <A extends Uint32Array | Uint8Array>(array: A, grown: A): A => {
      grown.set(array);
      return grown;
    };
    this.#starts = larger(this.#starts, new Uint32Array(size));
    this.#offsets = larger(this.#offsets, new Uint32Array(size));
    this.#bits = larger(this.#bits, new Uint8Array(size));
  }
}

function findV4(lengths: readonly Length[], address: string): ListEntry | null {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return null;
  const number = numberOf(address);
  for (const { bits, starts, offsets } of lengths) {
    const start = masked(number, bits);
    const at = lowerBound(starts, start);
    if (starts[at] !== start) continue;
    const text = [24, 16, 8, 0].map((shift) => (start >>> shift) & 255).join('.');
    return { entry: bits === 32 ? text : `${text}/${bits}`, offset: offsets[at] ?? 0 };
  }
  return null;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** Where the first element lies that is not below `wanted`. */
function lowerBound(sorted: Uint32Array, wanted: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
