import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arpaName } from '../../src/parse/arpa-name.ts';

it('turns an address around', () => {
  expect(arpaName('203.0.113.7')).toBe('7.113.0.203.in-addr.arpa');
  expect(arpaName('2001:db8::1')).toBe(
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
});

it('gives null for anything else', () => {
  for (const text of ['', 'shop.example.com', '203.0.113.0/24', 'fe80::1%lo', '\0', '1'.repeat(1e6)]) {
    expect(arpaName(text)).toBeNull();
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(arpaName(text) ?? 'x.arpa').toMatch(/^[0-9a-fx.]+(?:in-addr\.|ip6\.|)arpa$/);
    }),
  );
});
