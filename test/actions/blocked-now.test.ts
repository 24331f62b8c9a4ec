// The quick question for many addresses gives what the slow one for each of them gives.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findEntry } from '../../src/actions/block.ts';
import { blockedNow } from '../../src/actions/blocked-now.ts';
import type { Firewall } from '../../src/actions/firewall.ts';
import { parseCsfListText } from '../../src/parse/csf-list.ts';
import { parseTempbanLine } from '../../src/parse/csf-tempban.ts';

const NOW = 1_800_000_000_000;
const address = fc.constantFrom('192.0.2.1', '192.0.2.200', '198.51.100.7', '2001:db8::1', '2001:db8:5::9');
const denyLine = fc.oneof(
  address.map((one) => `${one} # lfd: x`),
  fc.constantFrom('192.0.2.0/25 # net', '2001:db8:5::/48', '198.51.100.0/24', '# a comment', 'nonsense'),
  address.map((one) => `tcp|in|d=80|s=${one} # port`),
  address.map((one) => `tcp|out|d=80|d=${one} # out`),
);
const banLine = fc
  .tuple(address, fc.integer({ min: -2, max: 2 }), fc.constantFrom(60, 3600, 7200))
  .map(([one, hours, ttl]) => `${NOW / 1000 - hours * 3600}|${one}||inout|${ttl}|lfd: x`);

test('blocked as findEntry says', () => {
  fc.assert(
    fc.property(fc.array(denyLine, { maxLength: 8 }), fc.array(banLine, { maxLength: 4 }), (deny, bans) => {
      const ref = { file: '/etc/csf/csf.deny', offset: 0 };
      const placed = { ref, included: false };
      const firewall: Firewall = {
        deny: parseCsfListText(deny.join('\n'), 'deny').entries.map(({ entry }) => ({ ...entry, ...placed })),
        tempbans: bans.flatMap((line) => {
          const entry = parseTempbanLine(line);
          return entry === null ? [] : [{ ...entry, ...placed }];
        }),
        ...{ allow: [], ignore: [], tempallows: [], conf: new Map(), readable: true, problems: [] },
      };
      const isBlocked = blockedNow(firewall, NOW);
      for (const one of [
        '192.0.2.1',
        '192.0.2.200',
        '198.51.100.7',
        '2001:db8::1',
        '2001:db8:5::9',
        '203.0.113.1',
      ])
        expect([one, isBlocked(one)]).toEqual([one, findEntry(firewall, one, NOW) !== null]);
    }),
  );
});
