import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeSets, describeTotal, pointSets } from '../../src/analyse/solver.ts';

test('8 is one critical and a 3 first, sets with a 4 last', () => {
  expect(pointSets(8)).toEqual([
    [5, 3],
    [3, 3, 2],
    [2, 2, 2, 2],
    [4, 4],
    [4, 2, 2],
  ]);
});

test('known points are part of every set', () => {
  expect(pointSets(8, [5])).toEqual([[5, 3]]);
  expect(pointSets(10, [3])).toEqual([
    [5, 3, 2],
    [3, 3, 2, 2],
    [4, 3, 3],
  ]);
  expect(pointSets(5, [5])).toEqual([[5]]);
});

test.each([[0], [-3], [2.5], [Number.NaN], [Infinity], [20_000], [1]])('%p has no sets', (total) => {
  expect(pointSets(total)).toEqual([]);
});

test('more known than the total, or one point missing, gives none', () => {
  expect(pointSets(5, [5, 3])).toEqual([]);
  expect(pointSets(6, [5])).toEqual([]);
});

test('every set adds up, none comes twice, at most 20, all of them for small totals', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (total) => {
      const sets = pointSets(total);
      expect(sets.length).toBeLessThanOrEqual(20);
      expect(new Set(sets.map((set) => set.join('+'))).size).toBe(sets.length);
      for (const set of sets) {
        expect(set.reduce((sum, points) => sum + points, 0)).toBe(total);
        expect(set.every((points) => [2, 3, 4, 5].includes(points))).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
  for (let total = 1; total <= 16; total++)
    expect(pointSets(total)).toHaveLength(Math.min(20, partitions(total, 5)));
});

/** Number of ways to write a total with parts from 2 to `most`. */
function partitions(total: number, most: number): number {
  if (total === 0) return 1;
  if (most < 2) return 0;
  return partitions(total, most - 1) + (total >= most ? partitions(total - most, most) : 0);
}

test('the sentences', () => {
  expect(describeSets(8, 5, pointSets(8))).toBe(
    'The total was 8 with a limit of 5. 8 = 5+3, 3+3+2, 2+2+2+2, 4+4 or 4+2+2; which rules is not in these lines.',
  );
  expect(describeSets(1, null, [])).toBe(
    'The total was 1. No set of the usual points (5, 4, 3, 2) gives that.',
  );
  expect(describeTotal(8)).toBe(
    'With the default points at paranoia level 1, 8 needs a 920 protocol rule and holds at most one critical.',
  );
  expect(describeTotal(5)).toBeNull();
  expect(describeTotal(3)).toContain('holds no critical rule');
});
