// A first look at a log file: may it be read, and is it packed.
import { accessSync, closeSync, constants, readSync } from 'node:fs';
import { problemOf } from './problems.ts';
import type { NoPlace, Place, Root } from './root.ts';

export interface Probe {
  readonly problem: string | null;
  /** By the file's first two bytes; false where it was not opened. */
  readonly compressed: boolean;
}

/** Whether a descriptor stands on a gzip file (magic 1f 8b, RFC 1952). */
export function isGzip(fd: number): boolean {
  const magic = Buffer.alloc(2);
  return readSync(fd, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
}

/** Opens a rotated log to see whether it is packed; of a current one only asks whether it may be read. */
function probeFile(root: Root, place: Place | NoPlace, rotated: boolean): Probe {
  if (place.problem !== null) return { problem: place.problem, compressed: false };
  if (!rotated && !place.distrusted) return { problem: accessProblem(place), compressed: false };
  const opened = root.open(place);
  if (opened.problem !== null) return { problem: opened.problem, compressed: false };
  try {
    return { problem: null, compressed: isGzip(opened.fd) };
  } catch (error) {
    return { problem: problemOf(error), compressed: false };
  } finally {
    closeSync(opened.fd);
  }
}

/** probeFile for one server. */
export type Prober = (place: Place | NoPlace, rotated: boolean) => Probe;

const MOST_REMEMBERED = 100_000;

/**
 * A prober that does not open a file again that it could read and that has not changed since (inode, size and ctime,
 * which permissions and new names change too): a server has thousands of archives.
 */
export function rememberingProber(root: Root): Prober {
  const seen = new Map<string, { readonly stamp: string; readonly probe: Probe }>();
  return (place, rotated) => {
    if (place.problem !== null || (!rotated && !place.distrusted)) return probeFile(root, place, rotated);
    const { dev, ino, size, ctimeMs } = place.stats;
    const stamp = `${dev}:${ino}:${size}:${ctimeMs}:${place.distrusted}`;
    const before = seen.get(place.real);
    if (before?.stamp === stamp) return before.probe;
    const probe = probeFile(root, place, rotated);
    if (seen.size >= MOST_REMEMBERED) seen.clear();
    if (probe.problem === null) seen.set(place.real, { stamp, probe });
    return probe;
  };
}

function accessProblem(place: Place): string | null {
  if (!place.stats.isFile()) return 'not a regular file';
  try {
    accessSync(place.file, constants.R_OK);
    return null;
  } catch (error) {
    return problemOf(error);
  }
}
