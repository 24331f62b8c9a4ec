// Reports for the owner of a site: two stories of the demo server as whole texts, one account's report without another's
// names, what was changed, and what no report is made of.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BadInput } from '../../src/actions/errors.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { makeReport } from '../../src/actions/report.ts';
import { reportText } from '../../src/actions/report-text.ts';
import type { Report, ReportAnswer, ReportRequest } from '../../src/actions/report-view.ts';
import type { OpenContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { tempDir } from '../host/make-root.ts';
import { cli, open } from './kit.ts';
import { OTHER, OTHERS, SHOP, SHOPS, toShop, twoAccounts, VISITOR } from './report-kit.ts';

const NOW = '2027-01-05T09:30:00Z';
const EDITOR = '203.0.113.24';
const SQL = [{ rule: '942100', target: 'ARGS:q', value: "it's 1 or 2" }];
const FORMATS = ['markdown', 'plain', 'html'] as const;

const ask = (address: string, more: Partial<ReportRequest> = {}): ReportRequest => ({
  ...{ address, from: null, vhost: null, kind: 'customer', hideAddress: false, nameServer: false },
  ...more,
});

async function made(ctx: OpenContext, request: ReportRequest): Promise<Report> {
  const answer = await makeReport(ctx, request);
  if (answer.state !== 'made') throw new Error(`no report: ${JSON.stringify(answer)}`);
  return answer.report;
}

const all = (report: Report): string => FORMATS.map((format) => reportText(report, format)).join('\n');

describe('the demo server', () => {
  let ctx: OpenContext;
  let root: string;
  beforeAll(async () => {
    ({ root } = unpackDemo(join(tempDir(), 'demo'), Date.parse(NOW)));
    ctx = open({ root, now: NOW });
    await refresh(ctx);
  });
  afterAll(() => {
    ctx.close();
  });

  test.each([
    ['editor', ask(EDITOR), 'markdown'],
    ['shared', ask('192.0.2.118', { vhost: 'shop.example.com' }), 'plain'],
    ['editor-crs', ask(EDITOR, { kind: 'crs' }), 'markdown'],
  ] as const)('the report of the story %s reads as it should', async (name, request, format) => {
    const golden = readFileSync(new URL(`report-${name}.golden.txt`, import.meta.url), 'utf8');
    expect(reportText(await made(ctx, request), format)).toBe(golden);
  });

  test('a scan of three accounts’ sites: each gets its own, nobody gets a report of all', async () => {
    const answer = await makeReport(ctx, ask('192.0.2.118'));
    expect(answer.state).toBe('choose');
    const names = answer.touched.map(({ vhost, account }) => [vhost, account ?? '']);
    expect(names).toHaveLength(3);
    for (const [vhost] of names) {
      const text = all(await made(ctx, ask('192.0.2.118', { vhost: vhost ?? '' })));
      expect(text).toContain(vhost ?? '?');
      for (const other of names.flat())
        if (other !== vhost) expect([vhost, other, text.includes(other)]).toEqual([vhost, other, false]);
      // lfd counted the refusals of all three together.
      expect(text).not.toMatch(/counted \d/);
    }
  });

  test('the address may be shortened, and then stands nowhere', async () => {
    const [v4, v6] = [ask(EDITOR, { hideAddress: true }), ask('2001:db8:e14:7::31', { hideAddress: true })];
    expect(all(await made(ctx, v4))).toContain('203.0.113.0/24');
    expect(all(await made(ctx, v4))).not.toContain(EDITOR);
    expect(all(await made(ctx, v6))).toContain('2001:db8:e14::/48');
    expect(all(await made(ctx, v6))).not.toContain('2001:db8:e14:7');
  });

  test('a block for mail logins: what to change is the mail program, and no site is spoken of', async () => {
    const text = reportText(await made(ctx, ask('192.0.2.201')), 'plain').replaceAll(/\s+/g, ' ');
    expect(text).toContain('5 failed logins for sending mail within an hour');
    expect(text).toContain('A mail program with an old password tries it every few minutes');
    expect(text).not.toMatch(/your site|@|example\.(?:com|org|net)/);
    expect(await makeReport(ctx, ask('192.0.2.201', { kind: 'crs' }))).toMatchObject({ state: 'refused' });
  });

  test('a block whose requests are gone, and requests to no site: what is known is said, and no more', async () => {
    const gone = reportText(await made(ctx, ask('198.51.100.201')), 'plain').replaceAll(/\s+/g, ' ');
    expect(gone).toContain(
      'blocked the address 198.51.100.201 on 3 Jan 2027, 08:29:45 (the server’s clock, +01:00): 10 refused web requests within an hour.',
    );
    expect(gone).toContain('The requests that led to the block are not in the logs that are left');
    const bare = reportText(await made(ctx, ask('198.51.100.77')), 'plain').replaceAll(/\s+/g, ' ');
    expect(bare).toContain('refused 10 requests to the server itself (no site by its name)');
    expect(bare).not.toMatch(/your site [a-z0-9.]+\.(?:com|org|net)/);
  });

  test('no trace is no report; an attack is no false positive', async () => {
    expect(await makeReport(ctx, ask('198.51.100.27'))).toMatchObject({ state: 'no-trace', touched: [] });
    const answer: ReportAnswer = await makeReport(ctx, ask('203.0.113.58', { kind: 'crs' }));
    expect(answer).toMatchObject({
      state: 'refused',
      why: expect.stringContaining('The verdict is an attack'),
    });
  });

  test('a time chooses the incident; a vhost that it did not touch is refused', async () => {
    const { incident } = await made(ctx, ask(EDITOR));
    for (const from of [incident?.from ?? '', '2027-01-05 07:23', '2027-01-04'])
      expect((await made(ctx, ask(EDITOR, { from }))).incident).toEqual(incident);
    await expect(makeReport(ctx, ask(EDITOR, { from: 'soon' }))).rejects.toThrow(BadInput);
    await expect(makeReport(ctx, ask(EDITOR, { vhost: 'shop.example.com' }))).rejects.toThrow(
      'no request to',
    );
  });

  test('what was changed since: the exclusion that covers it and the unblock, without reasons and names', async () => {
    const scope = {
      kind: 'rule-vhost',
      vhost: 'blog.example.org',
      tag: null,
      target: null,
      path: null,
    } as const;
    const { store } = ctx;
    store.write(() => {
      for (const ruleId of ['941100', '941160'])
        store.exclusions.activate(
          store.exclusions.add({
            ...{ scope: { ...scope, ruleId }, form: 'directive', reason: 'ask Jana', author: 'peter' },
            ...{
              createdAt: Date.parse('2027-01-05T09:00:00Z'),
              expiresAt: Date.parse('2027-02-05T09:00:00Z'),
              account: 'bloguser',
            },
          }),
        );
    });
    const command = { kind: 'remove-deny', target: EDITOR } as const;
    store.writeDurably(() => {
      for (const [target, state] of [
        [EDITOR, 'done'],
        [EDITOR, 'failed'],
        ['203.0.113.99', 'done'],
      ] as const) {
        const id = store.firewall.acts.begin({
          ...{
            at: Date.parse('2027-01-05T09:05:00Z'),
            who: 'peter',
            act: 'unblock',
            target,
            reason: 'ask Jana',
          },
          ...{ incident: null, commands: [command] },
        });
        store.firewall.acts.finish(id, { state, steps: [], sentence: 'x' });
      }
    });
    const text = reportText(await made(ctx, ask(EDITOR)), 'plain').replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'Since 5 Jan 2027, 10:00:00 rule 941100 is switched off on blog.example.org, until 5 Feb 2027, 10:00:00.',
    );
    expect(text.match(/On 5 Jan 2027, 10:05:00 the block of the address was lifted\./g)).toHaveLength(1);
    expect(text).toContain('Nothing: what is listed under “What was changed” is enough.');
    expect(text).toContain(
      'When the block is lifted, do again what was refused: it should be answered as usual.',
    );
    expect(text).not.toMatch(/Jana|peter|203\.0\.113\.99|does not cover/);
  });

  test('the command line: the formats, the exit codes, what to do where it must be chosen', async () => {
    const state = ['--root', root, '--now', NOW, '--state', ctx.stateDir];
    const plain = await cli(['report', EDITOR, ...state]);
    expect([plain.code, plain.err, plain.out.split('\n')[0]]).toEqual([
      0,
      '',
      'Refused requests to blog.example.org on 5 Jan 2027',
    ]);
    const json = await cli(['report', EDITOR, '--format', 'html', '--json', '--hide-address', ...state]);
    expect(JSON.parse(json.out)).toMatchObject({
      ...{
        kind: 'customer',
        vhost: 'blog.example.org',
        verdict: 'false-positive',
        masked: 0,
        format: 'html',
      },
      incident: { ip: '203.0.113.0/24' },
      text: expect.stringMatching(/^<h2>Refused requests to <code>blog\.example\.org<\/code>/),
    });
    const linked = await cli([
      'report',
      `https://h:2087/cpsess1/cgi/x/index.cgi?p=/incident&ip=${EDITOR}&from=2027-01-05T07:20:52%2B01:00`,
      ...state,
    ]);
    expect(linked.out).toBe(plain.out);
    const choose = await cli(['report', '192.0.2.118', ...state]);
    expect([choose.code, choose.out]).toEqual([2, '']);
    expect(choose.err).toContain(
      '--vhost whose report it is: shop.example.com (shopuser), blog.example.org (bloguser)',
    );
    const none = await cli(['report', '198.51.100.27', ...state]);
    expect([none.code, none.out]).toEqual([3, '']);
    expect((await cli(['report', '203.0.113.58', '--crs', ...state])).code).toBe(1);
    expect((await cli(['report', 'shop.example.com', ...state])).code).toBe(2);
    expect((await cli(['report', EDITOR, '--name-server', ...state])).out).toContain(
      'the logs of server.example.com',
    );
  });
});

describe('two accounts in one incident', () => {
  let ctx: OpenContext;
  beforeAll(async () => {
    ctx = open({ root: twoAccounts().dir });
    await refresh(ctx);
  });
  afterAll(() => {
    ctx.close();
  });

  test('each report holds its own names and numbers, and nothing of the other’s', async () => {
    const shop = all(await made(ctx, ask(VISITOR, { vhost: SHOP })));
    const other = all(await made(ctx, ask(VISITOR, { vhost: `www.${OTHER}` })));
    for (const [text, own, foreign] of [
      [shop, SHOPS.slice(0, 1), OTHERS],
      [other, OTHERS.slice(0, 1), SHOPS],
    ] as const) {
      expect(own.filter((name) => !text.includes(name))).toEqual([]);
      expect(foreign.filter((name) => text.toLowerCase().includes(name))).toEqual([]);
      expect(text).not.toMatch(/third|server\.example\.com/);
    }
    expect(shop).toContain('refused 5 requests to your site `shop.example.com`');
    expect(shop).toContain('`/~••••/our-giraffe.php`');
    expect(other).toContain('refused 3 requests to your site `other.example.org`');
    expect(other).toContain('field `zebrafield`');
  });

  test('where no file names the vhosts, each host name stands alone, with and without www', async () => {
    const root = twoAccounts(
      [{ ...toShop(0, { uri: '/x', hits: [] }), host: `www.${SHOP}`, hits: SQL }],
      false,
    );
    const untold = open({ root: root.dir });
    try {
      const { state, touched } = await makeReport(untold, ask(VISITOR));
      expect([state, touched]).toEqual([
        'choose',
        [
          { vhost: SHOP, account: null, requests: 6 },
          { vhost: OTHER, account: null, requests: 3 },
        ],
      ]);
      const text = all(await made(untold, ask(VISITOR, { vhost: `www.${SHOP}` })));
      expect(text).toContain('refused 6 requests to your site `shop.example.com`');
      expect(text.toLowerCase()).not.toMatch(/other\.example|zebra/);
    } finally {
      untold.close();
    }
  });
});
