// Small text files of the server, read whole: configuration, lists, rules.
import { closeSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { problemOf } from './problems.ts';
import type { Root } from './root.ts';

const DEFAULT_LIMIT = 8 * 1024 * 1024;

export interface SmallFile {
  readonly problem: null;
  /** latin1, one character per byte. */
  readonly text: string;
  /** As the file was after the last byte was read. */
  readonly mtimeMs: number;
}

/** Reads a file of at most `limit` bytes (8 MiB unless said); a longer one is a problem, not a part. */
export function readSmallFile(
  root: Root,
  path: string,
  limit = DEFAULT_LIMIT,
): SmallFile | { readonly problem: string } {
  const place = root.resolve(path);
  const opened = place.problem === null ? root.open(place) : place;
  if (opened.problem !== null) return { problem: opened.problem };
  try {
    const text = readText(opened.fd, opened.stats, limit);
    return text === null ? { problem: 'too large' } : { problem: null, text, mtimeMs: opened.stats.mtimeMs };
  } catch (error) {
    return { problem: problemOf(error) };
  } finally {
    closeSync(opened.fd);
  }
}

/** The whole text behind a descriptor, also of a file that grew since `stats`; null when it is over `limit`. */
export function readText(fd: number, stats: Stats, limit: number): string | null {
  let buffer = Buffer.allocUnsafe(Math.min(stats.size, limit) + 1);
  let length = 0;
  for (;;) {
    const got = readSync(fd, buffer, length, buffer.length - length, length);
    if (got === 0) return buffer.toString('latin1', 0, length);
    length += got;
    if (length > limit) return null;
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(length * 2, limit + 1) + 1);
  }
}
