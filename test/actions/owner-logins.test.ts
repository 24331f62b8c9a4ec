// O4 from raw logs: present, absent and unknown, with logins to other accounts, failed and forged ones.
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ownerLogins } from '../../src/actions/owner-logins.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { transactionsOf } from '../../src/actions/incidents.ts';
import { indexVhosts } from '../../src/actions/vhosts.ts';
import { ownerLoggedIn } from '../../src/analyse/evidence/origin-login.ts';
import { NO_FACTS } from '../../src/analyse/evidence/evidence-input.ts';
import type { Evidence } from '../../src/model.ts';
import { input } from '../analyse/fixtures.ts';
import { makeServer } from '../host/make-root.ts';
import { newState, open } from './kit.ts';

const CLIENT = '203.0.113.7';
const AT = Date.UTC(2026, 10, 22, 13, 49, 4);
const DAY = 86_400_000;
const MODSEC = `[Sun Nov 22 13:49:04.110242 2026] [security2:error] [pid 4336:tid 4344] [client ${CLIENT}:0] [client ${CLIENT}] ModSecurity: Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-949-BLOCKING-EVALUATION.conf"] [line "94"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 5)"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"] [hostname "shop.example.com"] [uri "/a.php"] [unique_id "awLy0ZTl8T6MLlnnqKzuxwAAACX"]\n`;
const dovecot = (time: string, text: string): string => `${time} server dovecot[1]: ${text}\n`;
const opened = (time: string, user: string, from = CLIENT): string =>
  dovecot(time, `imap-login: Login: user=<${user}>, method=PLAIN, rip=${from}, lip=192.0.2.80, TLS`);
const OTHERS =
  opened('Nov 14 00:00:01', 'x@wild.example.org', '192.0.2.9') +
  opened('Nov 22 14:30:00', 'x@wild.example.org', '192.0.2.9');

/** The item for the one incident of a server with these logs. */
async function o4(logs: Readonly<Record<string, string>>): Promise<Evidence> {
  const server = makeServer();
  const all = { '/var/log/apache2/error_log': MODSEC, '/etc/localtime': 'no zone', ...logs };
  for (const [path, text] of Object.entries(all)) {
    server.write(path, text);
    utimesSync(join(server.dir, path), (AT + DAY) / 1000, (AT + DAY) / 1000);
  }
  const ctx = open({ root: server.dir, state: newState(server.dir) });
  try {
    await refresh(ctx);
    const transactions = transactionsOf(ctx, CLIENT, { from: AT - DAY, to: AT + DAY });
    expect(transactions).toHaveLength(1);
    const vhosts = indexVhosts(ctx.host.vhosts(), null);
    const until = transactions[0]?.at ?? 0;
    const facts = { ...NO_FACTS, logins: ownerLogins(ctx, CLIENT, until) };
    const item = ownerLoggedIn(input({ transactions, accounts: (host) => vhosts.account(host), facts }));
    for (const ref of item.lines) expect(await ctx.host.lineAt(ref)).toContain(CLIENT);
    return item;
  } finally {
    ctx.close();
  }
}

const maillog = (...lines: readonly string[]): Readonly<Record<string, string>> => ({
  '/var/log/maillog': [OTHERS.split('\n')[0] ?? '', '\n', ...lines, OTHERS.split('\n')[1] ?? '', '\n'].join(
    '',
  ),
});

test('present: the owner’s mailbox was opened 29 min before', async () => {
  const item = await o4(maillog(opened('Nov 22 13:20:04', 'info@shop.example.com')));
  expect(item.status).toBe('present');
  expect(item.sentence).toContain(
    'info@shop.example.com was opened from this address 29 min before the first refusal',
  );
  expect(item.lines).toHaveLength(1);
});

test('present: mail of another domain of the account, sent a day before', async () => {
  const item = await o4({
    '/var/log/exim_mainlog': `2026-11-21 13:49:04 1mABCD-0001Ab-Cd <= a@addon.example.net H=(x) [${CLIENT}]:5 P=esmtpsa A=dovecot_login:a@addon.example.net S=9\n`,
  });
  expect(item.status).toBe('present');
});

test('present: cPanel and FTP of the account', async () => {
  const item = await o4({
    '/usr/local/cpanel/logs/login_log': `[2026-11-22 13:00:00 +0000] info [cpaneld] ${CLIENT} - shopuser - SUCCESS LOGIN cpaneld\n`,
    '/var/log/messages': `Nov 20 10:00:00 server pure-ftpd: (?@${CLIENT}) [INFO] shopuser is now logged in\n`,
  });
  expect(item.sentence).toContain('The owner logged in to cPanel as shopuser');
  expect(item.lines).toHaveLength(2);
});

test('absent: covered, and nobody logged in from there', async () => {
  expect((await o4(maillog())).status).toBe('absent');
});

test('absent: the mailbox of another account', async () => {
  const item = await o4(maillog(opened('Nov 22 13:20:04', 'info@wild.example.org')));
  expect(item.status).toBe('absent');
  expect(item.sentence).toContain('info@wild.example.org');
});

test('absent: a failed login', async () => {
  const line = `imap-login: Login aborted: Logged out (auth failed, 1 attempts in 2 secs) (auth_failed): user=<info@shop.example.com>, method=PLAIN, rip=${CLIENT}, lip=192.0.2.80, TLS`;
  expect((await o4(maillog(dovecot('Nov 22 13:20:04', line)))).status).toBe('absent');
});

test('absent: logins that the client wrote into a name and a HELO', async () => {
  const line = `imap-login: Login aborted: Logged out (auth failed): user=<x imap-login: Login: user=<info@shop.example.com>, method=PLAIN, rip=${CLIENT}, lip=192.0.2.80>, method=PLAIN, rip=192.0.2.66, lip=192.0.2.80`;
  const item = await o4({
    ...maillog(dovecot('Nov 22 13:20:04', line)),
    '/var/log/exim_mainlog': `2026-11-22 13:00:00 1mABCD-0001Ab-Cd <= a@example.org H=(x) [${CLIENT}]:5 P=esmtpsa A=dovecot_login:info@shop.example.com S=1) [192.0.2.66]:25 P=esmtps S=10\n`,
  });
  expect(item.status).toBe('absent');
});

test('absent: more than 7 days before, or after the incident', async () => {
  const early = opened('Nov 15 13:49:03', 'info@shop.example.com');
  const late = opened('Nov 22 13:49:06', 'info@shop.example.com');
  expect((await o4(maillog(early, late))).status).toBe('absent');
  expect((await o4(maillog(opened('Nov 15 13:49:05', 'info@shop.example.com')))).status).toBe('present');
});

test('unknown: no log of logins, or none that reaches the incident', async () => {
  expect((await o4({})).status).toBe('unknown');
  expect(
    (await o4({ '/var/log/maillog': opened('Nov 14 00:00:01', 'x@wild.example.org', '192.0.2.9') })).status,
  ).toBe('unknown');
  expect(
    (await o4({ '/var/log/maillog': opened('Nov 22 14:30:00', 'x@wild.example.org', '192.0.2.9') })).status,
  ).toBe('unknown');
});
