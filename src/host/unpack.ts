// gzip taken apart member by member (RFC 1952), in bounded memory. Node's own unpacking gives all members as one text, and
// loses the last of the good part before an error; here everything that could be unpacked comes first.
import { read as readCallback } from 'node:fs';
import { promisify } from 'node:util';
import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';

const read = promisify(readCallback);

const FIXED_HEADER = 10;
const MAX_HEADER = 64 * 1024;
const TRAILER = 8;
/** Packed bytes that are fed at once: they unpack to at most a thousand times as much. */
const FEED_BYTES = 16 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** A piece of a member's text; the last one of a member has the offset behind the member in the packed file. */
export interface UnpackedPiece {
  readonly bytes: Buffer;
  readonly end: number | null;
}

/** An archive that ends within a member, or whose bytes are none that gzip made. */
export class ArchiveProblem extends Error {
  readonly problem: 'unfinished archive' | 'damaged archive';

  constructor(problem: 'unfinished archive' | 'damaged archive') {
    super(problem);
    this.name = 'ArchiveProblem';
    this.problem = problem;
  }
}

/**
 * Unpacks the members of an open gzip file from a packed offset on (where a member begins). Ends where the file does, or where
 * something else than a member follows. Throws ArchiveProblem behind the good part, and the errors of the disk.
 */
export async function* unpackMembers(fd: number, from: number): AsyncGenerator<UnpackedPiece> {
  for (let at: number | null = from; at !== null;) {
    const start = await memberStart(fd, at, from);
    if (start === null) return;
    let end: number | null = null;
    for await (const piece of unpackMember(fd, start)) {
      yield piece;
      ({ end } = piece);
    }
    at = end;
  }
}

/** Where the packed bytes of the member at `at` begin; null where no member follows the others. */
async function memberStart(fd: number, at: number, first: number): Promise<number | null> {
  const header = Buffer.alloc(MAX_HEADER);
  const { bytesRead } = await read(fd, header, 0, MAX_HEADER, at);
  const bytes = header.subarray(0, bytesRead);
  if (bytesRead === 0) return null;
  if (bytes[0] !== 0x1f || (bytesRead > 1 && bytes[1] !== 0x8b)) {
    if (at === first) throw new ArchiveProblem('damaged archive');
    return null;
  }
  if (bytes.length < FIXED_HEADER) throw new ArchiveProblem('unfinished archive');
  if (bytes[2] !== 8) throw new ArchiveProblem('damaged archive');
  const length = headerLength(bytes);
  if (length === null)
    throw new ArchiveProblem(bytes.length < MAX_HEADER ? 'unfinished archive' : 'damaged archive');
  return at + length;
}

async function* unpackMember(fd: number, start: number): AsyncGenerator<UnpackedPiece> {
  const inflate = new Inflating();
  let check = 0;
  let length = 0;
  try {
    for (let at = start; !inflate.ended;) {
      const feed = Buffer.allocUnsafe(FEED_BYTES);
      const { bytesRead } = await read(fd, feed, 0, FEED_BYTES, at);
      if (bytesRead === 0) throw new ArchiveProblem('unfinished archive');
      at += bytesRead;
      const isGood = await inflate.feed(feed.subarray(0, bytesRead));
      for (const bytes of inflate.take()) {
        check = crc32(bytes, check);
        length += bytes.length;
        yield { bytes, end: null };
      }
      if (!isGood) throw new ArchiveProblem('damaged archive');
    }
    const trailerAt = start + inflate.consumed;
    const trailer = Buffer.alloc(TRAILER);
    const { bytesRead } = await read(fd, trailer, 0, TRAILER, trailerAt);
    if (bytesRead < TRAILER) throw new ArchiveProblem('unfinished archive');
    if (trailer.readUInt32LE(0) !== check || trailer.readUInt32LE(4) !== length % 2 ** 32)
      throw new ArchiveProblem('damaged archive');
    yield { bytes: Buffer.alloc(0), end: trailerAt + TRAILER };
  } finally {
    inflate.close();
  }
}

/** zlib, fed piece by piece: what came out of a piece is complete when `feed` is done. */
class Inflating {
  readonly #stream: InflateRaw = createInflateRaw({ chunkSize: CHUNK_BYTES });
  #out: Buffer[] = [];
  #failed = false;
  #wake: () => void = () => undefined;
  ended = false;

  constructor() {
    this.#stream.on('data', (bytes: Buffer) => this.#out.push(bytes));
    this.#stream.on('error', () => {
      this.#failed = true;
      this.#wake();
    });
    this.#stream.on('end', () => {
      this.ended = true;
      this.#wake();
    });
  }

  /** False when the bytes are damaged. */
  feed(bytes: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      this.#wake = () => {
        resolve(!this.#failed);
      };
      this.#stream.write(bytes, () => {
        this.#wake();
      });
    });
  }

  take(): Buffer[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Packed bytes that the member took. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  close(): void {
    this.#stream.destroy();
  }
}

/** Bytes before the packed data: ten, then by the flags an extra field, a name, a comment and a checksum. */
function headerLength(bytes: Buffer): number | null {
  const flags = bytes.readUInt8(3);
  let at = FIXED_HEADER;
  if ((flags & 4) !== 0) at += at + 2 > bytes.length ? 2 : 2 + bytes.readUInt16LE(at);
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return null;
    at = end + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  return at < bytes.length ? at : null;
}
