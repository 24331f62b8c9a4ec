// The page Firewall: rows with reasons, incidents and how long they last; kinds, texts, pages.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listFirewall } from '../../src/actions/firewall-list.ts';
import { textTest } from '../../src/actions/list-filter.ts';
import type { EntryRow, FirewallFilter, FirewallView } from '../../src/actions/firewall-view.ts';
import { NOT_READ_YET } from '../../src/actions/read-state.ts';
import { parseCsfListText } from '../../src/parse/csf-list.ts';
import { type CsfTexts, EPOCH, type FirewallServer, firewallServer, modsec, NOW_MS } from './firewall-kit.ts';

const HOUR = 3_600_000;
let server: FirewallServer;
beforeAll(() => {
  server = firewallServer();
  server.incident('203.0.113.7', NOW_MS - 100 * HOUR, 'false-positive');
  server.incident('203.0.113.7', NOW_MS - 5 * HOUR, 'attack');
  server.incident('198.51.100.7', NOW_MS - 40 * HOUR, 'attack');
  server.incident('198.51.100.9', NOW_MS - 40 * HOUR);
  server.incident('192.0.2.5', NOW_MS - 200 * HOUR, 'attack');
});
afterAll(() => {
  server.ctx.close();
});

/** As a page of the service asks: another thread judges. */
async function list(
  texts: CsfTexts,
  filter: Partial<FirewallFilter> = {},
  conf: Readonly<Record<string, string>> = {},
): Promise<FirewallView> {
  server.lists(texts, conf);
  const ctx = { ...server.ctx, reader: () => NOT_READ_YET };
  return listFirewall(ctx, { kind: 'all', text: null, page: 1, ...filter });
}
const entries = ({ rows }: FirewallView): string[] => rows.map(({ entry }) => entry);
const row = async (texts: CsfTexts, kind: FirewallFilter['kind'] = 'all'): Promise<EntryRow> => {
  const [first] = (await list(texts, { kind })).rows;
  if (first === undefined) throw new Error('no row');
  return first;
};
const LISTS: CsfTexts = {
  deny: [
    `203.0.113.7 # ${modsec('203.0.113.7')}`,
    '203.0.113.60 # lfd: (PERMBLOCK) 203.0.113.60 (US/United States/-) has had more than 4 temp blocks in the last 86400 secs - Sun Nov 22 13:03:01 2026',
    '198.51.100.0/24 # lfd: (NETBLOCK) 198.51.100.0/24 (-) has had more than 2 blocks in the last 86400 secs - Sun Nov 22 13:04:07 2026',
    'tcp|in|d=80|s=198.51.100.5 # lfd: 198.51.100.5 (-), more than 4 Apache 404 hits in the last 3600 secs - Sat Nov 21 13:04:08 2026',
    '203.0.113.10 # abuser - do not delete - Tue Mar  3 10:00:00 2026',
    '203.0.113.11 # lfd: (sshd) Failed SSH login from 203.0.113.11 (-): 5 in the last 3600 secs - Sat Nov 21 12:00:00 2026',
    '203.0.113.12 # lfd: (x) disparado pelo ip 203.0.113.12 - Sat Nov 21 11:00:00 2026',
    '203.0.113.13 # lfd: (shopwatch) too fast 203.0.113.13: 3 in the last 300 secs - Sat Nov 21 10:00:00 2026',
    '203.0.113.14 # DENY by Reseller shopuser (spam) - Sat Nov 21 09:00:00 2026',
    '203.0.113.15',
    '203.0.113.16 # Whyblocked: ticket 2231 - Sat Nov 21 08:00:00 2026',
    '203.0.113.17 # lfd: something that nobody knows - Sat Nov 21 07:00:00 2026',
    '203.0.113.18 # lfd: Cluster member 192.0.2.200 (-) said, DENY 203.0.113.18, Reason:[x] - Sat Nov 21 06:00:00 2026',
    '',
  ].join('\n'),
  tempban: `${EPOCH - 600}|203.0.113.201|80,443|in|3600|lfd - (htpasswd) Failed web page login from 203.0.113.201 (-): 5 in the last 3600 secs\n`,
  allow: '192.0.2.5 # the office - Sat Nov 14 09:30:00 2026\n',
  tempallow: `${EPOCH - 60}|192.0.2.6||inout|86400|ticket 7\n`,
  ignore: '192.0.2.8 # monitor\n',
};

test('kinds, counts and reasons of a list as csf writes it', async () => {
  const view = await list(LISTS);
  expect(view.counts).toEqual({
    all: 14,
    waf: 1,
    logins: 2,
    hand: 4,
    nets: 1,
    other: 6,
    allowed: 2,
    ignored: 1,
  });
  expect(view).toMatchObject({
    permanent: 13,
    temporary: 1,
    page: 1,
    pages: 1,
    matching: 14,
    problems: [],
    alarm: null,
  });
  expect(view.rows.map(({ entry, kind, words }) => [entry, kind, words])).toEqual([
    ['203.0.113.201', 'logins', '5 failed logins at a password-protected folder within an hour'],
    ['203.0.113.7', 'waf', '5 refusals by ModSecurity within an hour'],
    ['198.51.100.0/24', 'nets', 'more than 2 blocked addresses of the net within 24 hours'],
    ['203.0.113.60', 'other', 'more than 4 temporary blocks within 24 hours'],
    ['tcp|in|d=80|s=198.51.100.5', 'other', 'more than 4 requests for missing pages within an hour'],
    ['203.0.113.11', 'logins', '5 failed ssh logins within an hour'],
    ['203.0.113.12', 'other', null],
    ['203.0.113.13', 'other', '3 hits of an expression of this server’s own (shopwatch) within 5 minutes'],
    ['203.0.113.14', 'hand', 'written for the reseller shopuser'],
    ['203.0.113.16', 'hand', 'written with Whyblocked'],
    ['203.0.113.17', 'other', null],
    ['203.0.113.18', 'other', 'another server of the cluster asked for it'],
    ['203.0.113.10', 'hand', 'written by hand'],
    ['203.0.113.15', 'hand', null],
  ]);
  expect(view.settings.find(({ name }) => name === 'LF_MODSEC')?.meaning).toContain('at the 5th refusal');
});

test('one row, whole', async () => {
  expect(await row({ deny: `# list\n203.0.113.7 # ${modsec('203.0.113.7')}\n` })).toEqual({
    entry: '203.0.113.7',
    list: 'deny',
    address: '203.0.113.7',
    size: null,
    kind: 'waf',
    trigger: 'LF_MODSEC',
    words: '5 refusals by ModSecurity within an hour',
    comment:
      'lfd: (mod_security) mod_security (id:949110) triggered by 203.0.113.7 (US/United States/-): 5 in the last 3600 secs',
    covers: 'all ports, both ways',
    since: '2026-11-22T13:04:08+01:00',
    until: null,
    isKept: false,
    includedFrom: null,
    ref: { file: '/etc/csf/csf.deny', offset: 7 },
    incident: {
      client: '203.0.113.7',
      from: '2026-11-22T13:00:00+01:00',
      label: 'attack',
      words: 'Judged attack. Leave the block in place.',
    },
    noIncident: null,
    dropsOut: null,
  });
});

test('a temporary one with its end and ports', async () => {
  expect(await row({ tempban: LISTS.tempban ?? '' })).toMatchObject({
    list: 'tempban',
    since: '2026-11-22T17:50:00+01:00',
    until: '2026-11-22T18:50:00+01:00',
    covers: 'ports 80,443, incoming',
    trigger: 'LF_HTACCESS',
  });
});

describe('incidents', () => {
  test('of another day say so', async () => {
    const deny = '203.0.113.7 # x - Fri Nov 20 10:00:00 2026\n';
    expect((await row({ deny })).incident).toEqual({
      client: '203.0.113.7',
      from: '2026-11-18T14:00:00+01:00',
      label: 'false-positive',
      words: 'Judged false-positive. Leave the block in place. (of another day: 18 Nov 2026)',
    });
  });
  test('that wait to be judged', async () => {
    const deny = '198.51.100.9 # x - Sat Nov 21 02:00:30 2026\n';
    expect((await row({ deny })).incident).toMatchObject({ label: null, words: 'Not judged yet.' });
  });
  test('of entries without a date are the newest', async () => {
    expect((await row({ deny: '203.0.113.7\n' })).incident?.from).toBe('2026-11-22T13:00:00+01:00');
  });
  test.each([
    ['203.0.113.99 # x - Sat Nov 21 02:00:30 2026\n', 'no logs from then'],
    ['203.0.113.99 # x\n', 'nothing in the logs that are kept'],
    ['198.51.100.0/24 # x\n', 'a net, not judged as a whole'],
    ['tcp|in|d=25 # x\n', 'about no address'],
  ])('%s: %s', async (deny, words) => {
    expect(await row({ deny })).toMatchObject({ incident: null, noIncident: words });
  });
});

test('allowed and ignored ones; nobody is told to leave a block there', async () => {
  const allowed = await list(LISTS, { kind: 'allowed' });
  expect(allowed.rows.map(({ entry, list: name, words }) => [entry, name, words])).toEqual([
    ['192.0.2.6', 'tempallow', 'written by hand'],
    ['192.0.2.5', 'allow', 'written by hand'],
  ]);
  expect(allowed.rows[1]?.incident?.words).toBe('Judged attack.');
  expect(entries(await list(LISTS, { kind: 'ignored' }))).toEqual(['192.0.2.8']);
});

test('a net says how many it holds and how many were seen', async () => {
  expect((await row({ deny: '198.51.100.0/24 # x\n' })).size).toBe('256 addresses, 2 were seen');
  expect((await row({ deny: '198.51.100.8/31 # x\n' })).size).toBe('2 addresses, 1 was seen');
  expect((await row({ deny: '2001:db8::/48 # x\n' })).size).toBe('65,536 nets of /64');
});

test('what is included, kept, or drops out', async () => {
  server.root.write('/etc/csf/more.deny', '203.0.113.50 # theirs\n');
  const dated = Array.from(
    { length: 8 },
    (_, index) => `203.0.113.${index + 1} # x - Sat Nov 21 0${index}:00:00 2026\n`,
  );
  const view = await list(
    { deny: `203.0.113.40 # do not delete\nInclude /etc/csf/more.deny\n${dated.join('')}` },
    {},
    { DENY_IP_LIMIT: '8' },
  );
  const by = (entry: string): EntryRow | undefined => view.rows.find((one) => one.entry === entry);
  expect(by('203.0.113.50')).toMatchObject({ includedFrom: '/etc/csf/more.deny', dropsOut: null });
  expect(by('203.0.113.40')).toMatchObject({ isKept: true, dropsOut: null });
  expect(by('203.0.113.1')?.dropsOut).toBe('in about 5 hours');
  expect(by('203.0.113.8')?.dropsOut).toBe('in about 42 hours');
  expect(view.rotation).toMatchObject({
    basis: 'inferred',
    sentence: expect.stringContaining('keeps 8 lines (DENY_IP_LIMIT) and is full'),
  });
});

describe('texts', () => {
  test.each<[string, string[]]>([
    ['203.0.113.7', ['203.0.113.7']],
    [' 198.51.100.9 ', ['198.51.100.0/24']],
    ['198.51.100.5', ['198.51.100.0/24', 'tcp|in|d=80|s=198.51.100.5']],
    ['198.51.100.0/28', ['198.51.100.0/24', 'tcp|in|d=80|s=198.51.100.5']],
    ['DISPARADO', ['203.0.113.12']],
    ['lf_sshd', ['203.0.113.11']],
    ['do not delete', ['203.0.113.10']],
    ['nobody has this', []],
  ])('%j', async (text, found) => {
    const view = await list(LISTS, { text });
    expect(entries(view)).toEqual(found);
    expect([view.matching, view.counts.all]).toEqual([found.length, found.length]);
  });
  test('IPv6 however it is written', () => {
    const [entry] = parseCsfListText('2001:0db8:0:5:0:0:0:7 # x', 'deny').entries;
    if (entry === undefined) throw new Error('no entry');
    const placed = { ...entry.entry, ref: { file: 'x', offset: 0 }, included: false };
    expect(
      ['2001:db8:0:5::7', '2001:DB8:0:5::/64', '2001:db8:0:6::/64', '2001:db8:0:5::'].map((text) =>
        textTest(text)(placed),
      ),
    ).toEqual([true, true, false, false]);
  });
});

test('50 rows a page; a page beyond the last is the last', async () => {
  const deny = Array.from({ length: 120 }, (_, index) => `203.0.113.${index + 1} # x\n`).join('');
  const first = await list({ deny });
  expect([first.pages, first.rows.length, first.rows[0]?.entry]).toEqual([3, 50, '203.0.113.120']);
  const last = await list({ deny }, { page: 99 });
  expect([last.page, last.rows.length, last.rows.at(-1)?.entry]).toEqual([3, 20, '203.0.113.1']);
  expect((await list({ deny }, { page: -1 })).page).toBe(1);
});

test('hostile comments are masked and shortened', async () => {
  const comment = `<script>alert(1)</script>\x1b[2J password=hunter2 ${'y'.repeat(9000)}`;
  const found = await row({ deny: `203.0.113.7 # lfd: ${comment}\n` });
  expect(found).toMatchObject({ kind: 'other', words: null });
  expect(found.comment).not.toMatch(/hunter2|[\x00-\x1f]/);
  expect(found.comment.length).toBeLessThanOrEqual(160);
});

test('lists that are not there are said', async () => {
  const bare = firewallServer();
  const view = await listFirewall(
    { ...bare.ctx, reader: () => NOT_READ_YET },
    { kind: 'all', text: null, page: 1 },
  );
  bare.ctx.close();
  expect(view.rows).toEqual([]);
  expect(view.rotation).toBeNull();
  expect(view.problems.map(({ source }) => source)).toEqual([
    '/etc/csf/csf.deny',
    '/var/lib/csf/csf.tempban',
    '/etc/csf/csf.conf',
  ]);
});
