// Compiled time-zone files (TZif, RFC 9636), which /etc/localtime is.
import type { EpochMs } from '../model.ts';
import { parsePosixTz } from './posix-tz.ts';

const HEADER = 44;
const MAGIC = 0x545a6966;
/** No zone has nearly as many; a header that claims more is damaged. */
const MAX_COUNT = 100_000;

/** A zone's offsets over all time. */
export interface ZoneOffsets {
  /** Minutes east of UTC at an instant; a fraction for old local mean times. */
  offsetMinutesAt(at: EpochMs): number;
}

/**
 * Reads a TZif file: of version 2 and later the 64-bit block and the POSIX text after it (for times after the
 * last transition), of version 1 the 32-bit block. Null when the bytes are no such file or are cut.
 */
export function parseTzif(bytes: Uint8Array): ZoneOffsets | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = readHeader(view, 0);
  if (first === null) return null;
  if (first.version === 0) return readBlock(view, first, 4);
  const second = readHeader(view, first.start + blockSize(first, 4));
  return second === null ? null : readBlock(view, second, 8);
}

interface Header {
  readonly version: number;
  readonly utcIndicators: number;
  readonly standardIndicators: number;
  readonly leaps: number;
  readonly transitions: number;
  readonly types: number;
  readonly characters: number;
  /** Where its data begins. */
  readonly start: number;
}

function readHeader(view: DataView, at: number): Header | null {
  if (view.byteLength < at + HEADER || view.getUint32(at) !== MAGIC) return null;
  const count = (index: number): number => view.getUint32(at + 20 + index * 4);
  const header: Header = {
    version: view.getUint8(at + 4),
    utcIndicators: count(0),
    standardIndicators: count(1),
    leaps: count(2),
    transitions: count(3),
    types: count(4),
    characters: count(5),
    start: at + HEADER,
  };
  if (Math.max(header.transitions, header.characters, header.leaps) > MAX_COUNT) return null;
  return header.types < 1 || header.types > 256 ? null : header;
}

/** Bytes of a data block with times of `width` bytes. */
function blockSize(header: Header, width: number): number {
  return (
    header.transitions * (width + 1) +
    header.types * 6 +
    header.characters +
    header.leaps * (width + 4) +
    Math.min(header.standardIndicators, 256) +
    Math.min(header.utcIndicators, 256)
  );
}

function readBlock(view: DataView, header: Header, width: number): ZoneOffsets | null {
  const end = header.start + blockSize(header, width);
  if (view.byteLength < end) return null;
  const times: number[] = [];
  const offsets: number[] = [];
  const indexes = header.start + header.transitions * width;
  const types = indexes + header.transitions;
  for (let i = 0; i < header.transitions; i++) {
    const at = header.start + i * width;
    const type = view.getUint8(indexes + i);
    if (type >= header.types) return null;
    times.push((width === 8 ? Number(view.getBigInt64(at)) : view.getInt32(at)) * 1000);
    offsets.push(view.getInt32(types + type * 6) / 60);
  }
  const later = width === 8 ? footer(view, end) : null;
  return lookup(times, offsets, view.getInt32(types) / 60, later);
}

/** Finds the last transition at or before an instant; type 0 rules before the first one. */
function lookup(
  times: readonly number[],
  offsets: readonly number[],
  before: number,
  later: ((at: EpochMs) => number) | null,
): ZoneOffsets {
  const last = times.at(-1) ?? -Infinity;
  return {
    offsetMinutesAt(at) {
      if (later !== null && at >= last) return later(at) / 60;
      let low = 0;
      let high = times.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((times[middle] ?? Infinity) <= at) low = middle + 1;
        else high = middle;
      }
      return offsets[low - 1] ?? before;
    },
  };
}

/** The POSIX text between two newlines after the block; null without one. */
function footer(view: DataView, start: number): ((at: EpochMs) => number) | null {
  if (start >= view.byteLength || view.getUint8(start) !== 0x0a) return null;
  let text = '';
  for (let at = start + 1; at < Math.min(view.byteLength, start + 256); at++) {
    const byte = view.getUint8(at);
    if (byte === 0x0a) return parsePosixTz(text);
    text += String.fromCharCode(byte);
  }
  return null;
}
