// What a settled incident needs outlives its logs: judged once, it is told the same way when they are gone.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { explain } from '../../src/actions/explain.ts';
import type { Explanation } from '../../src/actions/explanation.ts';
import { listIncidents } from '../../src/actions/inbox.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { tempDir } from '../host/make-root.ts';
import { newState, open } from './kit.ts';

const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);
const LATER = '2027-01-05T12:00:00+01:00';
const CLIENTS = [
  ...['198.51.100.77', '203.0.113.24', '203.0.113.140', '192.0.2.44', '198.51.100.163'],
  ...['192.0.2.118', '203.0.113.58', '198.51.100.133', '203.0.113.62'],
];
let root = '';
let state = '';
let before: Explanation[] = [];
let after: Explanation[] = [];

async function explainAll(): Promise<Explanation[]> {
  const ctx = open({ root, state, now: LATER });
  try {
    const all: Explanation[] = [];
    for (const client of CLIENTS) all.push(await explain(ctx, client));
    return all;
  } finally {
    ctx.close();
  }
}

beforeAll(async () => {
  root = unpackDemo(join(tempDir(), 'demo'), NOW).root;
  state = newState(root);
  before = await explainAll();
  const logs = join(root, 'var/log/apache2');
  for (const name of ['error_log', 'modsec_audit.log', 'access_log']) rmSync(join(logs, name));
  for (const name of readdirSync(join(logs, 'domlogs'))) rmSync(join(logs, 'domlogs', name));
  after = await explainAll();
});

test('a block for missing pages with refused requests behind it is judged by them', () => {
  const scanner = before[CLIENTS.indexOf('203.0.113.140')];
  expect(scanner?.block).toMatchObject({ trigger: 'LF_APACHE_404', notWaf: false, advice: [] });
  expect(scanner?.headline).toBe(scanner?.verdict?.words);
  expect(scanner?.verdict?.label).toBe('attack');
});

describe.each(CLIENTS.map((client, index) => [client, index] as const))('%s', (_client, index) => {
  test('verdict and evidence are the same', () => {
    expect(before[index]?.verdict).not.toBeNull();
    expect(after[index]?.verdict).toEqual(before[index]?.verdict);
    expect(after[index]?.evidence).toEqual(before[index]?.evidence);
    expect(after[index]?.answers).toEqual(before[index]?.answers);
    expect(after[index]?.headline).toBe(before[index]?.headline);
  });
  test('incident and requests are the same', () => {
    expect(after[index]?.incident).toEqual(before[index]?.incident);
    expect(after[index]?.ledger).toEqual(before[index]?.ledger);
    expect(before[index]?.incident?.transactions[0]?.uri).not.toBeNull();
  });
  test('coverage says that the logs are gone', () => {
    const states = (one: Explanation | undefined): unknown[] =>
      (one?.coverage ?? []).map(({ kind, state: known }) => [kind, known]);
    expect(states(before[index]).slice(0, 2)).toEqual([
      ['error_log', 'ok'],
      ['audit_log', 'ok'],
    ]);
    for (const { kind, state: known, sentence } of after[index]?.coverage ?? []) {
      if (kind === 'lfd_log') continue;
      expect([kind, ['missing', 'unreadable'].includes(known)]).toEqual([kind, true]);
      expect(sentence).toMatch(/missing|not found/);
    }
    expect(after[index]?.missing.map(({ source }) => source)).toEqual(
      expect.arrayContaining(['error_log', 'modsec_audit.log', 'access logs']),
    );
  });
});

test('the list is the same', async () => {
  const ctx = open({ root, state, now: LATER });
  try {
    const rows = await listIncidents(ctx, { sinceMs: null, verdict: null });
    const own = rows.filter(({ client }) => CLIENTS.includes(client));
    expect(own.map(({ client }) => client).sort()).toEqual([...CLIENTS].sort());
    for (const row of own)
      expect(row.verdict.label).toBe(before[CLIENTS.indexOf(row.client)]?.verdict?.label);
  } finally {
    ctx.close();
  }
});
