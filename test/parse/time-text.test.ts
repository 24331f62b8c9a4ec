import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { tzOffset } from '@date-fns/tz/tzOffset';
import fc from 'fast-check';
import { readTimeText, type TimeTextClock } from '../../src/parse/time-text.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A clock of a real zone; of a repeated hour wallToEpoch gives the earlier instant. */
function clockOf(zone: string, now: number): TimeTextClock {
  const offsetMinutesAt = (at: number): number => tzOffset(zone, new Date(at));
  return {
    now,
    offsetMinutesAt,
    wallToEpoch: (wall) => {
      const around = [offsetMinutesAt(wall - DAY), offsetMinutesAt(wall), offsetMinutesAt(wall + DAY)];
      const fitting = around.filter((minutes) => offsetMinutesAt(wall - minutes * MINUTE) === minutes);
      return wall - (fitting.length > 0 ? Math.max(...fitting) : (around[0] ?? 0)) * MINUTE;
    },
  };
}

/** Sunday, 22 November 2026, 18:00 in Berlin. */
const NOW = Date.UTC(2026, 10, 22, 17, 0, 0);
const berlin = clockOf('Europe/Berlin', NOW);
const iso = (at: number): string => new Date(at).toISOString();
const read = (text: string, clock = berlin): string | null => {
  const range = readTimeText(text, clock);
  if (range === null) return null;
  const length = Math.round((range.to - range.from) * 1000) / 1000;
  return `${iso(range.from)} ${length}`;
};

describe('instants', () => {
  test.each([
    ['2026-11-22 17:30', '2026-11-22T16:30:00.000Z 999.999'],
    ['2026-11-22 17:30:05', '2026-11-22T16:30:05.000Z 999.999'],
    ['2026-11-22 17:30:05.5', '2026-11-22T16:30:05.500Z 0'],
    ['2026-11-22T17:30', '2026-11-22T16:30:00.000Z 999.999'],
    ['2026-11-22T17:30Z', '2026-11-22T17:30:00.000Z 999.999'],
    ['2026-11-22T17:30:05-05:00', '2026-11-22T22:30:05.000Z 999.999'],
    ['2026-11-22T17:30:05.250+01:00', '2026-11-22T16:30:05.250Z 0'],
    ['2026-11-22 17:30:05 +0100', '2026-11-22T16:30:05.000Z 999.999'],
    ['2026-11-22', '2026-11-21T23:00:00.000Z 999.999'],
    ['22.11.2026 17:30', '2026-11-22T16:30:00.000Z 999.999'],
    ['2026/11/22 17:56:41', '2026-11-22T16:56:41.000Z 999.999'],
    ['17:56', '2026-11-22T16:56:00.000Z 999.999'],
    ['17:56:41', '2026-11-22T16:56:41.000Z 999.999'],
    ['23:15', '2026-11-22T22:15:00.000Z 999.999'],
    ['17:56 yesterday', '2026-11-21T16:56:00.000Z 999.999'],
    ['Yesterday  17:56', '2026-11-21T16:56:00.000Z 999.999'],
    ['today 17:56', '2026-11-22T16:56:00.000Z 999.999'],
    ['yesterday', '2026-11-20T23:00:00.000Z 999.999'],
    ['today', '2026-11-21T23:00:00.000Z 999.999'],
    ['Sat 17:56', '2026-11-21T16:56:00.000Z 999.999'],
    ['17:56 saturday', '2026-11-21T16:56:00.000Z 999.999'],
    ['Sun 17:56', '2026-11-22T16:56:00.000Z 999.999'],
    ['Sun 18:01', '2026-11-15T17:01:00.000Z 999.999'],
    ['now', '2026-11-22T17:00:00.000Z 0'],
    ['-2h', '2026-11-22T15:00:00.000Z 0'],
    ['2h ago', '2026-11-22T15:00:00.000Z 0'],
    ['90 minutes ago', '2026-11-22T15:30:00.000Z 0'],
    ['-90m', '2026-11-22T15:30:00.000Z 0'],
    ['-1d12h', '2026-11-21T05:00:00.000Z 0'],
    ['22/Nov/2026:17:56:41 +0100', '2026-11-22T16:56:41.000Z 999.999'],
    ['[22/Nov/2026:17:56:41 +0100]', '2026-11-22T16:56:41.000Z 999.999'],
    ['22/Nov/2026:17:56:41', '2026-11-22T16:56:41.000Z 999.999'],
    ['[22/Nov/2026:17:56:41.101736 +0000]', '2026-11-22T17:56:41.101Z 0'],
    ['Sun Nov 22 17:56:41.123 2026', '2026-11-22T16:56:41.123Z 0'],
    ['[Sun Nov 22 17:56:41.110242 2026]', '2026-11-22T16:56:41.110Z 0'],
    ['Mon Nov  2 17:56:41 2026', '2026-11-02T16:56:41.000Z 999.999'],
    ['Sun, 22 Nov 2026 17:56:41 +0100', '2026-11-22T16:56:41.000Z 999.999'],
    ['Date: Sun, 22 Nov 2026 17:56:41 +0100 (CET)', '2026-11-22T16:56:41.000Z 999.999'],
    ['22 Nov 2026 17:56:41 GMT', '2026-11-22T17:56:41.000Z 999.999'],
    ['Time:     Sun Nov 22 17:56:41 2026 +0100', '2026-11-22T16:56:41.000Z 999.999'],
    ['Nov 22 17:56:41', '2026-11-22T16:56:41.000Z 999.999'],
    ['Nov  2 17:56:41', '2026-11-02T16:56:41.000Z 999.999'],
    ['Dec 24 17:56:41', '2025-12-24T16:56:41.000Z 999.999'],
  ])('%s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test('a range around it', () => {
    const around = { from: Date.UTC(2026, 10, 22, 16, 51), to: Date.UTC(2026, 10, 22, 17, 1) + 999.999 };
    for (const text of [
      '17:56 +-5 min',
      '17:56+-5m',
      '17:56 ±5 min',
      '17:56 +/- 5 minutes',
      '17:56 ± 300s',
    ]) {
      expect([text, readTimeText(text, berlin)]).toEqual([text, around]);
    }
    expect(read('Time:     Sun Nov 22 17:56:41 2026 +0100 +-5 min')).toBe(
      '2026-11-22T16:51:41.000Z 600999.999',
    );
    expect(read('2026-11-22T17:30:05-05:00 +/- 30s')).toBe('2026-11-22T22:29:35.000Z 60999.999');
  });

  test.each([
    '',
    '25:00',
    '17:60',
    '24:00',
    '2026-04-31',
    '2026-04-31 10:00',
    '2027-02-29',
    '26-11-22 17:30',
    '0026-11-22 17:30',
    '2026-11-22 17:30 x',
    '2026-11-22 7:30',
    '17:56 tomorrow',
    'Mon Nov 22 17:56:41 2026',
    'Mon, 22 Nov 2026 17:56:41 +0100',
    'Sat',
    '2h',
    '-2',
    '-2x',
    '-2h ago',
    '+2h',
    '17:56 +-5',
    '17:56 +-99999d',
    '+-5 min',
    '-999999w',
    'Nov 31 17:56:41',
    'Foo 22 17:56:41',
    '22/Foo/2026:17:56:41 +0100',
    '22/Nov/2026:17:56:41 +9900',
    '[22/Nov/2026:17:56:41 +0100',
    '17:56 +0100',
    '11/22/2026 17:56',
    '2026-11-22\x0017:30',
    '2026-11-22 17:30; rm',
    'now now',
    '１７:56',
  ])('refused: %j', (text) => {
    expect(readTimeText(text, berlin)).toBeNull();
  });
});

describe('clock changes', () => {
  const october = clockOf('Europe/Berlin', Date.UTC(2026, 9, 25, 12));
  test('a repeated hour gives both instants', () => {
    expect(read('2026-10-25 02:30', october)).toBe('2026-10-25T00:30:00.000Z 3600999.999');
    expect(read('02:30:00', october)).toBe('2026-10-25T00:30:00.000Z 3600999.999');
    expect(read('Oct 25 02:30:00', october)).toBe('2026-10-25T00:30:00.000Z 3600999.999');
    expect(read('2026-10-25 02:30:00.5', october)).toBe('2026-10-25T00:30:00.500Z 3600000');
    expect(read('2026-10-25 02:30 +-5m', october)).toBe('2026-10-25T00:25:00.000Z 4200999.999');
    expect(read('2026-10-25 02:30:00 +0100', october)).toBe('2026-10-25T01:30:00.000Z 999.999');
    expect(read('2026-10-25 03:00', october)).toBe('2026-10-25T02:00:00.000Z 999.999');
    expect(read('2026-10-25 01:59:59', october)).toBe('2026-10-24T23:59:59.000Z 999.999');
  });
  test('a time that does not exist moves forward', () => {
    expect(read('2026-03-29 02:30', clockOf('Europe/Berlin', NOW))).toBe('2026-03-29T01:30:00.000Z 999.999');
  });
  test('half an hour (Lord Howe)', () => {
    const howe = clockOf('Australia/Lord_Howe', NOW);
    expect(read('2026-04-05 01:45', howe)).toBe('2026-04-04T14:45:00.000Z 1800999.999');
  });
  test('yesterday and weekdays are the server’s', () => {
    const auckland = clockOf('Pacific/Auckland', Date.UTC(2026, 10, 22, 12, 30));
    expect(read('today 00:10', auckland)).toBe('2026-11-22T11:10:00.000Z 999.999');
    expect(read('Sun 10:00', auckland)).toBe('2026-11-21T21:00:00.000Z 999.999');
  });
});

test('any text gives null or a range in order, and does not throw', () => {
  const pieces = [
    '2026-11-22',
    '17:56',
    ' ',
    '-',
    '2h',
    ' ago',
    'Sun',
    'Nov',
    '22',
    '[',
    '+0100',
    '+-5 min',
    '.5',
    '\x00',
    'T',
  ];
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 9 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      const range = readTimeText(value, berlin);
      expect(range === null || (Number.isFinite(range.from) && range.from <= range.to)).toBe(true);
    }),
    { numRuns: 1000 },
  );
  expect(readTimeText('9'.repeat(1_000_000), berlin)).toBeNull();
  expect(readTimeText('-'.repeat(100), berlin)).toBeNull();
});

test.each(['UTC', 'America/New_York', 'Pacific/Apia', 'Europe/Berlin', 'Asia/Kathmandu'])(
  'the zone of the machine (%s) does not matter',
  (zone) => {
    const code = `
      const { readTimeText } = await import(process.argv[1]);
      const clock = { now: ${NOW}, wallToEpoch: (wall) => wall - 3600000, offsetMinutesAt: () => 60 };
      const texts = ['2026-03-29 02:30', '2026-03-08 02:30', '22/Nov/2026:17:56:41 +0100', 'Sat 17:56', '2026-11-22',
        'Sun, 22 Nov 2026 17:56:41 +0100', 'Nov 22 17:56:41', '17:56'];
      console.log(JSON.stringify(texts.map((text) => readTimeText(text, clock)?.from ?? null)));`;
    const { pathname } = new URL('../../src/parse/time-text.ts', import.meta.url);
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', code, pathname], {
      env: { TZ: zone },
      encoding: 'utf8',
    });
    expect([zone, JSON.parse(run.stdout)]).toEqual([
      zone,
      [
        Date.UTC(2026, 2, 29, 1, 30),
        Date.UTC(2026, 2, 8, 1, 30),
        Date.UTC(2026, 10, 22, 16, 56, 41),
        Date.UTC(2026, 10, 21, 16, 56),
        Date.UTC(2026, 10, 21, 23),
        Date.UTC(2026, 10, 22, 16, 56, 41),
        Date.UTC(2026, 10, 22, 16, 56, 41),
        Date.UTC(2026, 10, 22, 16, 56),
      ],
    ]);
  },
);
