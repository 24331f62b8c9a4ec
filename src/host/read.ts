// The bytes of a log from an offset on, unpacked when it is gzip, in bounded memory; and how a file is known again.
import { closeSync, createReadStream, read as readCallback, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { isGzip } from './probe.ts';
import type { LogText } from '../model.ts';
import { ReadProblem, errorCode, problemOf } from './problems.ts';
import { beginsWith, HEAD_BYTES, headLengthOf, headText } from './known-bytes.ts';
import { PinnedText, pinnedUnpacked } from './read-pin.ts';
import type { NoPlace, OpenFile } from './root.ts';

const read = promisify(readCallback);

export const CHUNK_BYTES = 1024 * 1024;
const UNPACKED_CHUNK_BYTES = 256 * 1024;

/** A log that can be opened: discovery makes these, and looks at the path again at each opening. */
export interface LogSource {
  /** The server's own path. */
  readonly path: string;
  open(): OpenFile | NoPlace;
  /** What is to be read of it, and what it must still be: see LogText. */
  readonly text?: LogText | undefined;
}

/** A piece of a log; `offset` counts bytes of the unpacked text. */
export interface Chunk {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** What a log is known by. */
export interface Fingerprint {
  /**
   * 128 bits of SHA-256 over the first KiB (unpacked) in hex; `hex:N` when there were only N bytes, so that
   * `hasHead` still knows the file when it has grown.
   */
  readonly head: string;
  readonly headLength: number;
  /** Bytes on disk. */
  readonly size: number;
  readonly inode: number;
}

/** An opened log; `close` it unless `unpackedChunks` took it over. */
export interface OpenLog {
  readonly path: string;
  readonly fd: number;
  readonly size: number;
  readonly inode: number;
  /** By its first two bytes, not by its name. */
  readonly compressed: boolean;
  readonly text: LogText | null;
  close(): void;
}

/** Opens a log; throws ReadProblem. */
export function openLog(source: LogSource): OpenLog {
  const opened = source.open();
  if (opened.problem !== null) throw new ReadProblem(source.path, opened.problem);
  const { fd, stats } = opened;
  return {
    path: source.path,
    fd,
    size: stats.size,
    inode: stats.ino,
    compressed: isGzip(fd),
    text: source.text ?? null,
    close: () => {
      closeSync(fd);
    },
  };
}

/** Bytes of an open log into a buffer, at once; fewer at its end. Throws ReadProblem. */
export function readInto(log: OpenLog, buffer: Buffer, position: number, length = buffer.length): number {
  try {
    return readSync(log.fd, buffer, 0, length, position);
  } catch (error) {
    throw new ReadProblem(log.path, problemOf(error));
  }
}

/**
 * Reads a log from a byte offset of its (unpacked) text to its end, or for `limit` bytes, in chunks of at most
 * 1 MiB. Archives of several gzip members are one text. Throws ReadProblem when it cannot be opened, and after
 * the good part of a damaged or unfinished archive.
 */
export async function* readChunks(source: LogSource, from: number, limit = Infinity): AsyncGenerator<Chunk> {
  const log = openLog(source);
  if (log.compressed) {
    yield* unpackedChunks(log, from, limit);
    return;
  }
  try {
    yield* plainChunks(log, { from, limit, reuse: false });
  } finally {
    log.close();
  }
}

/** Which part; `reuse`: each chunk's bytes are only good until the next one is asked for. */
export interface PlainPart {
  readonly from: number;
  readonly limit: number;
  readonly reuse: boolean;
}

/**
 * Chunks of an open plain file, which stays open; throws ReadProblem when the disk fails. Where a text is meant it ends as
 * soon as the file is not that text any more.
 */
export async function* plainChunks(log: OpenLog, part: PlainPart): AsyncGenerator<Chunk> {
  let buffer: Buffer | null = null;
  let offset = part.from;
  const end = part.from + part.limit;
  const pin = log.text === null ? null : new PinnedText(log.text, log);
  if (pin?.begin(offset) === false) return;
  while (offset < end) {
    buffer = part.reuse && buffer !== null ? buffer : Buffer.allocUnsafe(Math.min(CHUNK_BYTES, part.limit));
    const got = await readAt(log, buffer, offset, Math.min(buffer.length, end - offset));
    if (got === 0) return;
    const bytes = buffer.subarray(0, got);
    if (pin?.holds(offset, bytes) === false) return;
    yield { offset, bytes };
    offset += got;
  }
}

async function readAt(log: OpenLog, buffer: Buffer, position: number, length: number): Promise<number> {
  try {
    return (await read(log.fd, buffer, 0, length, position)).bytesRead;
  } catch (error) {
    throw new ReadProblem(log.path, problemOf(error));
  }
}

/** Chunks of an open gzip file, read from where its descriptor stands (the start); closes it. Earlier text is unpacked and dropped, since gzip has no way to seek. */
export async function* unpackedChunks(log: OpenLog, from: number, limit: number): AsyncGenerator<Chunk> {
  if (log.text !== null) {
    try {
      yield* pinnedUnpacked(log.fd, log.text, from, limit);
    } catch (error) {
      throw new ReadProblem(log.path, problemOf(error));
    } finally {
      log.close();
    }
    return;
  }
  const packed = createReadStream('', { fd: log.fd, highWaterMark: UNPACKED_CHUNK_BYTES });
  const plain = createGunzip({ chunkSize: UNPACKED_CHUNK_BYTES });
  packed.on('error', (error) => plain.destroy(error));
  packed.pipe(plain);
  let offset = 0;
  const end = from + limit;
  try {
    for await (const piece of plain as AsyncIterable<Buffer>) {
      const start = Math.max(from - offset, 0);
      const stop = Math.min(end - offset, piece.length);
      if (start < stop) yield { offset: offset + start, bytes: piece.subarray(start, stop) };
      offset += piece.length;
      if (offset >= end) return;
    }
  } catch (error) {
    throw new ReadProblem(log.path, archiveProblem(error));
  } finally {
    plain.destroy();
    packed.destroy();
  }
}

function archiveProblem(error: unknown): string {
  const code = errorCode(error);
  if (code === 'Z_BUF_ERROR') return 'unfinished archive';
  return code.startsWith('Z_') ? 'damaged archive' : problemOf(error);
}

/** What a log is known by; throws ReadProblem. */
export async function fingerprint(source: LogSource): Promise<Fingerprint> {
  const log = openLog(source);
  const { size, inode } = log;
  const bytes = await firstBytes(log, HEAD_BYTES);
  return { head: headText(bytes), headLength: bytes.length, size, inode };
}

/** Whether a log begins with the bytes that a `head` of `fingerprint` stands for; false when it cannot be read. */
export async function hasHead(source: LogSource, head: string): Promise<boolean> {
  const length = headLengthOf(head);
  if (length === null) return false;
  try {
    return beginsWith(await firstBytes(openLog(source), length), head);
  } catch {
    return false;
  }
}

/** The first bytes of the (unpacked) text; closes the log. */
async function firstBytes(log: OpenLog, length: number): Promise<Buffer> {
  if (length === 0) {
    log.close();
    return Buffer.alloc(0);
  }
  const pieces: Buffer[] = [];
  if (log.compressed) {
    for await (const chunk of unpackedChunks(log, 0, length)) pieces.push(chunk.bytes);
    return Buffer.concat(pieces);
  }
  try {
    for await (const chunk of plainChunks(log, { from: 0, limit: length, reuse: false }))
      pieces.push(chunk.bytes);
  } finally {
    log.close();
  }
  return Buffer.concat(pieces);
}
