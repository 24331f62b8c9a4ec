// Servers whose logs have other forms than Apache's with ModSecurity 2.9 writes: what is kept of them, end to end.
import { describe, expect, test } from '@jest/globals';
import { refresh } from '../../src/actions/refresh.ts';
import { toTransaction } from '../../src/analyse/merge.ts';
import type { Transaction } from '../../src/model.ts';
import { makeRoot, tempDir, type TestRoot } from '../host/make-root.ts';
import { readSamples } from '../parse/samples.ts';
import { cli, open } from './kit.ts';

const NGINX = '/var/log/nginx/error.log';
const AUDIT = '/etc/apache2/logs/modsec_audit.log';
const raws = (name: string): string[] => readSamples(name).map(({ raw }) => raw);
const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

async function kept(root: TestRoot): Promise<Map<string, Transaction>> {
  const ctx = open({ root: root.dir, state: `${tempDir()}/state` });
  try {
    await refresh(ctx);
    const all = ['203.0.113.7', '203.0.113.9', '2001:db8::7'].flatMap((client) =>
      ctx.store.transactions.ofClient(client, -Infinity, Infinity),
    );
    return new Map(all.map((parts) => [parts.uniqueId, toTransaction(parts)]));
  } finally {
    ctx.close();
  }
}

const ids = (transaction: Transaction | undefined): string[] | undefined =>
  transaction?.hits.map(({ ruleId }) => ruleId);

describe('nginx with ModSecurity 3', () => {
  const root = makeRoot();
  root.write(NGINX, lines(raws('modsec-line').filter((raw) => raw.startsWith('2026/'))));
  root.write(AUDIT, lines(raws('audit-v3').slice(0, 6)));

  test('both logs are one transaction, with all rules, the refusal and the host that was asked for', async () => {
    const one = (await kept(root)).get('179576295933.984504');
    expect(one).toMatchObject({
      client: '203.0.113.7',
      vhost: 'shop.example.com',
      path: '/p',
      sources: ['error_log', 'audit_log'],
      at: 1795762959000,
      ambiguous: false,
    });
    expect(ids(one)).toEqual(['942100', '949110']);
    expect(one?.hits.map(({ action, sources }) => [action, sources.length])).toEqual([
      ['warning', 2],
      ['denied', 2],
    ]);
  });

  test('forged paths, names and bodies leave the ids and rules as they are', async () => {
    const all = await kept(root);
    for (const [id, uri] of [
      ['179576305771.330060', '/%22%5D%20'],
      ['179576295993.046315', '/bin'],
    ] as const) {
      expect(all.get(id)?.request?.uri).toContain(uri);
      expect(ids(all.get(id))?.at(-1)).toBe('949110');
    }
    expect([...all.keys()].filter((id) => !/^\d{10,13}\.\d{6}$/.test(id))).toEqual([]);
  });
});

test('a rule that ModSecurity 3 says to have matched in two places scores twice, and the ledger adds up', async () => {
  const root = makeRoot();
  const id = '1795353487.671319';
  const message = (rule: string, act: string, rest: string, ref: string): string =>
    `ModSecurity: ${act} ${rest} [file "/r/a.conf"] [line "1"] [id "${rule}"] [rev ""] [msg "m (Total Score: 15)"] [data ""] [severity "2"] [ver ""] [maturity "0"] [accuracy "0"] [hostname "127.0.0.1"] [uri "/"] [unique_id "${id}"] [ref "${ref}"]`;
  const sum = "Matched \"Operator `Ge' with parameter `5' against variable `TX:ANOMALY_SCORE' (Value: `15' )";
  root.write(
    AUDIT,
    [
      '---AbCdEfGh---A--',
      `[22/Nov/2026:13:18:07 +0000] ${id} 203.0.113.7 0 127.0.0.1 80`,
      '---AbCdEfGh---B--\nGET / HTTP/1.1\nHost: shop.example.com\n',
      '---AbCdEfGh---F--\nHTTP/1.1 403\n',
      '---AbCdEfGh---H--',
      message(
        '941110',
        'Warning.',
        "Matched \"Operator `Rx' with parameter `x' against variable `ARGS:a' (Value: `x' )",
        'o0,8v8,16',
      ),
      message(
        '941100',
        'Warning.',
        'detected XSS using libinjection.',
        'v9,115t:lowercasev670,151t:lowercase',
      ),
      message('949110', 'Access denied with code 403 (phase 2).', sum, ''),
      '\n---AbCdEfGh---Z--\n\n',
    ].join('\n'),
  );
  const at = ['--root', root.dir, '--state', `${tempDir()}/state`];
  const { out } = await cli(['explain', '203.0.113.7', '--json', ...at]);
  const { transactions } = JSON.parse(out) as {
    transactions: { score: unknown; ruleHits: { id: string; points: number }[] }[];
  };
  expect(transactions[0]?.score).toMatchObject({ total: 15, computed: 15, reconciled: true, inferred: true });
  expect(transactions[0]?.ruleHits.map(({ id: rule, points }) => [rule, points])).toEqual([
    ['941110', 5],
    ['941100', 10],
    ['949110', 0],
  ]);
});

describe('JSON', () => {
  test("3's lines: rules, the refusal, the time that the id tells", async () => {
    const root = makeRoot();
    root.write(AUDIT, lines(raws('audit-json').slice(0, 5)));
    const all = [...(await kept(root)).values()];
    expect(all).toHaveLength(5);
    expect(all.find(({ path }) => path === '/p')).toMatchObject({
      at: 1795762959000,
      sources: ['audit_log'],
      request: { method: 'GET', status: 403 },
    });
    expect(all.find(({ path }) => path === '/nofile')).toMatchObject({ at: 1795763230000 });
    const refused = all.filter(({ hits }) => hits.some(({ action }) => action === 'denied'));
    expect(refused).toHaveLength(4);
  });

  test("3's local time is the server's where the id tells no second", async () => {
    const root = makeRoot();
    root.link('/etc/localtime', '/usr/share/zoneinfo/Asia/Kolkata');
    root.write(AUDIT, lines([raws('audit-json')[5] ?? '']));
    const [one] = [...(await kept(root)).values()];
    expect(one?.at).toBe(1795762959000 - 330 * 60_000);
  });

  test("2.9's lines beside Apache's error_log", async () => {
    const root = makeRoot();
    root.write(AUDIT, lines(raws('audit-json').slice(6, 10)));
    const all = [...(await kept(root)).values()];
    expect(all).toHaveLength(4);
    expect(ids(all.find(({ path }) => path === '/p'))).toEqual(['942100', '949110', '980130']);
    expect(all.find(({ path }) => path === '/j')?.engineErrors[0]).toMatchObject({ kind: 'parser' });
  });
});

test("LiteSpeed's lines become requests under ids of their own, the same in any reading", async () => {
  const root = makeRoot();
  const own = raws('modsec-line').filter((raw) => raw.includes('[MODSEC]') || raw.includes("[Rule: '"));
  root.write('/etc/apache2/logs/error_log', lines(own));
  const first = await kept(root);
  expect(first.size).toBeGreaterThanOrEqual(4);
  expect([...first.keys()].every((id) => /^ls-[0-9a-f]{16}-[0-9a-f]{16}$/.test(id))).toBe(true);
  expect(ids(first.get('ls-134a9b3617c87827-b4849c2641c5d63f'))).toEqual(['920170']);
  expect(await kept(root)).toEqual(first);
});
