// The sums of the golden cases, the five guards, and that hostile items never lower a sum.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { combine } from '../../src/analyse/combine.ts';
import { GROUP_CAPS, ITEMS } from '../../src/analyse/weights.ts';

interface Scenario {
  readonly name: string;
  readonly items: readonly string[];
  readonly missing: readonly string[];
  readonly expect: 'attack' | 'unclear' | 'fp';
}

const scenarios = JSON.parse(
  readFileSync(new URL('./scenarios.json', import.meta.url), 'utf8'),
) as Scenario[];
const all = Object.keys(ITEMS);
const hostile = all.filter((id) => ITEMS[id]?.kind === 'hostile');

test('there are 45 golden cases and every item in them is in the table', () => {
  expect(scenarios).toHaveLength(45);
  expect(scenarios.flatMap((one) => one.items).filter((id) => ITEMS[id] === undefined)).toEqual([]);
});

test.each(scenarios.map((one) => [one.name, one] as const))('%s', (_name, one) => {
  expect(combine(one.items).label).toBe(one.expect === 'fp' ? 'false-positive' : one.expect);
});

test.each([
  ['seed, mail and error_log', ['P1b', 'R5'], 4.5],
  ['seed, all logs', ['P1b', 'R1b', 'R4', 'R5', 'H4x'], 9.5],
  ['editor', ['H1', 'H2', 'H2c', 'H3', 'H4', 'Y4', 'X3'], -6.5],
  ['sqlmap, slow', ['Y1b', 'Y3', 'Y2', 'C4', 'H4x', 'P2'], 8.5],
  ['nuclei', ['P1b', 'R1b', 'R2', 'R3b', 'C1', 'Y2'], 14],
  ['uptime monitor', ['P2', 'H4x'], 2.5],
  ['REST client', ['P1b', 'C2', 'H4x'], 2.5],
  ['REST client with a mailbox login', ['P1b', 'C2', 'H4x', 'O4'], 0],
  ['manual SQL, one value', ['Y1', 'H2c', 'H3', 'H4'], 0],
  ['shop visitors', ['X1b', 'Y5', 'H1', 'H4'], -9],
  ['attackers who browse first', ['Y1b', 'Y2', 'Y6', 'H1', 'H3', 'H4', 'H5'], 3.5],
])('%s sums up to what was worked out by hand', (_name, items, sum) => {
  expect(combine(items).logOdds).toBe(sum);
});

describe('guards', () => {
  test('a program is not hostile by itself', () => {
    expect(combine(['P1b', 'P2', 'C2', 'C3', 'C4', 'C5', 'H4x'])).toMatchObject({
      label: 'unclear',
      logOdds: 2.5,
    });
  });

  test('weak items add, but make no attack by themselves', () => {
    expect(combine(['L1', 'L3', 'R3', 'R4', 'Y1c', 'O2h']).label).toBe('unclear');
    expect(combine(['L1', 'R3', 'R5']).label).toBe('attack');
  });

  test('a veto forbids a false alarm', () => {
    expect(combine(['H1', 'H2', 'H4', 'H5']).label).toBe('false-positive');
    for (const veto of all.filter((id) => ITEMS[id]?.veto === true)) {
      expect(combine(['H1', 'H2', 'H4', 'H5', 'X1b', 'O4', veto]).label).not.toBe('false-positive');
    }
  });

  test('a false alarm needs an unlock', () => {
    expect(combine(['H3', 'H4', 'H5', 'Y5', 'X3'])).toMatchObject({ label: 'unclear', unlocked: false });
    expect(combine(['H3', 'H4', 'H5', 'Y5', 'X3', 'H1']).label).toBe('false-positive');
  });

  test('known clients may be programs', () => {
    expect(combine(['P2', 'H4x', 'C8'])).toMatchObject({ label: 'false-positive', logOdds: -3 });
  });

  test('next to a strong item browsing lowers the sum by one at most', () => {
    expect(combine(['Y1b', 'H1', 'H2', 'H4', 'X1b']).logOdds).toBe(3);
    expect(combine(['Y1', 'H1', 'H2', 'H4', 'X1b']).logOdds).toBe(-5.5);
  });
});

describe('for any set of items', () => {
  const sets = fc.subarray(all);

  test('adding a hostile item never lowers the sum', () => {
    fc.assert(
      fc.property(sets, fc.constantFrom(...hostile), (ids, one) => {
        expect(combine([...ids, one]).logOdds).toBeGreaterThanOrEqual(combine(ids).logOdds);
      }),
      { numRuns: 2000 },
    );
  });

  test('adding a hostile item never turns an attack into anything else, nor anything into a false alarm', () => {
    fc.assert(
      fc.property(sets, fc.constantFrom(...hostile), (ids, one) => {
        const before = combine(ids).label;
        const after = combine([...ids, one]).label;
        if (before === 'attack') expect(after).toBe('attack');
        if (before !== 'false-positive') expect(after).not.toBe('false-positive');
      }),
      { numRuns: 2000 },
    );
  });

  test('order and repeats do not matter, unknown ids count nothing', () => {
    fc.assert(
      fc.property(sets, (ids) => {
        expect(combine([...ids, ...ids].reverse())).toEqual(combine(ids));
        expect(combine([...ids, 'nothing', 'constructor', '__proto__'])).toEqual(combine(ids));
      }),
    );
  });

  test('each group stays within its cap', () => {
    fc.assert(
      fc.property(sets, (ids) => {
        for (const { group, sum } of combine(ids).groups) {
          const [least, most] = GROUP_CAPS[group];
          expect(sum).toBeGreaterThanOrEqual(least);
          expect(sum).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});
