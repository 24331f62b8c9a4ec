// Archives that grew by appending: cPanel adds each day's packed log to the month's file, so a day begins where
// a gzip member does. Node unpacks members as one text; here they are taken apart (format: RFC 1952).
import { createReadStream, readSync } from 'node:fs';
import { createInflateRaw } from 'node:zlib';
import type { LogSource } from './read.ts';
import { openLog } from './read.ts';

const FIXED_HEADER = 10;
const MAX_HEADER = 64 * 1024;
const TRAILER = 8;
const MAX_MEMBERS = 1000;
const FIRST_BYTES = 1024;

/** One member: where its text begins and ends in the whole unpacked text, and its first KiB. */
export interface GzipMember {
  readonly from: number;
  readonly to: number;
  readonly first: Buffer;
}

/** The members of an archive in order, up to the first that is damaged. Throws ReadProblem when it cannot be opened. */
export async function* gzipMembers(source: LogSource): AsyncGenerator<GzipMember> {
  let packedAt = 0;
  let from = 0;
  for (let count = 0; count < MAX_MEMBERS; count++) {
    const member = await readMember(source, packedAt);
    if (member === null) return;
    yield { from, to: from + member.length, first: member.first };
    from += member.length;
    packedAt = member.end;
  }
}

interface Member {
  readonly length: number;
  readonly first: Buffer;
  /** Where the next member begins in the packed file. */
  readonly end: number;
}

async function readMember(source: LogSource, at: number): Promise<Member | null> {
  const log = openLog(source);
  const header = Buffer.alloc(MAX_HEADER);
  const start = headerLength(header.subarray(0, readSync(log.fd, header, 0, MAX_HEADER, at)));
  if (start === null) {
    log.close();
    return null;
  }
  const packed = createReadStream('', { fd: log.fd, start: at + start });
  const plain = createInflateRaw();
  packed.on('error', (error) => plain.destroy(error));
  packed.pipe(plain);
  const first: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of plain as AsyncIterable<Buffer>) {
      if (length < FIRST_BYTES) first.push(piece.subarray(0, FIRST_BYTES - length));
      length += piece.length;
    }
  } catch {
    return null;
  } finally {
    packed.destroy();
  }
  return { length, first: Buffer.concat(first), end: at + start + plain.bytesWritten + TRAILER };
}

/** Bytes before the packed data: ten, then by the flags an extra field, a name, a comment and a checksum. */
function headerLength(bytes: Buffer): number | null {
  if (bytes.length < FIXED_HEADER || bytes.readUInt16BE(0) !== 0x1f8b || bytes[2] !== 8) return null;
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
