import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { normalizeAddress } from '../../src/parse/address.ts';
import { addressLiterals } from '../../src/parse/address-literals.ts';

/** One of the spellings of eight groups: capitals, leading zeros, one run of zeros left out, an IPv4 end. */
function spelling(groups: readonly number[], seed: number): string {
  let state = seed >>> 0;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  const write = (group: number): string => {
    const hex = group.toString(16).padStart(1 + next(4), '0');
    return hex.replace(/[a-f]/g, (char) => (next(2) === 0 ? char.toUpperCase() : char));
  };
  const dotted = next(4) === 0;
  const head = dotted ? groups.slice(0, 6) : groups;
  const tail = dotted
    ? [
        groups
          .slice(6)
          .flatMap((group) => [group >> 8, group & 255])
          .join('.'),
      ]
    : [];
  const words = [...head.map(write), ...tail];
  const zeros = head.flatMap((group, index) => (group === 0 ? [index] : []));
  if (zeros.length === 0 || next(3) === 0) return words.join(':');
  const from = zeros[next(zeros.length)]!;
  let to = from + 1;
  while (to < head.length && head[to] === 0 && next(3) > 0) to++;
  return `${words.slice(0, from).join(':')}::${words.slice(to).join(':')}`;
}

const group = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
);

describe('the literals of an IPv6 address', () => {
  test('every spelling holds one of them', () => {
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.integer(), (groups, seed) => {
        const text = spelling(groups, seed);
        const address = normalizeAddress(text) ?? '';
        fc.pre(address.includes(':'));
        const literals = addressLiterals(address);
        expect(literals.some((literal) => text.includes(literal))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test('the logged form is the first, and there are few', () => {
    expect(addressLiterals('2001:db8::5')[0]).toBe('2001:db8::5');
    expect(addressLiterals('2001:db8:1:2:3:4:5:6').length).toBeLessThan(20);
    expect(addressLiterals('203.0.113.5')).toEqual([]);
  });
});
