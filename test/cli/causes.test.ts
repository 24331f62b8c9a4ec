// `whyblocked causes`, `cause` and what `rules` tells of noise, on the demo server.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { CausePageView, CauseRow } from '../../src/actions/causes-view.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { cli, type CliAnswer } from '../actions/kit.ts';
import { NOW } from '../actions/cause-kit.ts';
import { tempDir } from '../host/make-root.ts';

let where: string[] = [];
beforeAll(() => {
  where = ['--root', unpackDemo(join(tempDir(), 'demo'), NOW).root, '--state', join(tempDir(), 'state')];
});
const run = (...args: string[]): Promise<CliAnswer> => cli([...args, ...where]);
const rowsOf = ({ out }: CliAnswer): CauseRow[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as CauseRow);

describe('causes', () => {
  test('--json prints a row a line, highest score first', async () => {
    const answer = await run('causes', '--json');
    expect([answer.code, answer.err]).toEqual([0, '']);
    const rows = rowsOf(answer);
    expect(rows.length).toBeGreaterThan(10);
    expect(Object.keys(rows[0] ?? {})).toEqual(
      expect.arrayContaining([
        'id',
        'vhost',
        'ruleId',
        'target',
        'path',
        'ordinary',
        'score',
        'advice',
        'state',
      ]),
    );
    const scores = rows.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  test('as text: what, where, for how many people', async () => {
    const { out } = await run('causes', '--vhost', 'blog.example.org');
    const [head, first] = out.split('\n');
    expect(head).toBe(' Cause Score People Visitors Refused Attacks  Where');
    expect(first).toMatch(
      /^ +\d+ +-?\d\.\d +1 +1 +5 +0 %  blog\.example\.org: rule 941160 at ARGS:\S+ of \/wp-admin\//,
    );
    expect(out).not.toContain('shop.example.com:');
  });

  test('narrowed by rule, vhost and status', async () => {
    const rows = rowsOf(await run('causes', '--json', '--rule', '942100', '--vhost', 'shop.example.com'));
    expect(new Set(rows.map(({ ruleId, vhost }) => `${ruleId} ${vhost}`))).toEqual(
      new Set(['942100 shop.example.com']),
    );
    expect((await run('causes', '--status', 'reopened')).out).toBe(
      'No causes of this kind in the last 14 days.\n',
    );
    expect((await run('causes', '--status', 'nonsense')).code).toBe(2);
  });
});

describe('cause', () => {
  let id = 0;
  beforeAll(async () => {
    id = rowsOf(await run('causes', '--json', '--vhost', 'blog.example.org'))[0]?.id ?? 0;
  });
  const cause = (...args: string[]): Promise<CliAnswer> => run('cause', String(id), ...args);

  test('shows one: state, numbers, score, advice, visitors', async () => {
    const { out, code } = await cause();
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Cause ${id}: rule 941160 \\(HTML tags\\) at ARGS:`));
    for (const text of [
      'State: new.',
      '5 refused',
      '1 visitor, ordinary ones from 1 network',
      'all from one address',
    ])
      expect(out.replaceAll(/\s+/g, ' ')).toContain(text);
    expect(out).toMatch(/false-positive +5 refused, last 5 Jan 2027/);
  });

  test('is ignored until more visitors come, shown as JSON, recorded, and opened again', async () => {
    const { out, code } = await cause(
      '--status',
      'ignored',
      '--until',
      '3',
      '--note',
      'one editor',
      '--json',
    );
    expect(code).toBe(0);
    expect((JSON.parse(out) as CausePageView).cause).toMatchObject({
      ...{ state: 'ignored', stateWords: 'ignored until 3 more visitors', stateBy: 'root' },
    });
    expect((await run('activity')).out).toContain(`cause ${id}, rule 941160 on blog.example.org`);
    expect((await run('causes', '--status', 'ignored')).out).toContain('(ignored until 3 more visitors)');
    expect((await cause('--status', 'new')).out).toContain('State: new, by root.');
  });

  test.each<[string, string[], RegExp]>([
    ['no note', ['--status', 'fixed'], /Say why/],
    ['a note for nothing', ['--note', 'x'], /go with --status/],
    ['no number', ['--status', 'ignored', '--note', 'x', '--until', 'soon'], /whole number/],
    ['an unknown state', ['--status', 'reopened'], /Allowed choices/],
  ])('%s is wrong usage', async (_, args, message) => {
    const { code, err } = await cause(...args);
    expect([code, message.test(err)]).toEqual([2, true]);
  });

  test.each(['0', '99999', 'x', '-1'])('there is no cause %s', async (number) => {
    const { code, out } = await run('cause', number);
    expect([code, out]).toEqual([2, '']);
  });
});

test('rules tell for how many people, as text and as JSON', async () => {
  const { out } = await run('rules');
  expect(out).toMatch(/^Rule {5}Points Requests Visitors Vhosts People\n/);
  expect(out).toMatch(/\n941160 +5 +11 +2 +2 +1 {2}HTML tags\n/);
  expect(out).toMatch(/\n942190 +5 +\d+ +15 +1 +13 {2}.* \(noisy on shop\.example\.com\)\n/);
  const row = (await run('rules', '--vhost', 'shop.example.com', '--json')).out
    .split('\n')
    .find((line) => line.includes('"id":"942100"'));
  expect(JSON.parse(row ?? '{}')).toMatchObject({ noise: { people: 0, noisyCauses: 0, noisyVhosts: [] } });
});
