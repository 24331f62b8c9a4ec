// Each story of the demo server, asked for as an admin would: by its mail or its address.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listCauses } from '../../src/actions/causes.ts';
import { explain } from '../../src/actions/explain.ts';
import type { Explanation } from '../../src/actions/explanation.ts';
import { freshCauses } from '../../src/actions/fresh-causes.ts';
import { refresh } from '../../src/actions/refresh.ts';
import type { OpenContext } from '../../src/context.ts';
import { type DemoServer, unpackDemo } from '../../src/host/demo-root.ts';
import { tempDir } from '../host/make-root.ts';
import { open } from './kit.ts';

const NOW = '2027-01-05T09:30:00Z';
let demo: DemoServer;
let ctx: OpenContext;
beforeAll(async () => {
  demo = unpackDemo(join(tempDir(), 'demo'), Date.parse(NOW));
  ctx = open({ root: demo.root, now: NOW });
  await refresh(ctx);
});
afterAll(() => {
  ctx.close();
});

/** All that is said about the block and beside it. */
function said({ headline, lead, block, answers, statements }: Explanation): string {
  const sentences = [...(block?.advice ?? []), ...(block?.contradictions ?? []), ...statements];
  const answered = Object.values(answers ?? {}).flatMap((one) => [one.short, one.long]);
  return [headline, lead, ...answered, ...sentences.map(({ sentence }) => sentence)].join('\n');
}

type Gist = readonly [mail: string, label: string | null, state: string, sentences: readonly string[]];
const GISTS: readonly Gist[] = [
  ['01-ten-hits', 'attack', 'permanent', ['Almost certainly an attack tool']],
  ['02-wordpress-editor', 'false-positive', 'permanent', ['Very probably a false alarm']],
  ['03-probe-scanner', 'attack', 'temporary', ['Almost certainly a scanner']],
  ['04-rotated-log', 'unclear', 'permanent', ['the logs that say what it wanted are gone']],
  [
    '05-mail-login',
    null,
    'permanent',
    ['5 failed logins for sending mail', 'not by ModSecurity', 'exim_mainlog'],
  ],
  ['06-ssh-login', null, 'permanent', ['5 failed ssh logins', 'not by ModSecurity', '/var/log/secure']],
  [
    '07-sqlmap',
    'attack',
    'permanent',
    ['Almost certainly an attack tool (sqlmap)', 'Leave the block in place.'],
  ],
  [
    '08-consent-cookie',
    'false-positive',
    'permanent',
    ['REQUEST_COOKIES:shop_consent', 'Yes, after the rule is mended'],
  ],
  [
    '09-consent-cookie-ipv6',
    'false-positive',
    'permanent',
    ['REQUEST_COOKIES:shop_consent', 'Narrowly, for one target'],
  ],
  [
    '10-shared-office',
    'attack',
    'permanent',
    ['Another visitor behind the same address looks ordinary.', 'not for good again'],
  ],
  [
    '11-dropped-from-csf-deny',
    'attack',
    'none',
    ['not in csf.deny any more: it has dropped out. csf.deny keeps 30 addresses', 'Nothing to unblock'],
  ],
  [
    '12-mailbox-login',
    null,
    'permanent',
    ['10 failed mailbox logins (IMAP)', 'not by ModSecurity', '/var/log/maillog'],
  ],
];

describe('mails', () => {
  test('each mail has its story here', () => {
    expect(demo.mails.map(({ name }) => name)).toEqual(GISTS.map(([name]) => `${name}.eml`));
  });

  test.each(GISTS)('%s', async (name, label, state, sentences) => {
    const answer = await explain(ctx, demo.mails.find((mail) => mail.name === `${name}.eml`)?.text ?? '');
    expect([answer.verdict?.label ?? null, answer.block?.state]).toEqual([label, state]);
    for (const sentence of sentences) expect(said(answer)).toContain(sentence);
    // Neither the answer, nor its ticket or JSON, may speak of a block that is not there.
    if (state === 'none') expect(JSON.stringify(answer)).not.toContain('Leave the block');
  });
});

test('a consent cookie that stops many: visitors who gave up are ordinary ones too', async () => {
  const answer = await explain(ctx, '2001:db8:e1c:22::b');
  expect([answer.verdict?.label, answer.block?.state]).toEqual(['false-positive', 'none']);
  const others = answer.evidence.find(({ id, status }) => id === 'X1b' && status === 'present');
  expect(others?.sentence).toMatch(/^1[0-2] unrelated ordinary visitors were stopped by the same rule/);
});

test('an attacker whom csf does not block: no word about leaving the block', async () => {
  const answer = await explain(ctx, '198.51.100.163');
  expect([answer.verdict?.label, answer.block?.state]).toEqual(['attack', 'none']);
  expect(JSON.stringify(answer)).not.toContain('Leave the block');
});

test('an address that is nowhere: its ticket says what is known', async () => {
  const { ticket } = await explain(ctx, '198.51.100.27');
  expect(ticket).toBe('198.51.100.27 is not blocked by csf.');
});

test('a shared office: three visitors, one of them bad', async () => {
  const { actors } = await explain(ctx, '192.0.2.118');
  expect(JSON.stringify(actors)).not.toContain('Leave the block');
  const told = actors.map(({ verdict, requests, agents }) => [
    verdict.label,
    requests,
    / (?:Firefox|Version)\/|^Go-http-client/.exec(agents[0] ?? '')?.[0].trim(),
  ]);
  expect(told).toEqual([
    ['attack', 15, 'Go-http-client'],
    ['false-positive', 1, 'Firefox/'],
    ['false-positive', 0, 'Version/'],
  ]);
});

test('whoever has the address that dropped out today is not blocked, and the access logs are not claimed to be read', async () => {
  const answer = await explain(ctx, '198.51.100.27');
  expect([answer.outcome, answer.block?.state]).toEqual(['no-trace', 'none']);
  const access = answer.coverage.find(({ kind }) => kind === 'access_log');
  expect(access).toMatchObject({ skipped: true, sentence: expect.stringMatching(/^not looked through/) });
});

test('a till and an app with broken bodies: no attack, and the rule that refused alone is named', async () => {
  const till = await explain(ctx, '203.0.113.62');
  expect([till.verdict?.label, till.block?.state]).toEqual(['unclear', 'none']);
  expect(said(till)).toContain('200002 refused; one incident is no reason to switch it off.');
  expect(said(till)).not.toContain('only adds up');
  const { ledger, ...app } = await explain(ctx, '198.51.100.92');
  expect(ledger?.rows).toMatchObject([{ ruleId: '200003', points: 0 }]);
  expect(ledger?.meaning).toMatch(/^200003 refuses by itself/);
  expect(app.answers?.rule.long).toBe('200003 refused; one incident is no reason to switch it off.');
});

test('the page of causes: the cookie on top, and what the engine could not read', async () => {
  await freshCauses(ctx);
  const page = await listCauses(ctx, {
    ...{ vhost: null, ruleId: null, state: 'open', text: '', days: 14, page: 1 },
  });
  expect(page.rows[0]).toMatchObject({
    ...{ vhost: 'shop.example.com', ruleId: '942190', target: 'REQUEST_COOKIES:shop_consent' },
    ordinary: 13,
  });
  expect(page.rows[0]?.advice).toMatchObject({ kind: 'target-vhost' });
  const told = page.errors.map(({ kind, text, vhost }) => `${kind} ${vhost}: ${text}`).join('\n');
  for (const text of [
    'premature EOF',
    'XML: Failed parsing',
    'Final boundary missing',
    'no files data length',
  ])
    expect(told).toContain(text);
  expect(page.errors.map(({ ruleId }) => ruleId)).toEqual(expect.arrayContaining(['200002', '200003']));
});
