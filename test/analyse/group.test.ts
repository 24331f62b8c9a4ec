// One client's transactions as incidents, all at once and piece by piece.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rebuildIncidents } from '../../src/actions/incidents.ts';
import { distinctFlagged } from '../../src/analyse/distinct-flagged.ts';
import { groupIncidents, type Groupable } from '../../src/analyse/group.ts';
import { packTransactions } from '../../src/store/packed.ts';
import { Store } from '../../src/store/store.ts';
import { tempDir } from '../host/make-root.ts';
import { transaction } from './fixtures.ts';

const at = (ms: number, ruleIds: readonly string[] = ['942100']): Groupable => ({
  at: ms,
  vhost: 'shop.example.com',
  ruleIds,
  denied: true,
});
const spans = (list: readonly Groupable[]): number[][] =>
  groupIncidents(list).map(({ from, to, requests }) => [from, to, requests]);

test('a gap of 300 s stays together, a longer one separates', () => {
  expect(spans([at(0), at(300_000), at(600_000.5)])).toEqual([
    [0, 300_000, 2],
    [600_000.5, 600_000.5, 1],
  ]);
});

test('records without a rule hit make no incident and bridge no gap', () => {
  expect(spans([at(0), at(250_000, []), at(500_000)])).toEqual([
    [0, 0, 1],
    [500_000, 500_000, 1],
  ]);
  expect(groupIncidents([at(0, [])])).toEqual([]);
});

test('vhosts and rules are named once, in order; invented host names do not pile up', () => {
  const [one] = groupIncidents([at(0, ['949110', '942100']), at(1, ['930100', '942100'])]);
  expect(one).toMatchObject({ ruleIds: ['930100', '942100', '949110'], vhosts: ['shop.example.com'] });
  const many = Array.from({ length: 5000 }, (_, index) => ({ ...at(index), vhost: `x${index}.example.net` }));
  expect(groupIncidents(many)[0]?.vhosts.length).toBeLessThanOrEqual(1000);
});

const CLIENT = '203.0.113.7';
let store: Store;
beforeEach(() => {
  store = new Store(join(tempDir(), 'whyblocked.db'), '/srv/a');
});
afterEach(() => {
  store.close();
});

function keep(ids: readonly number[]): void {
  const parts = { client: CLIENT, vhost: 'shop.example.com', path: '/', request: null, findings: [] };
  const rest = { engineErrors: [], auditRef: null, auditHits: null, ambiguous: false };
  const hit = {
    ruleId: '942100',
    action: 'denied',
    denyStatus: 403,
    phase: 2,
    operator: 'x',
    target: null,
  } as const;
  const more = {
    message: null,
    data: null,
    severity: null,
    cut: false,
    file: null,
    line: null,
    version: null,
    tags: [],
  };
  const told = ids.map((id) => ({
    ...parts,
    ...rest,
    uniqueId: `t${id}`,
    at: id * 100_000,
    errorHits: [{ hit: { ...hit, ...more }, offset: id, ambiguous: false }],
  }));
  store.write(() => {
    store.transactions.add(packTransactions(told), 1);
    for (const { at: time } of told) store.markDirty(CLIENT, time);
  });
  rebuildIncidents({ store });
}

test('regrouped piece by piece, in any order, the incidents are those of all transactions at once', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(60), { maxLength: 30 }), fc.nat(5), (ids, most) => {
      store.write(() => {
        for (const { uniqueId } of store.transactions.outlines(CLIENT, -1))
          store.transactions.remove(uniqueId);
        store.incidents.replace(CLIENT, -1, [], 0);
      });
      for (let start = 0; start < ids.length; start += most + 1) keep(ids.slice(start, start + most + 1));
      const kept = store.incidents.ofClient(CLIENT).map(({ from, to, requests }) => [from, to, requests]);
      expect(kept).toEqual(spans([...ids].sort((a, b) => a - b).map((id) => at(id * 100_000))));
    }),
    { numRuns: 60 },
  );
});

test('a flood that was regrouped a moment ago waits, when it may', () => {
  keep(Array.from({ length: 2100 }, (_, index) => index));
  keep([2100]);
  expect(store.incidents.ofClient(CLIENT)[0]?.requests).toBe(2101);
  store.write(() => {
    store.markDirty(CLIENT, 0);
  });
  rebuildIncidents({ store }, true);
  expect(store.dirtyClients(10)).toHaveLength(1);
  rebuildIncidents({ store });
  expect(store.dirtyClients(10)).toEqual([]);
});

test('of two versions of one transaction the fuller one is kept, in any order', () => {
  const thin = transaction('a', 5);
  const full = transaction('a', 6, { hits: [...thin.hits, ...thin.hits] });
  for (const list of [
    [thin, full],
    [full, thin],
  ])
    expect(distinctFlagged(list)).toEqual([full]);
  expect(distinctFlagged([transaction('silent', 0, { hits: [] })])).toEqual([]);
});
