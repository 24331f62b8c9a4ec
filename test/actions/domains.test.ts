// The list of domains and the rules of one, on the demo server.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { domainRules, type OffHere } from '../../src/actions/domain-rules.ts';
import { listDomains, viewDomain } from '../../src/actions/domains.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';
import { tempDir } from '../host/make-root.ts';

const SHOP = 'shop.example.com';
let ctx: OpenContext;
beforeAll(async () => {
  const { root } = unpackDemo(join(tempDir(), 'demo'), Date.UTC(2027, 0, 5, 9, 30, 0));
  ctx = openContext({
    root,
    state: join(tempDir(), 'state'),
    version: '0.0.0',
    env: {},
    warn: () => undefined,
  });
  await listDomains(ctx);
});
afterAll(() => {
  ctx.close();
});

const scope = (more: Partial<ExclusionScope>): OffHere => ({
  scope: { kind: 'rule-vhost', vhost: SHOP, ruleId: null, tag: null, target: null, path: null, ...more },
  note: 'why',
});

test('every vhost once, with counts that agree with what is kept', async () => {
  const { rows, days } = await listDomains(ctx);
  expect(days).toBe(14);
  expect(new Set(rows.map(({ vhost }) => vhost)).size).toBe(rows.length);
  expect(rows.map(({ vhost }) => vhost).sort()).toEqual(
    [...new Set(ctx.host.vhosts().map(({ vhost }) => vhost))].sort(),
  );
  const requests = rows.map((row) => row.requests);
  expect(requests).toEqual(requests.toSorted((a, b) => b - a));
  const shop = rows.find(({ vhost }) => vhost === SHOP);
  const all = [...ctx.store.transactions.ofVhosts([SHOP, `www.${SHOP}`], -Infinity, Infinity, false)];
  const hit = all.filter(({ errorHits, auditHits }) => errorHits.length + (auditHits?.length ?? 0) > 0);
  expect(hit.length).toBeGreaterThan(5);
  expect(shop).toMatchObject({
    requests: hit.length,
    visitors: new Set(hit.map(({ client }) => client)).size,
    exclusions: 0,
    found: 0,
  });
});

describe('the rules of a vhost', () => {
  test('with counts, causes and no switch for those that only add up', async () => {
    const rules = await domainRules(ctx, SHOP, { days: 14, off: [] });
    const sum = rules.find(({ id }) => id === '949110');
    expect(sum).toMatchObject({ here: 'locked', onlyAddsUp: true, causes: [] });
    for (const rule of rules) {
      expect(rule.visitors).toBeLessThanOrEqual(rule.requests);
      if (rule.here !== 'locked') {
        expect(rule).toMatchObject({ here: 'on', note: '' });
        const most = Math.max(...rule.causes.map(({ requests }) => requests));
        expect(most).toBeGreaterThan(0);
        expect(most).toBeLessThanOrEqual(rule.requests);
      }
    }
    expect(rules.find(({ id }) => id === '942100')?.title).toBe('Text read as SQL');
    expect(await domainRules(ctx, SHOP, { days: 0, off: [] })).toEqual([]);
  });

  test.each<[string, OffHere[], string, string]>([
    ['off', [scope({ ruleId: '942100' })], 'off', 'Off: why'],
    [
      'off by a tag',
      [scope({ kind: 'tag-vhost', tag: 'attack-sqli' })],
      'off',
      'Off by its tag attack-sqli: why',
    ],
    ['off with the engine', [scope({ kind: 'engine-off' })], 'off', 'Off with the whole engine: why'],
    [
      'partly off',
      [
        scope({ kind: 'target-vhost', ruleId: '942100', target: 'ARGS:id' }),
        scope({
          kind: 'target-path',
          ruleId: '942100',
          target: 'ARGS:x',
          path: { kind: 'exact', text: '/' },
        }),
        scope({ kind: 'rule-path', ruleId: '942100', path: { kind: 'exact', text: '/' } }),
      ],
      'part',
      'Off for 2 targets and on 1 path',
    ],
    ['another rule’s', [scope({ ruleId: '941100' })], 'on', ''],
  ])('%s', async (_, off, here, note) => {
    const rules = await domainRules(ctx, SHOP, { days: 14, off });
    expect(rules.find(({ id }) => id === '942100')).toMatchObject({ here, note });
    expect(rules.find(({ id }) => id === '949110')?.here).toBe('locked');
  });

  test('one that is off and did not fire is there all the same', async () => {
    const rules = await domainRules(ctx, SHOP, { days: 0, off: [scope({ ruleId: '920350' })] });
    expect(rules).toMatchObject([{ id: '920350', here: 'off', requests: 0, visitors: 0, causes: [] }]);
  });
});

test('the page of a vhost, by any of its domains; null for a name that is not served', async () => {
  const view = await viewDomain(ctx, `www.${SHOP}`);
  expect(view).toMatchObject({ vhost: SHOP, days: 14, exclusions: [], found: [] });
  expect(view?.rules.length).toBeGreaterThan(2);
  expect(await viewDomain(ctx, 'nobody.example.net')).toBeNull();
});
