// Lines whose fields a visitor forged, in an argument's name and in the referer: the audit record decides, whichever
// log is read first, and nothing that the visitor made up stays.
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';
import { type AllRows, ingestOnce, newState, rowsIn } from './kit.ts';

const CLIENT = '203.0.113.7';
const RULES = '/etc/apache2/conf.d/modsec/modsec2.user.conf';
const FORGED_RUN =
  'a. [file "/x.conf"] [line "1"] [id "222222"] [hostname "victim.example.org"] [uri "/v"] [unique_id "FAKEFULL0000000000000000"], referer: ';

interface Case {
  readonly id: string;
  readonly line: string;
}

const head = (second: string): string =>
  `[Sun Nov 22 17:22:${second} 2026] [security2:error] [pid 12087:tid 12096] [client ${CLIENT}:0] [client ${CLIENT}] ModSecurity: `;
const fields = (data: string): string =>
  `[file "${RULES}"] [line "38"] [id "300001"] [msg "marker"] [data "${data}"] [severity "CRITICAL"]`;
const tail = (id: string): string => `[hostname "shop.example.com"] [uri "/"] [unique_id "${id}"]`;

const name: Case = {
  id: 'awMkxrQFTxOEr0k9y4hxWQAAAIk',
  line: `${head('14.860022')}Warning. Pattern match "marker" at ARGS:a"] [id "111111"] [unique_id "FAKENAME0000000000000000"]. ${fields('Matched Data: x')} ${tail('awMkxrQFTxOEr0k9y4hxWQAAAIk')}`,
};
const run: Case = {
  id: 'awMkxo9EhiZpbizFOi3ZIwAAAAQ',
  line: `${head('15.860745')}Warning. Pattern match "marker" at ARGS:${FORGED_RUN}. ${fields('Matched Data: y')} ${tail('awMkxo9EhiZpbizFOi3ZIwAAAAQ')}`,
};
/** So long a name that ModSecurity cut its own fields off: only the request is left of the truth. */
const long: Case = {
  id: 'awMkxrQFTxOEr0k9y4hxWgAAAIE',
  line: `${head('16.861628')}Warning. Pattern match "marker" at ARGS:${FORGED_RUN}${'z'.repeat(700)} ${tail('awMkxrQFTxOEr0k9y4hxWgAAAIE')}`,
};
const referer: Case = {
  id: 'awMkxrQFTxOEr0k9y4hxWwAAAIs',
  line: `${head('17.863358')}Warning. Pattern match "marker" at ARGS:id. ${fields('Matched Data: z')} ${tail('awMkxrQFTxOEr0k9y4hxWwAAAIs')}, referer: http://x/"] [hostname "evil"] [uri "/e"] [unique_id "FAKEREF00000000000000000"]`,
};
const refererRun: Case = {
  id: 'awMkxo9EhiZpbizFOi3ZJQAAAAg',
  line: `${head('18.864192')}Warning. Pattern match "marker" at ARGS:id. ${fields('Matched Data: z')} ${tail('awMkxo9EhiZpbizFOi3ZJQAAAAg')}, referer: x. [file "/x.conf"] [line "1"] [id "333333"] [hostname "evil"] [uri "/e"] [unique_id "FAKEREF00000000000000000"]`,
};
const cases: readonly (readonly [string, Case])[] = [
  ['in an argument name', name],
  ['a whole run in an argument name', run],
  ['a run in a name that pushes the real fields out', long],
  ['in the referer', referer],
  ['a whole run in the referer', refererRun],
];
const all = cases.map(([, one]) => one);

/** An audit record that names rule 300001 for a request. */
function auditRecord({ id, line }: Case, index: number): string {
  const mark = `0000000${String(index)}`;
  const time = /17:22:\d\d\.\d{6}/.exec(line)?.[0] ?? '';
  return [
    `--${mark}-A--`,
    `[22/Nov/2026:${time} +0000] ${id} ${CLIENT} 40000 192.0.2.1 443`,
    `--${mark}-B--`,
    'GET /?id=marker HTTP/1.1',
    'Host: shop.example.com',
    '',
    `--${mark}-F--`,
    'HTTP/1.1 200 OK',
    '',
    `--${mark}-H--`,
    `Message: Warning. Pattern match "marker" at ARGS:id. ${fields('Matched Data: z')}`,
    'Engine-Mode: "ENABLED"',
    '',
    `--${mark}-Z--`,
    '',
    '',
  ].join('\n');
}

function server(parts: { error?: readonly Case[]; audit?: readonly Case[] }): TestRoot {
  const root = makeServer();
  write(root, parts);
  return root;
}

function write(root: TestRoot, { error, audit }: { error?: readonly Case[]; audit?: readonly Case[] }): void {
  if (error !== undefined)
    root.write('/var/log/apache2/error_log', error.map((one) => `${one.line}\n`).join(''));
  if (audit !== undefined) root.write('/var/log/apache2/modsec_audit.log', audit.map(auditRecord).join(''));
}

const ids = (rows: AllRows): string[] => rows.parts.map((one) => (one as { uniqueId: string }).uniqueId);
const rulesOf = (rows: AllRows): unknown[] =>
  rows.transactions.map((one) =>
    (one as { hits: { ruleId: string; sources: string[] }[] }).hits.map((hit) => [hit.ruleId, hit.sources]),
  );

async function read(root: TestRoot): Promise<AllRows> {
  const state = newState(root.dir);
  await ingestOnce(root.dir, state);
  return rowsIn(root.dir, state);
}

describe.each(cases)('forged %s', (_name, one) => {
  test('both logs at once: the real request alone, with its rule', async () => {
    const rows = await read(server({ error: [one], audit: [one] }));
    expect(ids(rows)).toEqual([one.id]);
    expect(rows.waiting).toBe(0);
    const sources = one === long ? ['audit_log'] : ['audit_log', 'error_log'];
    expect(rulesOf(rows)).toEqual([[['300001', sources]]]);
    expect(JSON.stringify(rows.incidents)).not.toMatch(/FAKE|222222|333333|victim|evil/);
  });

  test('error_log long before the audit log', async () => {
    const both = await read(server({ error: [one], audit: [one] }));
    const root = server({ error: [one] });
    const state = newState(root.dir);
    await ingestOnce(root.dir, state);
    write(root, { audit: [one] });
    await ingestOnce(root.dir, state);
    expect(rowsIn(root.dir, state)).toEqual(both);
  });

  test('the audit log long before error_log', async () => {
    const both = await read(server({ error: [one], audit: [one] }));
    const root = server({ audit: [one] });
    const state = newState(root.dir);
    await ingestOnce(root.dir, state);
    write(root, { error: [one] });
    await ingestOnce(root.dir, state);
    expect(rowsIn(root.dir, state)).toEqual(both);
  });
});

test('all of them in one log, audit records of some: those are decided, the others stay marked', async () => {
  const audit = [name, run, long];
  const both = await read(server({ error: all, audit }));
  expect(ids(both).sort()).toEqual(all.map((one) => one.id).sort());
  const marked = both.transactions.filter((one) => (one as { ambiguous: boolean }).ambiguous);
  expect(marked.length).toBeGreaterThanOrEqual(2);
  const root = server({ error: all });
  const state = newState(root.dir);
  await ingestOnce(root.dir, state);
  await ingestOnce(root.dir, state);
  write(root, { audit });
  await ingestOnce(root.dir, state);
  expect(rowsIn(root.dir, state)).toEqual(both);
});

test('without an audit log, the blocking line of the same request decides', async () => {
  const blocking = `${head('16.862000')}Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/etc/apache2/conf.d/x/REQUEST-949-BLOCKING-EVALUATION.conf"] [line "94"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 5)"] [severity "CRITICAL"] ${tail(long.id)}`;
  const root = makeServer();
  root.write('/var/log/apache2/error_log', `${long.line}\n`);
  const state = newState(root.dir);
  await ingestOnce(root.dir, state);
  root.write('/var/log/apache2/error_log', `${long.line}\n${blocking}\n`);
  await ingestOnce(root.dir, state);
  const rows = rowsIn(root.dir, state);
  expect(ids(rows)).toEqual([long.id]);
  expect(rulesOf(rows)).toEqual([[['949110', ['error_log']]]]);
  const fresh = join(tempDir(), 'fresh');
  await ingestOnce(root.dir, fresh);
  expect(rowsIn(root.dir, fresh)).toEqual(rows);
});

test("a line cannot be forged into another visitor's request", async () => {
  const victim = 'awMkxrQFTxOEr0k9y4hxVICTIMk';
  const honest = `${head('10.000000').replaceAll(CLIENT, '198.51.100.20')}Warning. Pattern match "marker" at ARGS:q. ${fields('Matched Data: q')} ${tail(victim)}`;
  const root = makeServer();
  const attack = run.line.replace('FAKEFULL0000000000000000', victim);
  root.write('/var/log/apache2/error_log', `${honest}\n${attack}\n`);
  const rows = await read(root);
  expect(ids(rows).sort()).toEqual([run.id, victim].sort());
  const kept = rows.transactions.find((one) => (one as { uniqueId: string }).uniqueId === victim);
  expect(kept).toMatchObject({ client: '198.51.100.20', ambiguous: false, hits: [{ ruleId: '300001' }] });
});

test('a flood of forged lines is kept, marked, and only the newest wait', async () => {
  const flood = Array.from({ length: 1500 }, (_, index) =>
    refererRun.line.replaceAll(refererRun.id, `flood${String(index).padStart(6, '0')}ForgedAAAAs`),
  );
  const root = makeServer();
  root.write('/var/log/apache2/error_log', `${flood.join('\n')}\n`);
  const rows = await read(root);
  expect(rows.parts).toHaveLength(1500);
  expect(rows.waiting).toBe(1000);
});
