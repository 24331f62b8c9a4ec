// Who of a net was seen, the incidents nearest to many entries, and how often lfd blocked for good.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Verdict, VerdictLabel } from '../../src/model.ts';
import { Store } from '../../src/store/store.ts';
import { tempDir } from '../host/make-root.ts';

const HOUR = 3_600_000;
const T0 = Date.parse('2026-11-20T00:00:00Z');
let store: Store;
beforeEach(() => {
  store = new Store(join(tempDir(), 'whyblocked.db'), '/');
});
afterEach(() => {
  store.close();
});

const verdict = (label: VerdictLabel): Verdict => ({
  ...{ label, sub: null, logOdds: 0, words: `${label}.`, groups: [], wouldDecide: null },
});
function incident(client: string, from: number, label: VerdictLabel | null = null): void {
  const shape = { client, from, to: from + 1000, requests: 3, denied: 3, vhosts: [], ruleIds: [] };
  store.write(() => {
    store.incidents.replace(client, from, [shape], from);
    if (label !== null)
      store.incidents.judge(client, from, {
        ...{ what: '', verdict: verdict(label), evidence: [], context: null, stamp: 's', actors: [] },
        rests: null,
      });
  });
}

test('addresses of a range with their incidents', () => {
  incident('198.51.100.7', T0, 'attack');
  incident('198.51.100.7', T0 + HOUR, 'false-positive');
  incident('198.51.100.70', T0);
  incident('198.51.101.1', T0);
  const range = { from: '198.51.100.', to: '198.51.100/' };
  expect(store.firewall.lookups.clientsIn(range, 10)).toEqual([
    { client: '198.51.100.7', incidents: 2, lastAt: T0 + HOUR + 1000, denied: 6, attacks: 1, ordinary: 1 },
    { client: '198.51.100.70', incidents: 1, lastAt: T0 + 1000, denied: 3, attacks: 0, ordinary: 0 },
  ]);
  expect(store.firewall.lookups.clientsIn(range, 1)).toHaveLength(1);
  expect(store.firewall.lookups.clientNamesIn(range, 10)).toEqual(['198.51.100.7', '198.51.100.70']);
});

test('addresses of a range with logins', () => {
  const login = (address: string, user: string, at: number): void => {
    const moment = { at, fileId: 1, offset: 0 };
    store.write(() => {
      store.logins.save({ address, service: 'imap', user, first: moment, last: moment });
    });
  };
  login('2001:db8:5:6::1', 'info@shop.example.com', T0);
  login('2001:db8:5:6::1', 'shop@shop.example.com', T0 + HOUR);
  login('2001:db8:5:7::1', 'x@shop.example.com', T0);
  const range = { from: '2001:db8:5:6:', to: '2001:db8:5:6;' };
  expect(store.firewall.lookups.loginsIn(range, T0, 10)).toEqual([
    { address: '2001:db8:5:6::1', users: 2, lastAt: T0 + HOUR },
  ]);
  expect(store.firewall.lookups.loginsIn(range, T0 + 2 * HOUR, 10)).toEqual([]);
});

test('the incidents nearest to many entries, in one answer', () => {
  incident('203.0.113.9', T0, 'attack');
  incident('203.0.113.9', T0 + 10 * HOUR);
  const asked = [
    { client: '203.0.113.9', at: T0 + HOUR },
    { client: '203.0.113.1', at: T0 },
    { client: '203.0.113.9', at: T0 - HOUR },
    { client: '203.0.113.9', at: T0 + 11 * HOUR },
    { client: '203.0.113.9', at: null },
  ];
  const found = store.firewall.lookups.nearest(asked);
  expect(found.map((one) => one?.from ?? null)).toEqual([T0, null, T0, T0 + 10 * HOUR, T0 + 10 * HOUR]);
  expect(found[0]?.verdict?.label).toBe('attack');
  expect(found[3]?.verdict).toBeNull();
  expect(store.firewall.lookups.nearest([])).toEqual([]);
});

test('permanent blocks of lfd.log', () => {
  const { lookups } = store.firewall;
  expect(lookups.permanentBlocks(0)).toEqual({ blocks: 0, since: null });
  const event = (at: number, kind: string, permanent: boolean | null): void => {
    store.write(() => {
      store.saveLfdEvent({
        ...{ at, address: '203.0.113.9', fileId: 1, offset: at - T0, event: { kind, permanent } },
      });
    });
  };
  event(T0, 'blocked', true);
  event(T0 + HOUR, 'blocked', true);
  event(T0 + 2 * HOUR, 'blocked', false);
  event(T0 + 3 * HOUR, 'expired', null);
  expect(lookups.permanentBlocks(T0 + 1)).toEqual({ blocks: 1, since: T0 });
  expect(lookups.permanentBlocks(0)).toEqual({ blocks: 2, since: T0 });
});
