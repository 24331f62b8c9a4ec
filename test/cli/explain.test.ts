// `explain` from end to end: the 40 real mails, pieces of them, single lines, each as the command line takes it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseLfdMail } from '../../src/parse/lfd-mail.ts';
import { cli, type CliAnswer, start } from '../actions/kit.ts';
import { makeRoot, makeServer, tempDir, type TestRoot } from '../host/make-root.ts';

interface Row {
  readonly file: string;
  readonly kind: string;
  readonly address: string | null;
  readonly addresses: readonly string[];
  readonly trigger: string;
  readonly count: number;
  readonly intervalSeconds: number | null;
  readonly permanent: boolean | null;
  readonly temporarySeconds: number | null;
  readonly lines: number;
  readonly at: string;
  readonly host: string;
}

interface Answer {
  readonly target: { kind: string; value: string | null };
  readonly block: Record<string, string | number | null> | null;
  readonly incident: Record<string, unknown> | null;
  readonly incidents: readonly Record<string, unknown>[];
  readonly transactions: readonly {
    uniqueId: string;
    at: string;
    uri: string | null;
    vhost: string | null;
    score: { total: number; threshold: number; sets: number[][]; reconciled: boolean; inferred: boolean };
    ruleHits: { id: string; sources: string[] }[];
  }[];
  readonly missing: readonly { source: string; why: string }[];
  readonly mail: Record<string, unknown> | null;
}

const folder = join(import.meta.dirname, '../mails');
const mailText = (file: string): string => readFileSync(join(folder, file), 'utf8');
const rows = JSON.parse(mailText('expected.json')) as Row[];
const json = (answer: CliAnswer): Answer => JSON.parse(answer.out) as Answer;

/** Explains a pasted text on a server folder; fails when the command does. */
async function explain(text: string, root: string, state: string): Promise<Answer> {
  const answer = await cli(['explain', '-', '--json', '--root', root, '--state', state], text);
  expect([answer.code, answer.err]).toEqual([0, '']);
  return json(answer);
}

describe('each of the 40 mails, with no log at hand', () => {
  let root: TestRoot;
  let state = '';
  beforeAll(() => {
    root = makeRoot();
    root.write('/etc/hostname', 'server.example.com\n');
    state = join(tempDir(), 'state');
  });

  test.each(rows)('$file', async (row) => {
    const { target, block, mail, incident, incidents } = await explain(mailText(row.file), root.dir, state);
    expect(target).toEqual({ kind: 'mail', value: row.address });
    expect(mail).toMatchObject({
      host: row.host,
      addresses: row.addresses,
      trigger: row.trigger,
      count: row.count,
      intervalSeconds: row.intervalSeconds,
      permanent: row.permanent,
      temporarySeconds: row.temporarySeconds,
      at: row.at,
    });
    expect((mail as { lines: string[] }).lines).toHaveLength(row.lines);
    expect(incidents).toEqual([]);
    if (row.addresses.length > 1) {
      expect([block, incident]).toEqual([null, null]);
      return;
    }
    // csf's lists are not there, so only the mail's own words tell whether it is blocked.
    const state_ = row.permanent === null ? 'unknown' : row.permanent ? 'permanent' : 'temporary';
    const until =
      row.temporarySeconds === null
        ? null
        : new Date(Date.parse(row.at) + row.temporarySeconds * 1000).toISOString().replace('.000Z', '+00:00');
    expect(block).toEqual({
      state: state_,
      source: 'mail',
      since: row.at,
      until,
      trigger: row.trigger,
      count: row.count,
      intervalSeconds: row.intervalSeconds,
      line: null,
    });
  });

  test('the requests that the mail quotes are shown with their score', async () => {
    const { transactions, incident } = await explain(mailText('03-LF_MODSEC.eml'), root.dir, state);
    expect(transactions).toHaveLength(10);
    expect(incident).toMatchObject({ requests: 10, spanSeconds: 1.202, vhosts: ['shop.example.com'] });
    for (const one of transactions) {
      expect(one.score).toMatchObject({ total: 8, threshold: 5, reconciled: false });
      expect(one.ruleHits.map(({ id, sources }) => [id, sources])).toEqual([['949110', ['mail']]]);
    }
  });

  test('as text it names what is known, inferred and missing', async () => {
    const answer = await cli(
      ['explain', '-', '--root', root.dir, '--state', state],
      mailText('03-LF_MODSEC.eml'),
    );
    expect(answer.code).toBe(0);
    expect(answer.out).toContain('203.0.113.53');
    expect(answer.out).toContain('LF_MODSEC: 10 refusals by ModSecurity within an hour');
    expect(answer.out).toContain('[known]');
    expect(answer.out).toContain('[inferred]');
    expect(answer.out).toContain('[missing]');
    expect(answer.out).toContain(
      'error_log: /etc/apache2/logs/error_log: missing; it would have shown which rules matched.',
    );
  });
});

describe('an X-ARF report and the mail of the same block', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['22-LF_MODSEC.eml', '24-XARF.eml'],
    ['23-LF_MODSEC.eml', '25-XARF.eml'],
    ['26-LF_MODSEC.eml', '29-XARF.eml'],
    ['27-LF_MODSEC.eml', '28-XARF.eml'],
    ['30-LF_MODSEC.eml', '31-XARF.eml'],
  ];

  /** A server whose logs hold the blocks of these mails. */
  function serverWith(files: readonly string[]): TestRoot {
    const root = makeServer();
    const mails = files.map((file) => ({
      row: rows.find((one) => one.file === file)!,
      text: mailText(file),
    }));
    const parsed = mails.map(({ text }) => parseLfdMail(text)!);
    root.write('/etc/hostname', 'server.example.com\n');
    root.write(
      '/var/log/apache2/error_log',
      parsed
        .flatMap(({ lines }) => lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
    root.write(
      '/etc/csf/csf.deny',
      mails
        .map(
          ({ row }) =>
            `${row.address ?? ''} # lfd: (mod_security) mod_security (id:949110) triggered by ${row.address ?? ''} (-): ${String(row.count)} in the last 3600 secs - Sun Nov 22 13:04:08 2026\n`,
        )
        .join(''),
    );
    root.write(
      '/var/log/lfd.log',
      mails
        .map(
          ({ row }) =>
            `Nov 22 13:04:08 server lfd[99]: (mod_security) mod_security (id:949110) triggered by ${row.address ?? ''} (-): ${String(row.count)} in the last 3600 secs - *Blocked in csf* [LF_MODSEC]\n`,
        )
        .join(''),
    );
    return root;
  }

  test('give one and the same incident', async () => {
    // The mails come from test runs that all began with the same unique ids: each has a server of its own.
    for (const [mail, report] of pairs) {
      const root = serverWith([mail]);
      const state = join(tempDir(), 'state');
      const first = await explain(mailText(mail), root.dir, state);
      const second = await explain(mailText(report), root.dir, state);
      expect(first.transactions).toHaveLength(5);
      expect(first.transactions[0]?.ruleHits[0]?.sources).toEqual(['error_log']);
      expect(second.transactions).toEqual(first.transactions);
      expect(second.incident).toEqual(first.incident);
      expect([first.incidents, second.incidents]).toEqual([[], []]);
      expect(first.block).toMatchObject({
        state: 'permanent',
        source: 'csf.deny',
        trigger: 'LF_MODSEC',
        count: 5,
      });
      expect(second.block).toEqual(first.block);
    }
  });
});

describe('pieces of a mail', () => {
  const mail03 = mailText('03-LF_MODSEC.eml');
  let root: TestRoot;
  let state = '';
  beforeAll(() => {
    root = makeServer();
    root.write('/etc/hostname', 'server.example.com\n');
    root.write('/etc/csf/csf.deny', '# empty\n');
    root.write('/var/log/apache2/error_log', '');
    state = join(tempDir(), 'state');
  });

  test.each(['xx.xx.xx.xx', '***', ''])('address and host written over by "%s"', async (mask) => {
    const text = mail03.replaceAll('203.0.113.53', mask).replaceAll('server.example.com', mask);
    const { target, block, incident, transactions, mail } = await explain(text, root.dir, state);
    expect(target).toEqual({ kind: 'mail', value: null });
    expect(mail).toMatchObject({ host: null, addresses: [], trigger: 'LF_MODSEC', count: 10 });
    expect(block).toMatchObject({
      state: 'permanent',
      source: 'mail',
      since: '2026-11-22T13:01:38+00:00',
      trigger: 'LF_MODSEC',
      count: 10,
      intervalSeconds: 3600,
      line: null,
    });
    expect(incident).toMatchObject({
      from: '2026-11-22T13:01:33.972399+00:00',
      requests: 10,
      spanSeconds: 1.202,
    });
    expect(transactions).toHaveLength(10);
    for (const { score } of transactions) {
      expect(score).toMatchObject({ total: 8, threshold: 5, inferred: true });
      expect(score.sets[0]).toEqual([5, 3]);
      expect(score.sets.every((set) => set.reduce((sum, points) => sum + points, 0) === 8)).toBe(true);
    }
    expect(JSON.stringify(transactions)).not.toContain('0.0.0.0');
  });

  test('only the log lines, and one of them', async () => {
    const { lines } = parseLfdMail(mail03)!;
    const all = await explain(lines.join('\n'), root.dir, state);
    expect(all.target).toEqual({ kind: 'line', value: '203.0.113.53' });
    expect(all.transactions).toHaveLength(10);
    expect(all.block).toMatchObject({ state: 'none', source: null, trigger: null, count: null, since: null });
    const one = await explain(lines[3]!, root.dir, state);
    expect(one.target).toEqual({ kind: 'line', value: '203.0.113.53' });
    expect(one.transactions).toHaveLength(1);
  });

  test('a mail of another server is explained by itself, not by this one', async () => {
    const other = mail03.replaceAll('server.example.com', 'other.example.net');
    const { block, incident, mail } = await explain(other, root.dir, state);
    expect(mail).toMatchObject({ host: 'other.example.net' });
    expect(block).toMatchObject({ state: 'permanent', source: 'mail' });
    expect(incident).toMatchObject({ requests: 10 });
    const text = await cli(['explain', '-', '--root', root.dir, '--state', state], other);
    expect(text.out.replace(/\s+/g, ' ')).toContain(
      'This mail is from other.example.net, not from this server',
    );
  });

  test('a translated mail', async () => {
    const head =
      'Betreff: lfd auf server.example.com: 203.0.113.53 (US/United States/-) gesperrt\n\nSperre:      Dauerhaft [LF_MODSEC]\nIP-Adresse:  203.0.113.53 (US/United States/-)\nFehlschläge: 10 (mod_security)\nZeitraum:    3600 Sekunden\nZeitpunkt:   Sun Nov 22 13:01:38 2026 +0000\n\nProtokoll:\n\n';
    const text = head + mail03.slice(mail03.indexOf('[Sun'));
    const { target, block, transactions } = await explain(text, root.dir, state);
    expect(target).toEqual({ kind: 'mail', value: '203.0.113.53' });
    expect(block).toMatchObject({ trigger: 'LF_MODSEC', count: 10, intervalSeconds: 3600 });
    expect(transactions).toHaveLength(10);
  });

  test('through a pipe, as an admin types it', async () => {
    const args = ['explain', '-', '--json', '--root', root.dir, '--state', state];
    const { code, out, err } = await start(args, mail03).ended;
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toEqual(await explain(mail03, root.dir, state));
  });
});

describe('a single line of another file', () => {
  let root: TestRoot;
  let state = '';
  beforeAll(() => {
    root = makeServer();
    root.write('/etc/csf/csf.deny', '# empty\n');
    root.write('/var/log/apache2/error_log', '');
    state = join(tempDir(), 'state');
  });

  const blocked =
    'Nov 22 13:01:38 server lfd[1705]: (mod_security) mod_security (id:949110) triggered by 203.0.113.53 (US/United States/-): 10 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]';
  const denied =
    '203.0.113.53 # lfd: (mod_security) mod_security (id:949110) triggered by 203.0.113.53 (US/United States/-): 10 in the last 3600 secs - Sun Nov 22 13:01:38 2026';
  const tempban =
    '1795352498|203.0.113.53|80,443|in|3600|lfd - (mod_security) mod_security (id:949110) triggered by 203.0.113.53 (-): 10 in the last 3600 secs';
  const access =
    '203.0.113.53 - - [22/Nov/2026:13:01:34 +0000] "GET /.env?a=198.51.100.9 HTTP/1.1" 403 199 "-" "curl/8"';
  const sshd =
    'Nov 22 13:01:38 server lfd[1705]: (sshd) Failed SSH login from 2001:DB8::7 (-): 5 in the last 3600 secs - *Blocked in csf* [LF_SSHD]';

  test.each([
    ['lfd.log', blocked, '203.0.113.53', { trigger: 'LF_MODSEC', count: 10, intervalSeconds: 3600 }],
    ['lfd.log of sshd', sshd, '2001:db8::7', { trigger: 'LF_SSHD', count: 5, intervalSeconds: 3600 }],
    [
      'csf.deny',
      denied,
      '203.0.113.53',
      { trigger: 'LF_MODSEC', count: 10, since: '2026-11-22T13:01:38+00:00' },
    ],
    ['csf.tempban', tempban, '203.0.113.53', { trigger: 'LF_MODSEC', count: 10, intervalSeconds: 3600 }],
    ['an access log', access, '203.0.113.53', { trigger: null, count: null, since: null }],
    [
      'csf.deny by hand',
      '203.0.113.0/24 # bad neighbours - Sun Nov 22 13:01:38 2026',
      '203.0.113.0/24',
      null,
    ],
  ])('of %s', async (_name, line, address, block) => {
    const answer = await explain(line, root.dir, state);
    expect(answer.target).toEqual({ kind: 'line', value: address });
    if (block === null) expect(answer.block).toBeNull();
    else expect(answer.block).toMatchObject(block);
  });

  test('several lines about one address', async () => {
    const answer = await explain(`${access}\n${access.replace('.env', '.git')}\n`, root.dir, state);
    expect(answer.target).toEqual({ kind: 'line', value: '203.0.113.53' });
  });

  test('text that is none of these is refused with one sentence', async () => {
    const answer = await cli(
      ['explain', '-', '--root', root.dir, '--state', state],
      'please have a look at my server',
    );
    expect(answer.code).toBe(2);
    expect(answer.err).toMatch(
      /^whyblocked: "please have a look at my server" was not understood\. Give an IP[^\n]*\n$/,
    );
  });
});
