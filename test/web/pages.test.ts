// What each kind of explanation shows, and that hostile text stays text.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ATTACK, GAP, inbox, NO_COUNTS } from './fixtures.ts';
import type { Agent, Harness } from './harness.ts';
import { makeHarness, signIn } from './harness.ts';
import type { FakeExclusions } from './exclusion-fixtures.ts';
import { causeLink } from '../../src/web/links.ts';
import { searchLink } from '../../src/web/search-query.ts';
import {
  HOSTILE_ACT,
  HOSTILE_ACTIVITY,
  HOSTILE_AROUND,
  HOSTILE_CHANGE,
  HOSTILE_DOMAIN,
  HOSTILE_DOMAINS,
  HOSTILE_EXCLUSIONS,
  HOSTILE_INBOX,
  HOSTILE_LOGS,
  HOSTILE_PROPOSAL,
  HOSTILE_RULE,
  HOSTILE_RULES,
  HOSTILE_SAVED,
  HOSTILE_SEARCH,
  LONG_URI,
} from './hostile.ts';
import type { ReadPage } from './html.ts';
import { readHtml } from './html.ts';

let harness: Harness;
let user: Agent;
beforeAll(async () => {
  harness = makeHarness();
  user = await signIn(harness);
});
afterAll(() => {
  user.close();
});

async function read(page: string): Promise<ReadPage> {
  const answer = await user.agent.get(`/index.cgi?p=${page}`);
  const shown = readHtml(answer.text);
  expect(shown.problems).toEqual([]);
  return { ...shown, text: shown.text.replaceAll(/\s+/g, ' ') };
}

async function explain(q: string): Promise<ReadPage> {
  const answer = await user.agent.post('/?p=/explain').type('form').send({ q, csrf: user.csrf });
  return read(String(answer.headers.location).slice('index.cgi?p='.length));
}

describe('an attack', () => {
  test('says verdict, answers, evidence on both sides, clock, points, block, sources and lines', async () => {
    const { text } = await explain('203.0.113.45');
    for (const part of [
      'Attack named tool · almost certain',
      'Who was it?A scanner',
      'Unblock it?No',
      'Change a rule?No',
      'Unblock it anyway',
      'csf -dr 203.0.113.45',
      'For an attack: 4',
      '+4.0It introduced itself as masscan',
      'known · modsec_audit.log @ 90,113,377',
      'error_log, 10 lines',
      'Against an attack: nothing found',
      'Looked for: No page, picture or style sheet',
      'Facts that count for neither: 1',
      'Together +10.0: pace +3.0, client +4.0, reach +3.0.',
      '10 requests refused in 1.302 s; the firewall block came 4.1 s after the first.',
      '10 requests (7.7 a second), 10 refused. lfd counted the same 10.',
      'User agentmasscan/1.3 (https://github.com/',
      'Rules913100 +5, 920350 +3',
      'The same as a table: 10 requests',
      '1,127',
      '17:56:37.240',
      'GET /',
      '403, refused',
      'aSGk0kXnq5Qe4V2mXh30001AAAEs',
      'Which rules scored: 5 + 3 = 8, limit 5',
      'critical · PL 1 · phase 2 · REQUEST-913-SCANNER-DETECTION.conf:56',
      'running total 5, limit reached',
      'running total 8',
      '949110 adds up and refuses',
      'What 949110 means. It adds the points',
      'Blocked, permanent',
      'Counted10 within 1 hour',
      'LF_MODSEC = "10"lfd blocks at the 10th refusal',
      'Text for a ticket203.0.113.45 was blocked',
      'Read for this page',
      'error_log: 3 lines',
      'modsec_audit.log: 1 record',
      'Exclude… 913100 for REQUEST_HEADERS:User-Agent',
      'What the marks mean',
      'times are +01:00, the server’s own · as of 22 Nov 2026, 18:02:11',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('What is missing');
    expect(text).not.toContain('can be made of');
  });

  test('its ledger leads to the rules and to their exclusions', async () => {
    const { tags } = await explain('203.0.113.45');
    const links = tags.map((tag) => tag.attributes.get('href') ?? '');
    expect(links).toContain('index.cgi?p=/rule&id=913100');
    const [first] = links.filter((link) => link.startsWith('index.cgi?p=/propose'));
    expect(first).toBe(
      `index.cgi?p=/propose&vhost=${String(ATTACK.incident?.transactions[0]?.vhost)}&rule=913100&target=REQUEST_HEADERS%3AUser-Agent&path=%2F`,
    );
  });

  test('links statements to their lines', async () => {
    const { tags } = await explain('203.0.113.45');
    const ids = new Set(tags.flatMap((tag) => tag.attributes.get('id') ?? []));
    const links = tags
      .map((tag) => tag.attributes.get('href') ?? '')
      .filter((href) => href.startsWith('#line-'));
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect(ids).toContain(link.slice(1));
  });
});

test('a false alarm: temporary block, the normal pages before it, what one request has alone', async () => {
  const { text } = await explain('192.0.2.118');
  for (const part of [
    'False positive very probably',
    'csf -trd 192.0.2.118',
    'Blocked until 18:41',
    'The mail says permanent, but the entry is a temporary one.',
    'Against an attack: 3',
    '−3.5',
    'sum −7.0',
    '37 more answered requests outside this picture',
    'lfd counted 18 lines: it counts lines, and one request can write several.',
    '404, refused',
    'Referer: https://shop.example.com/cart/',
    'Vhostshop.example.com (shopacct)',
    '−134.0',
    'GET /page-0/',
    'Which rules scored: 1 rule, 5 points, limit 5',
    '37 more requests not shown here.',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain('Unblock it anyway');
});

test('only a mail: the sets that fit, what is missing, what would decide it, the mail as read', async () => {
  const { text } = await explain('Failures: 10 (mod_security)\nBlocked: Permanent Block [LF_MODSEC]');
  for (const part of [
    'Unclear only the mail is left',
    'Pasted mail 198.51.100.77',
    'Against an attack: not known',
    'What a score of 8 can be made of',
    'inferred · arithmetic, not a log line',
    '5 + 3most likely',
    '1 critical rule and 1 warning rule',
    '2 + 2 + 2 + 2',
    '4 notice rules',
    'What is missing',
    'dashed line: Sat 17:56:39',
    'Starts Sun 03:12. It would name the rules.',
    'Permission denied.',
    'maillog: it is not read by this version',
    'What would decide it: error_log or modsec_audit.log of 21 Nov',
    'Only the mail tells of this block.',
    'The pasted mail, as read',
    'Counted10 within 1 hour',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).not.toContain('Which rules scored:');
  expect(text).not.toContain('Requests on the clock');
});

test('a block that is no matter of the WAF: no rule advice, the log lfd read, what to change', async () => {
  const { text } = await explain('198.51.100.14');
  expect(text).toContain('Not a matter of ModSecurity');
  expect(text).toContain('lfd read /var/log/secure.');
  expect(text).toContain('LF_SSHD 5 failed ssh logins within 5 minutes');
  for (const part of ['For an attack', 'scored', 'What 949110 means']) expect(text).not.toContain(part);
});

test('no trace, and a gap, are said as such', async () => {
  const none = await explain('203.0.113.8');
  expect(none.text).toContain('203.0.113.8 is not blocked here.');
  expect(none.text).toContain('Not blocked');
  expect(none.text).not.toContain('csf -');
  const gap = await explain('Failures: 5 on web7');
  expect(gap.text).toContain('This mail is from web7.example.net, not from this server.');
  expect(gap.text).toContain('Addresscut out');
  expect(gap.text).toContain('access logs: cPanel emptied them');
  expect(GAP.block).toBeNull();
  expect(gap.tags.some((tag) => tag.attributes.get('id') === 'h-block')).toBe(false);
});

test('a domain lists its incidents', async () => {
  const { text, tags } = await explain('shop.example.com');
  expect(text).toContain('Incidents: 6');
  const links = tags.map((tag) => tag.attributes.get('href') ?? '');
  expect(links).toContain(
    'index.cgi?p=/incident&ip=203.0.113.45&from=2026-11-22T17%3A56%3A37.106402%2B01%3A00',
  );
});

describe('the inbox', () => {
  test('tabs, rows, paging, log health', async () => {
    const { text, tags } = await read('/&verdict=attack&since=168&page=2');
    for (const part of [
      'All 41',
      'False positive 2',
      '6 of 41 shown, newest first',
      'page 2 of 7',
      'Newer',
      'Older',
      '3 vhosts',
      'until 18:41',
      'Sat 17:56',
      'Logs: all read, 1 thing to know',
      '187 of 200 lines',
    ]) {
      expect(text).toContain(part);
    }
    const links = tags.map((tag) => tag.attributes.get('href') ?? '');
    expect(links).toContain('index.cgi?p=/&verdict=attack&since=168&page=3');
    expect(links).toContain('index.cgi?p=/&verdict=unclear&since=168');
    const nav = tags.filter((tag) => tag.attributes.get('aria-current') === 'page');
    expect(nav.map((tag) => tag.attributes.get('href'))).toEqual(['index.cgi?p=/']);
  });

  test.each([
    [
      'nothing happened',
      { rows: [], counts: NO_COUNTS, matching: 0, shown: 0, pages: 1 },
      '/',
      ['No incidents in the last 24 hours.', 'The last log line read is 12 s old.', 'Show 7 days'],
    ],
    [
      'nothing happened, ever',
      { rows: [], counts: NO_COUNTS, matching: 0, shown: 0, pages: 1, lastLine: null },
      '/&since=all',
      ['No incidents in everything that is kept.', 'No log line has been read yet.'],
    ],
    [
      'the filter hides all',
      { rows: [], matching: 0, shown: 0, pages: 1 },
      '/&verdict=unclear',
      ['The filter hides 41 incidents.', 'Show all'],
    ],
    [
      'the vhost has none',
      { rows: [], counts: NO_COUNTS, matching: 0, shown: 0, pages: 1 },
      '/&vhost=x.example.com',
      ['No incident passes this filter.', 'Show all'],
    ],
    [
      'past the last page',
      { rows: [], shown: 0 },
      '/&page=99',
      ['This page of the list is empty.', 'First page'],
    ],
    [
      'nothing can be read',
      {
        rows: [],
        counts: NO_COUNTS,
        matching: 0,
        shown: 0,
        unreadable: { path: '/var/log/apache2/error_log', problem: 'permission denied' },
      },
      '/',
      [
        'Incidents cannot be shown, because a log cannot be read. That does not mean nothing happened.',
        '/var/log/apache2/error_log: permission denied',
        'Try again',
      ],
    ],
    [
      'a log is bad',
      {
        rows: [],
        counts: NO_COUNTS,
        matching: 0,
        shown: 0,
        health: [{ name: 'error_log', state: 'bad' as const, text: 'permission denied', check: 'error_log' }],
      },
      '/',
      ['Not all logs are read (see below)', 'Logs: not all read, 1 thing to know'],
    ],
  ])('%s', async (_name, change, page, parts) => {
    harness.inbox = inbox(change);
    const { text } = await read(page);
    for (const part of parts) expect(text).toContain(part);
    harness.inbox = inbox();
  });
});

test('activity, by day; and empty', async () => {
  const { text } = await read('/activity');
  for (const part of [
    'Sun, 22 Nov 2026',
    '18:00:01root, 127.0.0.1',
    'Signed in',
    'refused',
    'Sat, 21 Nov 2026',
    'Database rebuilt',
  ]) {
    expect(text).toContain(part);
  }
  harness.activity = [];
  expect((await read('/activity')).text).toContain('Nothing was changed yet.');
});

describe('hostile text', () => {
  const ACTS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]/;

  async function source(page: string): Promise<string> {
    const answer = await user.agent.get(`/index.cgi?p=${page}`);
    expect(answer.status).toBe(200);
    return answer.text;
  }

  const [hostileFound] = HOSTILE_EXCLUSIONS.found;
  const [hostileCause] = HOSTILE_DOMAIN.rules[0]!.causes;
  const hostileSearch = searchLink(HOSTILE_SEARCH.query).slice('index.cgi?p='.length);

  const HOSTILE_FAKE: Partial<FakeExclusions> = {
    domainsView: HOSTILE_DOMAINS,
    domainOf: () => HOSTILE_DOMAIN,
    ruleRows: HOSTILE_RULES,
    ruleOf: () => HOSTILE_RULE,
    proposalOf: () => HOSTILE_PROPOSAL,
    all: HOSTILE_EXCLUSIONS,
    ledger: [HOSTILE_CHANGE],
    acts: [HOSTILE_ACT],
  };

  test.each([
    '/explain&q=hostile',
    '/',
    '/activity',
    hostileSearch,
    `${hostileSearch}&run=0`,
    '/search/logs',
    '/search/around&file=x&offset=1',
    '/domains',
    '/domain&vhost=x',
    causeLink(hostileCause!).slice('index.cgi?p='.length),
    '/rules',
    '/rule&id=1',
    '/propose&kind=rule-vhost&vhost=x&rule=1',
    '/exclusions',
    '/exclusions&show=ended',
    '/exclusions&show=found',
    '/exclusions&show=drift',
    '/exclusions&show=changes',
    '/exclusion&id=12',
    `/found&key=${encodeURIComponent(hostileFound!.key)}`,
    '/change&id=31',
    '/act&id=act-1',
  ])('%s stays text, is visible, and breaks nothing', async (page) => {
    harness.inbox = HOSTILE_INBOX;
    harness.activity = HOSTILE_ACTIVITY;
    harness.search.answer = () => HOSTILE_SEARCH;
    harness.search.allLogs = HOSTILE_LOGS;
    harness.search.nearby = () => HOSTILE_AROUND;
    harness.search.kept = HOSTILE_SAVED;
    Object.assign(harness.exclusions, HOSTILE_FAKE);
    const html = await source(page);
    const shown = readHtml(html);
    expect(shown.problems).toEqual([]);
    expect(html).not.toMatch(ACTS);
    expect(shown.text).toContain('"><script>alert(document.domain)</script>');
    expect(shown.text).toContain('‹U+202E›');
    expect(shown.text).toContain('‹U+001B›[31mred');
    expect(shown.text).toContain('<%= process.env %>');
    expect(shown.tags.filter((tag) => tag.name === 'script')).toHaveLength(1);
    expect(shown.tags.filter((tag) => ['img', 'iframe', 'object', 'b'].includes(tag.name))).toEqual([]);
    for (const tag of shown.tags) {
      const href = tag.attributes.get('href') ?? tag.attributes.get('action') ?? '';
      expect(href).toMatch(/^(?:index\.cgi|static\/|#|data:,$|$)/);
    }
    harness.inbox = inbox();
  });

  test('a 10,000-character address is whole, but folded', async () => {
    const { text, tags } = readHtml(await source('/explain&q=hostile'));
    expect(text.replaceAll('… ', '')).toContain(LONG_URI.slice(0, 200));
    expect(text).toContain('more characters');
    expect(text.split('<b>').length).toBeGreaterThan(1660);
    expect(tags.filter((tag) => tag.name === 'b')).toHaveLength(0);
  });

  test('no command is built from an address that is none', async () => {
    const html = await source('/explain&q=hostile');
    expect(html).not.toContain('csf -dr');
    expect(html).toContain('The blocked address cannot be read');
  });

  test('what was typed comes back as text', async () => {
    const before = harness.explain;
    harness.explain = (text) => {
      throw Object.assign(new Error(`no target in ${text}`), { name: 'BadInput' });
    };
    const typed = '</textarea><script>alert(1)</script>\u202e';
    const answer = await user.agent.post('/?p=/explain').type('form').send({ q: typed, csrf: user.csrf });
    const page = await user.agent.get(`/${String(answer.headers.location)}`);
    harness.explain = before;
    const shown = readHtml(page.text);
    expect([page.status, shown.problems]).toEqual([400, []]);
    expect(shown.text).toContain('</textarea><script>alert(1)</script>‹U+202E›');
  });
});

test('the fixture of the story is not changed by rendering', () => {
  expect(ATTACK.incident?.transactions).toHaveLength(10);
});
