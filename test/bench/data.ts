// The bench's generated logs in the temp folder: made once per seed and size, found again by a marker file.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOGS_FOLDER, namesOf, SMALL, type Size } from './generate.ts';

/** Changes when the generator's bytes change, so that old data is not taken for new. */
const GENERATION = 1;
const GENERATOR = join(import.meta.dirname, 'generate.ts');
const MARKER = 'bench-data.json';

/** Where the logs lie. Paths are absolute. */
export interface BenchData {
  readonly root: string;
  readonly log: string;
  readonly archives: readonly string[];
}

function rootOf(seed: number, size: Size): string {
  return join(tmpdir(), `whyblocked-bench-${seed}-${Math.round(size.logBytes / 1048576)}mib`);
}

/** Gives the logs of a seed and size, made now when they are not there yet. Throws when the disk is too small. */
export function benchData(seed: number, size: Size): BenchData {
  const root = rootOf(seed, size);
  const paths = namesOf(size).map((name) => join(root, LOGS_FOLDER, name));
  if (isComplete(root, size)) console.log(`data of an earlier run is used: ${root}`);
  else {
    rmSync(root, { recursive: true, force: true });
    checkRoom(size);
    // A process of its own: what generating leaves in memory is not to be counted as the search's.
    const args = [GENERATOR, root, '--seed', String(seed), ...(size === SMALL ? ['--small'] : [])];
    execFileSync(process.execPath, args, { stdio: 'inherit' });
    const marker: Marker = { generation: GENERATION, size, bytes: paths.map(sizeOf) };
    writeFileSync(join(root, MARKER), JSON.stringify(marker));
  }
  const [log, ...archives] = paths;
  return { root, log: log!, archives };
}

/** Removes the logs of a seed and size. */
export function removeData(seed: number, size: Size): void {
  rmSync(rootOf(seed, size), { recursive: true, force: true });
}

interface Marker {
  readonly generation: number;
  readonly size: Size;
  /** On disk, in the order of `namesOf`. */
  readonly bytes: readonly number[];
}

/** The marker is written last, so a run that was cut short leaves none. */
function isComplete(root: string, size: Size): boolean {
  const marker = join(root, MARKER);
  if (!existsSync(marker)) return false;
  const told = JSON.parse(readFileSync(marker, 'utf8')) as Marker;
  if (told.generation !== GENERATION || JSON.stringify(told.size) !== JSON.stringify(size)) return false;
  return namesOf(size).every((name, i) => sizeOf(join(root, LOGS_FOLDER, name)) === told.bytes[i]);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}

function checkRoom(size: Size): void {
  mkdirSync(tmpdir(), { recursive: true });
  const { bavail, bsize } = statfsSync(tmpdir());
  const needed = Math.round((size.logBytes + size.archives * size.archiveBytes * 0.15) * 1.1);
  if (bavail * bsize >= needed) return;
  const mib = (bytes: number): number => Math.round(bytes / 1048576);
  throw new Error(
    `the bench writes ${mib(needed)} MiB below ${tmpdir()}, where ${mib(bavail * bsize)} MiB are free; set TMPDIR to a larger disk`,
  );
}
