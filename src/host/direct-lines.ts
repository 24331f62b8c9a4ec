// The few lines of a piece of a plain log that may be of one client, without starting a program: on bytes, since
// making texts of all lines would take most of the time.
import type { GrepLine, Piece } from './grep.ts';

const NEWLINE = 0x0a;
const BLANK = 0x20;
const COLON = 0x3a;
const CHUNK_BYTES = 512 * 1024;
/** A line that is longer is cut here. */
const MAX_LINE = 1024 * 1024;
/** The client is the first or the second word of an access line; longer words are none. */
const MAX_WORD = 600;

/** What is looked for: a text as it stands in the line, or the last 16 bits of an IPv6 address in any spelling. */
export type ClientSign = { readonly text: string } | { readonly lastGroup: number };

// One for all: between reading it and making texts of it nothing else runs.
const scratch = Buffer.allocUnsafeSlow(CHUNK_BYTES);

/**
 * Gives the lines of a piece that bear the sign, in file order, in batches, and others besides: the caller reads
 * the client. `lastGroup` is looked for in the first two words only. Throws ReadProblem.
 */
export function* linesWith(
  piece: Piece,
  sign: ClientSign,
  onRead: (bytes: number) => void,
): Generator<readonly GrepLine[]> {
  const { file, from, to } = piece;
  let buffer = scratch.subarray(0, Math.max(4096, Math.min(CHUNK_BYTES, to - from)));
  let offset = from;
  while (offset < to) {
    const got = file.readInto(buffer, offset);
    if (got === 0) return;
    const bytes = buffer.subarray(0, got);
    const isEnd = got < buffer.length;
    const lastNewline = bytes.lastIndexOf(NEWLINE);
    if (lastNewline < 0 && !isEnd && buffer.length < MAX_LINE) {
      // A line longer than the buffer is looked at as a whole.
      buffer = Buffer.allocUnsafe(buffer.length * 2);
      continue;
    }
    const end = isEnd || lastNewline < 0 ? got : lastNewline + 1;
    onRead(Math.min(end, to - offset));
    const lines = signed(bytes.subarray(0, end), sign).map(([start, stop]) => ({
      offset: offset + start,
      text: bytes.toString('latin1', start, stop),
    }));
    const inside = lines.filter((line) => line.offset < to);
    if (inside.length > 0) yield inside;
    offset += end;
  }
}

type Bounds = readonly [start: number, stop: number];

function signed(bytes: Buffer, sign: ClientSign): Bounds[] {
  return 'text' in sign ? withText(bytes, sign.text) : withLastGroup(bytes, sign.lastGroup);
}

function withText(bytes: Buffer, text: string): Bounds[] {
  const found: Bounds[] = [];
  for (let at = bytes.indexOf(text, 0, 'latin1'); at >= 0;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const stop = newline < 0 ? bytes.length : newline;
    found.push([bytes.lastIndexOf(NEWLINE, at) + 1, stop]);
    at = bytes.indexOf(text, stop, 'latin1');
  }
  return found;
}

function withLastGroup(bytes: Buffer, group: number): Bounds[] {
  const found: Bounds[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const stop = newline < 0 ? bytes.length : newline;
    const first = wordEnd(bytes, start, stop);
    const isSigned =
      endsWithGroup(bytes, start, first, group) ||
      endsWithGroup(bytes, first + 1, wordEnd(bytes, first + 1, stop), group);
    if (isSigned) found.push([start, stop]);
    start = stop + 1;
  }
  return found;
}

function wordEnd(bytes: Buffer, from: number, to: number): number {
  const limit = Math.min(to, from + MAX_WORD);
  let at = from;
  while (at < limit && bytes[at] !== BLANK) at++;
  return at;
}

/** Whether a word ends with `:` and this value in hexadecimal, or (an IPv4 end) cannot be told so easily. */
function endsWithGroup(bytes: Buffer, from: number, to: number, group: number): boolean {
  let value = 0;
  let at = to - 1;
  for (let shift = 0; at >= from; at--, shift += 4) {
    const digit = hexDigit(bytes[at] ?? 0);
    if (digit < 0 || shift > 16) break;
    value += digit << shift;
  }
  if (at < from) return false;
  // `::ffff:203.0.113.5` and the like are rare enough to be read as a whole.
  if (bytes[at] === 0x2e) return bytes.subarray(from, to).includes(COLON);
  return bytes[at] === COLON && value === group;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
