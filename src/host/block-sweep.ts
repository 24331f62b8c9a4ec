// Removes block indexes that nobody needs any more.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generationName, readState } from './block-files.ts';

const OWN_NAME = /^(([0-9a-f]{32})(?:-[0-9a-f]{12})?)\.(?:state|([0-9a-f]{8})\.(?:slabs|new))$/;
/** A file that no state names may belong to a builder that is at work. */
const ORPHAN_AGE_MS = 6 * 3_600_000;
/** The indexes of some 55 GiB of logs. */
const MOST_BYTES = 512 * 1024 * 1024;

interface OwnFile {
  readonly path: string;
  readonly stem: string;
  readonly head: string;
  /** Null for a state. */
  readonly generation: string | null;
  readonly bytes: number;
  readonly changedAt: number;
}

/**
 * Removes the indexes of logs whose `head` is not in `used`, what unfinished work left behind six hours ago, and
 * the longest unchanged indexes above 512 MiB in all. Files that are not ours stay. Gives the bytes left.
 * Nothing happens when the folder is not there.
 */
export function sweepIndexes(folder: string, used: ReadonlySet<string>): number {
  const files = ownFiles(folder);
  const kept: OwnFile[] = [];
  const generations = new Map<string, string>();
  for (const { stem, generation, path } of files) {
    if (generation === null) generations.set(stem, namedBy(path));
  }
  for (const file of files) {
    const isNamed = file.generation === null || generations.get(file.stem) === file.generation;
    const isOld = Date.now() - file.changedAt > ORPHAN_AGE_MS;
    if (!used.has(file.head) || (!isNamed && isOld)) rmSync(file.path, { force: true });
    else kept.push(file);
  }
  return shrink(kept);
}

function ownFiles(folder: string): OwnFile[] {
  const files: OwnFile[] = [];
  for (const name of namesIn(folder)) {
    const [, stem, head, generation = null] = OWN_NAME.exec(name) ?? [];
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stem === undefined || head === undefined || stats === undefined) continue;
    files.push({ path, stem, head, generation, bytes: stats.size, changedAt: stats.mtimeMs });
  }
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function namedBy(path: string): string {
  try {
    return generationName(readState(path)?.generation ?? 0);
  } catch {
    return '';
  }
}

/** Removes whole indexes, the longest unchanged ones first, until the rest is small enough. */
function shrink(files: readonly OwnFile[]): number {
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const states = files.filter(({ generation }) => generation === null);
  for (const { stem } of states.toSorted((a, b) => a.changedAt - b.changedAt)) {
    if (total <= MOST_BYTES) break;
    for (const file of files.filter((one) => one.stem === stem)) {
      rmSync(file.path, { force: true });
      total -= file.bytes;
    }
  }
  return total;
}
