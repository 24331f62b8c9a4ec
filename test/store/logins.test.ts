// What is kept of logins: a day's first and last one, so that a week is told to the login and a table stays small.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LoginRecord } from '../../src/store/logins.ts';
import { Store } from '../../src/store/store.ts';
import { tempDir } from '../host/make-root.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2026, 10, 22, 12);
const ADDRESS = '192.0.2.5';
let store: Store;

beforeEach(() => {
  store = new Store(join(tempDir(), 'whyblocked.db'), '/');
});
afterEach(() => {
  store.close();
});

/** One login; its offset is its time, so that places can be told apart. */
function one(at: number, more: Partial<LoginRecord> = {}): LoginRecord {
  const moment = { at, fileId: 1, offset: at };
  return {
    address: ADDRESS,
    service: 'imap',
    user: 'info@shop.example.com',
    first: moment,
    last: moment,
    ...more,
  };
}

function keep(...logins: readonly LoginRecord[]): void {
  store.write(() => {
    for (const login of logins) store.logins.save(login);
  });
}

const times = (since: number, until: number): (readonly [number, number])[] =>
  store.logins.ofAddress(ADDRESS, since, until).map(({ first, last }) => [first.at, last.at] as const);

test('the first and the newest login of a day stay, with their lines, in whatever order they come', () => {
  const logins = [NOON, NOON + HOUR, NOON - HOUR, NOON + 30].map((at) => one(at));
  keep(...logins);
  keep(...logins.slice(1, 2));
  const [found, ...more] = store.logins.ofAddress(ADDRESS, NOON - DAY, NOON + DAY);
  expect(more).toEqual([]);
  expect(found?.first).toEqual({ at: NOON - HOUR, fileId: 1, offset: NOON - HOUR });
  expect(found?.last).toEqual({ at: NOON + HOUR, fileId: 1, offset: NOON + HOUR });
});

test('a login before or after the time asked for does not count, though there are others around', () => {
  keep(one(NOON - 9 * DAY), one(NOON + HOUR));
  expect(times(NOON - 7 * DAY, NOON)).toEqual([]);
  keep(one(NOON - 2 * DAY), one(NOON - HOUR));
  expect(times(NOON - 7 * DAY, NOON)).toEqual([[NOON - 2 * DAY, NOON - HOUR]]);
  expect(times(NOON - DAY, NOON - 2 * HOUR)).toEqual([]);
  expect(times(NOON - HOUR, NOON - HOUR)).toEqual([[NOON - HOUR, NOON - HOUR]]);
});

test('users, services and addresses are kept apart; the newest comes first', () => {
  keep(
    one(NOON),
    one(NOON + 1, { service: 'smtp' }),
    one(NOON + 2, { user: 'shopuser' }),
    one(NOON + 3, { address: '192.0.2.6' }),
  );
  const found = store.logins.ofAddress(ADDRESS, NOON - DAY, NOON + DAY);
  expect(found.map(({ service, user }) => `${service} ${user}`)).toEqual([
    'imap shopuser',
    'smtp info@shop.example.com',
    'imap info@shop.example.com',
  ]);
});

test('whole days are forgotten', () => {
  keep(one(NOON - 31 * DAY), one(NOON - 30 * DAY), one(NOON));
  store.write(() => {
    store.logins.prune(NOON - 30 * DAY);
  });
  expect(times(0, NOON)).toEqual([[NOON - 30 * DAY, NOON]]);
});

test('over a week the answer is that of all logins, whatever was kept of them', () => {
  const login = fc.integer({ min: -12 * 24, max: 3 * 24 }).map((hours) => NOON + hours * HOUR);
  fc.assert(
    fc.property(fc.uniqueArray(login, { maxLength: 40 }), (all) => {
      store.write(() => {
        store.logins.prune(NOON + 9 * DAY);
        for (const at of all) store.logins.save(one(at));
      });
      const since = NOON - 7 * DAY;
      const inside = all.filter((at) => at >= since && at <= NOON);
      const [found] = store.logins.ofAddress(ADDRESS, since, NOON);
      if (inside.length === 0) expect(found).toBeUndefined();
      if (found === undefined) return;
      expect(inside).toContain(found.first.at);
      expect(inside).toContain(found.last.at);
      // Of the two days at the ends a login between their first and last one may be passed over, never one of a whole day.
      const whole = inside.filter(
        (at) => Math.floor(at / DAY) > Math.floor(since / DAY) && at < NOON - 12 * HOUR,
      );
      if (whole.length > 0) expect(found.last.at).toBeGreaterThanOrEqual(Math.max(...whole));
    }),
    { numRuns: 200 },
  );
});
