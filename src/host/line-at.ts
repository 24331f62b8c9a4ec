// The text of a stored place, also when its file has been rotated or packed since.
import type { LineRef } from '../model.ts';
import type { FoundLog } from './logs.ts';
import { logBase } from './log-names.ts';
import { ReadProblem } from './problems.ts';
import type { LogSource } from './read.ts';
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
 * Reads the line of a place from the first source that begins as the place's head says (latin1, at most 1 MiB).
 * Null when none does, or it has become too short.
 */
export async function readLineAt(ref: LineRef, sources: readonly LogSource[]): Promise<string | null> {
  for (const source of sources) {
    if (ref.head !== undefined && !(await hasHead(source, ref.head))) continue;
    const text = await lineFrom(source, ref.offset);
    if (text !== null) return text;
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
