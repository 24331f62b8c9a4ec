// What a text is known by: a hash of its first KiB, and one of the bytes before the place up to which it was read.
import { createHash } from 'node:crypto';

export const HEAD_BYTES = 1024;
const HEAD_HEX = 32;
/** So many bytes before a cursor are hashed: of two logs that begin alike, no two lines of half a KiB are the same. */
export const TAIL_BYTES = 512;
const TAIL_HEX = 16;

function hex(bytes: Uint8Array, digits: number): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, digits);
}

/** The name of a file's beginning (at most its first KiB): see Fingerprint. */
export function headText(bytes: Uint8Array): string {
  const head = hex(bytes, HEAD_HEX);
  return bytes.length < HEAD_BYTES ? `${head}:${bytes.length}` : head;
}

/** Whether these first bytes of a file (at least as many as the head needs) are those of a `head`. */
export function beginsWith(bytes: Uint8Array, head: string): boolean {
  const length = headLengthOf(head);
  return length !== null && bytes.length >= length && headText(bytes.subarray(0, length)) === head;
}

/** How many bytes a `head` stands for; null for a text that is none. */
export function headLengthOf(head: string): number | null {
  const match = /^[0-9a-f]{32}(?::(\d{1,4}))?$/.exec(head);
  return match === null ? null : Number(match[1] ?? HEAD_BYTES);
}

/** What the bytes before `end` are known by: `LENGTH:HASH` over the last 512 of them, or what the buffer has. */
export function tailOf(bytes: Uint8Array, end = bytes.length): string {
  const start = Math.max(0, end - TAIL_BYTES);
  return `${end - start}:${hex(bytes.subarray(start, end), TAIL_HEX)}`;
}

/** How many bytes a tail covers; 0 for a text that is none. */
export function tailLength(tail: string): number {
  return Number(/^(\d{1,3}):[0-9a-f]{16}$/.exec(tail)?.[1] ?? 0);
}

/** Whether bytes end with those that a tail stands for. Null (not known) fits everything. */
export function endsWith(bytes: Uint8Array, tail: string | null): boolean {
  if (tail === null) return true;
  const length = tailLength(tail);
  return length <= bytes.length && tailOf(bytes.subarray(bytes.length - length)) === tail;
}

/**
 * The lines that begin a young text: for each line end in its first KiB a hash of all before. A text that was cut shorter is
 * known by them up to its last whole line.
 */
export function lineHeads(bytes: Uint8Array): string[] {
  const heads: string[] = [];
  const limit = Math.min(bytes.length, HEAD_BYTES);
  for (let end = bytes.indexOf(0x0a) + 1; end > 0 && end <= limit; end = bytes.indexOf(0x0a, end) + 1) {
    heads.push(`${end}:${hex(bytes.subarray(0, end), TAIL_HEX)}`);
    if (heads.length === MOST_LINE_HEADS) break;
  }
  return heads;
}

const MOST_LINE_HEADS = 32;
