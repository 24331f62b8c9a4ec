// How long "permanent" lasts: lists made for it, with dates as csf writes them.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Firewall } from '../../src/actions/firewall.ts';
import { netSize } from '../../src/actions/net-words.ts';
import { dropsOutWords, type Rotation, rotationOf } from '../../src/actions/rotation.ts';
import type { ServerClock } from '../../src/actions/server.ts';
import { fixedZone } from '../../src/host/clock.ts';
import { parseCsfListText } from '../../src/parse/csf-list.ts';
import type { BlockCount } from '../../src/store/firewall-lookups.ts';

const NOW = Date.parse('2026-11-22T18:00:00+01:00');
const HOUR = 3_600_000;
const clock: ServerClock = { zone: fixedZone(60, 'known'), basis: 'known', now: NOW };
const NOTHING: BlockCount = { blocks: 0, since: null };

const stamp = (at: number): string => {
  const [, day, month, date, time, year] =
    /^(\w{3}), (\d\d) (\w{3}) (\d{4}) ([\d:]{8})/.exec(new Date(at + HOUR).toUTCString())?.slice(0, 6) ?? [];
  return `${day ?? ''} ${date ?? ''} ${String(Number(month)).padStart(2)} ${year ?? ''} ${time ?? ''}`;
};
const line = (number: number, hoursAgo: number | null, more = ''): string =>
  `198.51.${Math.floor(number / 250)}.${(number % 250) + 1} # lfd: test${more}${hoursAgo === null ? '' : ` - ${stamp(NOW - hoursAgo * HOUR)}`}`;

function rotation(lines: readonly string[], limit: string | null, blocks: BlockCount = NOTHING): Rotation {
  return rotationOf(firewallOf(lines, limit), clock, () => blocks);
}
function firewallOf(
  lines: readonly string[],
  limit: string | null,
): Pick<Firewall, 'deny' | 'conf' | 'readable'> {
  const deny = parseCsfListText(lines.join('\n'), 'deny').entries.map(({ entry, offset }) => ({
    ...{ ...entry, ref: { file: '/etc/csf/csf.deny', offset }, included: false },
  }));
  const conf = new Map(limit === null ? [] : [['DENY_IP_LIMIT', limit]]);
  return { deny, conf, readable: true };
}
/** When the line at this place drops out. */
function dropsOut(lines: readonly string[], limit: string, index: number): string | null {
  const firewall = firewallOf(lines, limit);
  const entry = firewall.deny[index];
  if (entry === undefined) throw new Error('no such line');
  return dropsOutWords(rotationOf(firewall, clock, () => NOTHING).daysLeft(entry));
}
/** One line every so many hours, the oldest first. */
const every = (hours: number, number: number): string[] =>
  Array.from({ length: number }, (_, index) => line(index, (number - index) * hours));

describe('a full list', () => {
  // Three a day: 20 lines reach back 160 hours.
  const full = every(8, 20);
  test('each place has its own day', () => {
    expect(dropsOut(full, '20', 0)).toBe('in about 8 hours');
    expect(dropsOut(full, '20', 9)).toBe('in about 3 days');
    expect(dropsOut(full, '20', 19)).toBe('in about 7 days');
  });
  test('is said to be full', () => {
    const { statement, perDay } = rotation(full, '20');
    expect(perDay).toBeCloseTo(3);
    expect(statement).toEqual({
      basis: 'inferred',
      sentence:
        'csf.deny keeps 20 lines (DENY_IP_LIMIT) and is full: each new block drops the oldest, and at today’s rate of 3 new lines a day (20 lines of the last 7 days) a new block lasts about 7 days.',
      lines: [],
    });
  });
  test('a list over its limit drops all that are too many with the next block', () => {
    expect(dropsOut(full, '10', 0)).toBe('in about 8 hours');
    expect(dropsOut(full, '10', 10)).toBe('in about 8 hours');
    expect(dropsOut(full, '10', 11)).toBe('in about 16 hours');
  });
});

describe('a list with room', () => {
  const some = every(24, 10);
  test('is full some day', () => {
    const { statement } = rotation(some, '200');
    expect(statement?.sentence).toBe(
      'csf.deny keeps 200 lines (DENY_IP_LIMIT) and has 10: at today’s rate of 5 new lines a week (10 lines of the last 14 days) it is full in about 9 months; then each new block drops the oldest, and a new block lasts about 9 months.',
    );
    expect(dropsOut(some, '200', 0)).toBe('in about 9 months');
  });
  test('lines that are marked or included neither count nor drop', () => {
    const lines = [line(900, 500, ' do not delete'), ...every(8, 20)];
    const firewall = firewallOf(lines, '20');
    const { counted, daysLeft } = rotationOf(firewall, clock, () => NOTHING);
    const [kept, first] = firewall.deny;
    expect(counted).toBe(20);
    expect(kept === undefined ? 0 : daysLeft(kept)).toBeNull();
    expect(first === undefined ? null : dropsOutWords(daysLeft(first))).toBe('in about 8 hours');
    expect(first === undefined ? 0 : daysLeft({ ...first, included: true })).toBeNull();
    expect(first === undefined ? 0 : daysLeft({ ...first, list: 'tempban' })).toBeNull();
  });
});

describe('where nothing drops, or nobody knows', () => {
  test('a limit of 0', () => {
    const { statement, perDay } = rotation(every(8, 20), '0');
    expect(perDay).toBeNull();
    expect(statement?.basis).toBe('known');
    expect(statement?.sentence).toContain(
      'Nothing drops out of csf.deny (DENY_IP_LIMIT is 0); it has 20 lines.',
    );
    expect(dropsOut(every(8, 20), '0', 0)).toBeNull();
  });
  test.each([[null], [''], ['many'], ['-1'], ['1e9']])('a limit of %j', (limit) => {
    expect(rotation(every(8, 20), limit).statement?.basis).toBe('missing');
  });
  test('dates that are too few, or none', () => {
    const undated = Array.from({ length: 20 }, (_, index) => line(index, null));
    const { statement, perDay, daysLeft } = rotation(undated, '20');
    expect(perDay).toBeNull();
    expect(statement?.basis).toBe('missing');
    expect(statement?.sentence).toContain('How fast is not known');
    expect(firewallOf(undated, '20').deny.map(daysLeft)).toEqual(undated.map(() => null));
  });
  test('then lfd.log tells, if it reaches back', () => {
    const undated = Array.from({ length: 20 }, (_, index) => line(index, null));
    const { statement, perDay } = rotation(undated, '20', { blocks: 28, since: NOW - 30 * 24 * HOUR });
    expect(perDay).toBeCloseTo(2);
    expect(statement?.sentence).toContain('2 new lines a day (28 blocks in lfd.log of the last 14 days)');
    expect(rotation(undated, '20', { blocks: 28, since: NOW - HOUR }).perDay).toBeNull();
  });
  test('a burst of minutes is no rate', () => {
    const burst = Array.from({ length: 20 }, (_, index) => line(index, 0.5));
    expect(rotation(burst, '20').perDay).toBeNull();
    // Nor is it in a list with room: it may have been emptied before.
    expect(rotation(burst, '5000').perDay).toBeNull();
    expect(rotation([...burst, ...every(48, 3)], '5000').perDay).toBeCloseTo(23 / 14);
  });
  test('dates of the future do not count', () => {
    expect(rotation(every(-8, 20), '200').perDay).toBeNull();
  });
  test('a list that could not be read', () => {
    const { statement } = rotationOf({ ...firewallOf([], '200'), readable: false }, clock, () => NOTHING);
    expect(statement).toBeNull();
  });
});

test('csf drops exactly the lines that are said to drop first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 40 }), fc.integer({ min: 1, max: 40 }), (number, more) => {
      const lines = every(12, number);
      const firewall = firewallOf(lines, '30');
      const { daysLeft, perDay } = rotationOf(firewall, clock, () => NOTHING);
      if (perDay === null) return;
      // As csf.pl does it: the topmost go until one less than the limit is left, then the new one is added.
      let left = [...lines];
      for (let added = 0; added < more; added++) {
        if (left.length >= 30) left = left.slice(left.length - 29);
        left.push(line(1000 + added, 0));
      }
      const gone = lines.filter((text) => !left.includes(text)).length;
      // A hair's breadth for the division by the rate.
      const said = firewall.deny.filter((entry) => (daysLeft(entry) ?? Infinity) * perDay <= more + 1e-6);
      expect(said.length).toBe(gone);
    }),
  );
});

test.each([
  [null, null],
  [0.01, 'in less than an hour'],
  [0.5, 'in about 12 hours'],
  [1.9, 'in about 46 hours'],
  [9.2, 'in about 9 days'],
  [120, 'in about 4 months'],
  [900, 'in more than 2 years'],
])('%s days: %s', (days, words) => {
  expect(dropsOutWords(days)).toBe(words);
});

test.each([
  ['198.51.100.7', '1 address'],
  ['198.51.100.0/24', '256 addresses'],
  ['198.51.0.0/16', '65,536 addresses'],
  ['128.0.0.0/1', '2,147,483,648 addresses'],
  ['2001:db8:5:6::/64', 'one /64, as a single visitor has it'],
  ['2001:db8:5::/48', '65,536 nets of /64'],
  ['2001::/16', 'about 2.8e14 nets of /64'],
  ['2001:db8::5/128', '1 address'],
  ['2001:db8::/120', '256 addresses'],
])('%s is %s', (net, words) => {
  expect(netSize(net)).toBe(words);
});
