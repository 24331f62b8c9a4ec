// Secrets in every place of every log: no report of any kind or form holds one, nor a part of one; and no other address.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { toTransaction } from '../../src/analyse/merge.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { makeReport } from '../../src/actions/report.ts';
import { crsReport } from '../../src/actions/report-crs.ts';
import { netKnown } from '../../src/actions/report-known.ts';
import { netted } from '../../src/actions/report-net.ts';
import { reportText } from '../../src/actions/report-text.ts';
import type { Report, ReportRequest } from '../../src/actions/report-view.ts';
import { ruleBook } from '../../src/actions/rule-book.ts';
import type { OpenContext } from '../../src/context.ts';
import { CLIENT, MARK, OTHER_CLIENT, plantSecrets, type Planted, uniqueId, VHOST } from '../secrets-plant.ts';
import { open } from './kit.ts';
import { toShop, twoAccounts, VISITOR } from './report-kit.ts';

let planted: Planted;
let ctx: OpenContext;
beforeAll(async () => {
  planted = plantSecrets(Date.now());
  ctx = open({ root: planted.root.dir });
  await refresh(ctx);
});
afterAll(() => {
  ctx.close();
});

const FORMATS = ['markdown', 'plain', 'html'] as const;
const ask = (address: string, more: Partial<ReportRequest> = {}): ReportRequest => ({
  ...{ address, from: null, vhost: VHOST, kind: 'customer', hideAddress: false, nameServer: false },
  ...more,
});
const textsOf = (report: Report): string =>
  [...FORMATS.map((format) => reportText(report, format)), JSON.stringify(report)].join('\n');

/** Secrets in a text: whole ones as they are, written or escaped, and parts of those made of words. */
function leaksIn(text: string): string[] {
  const lower = text.toLowerCase();
  const whole = planted.secrets.filter(({ plain, written }) =>
    [plain, written, encodeURIComponent(plain)].some((form) => lower.includes(form.toLowerCase())),
  );
  return [...whole.map(({ source }) => source), ...Array.from(text.matchAll(MARK), ([mark]) => mark)];
}

test('a planted secret would be found', () => {
  const [first] = planted.secrets;
  expect(leaksIn(`x ${first?.plain ?? ''} y`)).not.toEqual([]);
  expect(leaksIn(`x ${first?.plain.slice(0, 6) ?? ''} y`)).not.toEqual([]);
});

test.each([CLIENT, OTHER_CLIENT])('the report about %s holds none, whole or shortened', async (address) => {
  const incidents = ctx.store.incidents.ofClient(address);
  expect(incidents.length).toBeGreaterThan(0);
  for (const { from } of incidents)
    for (const hideAddress of [false, true]) {
      const answer = await makeReport(ctx, ask(address, { from: new Date(from).toISOString(), hideAddress }));
      if (answer.state !== 'made') throw new Error(JSON.stringify(answer));
      const texts = textsOf(answer.report);
      expect(leaksIn(texts)).toEqual([]);
      expect(texts).toContain(VHOST);
      const others = [...texts.matchAll(/\d{1,3}(?:\.\d{1,3}){3}/g)].map(([found]) => found);
      expect(new Set(others)).toEqual(new Set([hideAddress ? address.replace(/\d+$/, '0') : address]));
    }
});

test('the report to the CRS project holds none, nor site or address, whatever the verdict', async () => {
  let made = 0;
  for (const id of [
    ...Array.from({ length: 40 }, (_, n) => uniqueId(n)),
    ...Array.from({ length: 8 }, (_, n) => uniqueId(100 + n)),
  ]) {
    const parts = ctx.store.transactions.byId(id);
    if (parts === null) continue;
    const transactions = [toTransaction(parts)];
    const crs = await crsReport(ctx, { transactions, verdict: null, book: ruleBook(ctx, transactions) });
    if ('refused' in crs) continue;
    made++;
    const request = ask(parts.client, { kind: 'crs' });
    const known = netKnown(ctx, { request, vhost: VHOST, account: null, touched: [] });
    const head = { kind: 'crs', incident: null, vhost: null, verdict: null, masked: 0 } as const;
    const texts = textsOf(netted({ ...head, ...crs }, known));
    expect([id, leaksIn(texts)]).toEqual([id, []]);
    expect(texts).not.toMatch(/shop\.example|shopuser|198\.51\.100|203\.0\.113/);
  }
  expect(made).toBeGreaterThan(35);
});

test('what only the allow-list and the net keep out: tokens in paths, names and addresses', async () => {
  const hits = [{ rule: '942100', target: 'ARGS:q', value: "it's 1 or 2" }];
  const SECRETS = [
    'Xk3jT9aQ7vPz0LmW2bRy',
    'jana.k',
    '4111111111111111',
    'hunter2',
    '203.0.113.9',
    'peterpan77',
  ];
  const odd = (field: string): typeof hits => [
    { rule: '942100', target: `ARGS:${field}`, value: "it's 1 or 2" },
  ];
  const root = twoAccounts([
    toShop(0, { uri: '/files/Xk3jT9aQ7vPz0LmW2bRy/x.pdf', hits }),
    toShop(1, { uri: '/user/jana.k@mail.example.net/edit', hits }),
    toShop(2, { uri: '/pay/4111111111111111', hits }),
    toShop(3, {
      uri: '/login?pass=hunter2&next=/x',
      hits,
      referer: 'https://shop.example.com/?pass=hunter2',
    }),
    toShop(4, { uri: '/from/203.0.113.9/', hits }),
    toShop(5, { uri: '/x', hits: odd('peterpan77 <b>said</b> hunter2') }),
    toShop(6, { uri: '/x', hits, agent: 'peterpan77/1.0 hunter2' }),
  ]);
  const own = open({ root: root.dir });
  try {
    const answer = await makeReport(own, ask(VISITOR));
    if (answer.state !== 'made') throw new Error(JSON.stringify(answer));
    const texts = textsOf(answer.report);
    expect(SECRETS.filter((secret) => texts.includes(secret))).toEqual([]);
    expect(texts).toContain('/files/••••/x.pdf');
    expect(texts).toContain('a field with an odd name');
    expect(answer.report.masked).toBeGreaterThan(3);
  } finally {
    own.close();
  }
});
