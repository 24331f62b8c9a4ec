// Where a page of found lines ends, so that the next one goes on there: an order over the lines of all logs.
import type { EpochMs } from '../model.ts';
import { BadInput } from './errors.ts';

/** The place of a line among all: later times first, then the path, then later places in the same log. */
export interface Cursor {
  /** -Infinity for lines without any time: they come last. */
  readonly at: EpochMs;
  readonly path: string;
  readonly offset: number;
}

/** Negative when `a` comes before `b` (is newer). */
export function compareNewest(a: Cursor, b: Cursor): number {
  if (a.at !== b.at) return a.at > b.at ? -1 : 1;
  if (a.path !== b.path) return a.path < b.path ? -1 : 1;
  return b.offset - a.offset;
}

/** A cursor as a text for a link, e.g. `1763830597000.5@120@/var/log/lfd.log`. */
export function cursorText({ at, path, offset }: Cursor): string {
  return `${at === -Infinity ? '' : at}@${offset}@${path}`;
}

/** Reads a cursor's text; throws BadInput for anything else. */
export function readCursor(text: string): Cursor {
  const match = /^(-?\d{1,17}(?:\.\d{1,9})?)?@(\d{1,16})@(\/[^\0]{1,4096})$/.exec(text);
  if (match?.[2] === undefined || match[3] === undefined)
    throw new BadInput('The link to older lines is damaged. Search again.');
  return {
    at: match[1] === undefined ? -Infinity : Number(match[1]),
    offset: Number(match[2]),
    path: match[3],
  };
}
