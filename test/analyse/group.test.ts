import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { groupIncidents } from '../../src/analyse/group.ts';
import { transaction } from './fixtures.ts';

const ids = (groups: ReturnType<typeof groupIncidents>): string[][] =>
  groups.map((group) => group.map((one) => one.uniqueId));

test('a gap of 300 s stays together, a longer one separates', () => {
  const list = [transaction('a', 0), transaction('b', 300_000), transaction('c', 600_000.5)];
  expect(ids(groupIncidents(list))).toEqual([['a', 'b'], ['c']]);
  expect(ids(groupIncidents(list, 100))).toEqual([['a'], ['b'], ['c']]);
});

test('records without a rule hit make no incident and bridge no gap', () => {
  const list = [transaction('a', 0), transaction('silent', 250_000, { hits: [] }), transaction('c', 500_000)];
  expect(ids(groupIncidents(list))).toEqual([['a'], ['c']]);
  expect(groupIncidents([transaction('silent', 0, { hits: [] })])).toEqual([]);
});

test('order and repeats do not matter', () => {
  const list = fc.array(
    fc.record({ id: fc.integer({ min: 0, max: 40 }), at: fc.integer({ min: 0, max: 3_000_000 }) }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(list, fc.nat(), (specs, seed) => {
      const byId = new Map(specs.map((spec) => [spec.id, transaction(`t${spec.id}`, spec.at)]));
      const once = [...byId.values()];
      const shuffled = [...once, ...once].sort(
        (a, b) => ((a.at * 7919 + seed) % 101) - ((b.at * 7919 + seed) % 101),
      );
      expect(ids(groupIncidents(shuffled))).toEqual(ids(groupIncidents(once)));
      expect(groupIncidents(once).flat()).toHaveLength(once.length);
    }),
  );
});

test('of two versions of one transaction the fuller one is kept, in any order', () => {
  const thin = transaction('a', 5);
  const full = transaction('a', 9, { hits: [...thin.hits, ...thin.hits] });
  expect(groupIncidents([thin, full])).toEqual([[full]]);
  expect(groupIncidents([full, thin])).toEqual([[full]]);
});
