// `whyblocked preview`: what it prints, as text and as JSON, and what it refuses.
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Preview } from '../../src/actions/exclusion-view.ts';
import { addPreviewCommand } from '../../src/cli/preview-command.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { tempDir } from '../host/make-root.ts';

let ctx: OpenContext;
beforeAll(() => {
  const { root } = unpackDemo(join(tempDir(), 'demo'), Date.UTC(2027, 0, 5, 9, 30, 0));
  ctx = openContext({
    root,
    state: join(tempDir(), 'state'),
    version: '0.0.0',
    env: {},
    warn: () => undefined,
  });
});
afterAll(() => {
  ctx.close();
});

/** Runs the command alone; gives what it wrote. */
async function run(...args: readonly string[]): Promise<string> {
  let out = '';
  const output = {
    colour: false,
    width: 80,
    write: (text: string) => {
      out += text;
    },
    note: () => undefined,
  };
  const program = new Command('whyblocked').exitOverride().configureOutput({ writeErr: () => undefined });
  addPreviewCommand(
    (usage) => program.command(usage).exitOverride(),
    output,
    (_, work) => work(ctx),
  );
  await program.parseAsync(['preview', ...args], { from: 'user' });
  return out;
}

const SHOP = ['--vhost', 'www.shop.example.com'];

test('as JSON: the exclusion, the window, all requests, totals', async () => {
  const text = await run(...SHOP, '--rule', '942100', '--json');
  const preview = JSON.parse(text) as Preview;
  expect(text.endsWith('}\n')).toBe(true);
  expect(preview.exclusion).toEqual({
    kind: 'rule-vhost',
    vhost: 'shop.example.com',
    ruleId: '942100',
    tag: null,
    target: null,
    path: null,
    form: 'ctl',
    words: 'Rule 942100 is off on shop.example.com',
  });
  const { passes, blocked, bound } = preview.totals;
  expect(preview.transactions.length).toBe(passes + blocked + bound);
  expect(preview.transactions.length).toBeGreaterThan(5);
  expect(Object.keys(preview.window)).toEqual(['from', 'to']);
  for (const row of preview.transactions)
    expect(row).toMatchObject({
      uniqueId: expect.any(String),
      ip: expect.any(String),
      reason: expect.any(String),
    });
});

test('as text: the sentence, the numbers, what it cannot tell, rows', async () => {
  const text = await run(...SHOP, '--rule', '942100', '--target', 'args:id', '--path', '/product.php');
  expect(text).toMatch(
    /^Rule 942100 skips ARGS:id on shop\.example\.com, only for \/product\.php\.\nTried on /,
  );
  expect(text).toMatch(/\nThis frees /);
  expect(text).toMatch(/\nIncident {11}passes {2}blocked {2}not certain\n/);
  expect(text).toMatch(/\nall {16} +\d+ +\d+ +\d+\n/);
  expect(text).toMatch(/\n- An attack placed in ARGS:id would pass rule 942100; /);
  expect(
    text.split('\n').filter((line) => /^(?:passes|blocked|not certain) /.test(line)).length,
  ).toBeGreaterThan(0);
});

test('a window of one’s own', async () => {
  const preview = JSON.parse(
    await run(...SHOP, '--tag', 'attack-sqli', '--from', '2001-01-01', '--to', '2001-02-01', '--json'),
  ) as Preview;
  expect(preview).toMatchObject({ refused: 0, transactions: [], exclusion: { kind: 'tag-vhost' } });
  expect(preview.window.from).toMatch(/^2001-01-01T00:00:00/);
});

describe('is refused with a sentence', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['no rule, tag or engine', SHOP, /Give one of --rule ID, --tag TAG and --engine-off/],
    ['two of them', [...SHOP, '--rule', '1', '--tag', 'x'], /Give one of/],
    ['a target without a rule', [...SHOP, '--tag', 'x', '--target', 'ARGS'], /go with --rule only/],
    ['a rule that is no number', [...SHOP, '--rule', 'abc'], /digits only/],
    ['a path with a query', [...SHOP, '--rule', '942100', '--path', '/a?b'], /without query/],
    ['a path that is expanded', [...SHOP, '--rule', '942100', '--path', '/%{REMOTE_ADDR}'], /Name the path/],
    [
      'an unknown vhost',
      ['--vhost', 'nobody.example.net', '--rule', '942100'],
      /is no domain of this server/,
    ],
    ['a time', [...SHOP, '--rule', '942100', '--from', 'soon'], /“from” time “soon” was not understood/],
    [
      'a window',
      [...SHOP, '--rule', '942100', '--from', '2026-01-02', '--to', '2026-01-01'],
      /ends before it begins/,
    ],
  ])('%s', async (_, args, sentence) => {
    await expect(run(...args)).rejects.toThrow(sentence);
  });
});
