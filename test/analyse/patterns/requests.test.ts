// Requests that list users, and requests that pages send by themselves.
import { describe, expect, test } from '@jest/globals';
import { ASYNC_PATHS, isAsyncPath } from '../../../src/analyse/patterns/async-paths.ts';
import { ENUMERATION, listsUsers, NO_ENUMERATION } from '../../../src/analyse/patterns/enumeration.ts';
import type { PatternEntry } from '../../../src/analyse/patterns/pattern-entry.ts';

const TABLES: readonly (readonly [string, readonly PatternEntry[]])[] = [
  ['enumeration', ENUMERATION],
  ['no enumeration', NO_ENUMERATION],
  ['async paths', ASYNC_PATHS],
];

describe.each(TABLES)('%s', (_name, entries) => {
  test.each(entries.flatMap((entry) => entry.fits.map((text) => [text, entry] as const)))(
    '%s fits',
    (text, entry) => {
      expect(entry.re.test(text)).toBe(true);
    },
  );

  test.each(entries.flatMap((entry) => entry.fitsNot.map((text) => [text, entry] as const)))(
    '%s does not fit',
    (text, entry) => {
      expect(entry.re.test(text)).toBe(false);
    },
  );
});

test('user names are listed by what fits, encoded too, unless an editor or a list of books asks', () => {
  for (const text of ENUMERATION.flatMap((entry) => entry.fits))
    expect([text, listsUsers(text)]).toEqual([text, true]);
  expect(listsUsers('/%3fauthor=1')).toBe(true);
  expect(listsUsers('/wp-json/wp/v2/%75sers')).toBe(true);
  for (const text of [
    ...ENUMERATION.flatMap((entry) => entry.fitsNot),
    ...NO_ENUMERATION.flatMap((entry) => entry.fits),
  ]) {
    expect([text, listsUsers(text)]).toEqual([text, false]);
  }
});

test('a page sends these by itself, and none of those that do not fit', () => {
  for (const text of ASYNC_PATHS.flatMap((entry) => entry.fits))
    expect([text, isAsyncPath(text)]).toEqual([text, true]);
  for (const text of ASYNC_PATHS.flatMap((entry) => entry.fitsNot))
    expect([text, isAsyncPath(text)]).toEqual([text, false]);
});
