// The text of a stored place, also when its file has been rotated or packed since.
import type { LineRef } from '../model.ts';
import { gzipMembers } from './gzip-members.ts';
import type { FoundLog } from './logs.ts';
import { logBase } from './log-names.ts';
import { ReadProblem } from './problems.ts';
import type { LogSource } from './read.ts';
import { beginsWith } from './known-bytes.ts';
import { hasHead, readChunks } from './read.ts';
import { MAX_LINE_BYTES, splitLines } from './read-lines.ts';

/**
 * The logs that may hold a place now: the file of that name first, then those it may have been rotated to.
 * A place without a head is only sought in the file of its own name.
 */
export function candidates(ref: LineRef, logs: readonly FoundLog[]): FoundLog[] {
  const base = logBase(ref.file.slice(ref.file.lastIndexOf('/') + 1));
  const same = logs.filter(({ log }) => log.path === ref.file);
  if (ref.head === undefined) return same;
  return [...same, ...logs.filter((entry) => entry.base === base && entry.log.path !== ref.file)];
}

/**
 * Reads the line of a place (latin1, at most 1 MiB) from the first source that begins as the place's head says, or
 * from the part of an archive that does. Null when none does, or it has become too short.
 */
export async function readLineAt(ref: LineRef, sources: readonly LogSource[]): Promise<string | null> {
  const { head, offset } = ref;
  const whole: LogSource[] = [];
  for (const source of sources) if (head === undefined || (await hasHead(source, head))) whole.push(source);
  for (const source of whole) {
    const text = await lineFrom(source, offset);
    if (text !== null) return text;
  }
  if (head === undefined) return null;
  for (const source of sources) {
    const start = await startInArchive(source, head, offset);
    const text = start === null ? null : await lineFrom(source, start + offset);
    if (text !== null) return text;
  }
  return null;
}

/** Where the text with this head begins in an archive that others were appended to. */
async function startInArchive(source: LogSource, head: string, offset: number): Promise<number | null> {
  try {
    for await (const { from, to, first } of gzipMembers(source)) {
      if (from > 0 && beginsWith(first, head) && from + offset < to) return from;
    }
  } catch (error) {
    if (!(error instanceof ReadProblem)) throw error;
  }
  return null;
}

async function lineFrom(source: LogSource, offset: number): Promise<string | null> {
  try {
    for await (const { lines, rest } of splitLines(readChunks(source, offset, MAX_LINE_BYTES), offset)) {
      const line = lines[0] ?? rest;
      if (line !== null) return line.text;
    }
  } catch (error) {
    if (!(error instanceof ReadProblem)) throw error;
  }
  return null;
}
