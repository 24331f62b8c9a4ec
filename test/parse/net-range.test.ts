// Nets as ranges: whatever lies in a net lies between its two texts.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { netCovers, normalizeAddress, normalizeNet } from '../../src/parse/address.ts';
import { netAround, netEnds, netHolder, netHolds, textRange } from '../../src/parse/net-range.ts';

const octet = fc.integer({ min: 0, max: 255 });
const v4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'));
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const v6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((parts) => normalizeAddress(parts.map((part) => part.toString(16)).join(':')) ?? '');
const net = fc
  .oneof(
    fc.tuple(v4, fc.integer({ min: 1, max: 32 })),
    fc.tuple(
      v6.filter((one) => one.includes(':')),
      fc.integer({ min: 1, max: 128 }),
    ),
  )
  .map(([address, bits]) => normalizeNet(`${address}/${bits}`) ?? '');

/** An address of the net, by other bits behind its own. */
const inside = (one: string, seed: readonly number[]): string => {
  const [address = '', width] = one.split('/');
  const bits = Number(width);
  const isV6 = address.includes(':');
  const size = isV6 ? 16 : 8;
  const full = isV6 ? expand(address) : address.split('.').map(Number);
  const parts = full.map((part, index) => {
    const own = Math.min(size, Math.max(0, bits - index * size));
    const mask = 2 ** (size - own) - 1;
    return (part & ~mask) | ((seed[index] ?? 0) & mask);
  });
  return normalizeAddress(parts.map((part) => part.toString(isV6 ? 16 : 10)).join(isV6 ? ':' : '.')) ?? '';
};
function expand(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((part) => parseInt(part, 16));
  const [first, last] = [groups(head), tail === undefined ? [] : groups(tail)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return [...first, ...zeros, ...last];
}
const seed = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });

test('each address of a net lies between its texts', () => {
  fc.assert(
    fc.property(net, seed, (one, bits) => {
      const address = inside(one, bits);
      expect([one, address, netCovers(one, address)]).toEqual([one, address, true]);
      const { from, to } = textRange(one);
      expect(address >= from && address < to).toBe(true);
      expect(netHolder(one)(address)).toBe(true);
    }),
  );
});

test.each([
  ['203.0.113.0/24', '203.0.113.', '203.0.113/'],
  ['203.0.0.0/14', '203.', '203/'],
  ['203.0.113.9', '203.0.113.9', '203.0.113.9\0'],
  ['203.0.113.9/32', '203.0.113.9', '203.0.113.9\0'],
  ['192.0.0.0/4', '', '\uffff'],
  ['2001:db8:5:6::/64', '2001:db8:5:6:', '2001:db8:5:6;'],
  ['2001:db8:0:5::/64', '2001:db8:', '2001:db8;'],
  ['2001:db8::/32', '2001:db8:', '2001:db8;'],
  ['::/3', '', '\uffff'],
  ['no net', '', '\uffff'],
])('%j lies from %j to %j', (one, from, to) => {
  expect(textRange(one)).toEqual({ from, to });
});

describe('nets in nets', () => {
  test.each([
    ['198.51.100.0/24', '198.51.100.7', true],
    ['198.51.100.0/24', '198.51.100.0/25', true],
    ['198.51.100.0/24', '198.51.100.0/24', true],
    ['198.51.100.0/25', '198.51.100.0/24', false],
    ['198.51.100.0/24', '198.51.101.0/25', false],
    ['2001:db8::/32', '2001:db8:5::/48', true],
    ['2001:db8::/32', '198.51.100.7', false],
    ['nonsense', '198.51.100.7', false],
  ])('%s holds %s: %s', (one, other, holds) => {
    expect(netHolds(one, other)).toBe(holds);
    expect(netHolder(one)(other)).toBe(holds);
  });
  test('around an address', () => {
    expect(netAround('2001:db8:5:6:7::8', 64)).toBe('2001:db8:5:6::/64');
    expect(netAround('203.0.113.9', 64)).toBeNull();
    expect(netAround('x', 8)).toBeNull();
  });
});

test('the ends of a net', () => {
  expect(netEnds('198.51.100.64/26')).toEqual({ first: '198.51.100.64', last: '198.51.100.127' });
  expect(netEnds('2001:db8:5:6::/63')).toEqual({
    first: '2001:db8:5:6::',
    last: '2001:db8:5:7:ffff:ffff:ffff:ffff',
  });
  expect(netEnds('x')).toBeNull();
  fc.assert(
    fc.property(net, (one) => {
      const ends = netEnds(one);
      expect(netCovers(one, ends?.first ?? '') && netCovers(one, ends?.last ?? '')).toBe(true);
    }),
  );
});
