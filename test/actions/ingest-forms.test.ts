// Servers whose logs have other forms than Apache's with ModSecurity 2.9 writes: what is kept of them, end to end.
import { describe, expect, test } from '@jest/globals';
import { refresh } from '../../src/actions/refresh.ts';
import { toTransaction } from '../../src/analyse/merge.ts';
import type { Transaction } from '../../src/model.ts';
import { makeRoot, tempDir, type TestRoot } from '../host/make-root.ts';
import { readSamples } from '../parse/samples.ts';
import { open } from './kit.ts';

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
  expect([...first.keys()].every((id) => /^ls-[0-9a-f]{16}$/.test(id))).toBe(true);
  expect(ids(first.get('ls-b4849c2641c5d63f'))).toEqual(['920170']);
  expect(await kept(root)).toEqual(first);
});
