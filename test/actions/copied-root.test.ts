// A copied server: links that count from its own top, another zone, old dates. Nothing outside is opened, nothing
// inside is written, and times are those of the server.
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cli, listing, start } from './kit.ts';
import { makeRoot, tempDir, type TestRoot } from '../host/make-root.ts';

const BAIT = 'BAIT-of-the-outside';
const line = (second: string): string =>
  `[Wed Jan 15 23:59:${second} 2020] [security2:error] [pid 1:tid 2] [client 203.0.113.7:1] [client 203.0.113.7] ModSecurity: Access denied with code 403 (phase 2). Operator GE matched 5 at TX:anomaly_score. [file "/etc/apache2/conf.d/modsec_vendor_configs/OWASP3/rules/REQUEST-949-BLOCKING-EVALUATION.conf"] [line "94"] [id "949110"] [msg "Inbound Anomaly Score Exceeded (Total Score: 5)"] [severity "CRITICAL"] [hostname "shop.example.com"] [uri "/a"] [unique_id "aSGk0kXnq5Qe4V2mXh30001AAA${second.slice(0, 2)}"]\n`;
const baitLine = line('59.000000').replace('"/a"', `"/${BAIT}"`).replaceAll('203.0.113.7', '198.51.100.66');

let root: TestRoot;
let state = '';
let at: string[] = [];

beforeAll(() => {
  root = makeRoot();
  // What stands beside the root, where absolute and climbing links would lead a careless reader.
  const bait = (path: string, text: string): void => {
    mkdirSync(join(root.outside, path, '..'), { recursive: true });
    writeFileSync(join(root.outside, path), text);
  };
  bait('srv-logs/error_log', baitLine);
  bait('etc/csf/evil.deny', `203.0.113.7 # ${BAIT}\n`);
  bait('etc/shadow', BAIT);
  root.folder('/srv-logs');
  root.write('/srv-logs/error_log', line('33.100000') + line('34.200000'));
  root.folder('/etc/apache2');
  root.link('/etc/apache2/logs', '/usr/local/apache/logs');
  root.link('/usr/local/apache/logs', '../../../../../../srv-logs');
  root.folder('/srv-logs/domlogs');
  root.write(
    '/srv-logs/domlogs/shop.example.com',
    '203.0.113.7 - - [15/Jan/2020:23:59:33 +0545] "GET /a?x=1 HTTP/1.1" 403 5 "-" "curl/7"\n',
  );
  // Leads out of the root, were it not taken as the root's own /etc/shadow.
  root.link('/srv-logs/domlogs/other.example.com', join(root.outside, 'etc/shadow'));
  root.link('/srv-logs/error_log.1', join(root.outside, 'srv-logs/error_log'));
  root.link('/srv-logs/modsec_audit.log', `../../${'../'.repeat(20)}etc/shadow`);
  root.write(
    '/etc/userdatadomains',
    'shop.example.com: shopuser==root==main==shop.example.com==/home/shopuser/public_html==192.0.2.80:80==192.0.2.80:443==\n',
  );
  root.write('/etc/hostname', 'old.example.com\n');
  root.write(
    '/etc/csf/csf.deny',
    `Include ${join(root.outside, 'etc/csf/evil.deny')}\nInclude ../../../etc/shadow\n203.0.113.7 # lfd: (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (-): 5 in the last 3600 secs - Wed Jan 15 23:59:40 2020\n`,
  );
  root.write(
    '/etc/csf/csf.conf',
    `SSHD_LOG = "${join(root.outside, 'etc/shadow')}"\nMODSEC_LOG = "${join(root.outside, 'srv-logs/error_log')}"\n`,
  );
  root.link('/etc/localtime', '/usr/share/zoneinfo/Asia/Kathmandu');
  cpSync('/usr/share/zoneinfo/Asia/Kathmandu', join(root.dir, 'usr/share/zoneinfo/Asia/Kathmandu'), {
    recursive: true,
    dereference: true,
  });
  state = join(tempDir(), 'state');
  at = ['--root', root.dir, '--state', state];
});

describe('a copied root', () => {
  test('its links count from its own top, and times are in its own offset', async () => {
    const { code, out } = await cli(['explain', '203.0.113.7', '--json', ...at]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      block: {
        state: 'permanent',
        source: 'csf.deny',
        since: '2020-01-15T23:59:40+05:45',
        trigger: 'LF_MODSEC',
      },
      incident: {
        from: '2020-01-15T23:59:33.100000+05:45',
        to: '2020-01-15T23:59:34.200000+05:45',
        requests: 2,
        vhosts: ['shop.example.com'],
      },
      transactions: [{ uri: '/a?x=1', method: 'GET', status: 403 }, { uri: '/a' }],
    });
    expect(out).not.toMatch(/\dZ"/);
    const text = await cli(['explain', '203.0.113.7', ...at]);
    expect(text.out).toContain('since 15 Jan 2020, 23:59:40');
  });

  test('its present is the newest time in its logs', async () => {
    const recent = await cli(['incidents', '--json', '--since', '10m', ...at]);
    expect(recent.out.trimEnd().split('\n')).toHaveLength(1);
  });

  test('nothing outside is read', async () => {
    const answers = [
      await cli(['explain', '203.0.113.7', '--json', ...at]),
      await cli(['explain', '203.0.113.7', ...at]),
      await cli(['explain', '198.51.100.66', ...at]),
      await cli(['incidents', '--json', ...at]),
      await cli(
        ['explain', '-', ...at],
        'Nov 22 13:04:50 old lfd[1]: (sshd) Failed SSH login from 203.0.113.7 (-): 5 in the last 3600 secs - *Blocked in csf* [LF_SSHD]',
      ),
    ];
    for (const { out, err } of answers) expect(out + err).not.toContain(BAIT);
    expect(answers[2]?.code).not.toBe(0);
  });

  test('nothing inside is written, not even a time of access is made up', async () => {
    const before = listing(root.outside);
    await cli(['explain', '203.0.113.7', '--json', '--root', root.dir, '--state', join(tempDir(), 's')]);
    await cli(['incidents', '--json', ...at]);
    const { code } = await start(['ingest', '--root', root.dir, '--state', join(tempDir(), 's')]).ended;
    expect([0, 1]).toContain(code);
    expect(listing(root.outside)).toEqual(before);
  });

  test('a state folder inside the root is refused', async () => {
    const before = listing(root.outside);
    const { code, out, err } = await cli([
      'incidents',
      '--root',
      root.dir,
      '--state',
      join(root.dir, 'var/lib/w'),
    ]);
    expect([code === 1 || code === 2, out]).toEqual([true, '']);
    expect(err).toMatch(/^whyblocked: [^\n]+\n$/);
    expect(listing(root.outside)).toEqual(before);
  });
});

test('without a zone the offset comes from the access log, and is said to be inferred', async () => {
  const other = makeRoot();
  cpSync(root.dir, other.dir, { recursive: true, verbatimSymlinks: true });
  rmSync(join(other.dir, 'etc/localtime'));
  rmSync(join(other.dir, 'srv-logs/modsec_audit.log'));
  const { out } = await cli([
    'explain',
    '203.0.113.7',
    '--json',
    '--root',
    other.dir,
    '--state',
    join(tempDir(), 's'),
  ]);
  expect(JSON.parse(out)).toMatchObject({
    incident: { from: '2020-01-15T23:59:33.100000+05:45' },
    missing: expect.arrayContaining([{ source: 'time zone', why: expect.any(String) as unknown }]) as unknown,
  });
});

test('a root that is a link itself', async () => {
  const link = join(tempDir(), 'copy');
  symlinkSync(root.dir, link);
  chmodSync(root.dir, 0o755);
  const { code, out } = await cli([
    'explain',
    '203.0.113.7',
    '--json',
    '--root',
    link,
    '--state',
    join(tempDir(), 's'),
  ]);
  expect([code, (JSON.parse(out) as { transactions: unknown[] }).transactions.length]).toEqual([0, 2]);
});
