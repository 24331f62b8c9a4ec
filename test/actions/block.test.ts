// What the firewall's files say about an address: where it is blocked, since when, until when, and what contradicts.
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { explain } from '../../src/actions/explain.ts';
import type { BlockView, Explanation } from '../../src/actions/explanation.ts';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';
import { open } from './kit.ts';

const NOW = '2026-11-22T18:00:00+01:00';
const EPOCH = Date.parse(NOW) / 1000;
const DENY = '/etc/csf/csf.deny';
const TEMPBAN = '/var/lib/csf/csf.tempban';
const CONF = [
  'DENY_IP_LIMIT = "200"',
  'LF_INTERVAL = "3600"',
  'LF_MODSEC = "5"',
  'LF_MODSEC_PERM = "1"',
  'LF_SMTPAUTH = "5"',
  'LF_SMTPAUTH_PERM = "1"',
  'LF_SSHD = "5"',
  'SMTPAUTH_LOG = "/var/log/exim_mainlog"',
  'SSHD_LOG = "/var/log/secure"',
  'POP3D_LOG = "/var/log/maillog"',
  'IMAPD_LOG = "/var/log/maillog"',
  'HTACCESS_LOG = "/etc/apache2/logs/error_log"',
].join('\n');
const modsec = (address: string): string =>
  `lfd: (mod_security) mod_security (id:949110) triggered by ${address} (US/United States/-): 5 in the last 3600 secs - Sun Nov 22 13:04:08 2026`;
const mailOf = (address: string, blocked: string): string =>
  `Subject: lfd on server.example.com: blocked ${address} (-)\n\nTime:     Sun Nov 22 13:04:08 2026 +0100\nIP:       ${address} (-)\nFailures: 5 (mod_security)\nInterval: 3600 seconds\nBlocked:  ${blocked} [LF_MODSEC]\n\nLog entries:\n\n`;

let root: TestRoot;
beforeEach(() => {
  root = makeServer();
  root.write('/etc/hostname', 'server.example.com\n');
  root.write('/etc/csf/csf.conf', CONF);
  root.write(DENY, '# nothing\n');
  root.write(
    '/var/log/apache2/error_log',
    '[Sat Nov 21 03:00:00.000000 2026] [core:notice] [pid 1] AH00094\n',
  );
  // The server's offset is seen in its access log.
  root.write(
    '/var/log/apache2/access_log',
    '192.0.2.99 - - [21/Nov/2026:03:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "-"\n',
  );
});

async function ask(text: string, now = NOW): Promise<Explanation> {
  const ctx = open({ root: root.dir, state: join(tempDir(), 'state'), now });
  try {
    return await explain(ctx, text);
  } finally {
    ctx.close();
  }
}
async function block(text: string, now = NOW): Promise<BlockView> {
  const answer = await ask(text, now);
  if (answer.block === null) throw new Error('no block was told');
  return answer.block;
}
const sentences = (statements: readonly { sentence: string }[]): string =>
  statements.map((one) => one.sentence).join('\n');

describe('entries', () => {
  test('an address in csf.deny, with its place, trigger and settings', async () => {
    root.write(DENY, `# list\n203.0.113.7 # ${modsec('203.0.113.7')}\n`);
    const found = await block('203.0.113.7');
    expect(found).toMatchObject({
      state: 'permanent',
      source: 'csf.deny',
      address: '203.0.113.7',
      since: '2026-11-22T13:04:08+01:00',
      until: null,
      trigger: 'LF_MODSEC',
      triggerWords: '5 refusals by ModSecurity within an hour',
      count: 5,
      intervalSeconds: 3600,
      line: `203.0.113.7 # ${modsec('203.0.113.7')}`,
      ref: { file: DENY, offset: 7 },
      notWaf: false,
      advice: [],
      contradictions: [],
    });
    expect(found.settings.map(({ name, value }) => [name, value])).toEqual([
      ['LF_MODSEC', '5'],
      ['LF_MODSEC_PERM', '1'],
      ['LF_INTERVAL', '3600'],
    ]);
  });

  test.each([
    ['2001:DB8:0:5::0:7', '2001:db8:0000:5::7'],
    ['2001:db8:0:5:0:0:0:7', '2001:DB8:0:5::7'],
    ['[2001:db8:0:5::7]:443', '2001:db8:0:5::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
  ])('%s is found as %s', async (asked, written) => {
    root.write(DENY, `${written} # by hand - Sun Nov 22 13:04:08 2026\n`);
    expect(await block(asked)).toMatchObject({
      state: 'permanent',
      source: 'csf.deny',
      line: expect.stringContaining(written) as unknown,
    });
  });

  test.each([
    ['203.0.113.0/24', '203.0.113.7', true],
    ['203.0.113.64/28', '203.0.113.79', true],
    ['203.0.113.64/28', '203.0.113.80', false],
    ['2001:db8:bad::/48', '2001:db8:bad:1::5', true],
    ['2001:db8:bad::/48', '2001:db8:bae::5', false],
  ])('%s covers %s: %s', async (net, address, covered) => {
    root.write(DENY, `${net} # bad neighbours - Sun Nov 22 13:04:08 2026\n`);
    const found = await block(address);
    expect([found.state, found.source]).toEqual(covered ? ['permanent', 'cidr'] : ['none', null]);
  });

  test('an own line counts before a net, a plain one before a filter', async () => {
    root.write(DENY, '203.0.113.0/24 # net\ntcp|in|d=22|s=203.0.113.7 # ssh\n203.0.113.7 # own\n');
    expect(await block('203.0.113.7')).toMatchObject({ source: 'csf.deny', line: '203.0.113.7 # own' });
  });

  test('an advanced filter covers its ports only', async () => {
    root.write(DENY, 'tcp|in|d=22,80|s=203.0.113.7 # no ssh\n');
    const found = await block('203.0.113.7');
    expect(found).toMatchObject({ state: 'permanent', source: 'csf.deny', covers: 'ports 22,80, incoming' });
  });

  test('a filter for outgoing traffic does not keep a visitor out', async () => {
    root.write(DENY, 'tcp|out|d=25|d=203.0.113.7 # no mail there\n');
    expect(await block('203.0.113.7')).toMatchObject({ state: 'none' });
  });

  test('an included file', async () => {
    root.write(DENY, 'Include /etc/csf/customers.deny\n');
    root.write('/etc/csf/customers.deny', '# theirs\n203.0.113.7 # spammer\n');
    expect(await block('203.0.113.7')).toMatchObject({
      state: 'permanent',
      source: 'include',
      ref: { file: '/etc/csf/customers.deny', offset: 9 },
    });
  });

  test('"do not delete" is an entry like others', async () => {
    root.write(DENY, '203.0.113.7 # abuse, ticket 2231 - do not delete - Sun Apr 26 20:00:41 2026\n');
    expect(await block('203.0.113.7')).toMatchObject({
      state: 'permanent',
      since: '2026-04-26T20:00:41+01:00',
    });
  });
});

describe('temporary entries', () => {
  const since = EPOCH - 600;
  const line = (seconds: number): string =>
    `${String(since)}|203.0.113.7|80,443|in|${String(seconds)}|lfd - (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (-): 5 in the last 3600 secs`;

  test('one that runs', async () => {
    root.write(TEMPBAN, `${line(3600)}\n`);
    expect(await block('203.0.113.7')).toMatchObject({
      state: 'temporary',
      source: 'tempban',
      since: '2026-11-22T17:50:00+01:00',
      until: '2026-11-22T18:50:00+01:00',
      covers: 'ports 80,443, incoming',
      trigger: 'LF_MODSEC',
      count: 5,
    });
  });

  test('one that has ended is no block any more', async () => {
    root.write(TEMPBAN, `${line(300)}\n`);
    expect(await block('203.0.113.7')).toMatchObject({ state: 'none', source: null, until: null });
  });

  test('a mail tells of one that has ended', async () => {
    const found = await block(mailOf('203.0.113.7', 'Temporary Block for 3600 seconds'));
    expect(found.state).toBe('none');
    expect(sentences(found.contradictions)).toBe('The temporary block ended on 22 Nov 2026, 14:04:08.');
  });

  test('a mail tells of one that is gone before its time', async () => {
    const found = await block(mailOf('203.0.113.7', 'Temporary Block for 86400 seconds'));
    expect(found.state).toBe('none');
    expect(sentences(found.contradictions)).toMatch(/gone before its time.*DENY_TEMP_IP_LIMIT/);
  });
});

describe('contradictions', () => {
  test('the mail says permanent, csf.deny has lost it', async () => {
    const found = await block(mailOf('203.0.113.7', 'Permanent Block'));
    expect(found).toMatchObject({
      state: 'none',
      source: 'mail',
      trigger: 'LF_MODSEC',
      since: '2026-11-22T13:04:08+01:00',
    });
    expect(found.contradictions).toEqual([
      {
        basis: 'inferred',
        sentence:
          'The mail says "permanent", but 203.0.113.7 is not in csf.deny any more: somebody has removed it, or it was rotated out: csf.deny keeps 200 addresses (DENY_IP_LIMIT) and drops the oldest.',
        lines: [],
      },
    ]);
  });

  test('the mail says permanent, csf.deny is full of newer ones', async () => {
    root.write('/etc/csf/csf.conf', CONF.replace('"200"', '"2"'));
    const newer = (address: string): string => `${address} # x - Sun Nov 22 14:00:00 2026\n`;
    const kept = '192.0.2.1 # x - do not delete - Sun Nov  1 14:00:00 2026\n';
    root.write(DENY, kept + newer('192.0.2.2') + newer('192.0.2.3'));
    const lost = async (): Promise<string> =>
      (await block(mailOf('203.0.113.7', 'Permanent Block'))).contradictions[0]?.sentence ?? '';
    expect(await lost()).toBe(
      'The mail says "permanent", but 203.0.113.7 is not in csf.deny any more: it has dropped out. csf.deny keeps 2 addresses (DENY_IP_LIMIT) and is full; the oldest that is left is of 22 Nov 2026, 14:00:00, later than this block.',
    );
    // One that is older than the block would have gone first.
    root.write(DENY, kept + newer('192.0.2.2').replace('14:00', '12:00') + newer('192.0.2.3'));
    expect(await lost()).toContain('somebody has removed it, or it was rotated out');
    root.write(DENY, kept + newer('192.0.2.2'));
    expect(await lost()).toContain('somebody has removed it, or it was rotated out');
  });

  test('lfd.log says permanent, csf.deny has lost it', async () => {
    root.write(
      '/var/log/lfd.log',
      'Nov 22 13:04:08 server lfd[9]: (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (-): 5 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]\n',
      0,
    );
    const found = await block('203.0.113.7');
    expect(found).toMatchObject({ state: 'none', trigger: 'LF_MODSEC', count: 5 });
    expect(sentences(found.contradictions)).toContain(
      'lfd.log says "permanent", but 203.0.113.7 is not in csf.deny',
    );
  });

  test('csf.allow and csf.ignore overrule', async () => {
    root.write(DENY, '203.0.113.7 # by hand\n');
    root.write('/etc/csf/csf.allow', '# ours\n203.0.113.0/24 # office\n');
    root.write('/etc/csf/csf.ignore', '203.0.113.7\n');
    const found = await block('203.0.113.7');
    expect(sentences(found.contradictions)).toBe(
      '203.0.113.7 is in csf.allow: a block of it does not work, whatever the mail says.\n203.0.113.7 is in csf.ignore: lfd does not act on it since its last start.',
    );
    expect(found.contradictions[0]?.lines).toEqual([{ file: '/etc/csf/csf.allow', offset: 7 }]);
  });
});

describe('what cannot be read is not "not blocked"', () => {
  test.each([
    ['missing', (): void => undefined],
    [
      'a folder',
      (): void => {
        root.folder(DENY);
      },
    ],
  ])('csf.deny is %s', async (_name, make) => {
    const bare = makeServer();
    bare.write('/var/log/apache2/error_log', '');
    root = bare;
    make();
    const answer = await ask('203.0.113.7');
    expect(answer.block).toMatchObject({ state: 'unknown', source: null });
    expect(answer.outcome).toBe('gap');
    expect(answer.missing.map(({ source }) => source)).toContain(DENY);
    expect(answer.headline).not.toMatch(/not blocked/);
    const mail = await ask(mailOf('203.0.113.7', 'Permanent Block'));
    expect(mail.block).toMatchObject({ state: 'permanent', source: 'mail', contradictions: [] });
  });
});

describe('blocks that are no matter of the WAF', () => {
  const exim = (address: string, port: number): string =>
    `2026-11-22 13:00:41 dovecot_login authenticator failed for gw.example.org ([198.51.100.99]) [${address}]:${String(port)}: 535 Incorrect authentication data (set_id=orders@shop.example.com)`;

  test('a mail login: the log that lfd read, the lines of the address alone, and what to change', async () => {
    root.write(
      DENY,
      '192.0.2.20 # lfd: (smtpauth) Failed SMTP AUTH login from 192.0.2.20 (DE/Germany/-): 5 in the last 3600 secs - Sun Nov 22 13:04:50 2026\n',
    );
    const others = ['192.0.2.201', '192.0.2.2', '1192.0.2.20'].map((address) => exim(address, 1));
    const own = [1, 2, 3].map((port) => exim('192.0.2.20', port));
    root.write(
      '/var/log/exim_mainlog',
      `${[others[0]!, own[0]!, others[1]!, own[1]!, others[2]!, own[2]!].join('\n')}\n`,
    );
    const answer = await ask('192.0.2.20');
    const found = answer.block!;
    expect(found).toMatchObject({ state: 'permanent', trigger: 'LF_SMTPAUTH', notWaf: true });
    expect(found.advice.map(({ basis }) => basis)).toEqual(['known', 'known', 'inferred']);
    expect(found.advice[0]?.sentence).toBe('lfd read /var/log/exim_mainlog (SMTPAUTH_LOG) for this.');
    expect(found.advice[1]).toMatchObject({ sentence: '3 lines of /var/log/exim_mainlog name 192.0.2.20.' });
    expect(found.advice[1]?.lines).toHaveLength(3);
    expect(found.advice[2]?.sentence).toContain('old password');
    const shown = answer.raw.filter(({ ref }) => ref.file === '/var/log/exim_mainlog');
    expect(shown.map(({ text }) => text)).toEqual(own);
    expect(shown.map(({ ref }) => ref)).toEqual(found.advice[1]?.lines);
    expect([answer.verdict, answer.answers, answer.ledger]).toEqual([null, null, null]);
    expect(answer.headline).toBe(
      '192.0.2.20 is blocked for 5 failed logins for sending mail within an hour, not by ModSecurity.',
    );
  });

  test('at most twenty lines, the newest, of the end of a long log', async () => {
    root.write(
      DENY,
      '203.0.113.7 # lfd: (sshd) Failed SSH login from 203.0.113.7 (-): 5 in the last 3600 secs - Sun Nov 22 13:04:50 2026\n',
    );
    const login = (index: number): string =>
      `Nov 22 13:00:${String(index % 60).padStart(2, '0')} server sshd[${String(index)}]: Failed password for root from 203.0.113.7 port ${String(index)} ssh2`;
    const filler =
      `${'Nov 22 13:00:00 server sshd[1]: nothing of interest here at all'.padEnd(127, '.')}\n`.repeat(
        70_000,
      );
    const last = Array.from({ length: 30 }, (_, index) => login(index + 100));
    root.write('/var/log/secure', `${login(1)}\n${filler}${last.join('\n')}\n`);
    const answer = await ask('203.0.113.7');
    const shown = answer.raw.filter(({ ref }) => ref.file === '/var/log/secure');
    expect(shown.map(({ text }) => text)).toEqual(last.slice(10));
    const [first] = shown;
    expect(first?.ref.offset).toBe(login(1).length + 1 + filler.length + 10 * (last[0]!.length + 1));
    expect(answer.block?.advice[1]?.sentence).toBe(
      'At least 20 lines of /var/log/secure name 203.0.113.7; the newest 20 are shown.',
    );
  });

  test('IPv6 in a log, and secrets in its lines', async () => {
    root.write(
      DENY,
      '2001:db8::7 # lfd: (pop3d) Failed POP3 login from 2001:db8::7 (-): 5 in the last 3600 secs - Sun Nov 22 13:04:50 2026\n',
    );
    const line =
      'Nov 22 13:00:00 server dovecot: pop3-login: failed: user=<a@example.com>, rip=2001:db8::7, lip=2001:db8::1, uri=/?password=hunter2secret';
    root.write(
      '/var/log/maillog',
      `${line.replace('::7', '::71')}\n${line}\n${line.replace('2001:db8::7', '2001:db8::7:1')}\n`,
    );
    const answer = await ask('2001:db8::7');
    const shown = answer.raw.filter(({ ref }) => ref.file === '/var/log/maillog');
    expect(shown).toHaveLength(1);
    expect(JSON.stringify(answer)).not.toContain('hunter2secret');
  });

  test.each([
    ['is not there', null, '/var/log/secure: missing; it would have shown what the address did.'],
    [
      'does not name it',
      'Nov 22 13:00:00 server sshd[1]: from 203.0.113.77\n',
      'No line of /var/log/secure names 203.0.113.7; older ones may be rotated away.',
    ],
  ])('the log %s', async (_name, content, sentence) => {
    root.write(
      DENY,
      '203.0.113.7 # lfd: (sshd) Failed SSH login from 203.0.113.7 (-): 5 in the last 3600 secs - Sun Nov 22 13:04:50 2026\n',
    );
    if (content !== null) root.write('/var/log/secure', content);
    const found = await block('203.0.113.7');
    expect(found.advice[1]).toEqual({ basis: 'missing', sentence, lines: [] });
  });

  test('without csf.conf nothing is guessed', async () => {
    const bare = makeServer();
    bare.write(
      DENY,
      '203.0.113.7 # lfd: (sshd) Failed SSH login from 203.0.113.7 (-): 5 in the last 3600 secs - Sun Nov 22 13:04:50 2026\n',
    );
    bare.write('/var/log/secure', 'Nov 22 13:00:00 server sshd[1]: from 203.0.113.7 port 1\n');
    root = bare;
    const found = await block('203.0.113.7');
    expect(found.advice[0]).toMatchObject({
      basis: 'missing',
      sentence: expect.stringContaining('SSHD_LOG') as unknown,
    });
    expect(found.settings).toEqual([]);
  });

  test('connections: no log at all, and no WAF advice', async () => {
    const found = await block(
      'Subject: lfd on server.example.com: blocked 203.0.113.7\n\nTime: Sun Nov 22 13:04:08 2026 +0100\nIP: 203.0.113.7 (-)\nConnections: 301\nBlocked: Temporary Block for 1800 seconds [CT_LIMIT]\n\nConnections:\n\ntcp: 203.0.113.7:1 -> 192.0.2.1:80 (ESTABLISHED)\n',
    );
    expect(found).toMatchObject({ trigger: 'CT_LIMIT', notWaf: true });
    expect(found.advice[0]?.sentence).toBe('lfd counted connections or packets, it read no log for this.');
  });
});
