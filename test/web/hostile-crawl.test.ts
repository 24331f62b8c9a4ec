// A crawl with hostile values in every parameter: no failure, no markup of a stranger's, no trace of the inside.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PAGE_NAMES, routeOf } from '../../src/web/pages.ts';
import { tempDir } from '../host/make-root.ts';
import { ask } from '../socket-ask.ts';
import { serveSocket } from '../socket-kit.ts';
import { hostileCrawl, problemsOf } from './hostile-crawl.ts';
import { makeHostileRoot } from './hostile-root.ts';

test('every parameter of every page', async () => {
  const folder = tempDir();
  const { root, state } = makeHostileRoot(folder);
  writeFileSync(join(root, 'etc/shadow'), 'root:planted-shadow\n');
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify({ access: { costlyPerMinute: 10_000 }, searchSeconds: 2 }));
  const socket = join(folder, 'run', 's');
  const service = await serveSocket(root, socket, ['--state', state, '--config', config]);
  try {
    const { entrances, sent } = await hostileCrawl(
      (path, form) => ask(socket, path, form === undefined ? {} : { form }),
      { seed: 20_261_126, runs: 600, within: 14_000 },
    );
    console.info(`${sent} requests to ${entrances.length} entrances`);
    expect(sent).toBeGreaterThan(100);
    const reached = new Set(entrances.map(({ page, method }) => `${method} ${page}`));
    const all = PAGE_NAMES.flatMap((name) => routeOf(name).methods.map((method) => `${method} ${name}`));
    expect(all.filter((one) => !reached.has(one))).toEqual([]);
    const names = new Set(entrances.flatMap(({ values }) => [...values.keys()]));
    for (const name of [
      'q',
      'vhost',
      'rule',
      'target',
      'path',
      'id',
      'file',
      'offset',
      'job',
      'query',
      'reason',
      'show',
      'page',
    ])
      expect([name, names.has(name)]).toEqual([name, true]);
    service.child.kill('SIGTERM');
    const { code, err } = await service.ended;
    expect([code, err]).toEqual([0, '']);
  } finally {
    service.child.kill('SIGKILL');
  }
}, 40_000);

test('a fault is seen', () => {
  const headers = { 'content-type': 'text/html', 'cache-control': 'no-store' };
  const fine = { status: 200, headers, text: '<p>x</p>' };
  expect(problemsOf(fine, 5)).toEqual([]);
  for (const [answer, ms] of [
    [{ ...fine, status: 500 }, 5],
    [fine, 20_000],
    [{ ...fine, text: '<p><zq9 zq9="1">x</zq9></p>' }, 5],
    [{ ...fine, text: '<p>x" zq9="1</p><' }, 5],
    [{ ...fine, text: '<p>Error: x\n    at f (/opt/x.ts:1:2)</p>' }, 5],
    [{ ...fine, headers: { ...headers, 'x-zq9': '1' } }, 5],
    [{ ...fine, headers: { ...headers, location: '//evil.example.com' } }, 5],
    [{ ...fine, headers: { ...headers, 'cache-control': 'public' } }, 5],
    [{ ...fine, text: '<p>root:planted-shadow</p>' }, 5],
  ] as const)
    expect(problemsOf(answer, ms)).not.toEqual([]);
});
