import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { netCovers, normalizeAddress, normalizeNet } from '../../src/parse/address.ts';
import { netTable } from '../../src/parse/net-table.ts';

const v4 = fc.ipV4();
const v6 = fc.ipV6().filter((text) => ipaddr.IPv6.isValid(text));
const net = fc.oneof(
  fc.tuple(v4, fc.integer({ min: 1, max: 32 })),
  fc.tuple(v6, fc.integer({ min: 1, max: 128 })),
);

describe('a table of nets', () => {
  it('finds the narrowest net, and single addresses', () => {
    const table = netTable([
      ['198.51.100.0/24', 'wide'],
      ['198.51.100.64/26', 'narrow'],
      ['198.51.100.70', 'one'],
      ['2001:db8:1::/48', 'six'],
      ['::ffff:192.0.2.9', 'mapped'],
    ]);
    expect(table.find('198.51.100.1')).toBe('wide');
    expect(table.find('198.51.100.127')).toBe('narrow');
    expect(table.find('198.51.100.128')).toBe('wide');
    expect(table.find('198.51.100.70')).toBe('one');
    expect(table.find('198.51.101.0')).toBeNull();
    expect(table.find('2001:db8:1:ffff::1')).toBe('six');
    expect(table.find('2001:db8:2::')).toBeNull();
    expect(table.find('192.0.2.9')).toBe('mapped');
  });

  it('leaves out what is no net, and gives null for what is no address', () => {
    const table = netTable([
      ['shop.example.com', 1],
      ['198.51.100.0/33', 2],
      ['', 3],
      ['192.0.2.0/24', 4],
      ['192.0.2.7/24', 5],
    ]);
    expect(table.find('192.0.2.7')).toBe(4);
    for (const text of ['', '192.0.2.0/24', 'x', '\0', '192.0.2.7 ']) expect(table.find(text)).toBeNull();
  });

  it('agrees with a look at every net', () => {
    fc.assert(
      fc.property(fc.array(net, { maxLength: 12 }), fc.oneof(v4, v6), (nets, asked) => {
        const address = normalizeAddress(asked) ?? '';
        const texts = nets.map(([base, bits]) => `${base}/${bits}`);
        const table = netTable(texts.map((text) => [text, text] as const));
        const expected = texts.some((text) => netCovers(normalizeNet(text) ?? '', address));
        const found = table.find(address);
        expect(found !== null).toBe(expected);
        if (found !== null) expect(netCovers(normalizeNet(found) ?? '', address)).toBe(true);
      }),
    );
  });

  it('finds an address of a net it was made from', () => {
    fc.assert(
      fc.property(net, ([base, bits]) => {
        const address = normalizeAddress(base);
        fc.pre(address !== null && normalizeNet(`${base}/${bits}`) !== null);
        expect(netTable([[`${base}/${bits}`, true]]).find(address)).toBe(true);
      }),
    );
  });
});
