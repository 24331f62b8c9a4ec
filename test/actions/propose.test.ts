// Proposals on the demo server: the ladder, and what works instead of a width that does not.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ScopeFields } from '../../src/actions/exclusion-view.ts';
import { propose } from '../../src/actions/offer.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { tempDir } from '../host/make-root.ts';

let ctx: OpenContext;
beforeAll(async () => {
  const { root } = unpackDemo(join(tempDir(), 'demo'), Date.UTC(2027, 0, 5, 9, 30, 0));
  const state = join(tempDir(), 'state');
  ctx = openContext({ root, state, version: '0.0.0', env: {}, warn: () => undefined });
  await refresh(ctx);
});
afterAll(() => {
  ctx.close();
});

const fields = (more: Partial<ScopeFields>): ScopeFields => ({
  ...{ kind: 'rule-vhost', vhost: 'shop.example.com', ruleId: null, tag: null, target: null, path: null },
  ...more,
});

test('a rule that only adds up: refused, and nothing works instead', async () => {
  const { ladder, chosen, instead } = await propose(ctx, fields({ ruleId: '949110' }));
  expect(ladder[chosen]).toMatchObject({ allowed: false, scope: { kind: 'rule-vhost', ruleId: '949110' } });
  expect(ladder[chosen]?.lint.map(({ code }) => code)).toContain('adds-up');
  expect(instead).toBeNull();
});

test('a width that works has nothing instead of it', async () => {
  const { ladder, chosen, instead } = await propose(ctx, fields({ ruleId: '942100' }));
  expect(ladder[chosen]?.scope.kind).toBe('rule-vhost');
  expect(instead).toBeNull();
});

test.each<[string, Partial<ScopeFields>, string | null]>([
  ['a rule of phase 1 on a path', { kind: 'rule-path', ruleId: '905110', path: '/cart/' }, 'rule-vhost'],
  [
    'a target that the rule does not name',
    { kind: 'target-vhost', ruleId: '942100', target: 'FILES:upload' },
    'rule-vhost',
  ],
  ['a tag that the blocking rule has', { kind: 'tag-vhost', tag: 'attack-generic' }, null],
])(
  '%s: what is offered instead is a rung that is allowed, with numbers of its own',
  async (_, more, kind) => {
    const { ladder, chosen, instead } = await propose(ctx, fields(more));
    expect(ladder[chosen]).toMatchObject({ allowed: false });
    if (kind === null) {
      expect(instead).toBeNull();
      return;
    }
    const offered = ladder[instead ?? chosen];
    expect(offered).toMatchObject({ allowed: true, scope: { kind } });
    const again = await propose(ctx, { ...fields(more), ...offered?.scope });
    expect(again.ladder[again.chosen]).toMatchObject({ allowed: true, summary: offered?.summary });
  },
);
