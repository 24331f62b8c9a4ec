import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, endOf, lastAt, nextAt, within } from '../../src/actions/mail-clock.ts';
import { fixedZone, type Zone } from '../../src/host/clock.ts';
import { zoneOf } from './zone-kit.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const berlin = zoneOf('Europe/Berlin');
const at = (text: string): number => Date.parse(text);
const dayTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
/** Days around the two changes of the clock, and ordinary ones. */
const moment = fc.oneof(
  fc.integer({ min: at('2026-03-28T00:00Z'), max: at('2026-03-30T12:00Z') }),
  fc.integer({ min: at('2026-10-24T00:00Z'), max: at('2026-10-26T12:00Z') }),
  fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2026-12-31T00:00Z') }),
);
const wallOf = (zone: Zone, time: number): string =>
  new Date(time + zone.offsetMinutesAt(time) * MINUTE).toISOString().slice(11, 16);

test('quiet hours over midnight, with their ends', () => {
  const hours = { from: '22:00', to: '07:00' };
  const utc = fixedZone(0, 'known');
  for (const [time, quiet] of [
    ['21:59:59.999', false],
    ['22:00:00.000', true],
    ['00:00:00.000', true],
    ['06:59:59.999', true],
    ['07:00:00.000', false],
    ['12:00:00.000', false],
  ] as const)
    expect([time, within(hours, utc, at(`2026-11-22T${time}Z`))]).toEqual([time, quiet]);
  expect(endOf(hours, berlin, at('2026-11-22T23:30:00+01:00'))).toBe(at('2026-11-23T07:00:00+01:00'));
});

test('the clock that is set while it is quiet', () => {
  const hours = { from: '22:00', to: '02:30' };
  // 02:00 to 03:00 does not come: at 03:00 it is over.
  expect(endOf(hours, berlin, at('2026-03-28T23:00:00+01:00'))).toBe(at('2026-03-29T03:00:00+02:00'));
  // 02:00 to 03:00 comes twice: the first 02:30 ends it.
  expect(endOf(hours, berlin, at('2026-10-24T23:00:00+02:00'))).toBe(at('2026-10-25T02:30:00+02:00'));
  expect(within(hours, berlin, at('2026-10-25T02:15:00+01:00'))).toBe(true);
});

test('property: hours end where the clock stands outside of them, within a day and an hour', () => {
  fc.assert(
    fc.property(dayTime, dayTime, moment, (from, to, now) => {
      fc.pre(from !== to && within({ from, to }, berlin, now));
      const end = endOf({ from, to }, berlin, now);
      expect(within({ from, to }, berlin, end)).toBe(false);
      expect(within({ from, to }, berlin, end - 1)).toBe(true);
      expect(end - now).toBeGreaterThan(0);
      // Of a time outside that lies in the hour which does not come, the next day's ends them.
      const most = outsideOf(from, to) > 60 ? 25 : 48;
      expect(end - now).toBeLessThanOrEqual(most * HOUR);
    }),
  );
});

/** Minutes of an ordinary day that are outside. */
function outsideOf(from: string, to: string): number {
  const [begin = 0, end = 0] = [from, to].map(
    (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)),
  );
  return (begin - end + 1440) % 1440;
}

test('the only minute outside lies in the hour that does not come', () => {
  const hours = { from: '02:01', to: '02:00' };
  expect(endOf(hours, berlin, at('2026-03-28T02:01:00+01:00'))).toBe(at('2026-03-30T02:00:00+02:00'));
});

test('property: a time of day comes once a day, the last one up to now and the next one after', () => {
  fc.assert(
    fc.property(dayTime, moment, (time, now) => {
      const [last, next] = [lastAt(time, berlin, now), nextAt(time, berlin, now)];
      expect(last).toBeLessThanOrEqual(now);
      expect(next).toBeGreaterThan(now);
      expect(next - last).toBeLessThanOrEqual(25 * HOUR);
      // A skipped hour is shifted forward; of a repeated one the earlier counts for the last.
      const shown = wallOf(berlin, last);
      expect(shown === time || dayOf(berlin, last) === '2026-03-29').toBe(true);
      expect(lastAt(time, berlin, last)).toBe(last);
    }),
  );
});

test('the server’s date, not UTC’s', () => {
  expect(dayOf(berlin, at('2026-11-22T23:30:00Z'))).toBe('2026-11-23');
  expect(dayOf(fixedZone(-300, 'known'), at('2026-11-22T03:30:00Z'))).toBe('2026-11-21');
});
