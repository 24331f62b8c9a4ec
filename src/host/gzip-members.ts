// Archives that grew by appending: cPanel adds each day's packed log to the month's file, so a day begins where
// a gzip member does. Node unpacks members as one text; here they are taken apart.
import { endsWith, HEAD_BYTES, TAIL_BYTES, tailOf } from './known-bytes.ts';
import { ReadProblem, problemOf } from './problems.ts';
import type { LogSource } from './read.ts';
import { openLog, type OpenLog, readInto } from './read.ts';
import { ArchiveProblem, unpackMembers } from './unpack.ts';

/** One member: where its text begins and ends in the whole unpacked text, and its first KiB. */
export interface GzipMember {
  readonly from: number;
  readonly to: number;
  readonly first: Buffer;
  /** Where it begins and ends in the packed file; the end is null for one that is not whole. */
  readonly packedAt: number;
  readonly packedEnd: number | null;
  /** What the packed bytes before that end are known by. */
  readonly packedTail: string | null;
  /** Whether its text ends with a line feed. */
  readonly endsLine: boolean;
  /** Why it is not whole: `unfinished archive` or `damaged archive`. */
  readonly problem: string | null;
}

/**
 * The members of an archive in order; the last one may be the good part of one that is not whole. Throws ReadProblem when the
 * archive cannot be opened or read.
 */
export function gzipMembers(source: LogSource): AsyncGenerator<GzipMember> {
  return membersOf(openLog(source), 0);
}

/** The same from a packed offset on if the bytes before it are those of a tail, else from the beginning. */
export function archiveParts(
  source: LogSource,
  { at, tail }: { readonly at: number; readonly tail: string | null },
): AsyncGenerator<GzipMember> {
  const log = openLog(source);
  const isSame = tail !== null && at <= log.size && endsWith(packedBefore(log, at), tail);
  return membersOf(log, isSame ? at : 0);
}

function packedBefore(log: OpenLog, end: number): Buffer {
  const start = Math.max(0, end - TAIL_BYTES);
  const bytes = Buffer.alloc(end - start);
  return bytes.subarray(0, readInto(log, bytes, start));
}

async function* membersOf(log: OpenLog, packedFrom: number): AsyncGenerator<GzipMember> {
  let member = beginning(0, packedFrom);
  try {
    for await (const { bytes, end } of unpackMembers(log.fd, packedFrom)) {
      if (member.to - member.from < HEAD_BYTES)
        member.pieces.push(Buffer.from(bytes.subarray(0, HEAD_BYTES)));
      member.to += bytes.length;
      if (bytes.length > 0) member.endsLine = bytes.at(-1) === 0x0a;
      if (end === null) continue;
      yield finished(member, { packedEnd: end, packedTail: tailOf(packedBefore(log, end)), problem: null });
      member = beginning(member.to, end);
    }
  } catch (error) {
    if (!(error instanceof ArchiveProblem))
      throw error instanceof ReadProblem ? error : new ReadProblem(log.path, problemOf(error));
    yield finished(member, { packedEnd: null, packedTail: null, problem: error.problem });
  } finally {
    log.close();
  }
}

interface Growing {
  readonly from: number;
  readonly packedAt: number;
  readonly pieces: Buffer[];
  to: number;
  endsLine: boolean;
}

function beginning(from: number, packedAt: number): Growing {
  return { from, packedAt, pieces: [], to: from, endsLine: true };
}

function finished(
  { from, to, packedAt, endsLine, pieces }: Growing,
  end: Pick<GzipMember, 'packedEnd' | 'packedTail' | 'problem'>,
): GzipMember {
  return { from, to, packedAt, endsLine, first: Buffer.concat(pieces).subarray(0, HEAD_BYTES), ...end };
}
