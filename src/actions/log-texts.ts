// The texts in a log file: a plain log is one; of an archive each gzip member that was a log of its own, since cPanel packs
// every rotated log behind the others of its month.
import type { GzipMember } from '../host/gzip-members.ts';
import { beginsWith, endsWith } from '../host/known-bytes.ts';
import type { LogFile } from '../model.ts';
import type { FileRow } from '../store/files.ts';
import type { ArchiveRow } from '../store/log-texts.ts';
import type { Context } from './context.ts';

/** Members beyond these are one text with the last of them. */
const MOST_MEMBERS = 20_000;
const BGZIP_BLOCK = 0xff00;
const PIGZ_LEAST_BLOCK = 32 * 1024;

/** A text, before it is known whether it was read. */
export interface FoundText {
  readonly packedAt: number;
  /** Null for a plain file. */
  readonly length: number | null;
  /** Why its archive ends within it. */
  readonly problem: string | null;
}

/** What an archive holds, and how far it is good. */
export interface ArchiveTexts {
  readonly texts: readonly FoundText[];
  readonly problem: string | null;
  readonly read: Pick<ArchiveRow, 'packedAt' | 'packedTail'>;
}

/** A plain log's only text. */
export const WHOLE_FILE: FoundText = { packedAt: 0, length: null, problem: null };

/**
 * Takes an archive apart. Members are one text where they are the blocks of a log that a program packed in blocks, or were read
 * as one before. Throws ReadProblem.
 */
export async function textsOfArchive(ctx: Context, log: LogFile): Promise<ArchiveTexts> {
  const before = ctx.store.texts.archive(log.path);
  const members = await membersOf(ctx, log, before);
  const known = { ctx, log, rows: ctx.store.files(log.kind) };
  const texts: FoundText[] = [];
  for (let rest: readonly GzipMember[] = members; rest.length > 0;) {
    const count = await lengthOfText(known, rest);
    texts.push(textOf(rest.slice(0, count)));
    rest = rest.slice(count);
  }
  return {
    texts: texts.filter(({ length }) => length !== 0),
    problem: members.at(-1)?.problem ?? null,
    read: members.length === 0 && before !== null ? before : readTo(members),
  };
}

/** What comes behind the members that were read before. */
async function membersOf(ctx: Context, log: LogFile, before: ArchiveRow | null): Promise<GzipMember[]> {
  const members: GzipMember[] = [];
  const from = { at: before?.packedAt ?? 0, tail: before?.packedTail ?? null };
  for await (const member of ctx.host.archiveParts(log, from)) {
    if (members.length < MOST_MEMBERS) members.push(member);
    else members.push(joined(members.splice(-1), member));
  }
  return members;
}

function textOf(members: readonly GzipMember[]): FoundText {
  const [first] = members;
  const last = members.at(-1);
  return {
    packedAt: first?.packedAt ?? 0,
    length: (last?.to ?? 0) - (first?.from ?? 0),
    problem: last?.problem ?? null,
  };
}

/** Where to go on when the archive has grown: behind the last member that is whole, unless its last line goes on. */
function readTo(members: readonly GzipMember[]): ArchiveTexts['read'] {
  const whole = members.findLast(({ problem }) => problem === null);
  return whole?.packedEnd != null && whole.endsLine
    ? { packedAt: whole.packedEnd, packedTail: whole.packedTail }
    : { packedAt: 0, packedTail: null };
}

interface Known {
  readonly ctx: Context;
  readonly log: LogFile;
  readonly rows: readonly FileRow[];
}

/** How many of these members are the text that begins with the first of them. */
async function lengthOfText(known: Known, members: readonly GzipMember[]): Promise<number> {
  let count = 1;
  while (count < members.length && isBlock(members[count - 1])) count++;
  return (await readAsOne(known, members, count)) ?? count;
}

/** Programs that pack in blocks (bgzip, pigz -i) cut a text every so many KiB, mostly within a line. */
function isBlock(member: GzipMember | undefined): boolean {
  if (member === undefined || member.endsLine) return false;
  const length = member.to - member.from;
  return length === BGZIP_BLOCK || (length >= PIGZ_LEAST_BLOCK && length % 1024 === 0);
}

/** How many members together are the text whose beginning was read further than these; null when none are. */
async function readAsOne(
  { ctx, log, rows }: Known,
  members: readonly GzipMember[],
  count: number,
): Promise<number | null> {
  const { packedAt, length: end } = textOf(members.slice(0, count));
  const further = rows.filter(
    ({ cursor, fingerprint }) =>
      cursor > (end ?? 0) && beginsWith(members[0]?.first ?? Buffer.alloc(0), fingerprint),
  );
  for (const { cursor, fingerprint: head, tail } of further) {
    const more = members.findIndex(({ to }) => to - (members[0]?.from ?? 0) >= cursor) + 1;
    const { length } = textOf(members.slice(0, more));
    if (more === 0 || (tail === null && length !== cursor)) continue;
    const text = { packedAt, length, head, cursor, tail: null, whole: true };
    const look = await ctx.host.look({ ...log, text }, () => [cursor]);
    if (endsWith(look.before.get(cursor) ?? Buffer.alloc(0), tail)) return more;
  }
  return null;
}

function joined([before]: readonly GzipMember[], member: GzipMember): GzipMember {
  return before === undefined
    ? member
    : { ...member, from: before.from, packedAt: before.packedAt, first: before.first };
}
