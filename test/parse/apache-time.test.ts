// Apache's times: error_log's and the access log's.
import { expect, test } from '@jest/globals';
import { parseApacheErrorTime, parseClfTime } from '../../src/parse/apache-time.ts';

test.each([
  ['Sun Nov 22 13:00:11.110242 2026', Date.UTC(2026, 10, 22, 13, 0, 11) + 110.242],
  ['Sun Nov 22 13:00:11 2026', Date.UTC(2026, 10, 22, 13, 0, 11)],
  ['Sun Nov 22 13:00:11.5 2026', Date.UTC(2026, 10, 22, 13, 0, 11) + 500],
  ['Sun Nov  1 13:00:11 2026', Date.UTC(2026, 10, 1, 13, 0, 11)],
  ['Sun Nov 01 13:00:11 2026', Date.UTC(2026, 10, 1, 13, 0, 11)],
  ['Sat Feb 29 00:00:00 2020', Date.UTC(2020, 1, 29)],
  ['Wed Dec 31 23:59:60 2008', Date.UTC(2009, 0, 1)],
  ['Sun Feb 29 13:00:11 2026', null],
  ['Sun Nov 31 13:00:11 2026', null],
  ['Sun Nov  0 13:00:11 2026', null],
  ['Sun Nov 22 24:00:11 2026', null],
  ['Sun Nov 22 13:60:11 2026', null],
  ['Sun ovD 22 13:00:11 2026', null],
  ['Sun Ovd 22 13:00:11 2026', null],
  ['Sun Nov 22 13:00:11.1102421 2026', null],
  ['Sun Nov 22 13:00:11 26', null],
  ['Sun Nov 22 13:00:11 0026', null],
  [' Sun Nov 22 13:00:11 2026', null],
  ['', null],
])('error_log: %s', (text, wall) => {
  expect(parseApacheErrorTime(text)).toBe(wall);
});

test.each([
  ['22/Nov/2026:13:00:11.101736 +0000', Date.UTC(2026, 10, 22, 13, 0, 11) + 101.736, 0],
  ['22/Nov/2026:13:00:11 +0100', Date.UTC(2026, 10, 22, 12, 0, 11), 60],
  ['[22/Nov/2026:13:00:11 -0330]', Date.UTC(2026, 10, 22, 16, 30, 11), -210],
  ['22/Nov/2026:13:00:11 -0000', Date.UTC(2026, 10, 22, 13, 0, 11), 0],
  ['01/Jan/2026:00:30:00 +0100', Date.UTC(2025, 11, 31, 23, 30), 60],
])('CLF: %s', (text, at, offsetMinutes) => {
  expect(parseClfTime(text)).toEqual({ at, offsetMinutes });
});

test.each([
  '31/Nov/2026:13:00:11 +0000',
  '22/Nov/2026:13:00:11 +1500',
  '22/Nov/2026:13:00:11 +0060',
  '22/Nov/2026:13:00:11',
  '1/Nov/2026:13:00:11 +0000',
  '',
])('CLF refused: %s', (text) => {
  expect(parseClfTime(text)).toBeNull();
});
