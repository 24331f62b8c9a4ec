// The lists of exclusions page by page: the same rows and counts as cutting them out of the whole lists.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listChanges } from '../../src/actions/change-list.ts';
import {
  listExclusions,
  sliceExclusions,
  viewExclusion,
  viewFound,
} from '../../src/actions/exclusion-lists.ts';
import { pagePlace, sliceLists } from '../../src/actions/exclusion-slice.ts';
import type { ExclusionsFilter } from '../../src/actions/exclusion-list-view.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { makeServer, tempDir } from '../host/make-root.ts';

const NOW = '2027-01-05T10:00:00Z';
let ctx: OpenContext;
beforeAll(() => {
  const root = makeServer();
  root.write(
    '/etc/apache2/conf.d/userdata/std/2_4/shop/shop.example.com/modsec.conf',
    'SecRuleRemoveById 942100\n',
  );
  const state = join(tempDir(), 'state');
  ctx = openContext({ root: root.dir, state, now: NOW, version: '0', env: {}, warn: () => undefined });
  ctx.store.write(() => {
    for (let nth = 0; nth < 650; nth++) {
      const id = ctx.store.exclusions.add({
        scope: {
          ...{ kind: 'target-vhost', ruleId: `94${2000 + nth}`, tag: null, path: null },
          ...{ vhost: nth % 3 === 0 ? 'shop.example.com' : 'addon.example.net', target: 'ARGS:text' },
        },
        ...{ form: 'ctl', account: 'shop', author: 'root' },
        reason: nth % 10 === 0 ? 'the editor' : 'a form',
        ...{ createdAt: Date.parse(NOW) - nth, expiresAt: null },
      });
      ctx.store.exclusions.activate(id);
      if (nth % 50 === 49) ctx.store.exclusions.end(id, 'reverted', Date.parse(NOW));
    }
  });
});
afterAll(() => {
  ctx.close();
});

const ALL: ExclusionsFilter = { show: 'active', vhost: '', text: '', page: 1 };

test.each<[string, Partial<ExclusionsFilter>]>([
  ['the first page', {}],
  ['a later page', { page: 3 }],
  ['a page that does not exist', { page: 999 }],
  ['one vhost', { vhost: 'shop.example.com' }],
  ['a vhost without any', { vhost: 'nobody.example.org' }],
  ['words', { text: 'EDITOR 9420' }],
  ['words on a vhost', { text: 'editor', vhost: 'addon.example.net' }],
  ['a number', { text: 'exclusion 77' }],
  ['words that nothing holds', { text: 'nothing of that' }],
  ['ended ones', { show: 'ended', text: 'form' }],
  ['what others left', { show: 'found', page: 2 }],
  ['what to look at', { show: 'drift' }],
  ['changes', { show: 'changes' }],
])('%s', async (_, change) => {
  const filter = { ...ALL, ...change };
  const whole = { ...(await listExclusions(ctx)), changes: await listChanges(ctx) };
  const expected = sliceLists(whole, filter);
  const slice = await sliceExclusions(ctx, filter);
  // The whole list leaves out the further hits where there are too many vhosts to look at; here both look.
  expect(slice).toMatchObject({ ...expected, activeVhosts: 2 });
  expect(whole.active).toHaveLength(637);
  expect(whole.found).toHaveLength(1);
});

test('one exclusion, in force or ended, and one find', async () => {
  expect(await viewExclusion(ctx, 1)).toMatchObject({ exclusion: { id: 1, state: 'active' }, changes: [] });
  expect(await viewExclusion(ctx, 50)).toMatchObject({ exclusion: { id: 50, state: 'reverted' } });
  expect(await viewExclusion(ctx, 651)).toBeNull();
  const key = (await listExclusions(ctx)).found[0]?.key ?? '';
  expect(await viewFound(ctx, key)).toMatchObject({ found: { key } });
  expect(await viewFound(ctx, 'f0')).toBeNull();
});

test('pages begin with 1 and end with the last', () => {
  expect(pagePlace(0, 1)).toEqual({ page: 1, pages: 1, offset: 0 });
  expect(pagePlace(401, 9)).toEqual({ page: 3, pages: 3, offset: 400 });
  for (const odd of [0, -4, 1.5, NaN, Infinity, 1e99]) expect(pagePlace(500, odd)).toMatchObject({ page: 1 });
});
