// A cause is found by the names of logs, links and pages, whichever domain of its vhost they name.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findCause } from '../../src/actions/find-cause.ts';
import type { OpenContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import type { CauseHits } from '../../src/model-evidence.ts';
import type { SenderJudged } from '../../src/store/cause-hits.ts';
import { tempDir } from '../host/make-root.ts';
import { newState, open } from './kit.ts';

const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);

function hits(key: Partial<CauseHits>): CauseHits {
  const { target = 'ARGS:items[{n}]', path = '/p/{n}' } = key;
  return {
    ...{ vhost: 'shop.example.com', ruleId: '942100', target, path },
    ...{ targetSeen: target, pathSeen: path, firstAt: NOW, lastAt: NOW },
    ...{ hits: 1, refused: 1, decisive: 1, shaped: 0 },
    ...key,
  };
}

let ctx: OpenContext;
beforeAll(() => {
  const { root } = unpackDemo(join(tempDir(), 'demo'), NOW);
  ctx = open({ root, state: newState(root), now: '2027-01-05T12:00:00+01:00' });
  const judged: SenderJudged = {
    visitor: '192.0.2.118',
    network: '192.0.2.0/24',
    label: 'unclear',
    ordinary: 0,
    hostile: false,
  };
  ctx.store.write(() => {
    ctx.store.causeHits.replace(
      { client: '192.0.2.118', from: NOW },
      judged,
      [
        hits({}),
        hits({ vhost: '', ruleId: '920350', target: 'REQUEST_HEADERS:Host', path: '/' }),
        hits({ ruleId: '930130', target: '', path: '' }),
      ],
      [],
    );
  });
});
afterAll(() => {
  ctx.close();
});

const found = async (vhost: string, ruleId: string, target: string, path: string): Promise<string | null> => {
  const view = await findCause(ctx, { vhost, ruleId, target, path });
  return view === null
    ? null
    : `${view.cause.vhost} ${view.cause.ruleId} ${view.cause.target ?? '-'} ${view.cause.path ?? '-'}`;
};
const SHOP = 'shop.example.com 942100 ARGS:items[{n}] /p/{n}';

test.each([
  ['shop.example.com', 'ARGS:items[{n}]', '/p/{n}'],
  ['shop.example.com', 'ARGS:items[17]', '/p/4711'],
  ['WWW.Shop.Example.com.', 'ARGS:items[17]', '/p/4711?x=1'],
])('as the log or the page names it: %s %s %s', async (vhost, target, path) => {
  expect(await found(vhost, '942100', target, path)).toBe(SHOP);
});

test('names that nobody here owns are one, also by what a visitor asked for', async () => {
  for (const vhost of ['', 'nosuch.example.net'])
    expect(await found(vhost, '920350', 'REQUEST_HEADERS:Host', '/')).toBe(' 920350 REQUEST_HEADERS:Host /');
});

test('of a rule that was set off in too many places: all of them together', async () => {
  expect(await found('shop.example.com', '930130', 'REQUEST_FILENAME', '/.env')).toBe(
    'shop.example.com 930130 - -',
  );
});

test.each([
  ['shop.example.com', '942100', 'ARGS:other', '/p/1'],
  ['shop.example.com', '942101', 'ARGS:items[1]', '/p/1'],
  ['shop.example.com', '942100', 'ARGS:items[1]', ''],
  ['blog.example.net', '942100', 'ARGS:items[1]', '/p/1'],
  ['\0', '942100', `ARGS:${'x'.repeat(5000)}`, `/${'y'.repeat(5000)}`],
])('what is not counted is not found: %s %s', async (vhost, ruleId, target, path) => {
  expect(await found(vhost, ruleId, target, path)).toBeNull();
});
