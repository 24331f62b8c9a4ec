// The search page and what belongs to it, against a fake engine: every phase, empty state, form error and form.
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { SearchQuery } from '../../src/actions/search-query.ts';
import { EMPTY_QUERY } from '../../src/actions/search-query.ts';
import type { SearchView } from '../../src/actions/search-view.ts';
import { readSearch, searchLink } from '../../src/web/search-query.ts';
import type { Agent, Harness } from './harness.ts';
import { BRIDGE, FakeBadInput, makeHarness, signIn } from './harness.ts';
import type { ReadPage } from './html.ts';
import { readHtml } from './html.ts';
import { found, LOGS, marked, plain, RUNNING, searchView } from './search-fixtures.ts';

let harness: Harness;
let user: Agent;
beforeEach(async () => {
  harness = makeHarness();
  user = await signIn(harness);
});
afterEach(() => {
  user.close();
});

interface Shown extends ReadPage {
  readonly status: number;
  readonly html: string;
  readonly hrefs: readonly string[];
}

async function get(page: string): Promise<Shown> {
  const answer = await user.agent.get(`/index.cgi?p=${page}`);
  const read = readHtml(answer.text);
  expect(read.problems).toEqual([]);
  return {
    ...read,
    status: answer.status,
    html: answer.text,
    text: read.text.replaceAll(/\s+/g, ' '),
    hrefs: read.tags.flatMap((tag) => tag.attributes.get('href') ?? []),
  };
}

const valueOf = (page: ReadPage, name: string): string | undefined =>
  page.tags
    .find((tag) => tag.name === 'input' && tag.attributes.get('name') === name)
    ?.attributes.get('value');
const checked = (page: ReadPage, name: string): readonly string[] =>
  page.tags
    .filter((tag) => tag.attributes.get('name') === name && tag.attributes.has('checked'))
    .map((tag) => tag.attributes.get('value') ?? '');
const attribute = (page: ReadPage, id: string, name: string): string | undefined =>
  page.tags.find((tag) => tag.attributes.get('id') === id)?.attributes.get(name);

const post = (page: string, fields: Record<string, string>) =>
  user.agent
    .post(`/index.cgi?p=${page}`)
    .type('form')
    .send({ csrf: user.csrf, ...fields });

const answering = (change: Partial<SearchView>): void => {
  harness.search.answer = (query) => searchView({ query, ...change });
};

describe('the first visit', () => {
  test('form with the usual logs, examples, saved searches; nothing is searched', async () => {
    const page = await get('/search');
    expect(harness.search.started).toEqual([]);
    expect(checked(page, 'log')).toEqual(['access', 'error', 'lfd']);
    expect(checked(page, 'syntax')).toEqual(['']);
    expect(page.hrefs).toContain('index.cgi?p=/search&q=17%3A56.*%20203%5C.0%5C.113%5C.45');
    expect(page.hrefs).toContain('index.cgi?p=/search&q=%22POST%20%2Fwp-login&from=-24h');
    expect(page.hrefs).toContain('index.cgi?p=/search/logs');
    expect(page.text).toContain('Logins of yesterday root, 21 Nov 2026, 09:00:00');
    expect(
      page.tags.filter((tag) => tag.name === 'option' && tag.attributes.get('value') !== '').length,
    ).toBeGreaterThan(200);
    const nav = page.tags.filter((tag) => tag.attributes.get('aria-current') === 'page');
    expect(nav.map((tag) => tag.attributes.get('href'))).toEqual(['index.cgi?p=/search']);
    const boxes = page.tags.filter((tag) => tag.attributes.has('data-wb-ask'));
    expect(boxes.map((tag) => tag.attributes.get('id'))).toEqual(['wb-s-q']);
    expect(page.tags.some((tag) => tag.attributes.has('autofocus'))).toBe(false);
  });

  test('run=0 fills the form in and searches nothing', async () => {
    const page = await get('/search&q=abc&run=0');
    expect([valueOf(page, 'q'), harness.search.started.length]).toEqual(['abc', 0]);
  });

  test('without saved searches it says how to get one', async () => {
    harness.search.kept = [];
    expect((await get('/search')).text).toContain('None yet. Run a search, then save it under a name.');
  });
});

describe('a search that is done', () => {
  const ADDRESS =
    '/search&q=203%5C.0&syntax=pcre&i=1&v=1&log=mail&log=/var/log/a%20b&vhost=shop.example.com&account=shopacct&ip=203.0.113.0/24&from=-2h&to=17:56&status=4xx&rotated=never&context=3&limit=1000';

  test('asks the engine what the address says, and waits 300 ms', async () => {
    await get(ADDRESS);
    const query: SearchQuery = {
      pattern: '203\\.0',
      syntax: 'pcre',
      ignoreCase: true,
      invert: true,
      logs: ['mail', '/var/log/a b'],
      vhost: 'shop.example.com',
      account: 'shopacct',
      ip: '203.0.113.0/24',
      from: '-2h',
      to: '17:56',
      status: '4xx',
      rotated: 'never',
      context: 3,
      limit: 1000,
      before: null,
    };
    expect(harness.search.started).toEqual([{ query, waitMs: 300 }]);
  });

  test('the form keeps what was asked', async () => {
    const page = await get(ADDRESS);
    expect(checked(page, 'log')).toEqual(['mail']);
    expect(checked(page, 'syntax')).toEqual(['pcre']);
    expect([checked(page, 'i'), checked(page, 'v')]).toEqual([['1'], ['1']]);
    expect(valueOf(page, 'ip')).toBe('203.0.113.0/24');
    expect(attribute(page, 'wb-s-log-1', 'value')).toBe('/var/log/a b');
    expect(attribute(page, 'wb-s-log-2', 'value')).toBe('');
    const selected = page.tags.filter((tag) => tag.attributes.has('selected'));
    expect(selected.map((tag) => tag.attributes.get('value'))).toEqual(['never', '3', '1000']);
    expect(page.tags.filter((tag) => tag.name === 'details' && tag.attributes.has('open'))).toHaveLength(1);
  });

  test('shows heading, histogram, logs, window, lines with marks and links', async () => {
    const page = await get('/search&q=203');
    for (const part of [
      '3 lines',
      '640 MiB read in 412 ms',
      'Lines found a minute, 17:30 to 18:00. Most, 40, at 17:56.',
      'The same as a table',
      '/var/log/lfd.log: cannot be read before 17:31',
      'Searched: 3 logs, 1 left out',
      'ends before the time',
      'Time: 22 Nov 2026, 17:30:00 to 22 Nov 2026, 18:00:00 (+01:00)',
      '17:56:37error_log @ 18,402,113',
      'no timelfd.log @ 220,914',
      'the line before',
      'the line after',
      'whyblocked search 203',
      'Export all lines, masked:',
      'times are +01:00',
    ]) {
      expect(page.text).toContain(part);
    }
    for (const link of [
      'index.cgi?p=/explain&q=203.0.113.45',
      'index.cgi?p=/explain&q=913100',
      'index.cgi?p=/explain&q=shop.example.com',
      'index.cgi?p=/explain&q=aSGk0kXnq5Qe4V2mXh30001AAAEs',
      'index.cgi?p=/search/around&file=%2Fvar%2Flog%2Fapache2%2Ferror_log&offset=18402113',
      'index.cgi?p=/search&q=203',
      'index.cgi?p=/search/export&q=203&format=csv',
    ]) {
      expect(page.hrefs).toContain(link);
    }
    expect(page.html).toContain('<mark>203.0.113.45</mark></a>');
    expect(page.html).not.toMatch(/http-equiv="refresh"|Cancel|<progress/);
    expect(attribute(page, 'wb-results', 'aria-busy')).toBe('false');
  });

  test('older lines, and back to the newest', async () => {
    answering({ phase: 'enough', older: 'e:1234', count: 200 });
    const page = await get('/search&q=203&before=e:9');
    expect(page.hrefs).toContain('index.cgi?p=/search&q=203&before=e%3A1234');
    expect(page.text).toContain('The next older 3 lines');
    expect(page.text).toContain(
      'The logs hold more, which was not counted. Older lines are one click further.',
    );
    expect(page.text).toContain('Export up to 200 of these older lines, masked:');
    const newest = page.tags.filter((tag) => tag.attributes.get('href') === 'index.cgi?p=/search&q=203');
    expect(newest.length).toBeGreaterThan(0);
    expect(page.text).toContain('Newest lines');
  });

  test('hints offer the change that was probably meant', async () => {
    const notes = [
      {
        sentence: 'In csf\u2019s grep a\\|b means a or b.',
        change: { pattern: 'a|b' },
        offer: 'Search for a|b',
      },
      { sentence: 'Only a remark.', change: null, offer: null },
    ];
    answering({ notes });
    const page = await get('/search&q=a%5C%7Cb&ip=203.0.113.5');
    expect(page.hrefs).toContain('index.cgi?p=/search&q=a%7Cb&ip=203.0.113.5');
    expect(page.text).toContain('a or b. Search for a|b');
    expect(page.text).toContain('Only a remark.');
  });

  test('at most 1,000 rows, and it says so', async () => {
    answering({ lines: Array.from({ length: 1200 }, () => found({ parts: [plain('x')] })), count: 1200 });
    const page = await get('/search&q=x&limit=10000');
    expect(page.text).toContain('200 more lines found and not shown on this page');
    expect(page.html.split('class="wb-at"')).toHaveLength(1001);
  });
});

describe('phases', () => {
  test.each<[string, Partial<SearchView>, readonly string[]]>([
    [
      'waiting',
      { phase: 'waiting', count: 0, lines: [] },
      ['0 lines so far', 'Two other searches are running. This one starts when one of them ends.', 'Cancel'],
    ],
    [
      'running',
      { ...RUNNING, query: EMPTY_QUERY },
      ['53 lines so far', 'Reading error_log-11-2026.gz, 412 of 640 MiB', 'Cancel'],
    ],
    [
      'stopped',
      { phase: 'stopped', bytesDone: 412 * 1024 * 1024 },
      ['Cancelled at 3 lines', 'Cancelled. 412 of 640 MiB were read; what was found until then is here.'],
    ],
    [
      'timeout',
      { phase: 'timeout', problem: 'The search was ended after 30 s.' },
      ['3 lines until the time was up', 'The search was ended after 30 s.', 'A shorter time, one log'],
    ],
    [
      'failed with lines',
      { phase: 'failed', problem: 'The disk gave an error.' },
      ['3 lines, then it failed', 'The disk gave an error. Not all lines are here.'],
    ],
    ['failed', { phase: 'failed', count: 0, lines: [], problem: 'No.' }, ['The search failed', 'No.']],
    [
      'enough',
      { phase: 'enough', older: 'x' },
      ['The newest 3 lines', 'The logs hold more', 'Older lines', 'Export the newest 200, masked:'],
    ],
    [
      'done, not covered',
      { covered: false },
      ['3 lines', 'Not all logs cover this time. Lines may be missing'],
    ],
    [
      'nothing, covered',
      { count: 0, lines: [], histogram: null },
      [
        'No line found',
        'No line of the logs read matches.',
        '3 logs, 640 MiB, read whole for this time in 412 ms.',
        'Search audit, mail, system too',
      ],
    ],
    [
      'nothing, not covered',
      { count: 0, lines: [], histogram: null, covered: false },
      [
        'No line found, but not all logs cover this time.',
        'That does not mean that nothing was written.',
        'cannot be read before 17:31',
      ],
    ],
  ])('%s', async (_name, change, parts) => {
    harness.search.answer = (query) => searchView({ ...change, query });
    const { text } = await get('/search&q=203');
    for (const part of parts) expect(text).toContain(part);
    if (change.covered === false) expect(text).not.toContain('No line of the logs read matches');
  });

  test('no older line', async () => {
    answering({ count: 0, lines: [] });
    expect((await get('/search&q=x&before=y')).text).toContain('No older line matches.');
  });

  test.each([
    [{ from: null, to: null }, 'Time: all that the logs hold'],
    [{ from: '2026-11-22T17:30:00+01:00', to: null }, 'Time: from 22 Nov 2026, 17:30:00 on (+01:00)'],
    [{ from: null, to: '2026-11-22T17:30:00+01:00' }, 'Time: up to 22 Nov 2026, 17:30:00 (+01:00)'],
  ])('the window %j', async (window, sentence) => {
    answering({ window });
    expect((await get('/search&q=x')).text).toContain(sentence);
  });
});

describe('while it runs', () => {
  const LINK = 'index.cgi?p=/search&q=203&job=job-1';
  beforeEach(() => {
    harness.search.answer = (query) => ({ ...RUNNING, query });
  });

  test('without JavaScript the page comes again with the job until it has ended', async () => {
    const first = await get('/search&q=203');
    expect(first.html).toContain(
      `<noscript><meta http-equiv="refresh" content="2;url=${LINK.replaceAll('&', '&amp;')}"></noscript>`,
    );
    expect(first.html.indexOf('http-equiv="refresh"')).toBeLessThan(first.html.indexOf('</head>'));
    await get(LINK.slice('index.cgi?p='.length));
    const last = await get(LINK.slice('index.cgi?p='.length));
    expect(last.html).not.toContain('http-equiv="refresh"');
    expect([last.text.includes('53 lines'), last.text.includes('so far')]).toEqual([true, false]);
    expect(harness.search.started).toHaveLength(1);
    expect(harness.search.looks.map((look) => look.waitMs)).toEqual([300, 300]);
  });

  test('the job is not in the link to share', async () => {
    const page = await get('/search&q=203&job=job-1');
    const share = page.tags.filter((tag) => tag.attributes.get('href') === 'index.cgi?p=/search&q=203');
    expect(share.length).toBeGreaterThan(0);
  });

  test.each(['gone', '../../x', 'a'.repeat(100)])('a job that is gone (%s) starts anew', async (job) => {
    await get(`/search&q=203&job=${job}`);
    expect(harness.search.started).toHaveLength(1);
  });

  test('a job of another search is not shown for this one', async () => {
    await get('/search&q=203');
    await get('/search&q=other&job=job-1');
    expect(harness.search.started.map((one) => one.query.pattern)).toEqual(['203', 'other']);
  });

  test('the results alone, for the script', async () => {
    await get('/search&q=203');
    const answer = await user.agent.get('/index.cgi?p=/search/results&job=job-1').expect(200);
    expect(answer.text.trimStart()).toMatch(/^<section class="[^"]*" id="wb-results"/);
    expect(answer.text).not.toMatch(/<html|<form class="wb-card/);
    const page = readHtml(answer.text);
    expect(page.problems).toEqual([]);
    expect(attribute(page, 'wb-results', 'data-wb-poll')).toBe('index.cgi?p=/search/results&job=job-1');
    expect(attribute(page, 'wb-results', 'data-wb-count')).toBe('53');
    expect(attribute(page, 'wb-results', 'aria-busy')).toBe('true');
    expect(harness.search.looks.at(-1)).toEqual({ id: 'job-1', waitMs: 1000 });
    const last = await user.agent.get('/index.cgi?p=/search/results&job=job-1');
    expect(attribute(readHtml(last.text), 'wb-results', 'aria-busy')).toBe('false');
  });

  test.each(['', 'gone', '%00', '..%2f'])('results of %j are a 404', async (job) => {
    await user.agent.get(`/index.cgi?p=/search/results&job=${job}`).expect(404);
  });

  test('at most 200 rows are sent each second', async () => {
    const lines = Array.from({ length: 900 }, () => found({ parts: [plain('x')] }));
    harness.search.answer = (query) => ({ ...RUNNING, query, lines, count: 900 });
    const page = await get('/search&q=x&limit=1000');
    expect(page.html.split('class="wb-at"')).toHaveLength(201);
    expect(page.text).toContain('700 more lines found and not shown on this page');
  });

  test('cancel stops it and shows what was found', async () => {
    const page = await get('/search&q=a%2Bb&log=mail&log=lfd');
    const query = valueOf(page, 'query') ?? '';
    const answer = await post('/search/stop', { job: 'job-1', query });
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      'index.cgi?p=/search&q=a%2Bb&log=mail&log=lfd&job=job-1',
    ]);
    expect(harness.search.stops).toEqual(['job-1']);
    expect((await get(String(answer.headers.location).slice('index.cgi?p='.length))).text).toContain(
      'Cancelled at',
    );
    expect(harness.search.started).toHaveLength(1);
  });

  test('cancelling one that is gone starts nothing', async () => {
    const answer = await post('/search/stop', { job: 'gone', query: 'q=203' });
    expect(answer.headers.location).toBe('index.cgi?p=/search&q=203&run=0');
    await get('/search&q=203&run=0');
    expect(harness.search.started).toEqual([]);
    expect((await post('/search/stop', { job: '../x', query: '' })).status).toBe(303);
    expect(harness.search.stops).toEqual(['gone']);
  });
});

describe('what cannot be understood', () => {
  test('a value of the address: at its field, nothing is searched, what was typed stays', async () => {
    const page = await get('/search&q=a%26b&limit=99999&from=-2h');
    expect([page.status, harness.search.started]).toEqual([400, []]);
    expect(page.text).toContain('\u201c99999\u201d is not a whole number from 1 to 10000.');
    expect([valueOf(page, 'q'), valueOf(page, 'from')]).toEqual(['a&b', '-2h']);
  });

  test('the engine names a field', async () => {
    harness.search.answer = () => {
      throw new FakeBadInput('The bracket opened at character 1 is not closed.', 'pattern');
    };
    const page = await get('/search&q=(GET&context=3');
    expect(page.status).toBe(400);
    expect(attribute(page, 'wb-s-q', 'aria-invalid')).toBe('true');
    expect(attribute(page, 'wb-s-q', 'aria-describedby')).toContain('wb-s-q-error');
    expect(valueOf(page, 'q')).toBe('(GET');
    expect(page.text).toContain('The bracket opened at character 1 is not closed.');
    expect(page.text).not.toContain('Not searched.');
  });

  test('the engine names none', async () => {
    harness.search.answer = () => {
      throw new FakeBadInput('203.0.113.456 is not an address.');
    };
    const page = await get('/search&ip=203.0.113.456');
    expect([page.status, valueOf(page, 'ip')]).toEqual([400, '203.0.113.456']);
    expect(page.text).toContain('Not searched. 203.0.113.456 is not an address.');
  });

  test('too many searches at once: the form again, with the reason', async () => {
    harness.search.answer = () => {
      throw Object.assign(new Error('20 searches are waiting already.'), { name: 'Refused' });
    };
    const page = await get('/search&q=203');
    expect([page.status, valueOf(page, 'q')]).toEqual([409, '203']);
    expect(page.text).toContain('Not searched. 20 searches are waiting already.');
    const file = await user.agent.get('/index.cgi?p=/search/export&format=csv&q=203');
    expect([file.status, file.text.includes('20 searches are waiting')]).toEqual([409, true]);
    harness.search.save = () => Promise.reject(Object.assign(new Error('Full.'), { name: 'Refused' }));
    expect((await post('/search/save', { name: 'x', query: 'q=x' })).status).toBe(409);
    expect(harness.failures).toEqual([]);
  });

  test('a failure of ours is a failure of ours', async () => {
    harness.search.answer = () => {
      throw new TypeError('secret detail');
    };
    const answer = await user.agent.get('/index.cgi?p=/search&q=x');
    expect([answer.status, answer.text.includes('secret')]).toEqual([500, false]);
  });

  test('a pattern with control characters is shown, and the form says that it cannot send them', async () => {
    const page = await get('/search&q=a%00b%0Ac&run=0');
    expect(valueOf(page, 'q')).toBe('a‹U+0000›b‹U+000A›c');
    expect(page.text).toContain('It has control characters');
    await get('/search&q=a%00b%0Ac');
    expect(harness.search.started.at(-1)?.query.pattern).toBe('a\0b\nc');
  });

  test('a pattern of 64 KiB in the address, running, with all its links', async () => {
    const bridge = makeHarness({ mode: 'bridge' });
    bridge.search.answer = (query) => ({ ...RUNNING, query });
    const server = createServer({ maxHeaderSize: 256 * 1024 }, bridge.app as RequestListener);
    const pattern = '(a+)+$'.repeat(11_000).slice(0, 65_536);
    const answer = await request(server)
      .get(`/${searchLink({ ...EMPTY_QUERY, pattern })}`)
      .set(BRIDGE);
    const page = readHtml(answer.text);
    expect([answer.status, page.problems]).toEqual([200, []]);
    expect(bridge.search.started[0]?.query.pattern).toBe(pattern);
    expect(valueOf(page, 'q')).toBe(pattern);
    const share = page.tags.find((tag) => tag.attributes.get('href')?.startsWith('index.cgi?p=/search&q=(a'));
    expect(readSearch(new URLSearchParams(share?.attributes.get('href'))).query.pattern).toBe(pattern);
  });
});

describe('keeping a search', () => {
  test('under a name, by whom, without its page', async () => {
    const query = { ...EMPTY_QUERY, pattern: 'a+b', logs: ['mail', 'lfd'], before: 'x' };
    const answer = await post('/search/save', {
      name: '  Mine & yours ',
      query: searchLink(query).slice('index.cgi?p=/search&'.length),
      job: 'job-1',
    });
    expect([answer.status, answer.headers.location]).toEqual([
      303,
      'index.cgi?p=/search&q=a%2Bb&log=mail&log=lfd&before=x&job=job-1',
    ]);
    expect(harness.search.saves).toEqual([
      { name: 'Mine & yours', query: { ...query, before: null }, who: 'root' },
    ]);
  });

  test.each(['', '   ', 'x'.repeat(81)])('not under %j', async (name) => {
    const answer = await post('/search/save', { name, query: 'q=x' });
    expect([answer.status, harness.search.saves]).toEqual([400, []]);
    expect(answer.text).toContain('it needs a name of 1 to 80 characters');
  });

  test('the engine may refuse in words; a broken query is refused', async () => {
    harness.search.save = () => Promise.reject(new FakeBadInput('There are 200 saved searches already.'));
    const answer = await post('/search/save', { name: 'x', query: 'q=x' });
    expect([answer.status, answer.text.includes('There are 200 saved')]).toEqual([400, true]);
    expect((await post('/search/save', { name: 'x', query: 'limit=x' })).status).toBe(400);
  });

  test('forgetting one', async () => {
    const answer = await post('/search/forget', { id: '7' });
    expect([answer.status, answer.headers.location]).toEqual([303, 'index.cgi?p=/search']);
    expect(harness.search.forgets).toEqual([{ id: 7, who: 'root' }]);
    for (const id of ['', 'x', '-1', '1e9', '9'.repeat(20)])
      expect((await post('/search/forget', { id })).status).toBe(400);
    expect(harness.search.forgets).toHaveLength(1);
  });

  test.each(['/search/save', '/search/forget', '/search/stop'])('%s needs the token', async (page) => {
    await post(page, { csrf: 'wrong', id: '7', name: 'x', query: 'q=x', job: 'job-1' }).expect(403);
    const { search } = harness;
    expect([search.saves, search.forgets, search.stops]).toEqual([[], [], []]);
  });
});

describe('the list of logs', () => {
  test('200 a page, with problems in words', async () => {
    const page = await get('/search/logs');
    for (const part of [
      '450 of 450 logs',
      'page 1 of 3',
      'permission denied',
      'rotated, packed',
      '977 KiB',
      '12 min ago',
    ])
      expect(page.text).toContain(part);
    expect(page.hrefs).toContain('index.cgi?p=/search&log=%2Fvar%2Flog%2Fapache2%2Ferror_log');
    expect(page.hrefs).toContain('index.cgi?p=/search/logs&page=2');
    expect(page.hrefs.filter((href) => href.includes('&log='))).toHaveLength(200);
  });

  test('filtered, and past the end', async () => {
    const page = await get('/search/logs&text=ACCT44&page=99');
    expect(page.text).toContain('11 of 450 logs');
    expect(valueOf(page, 'text')).toBe('ACCT44');
    expect((await get('/search/logs&page=99')).text).toContain('page 3 of 3');
  });

  test('none', async () => {
    expect((await get('/search/logs&text=nosuch')).text).toContain('No log has this in its path');
    harness.search.allLogs = [];
    expect((await get('/search/logs')).text).toContain('No log was found that can be searched.');
    expect(LOGS).toHaveLength(450);
  });
});

describe('lines around', () => {
  const PLACE = 'file=/var/log/apache2/error_log&offset=18402113';

  test('the asked one is marked, more can be had', async () => {
    const page = await get(`/search/around&${PLACE}`);
    expect(harness.search.arounds).toEqual([
      { file: '/var/log/apache2/error_log', offset: 18_402_113, lines: 10 },
    ]);
    const asked = page.tags.filter((tag) => tag.attributes.get('class') === 'wb-asked');
    expect(asked).toHaveLength(1);
    expect(page.hrefs).toContain(
      'index.cgi?p=/search/around&file=%2Fvar%2Flog%2Fapache2%2Ferror_log&offset=18402113&n=200',
    );
    expect(page.hrefs).toContain(
      'index.cgi?p=/search&from=2026-11-22T17%3A56%3A37%2B01%3A00%20%2B-5%20min&limit=1000',
    );
    for (const part of ['the one before', 'the one after', 'Lines around error_log @ 18,402,113'])
      expect(page.text).toContain(part);
    await get(`/search/around&${PLACE}&n=200`);
    expect(harness.search.arounds.at(-1)?.lines).toBe(200);
  });

  test.each([
    '',
    'file=/x',
    'offset=1',
    `${PLACE}x`,
    `${PLACE}&n=201`,
    `${PLACE}&n=-1`,
    'file=/x&offset=1e9',
    `file=/x&offset=${'9'.repeat(16)}`,
  ])('%j is a 400', async (query) => {
    await user.agent.get(`/index.cgi?p=/search/around&${query}`).expect(400);
    expect(harness.search.arounds).toEqual([]);
  });

  test('a log or line that is not there', async () => {
    harness.search.nearby = () => {
      throw new FakeBadInput('/etc/shadow is not a log that can be searched.');
    };
    const page = await get('/search/around&file=/etc/shadow&offset=0');
    expect([page.status, page.text.includes('/etc/shadow is not a log')]).toEqual([400, true]);
  });
});

test('a mark that splits a tag does not make one', async () => {
  answering({ lines: [found({ parts: [plain('<scr'), marked('ipt>alert(1)</scr'), plain('ipt>')] })] });
  const page = await get('/search&q=x');
  expect(page.html).toContain('&lt;scr<mark>ipt&gt;alert(1)&lt;/scr</mark>ipt&gt;');
  expect(page.tags.filter((tag) => tag.name === 'script')).toHaveLength(1);
});

test('an incident leads to all its requests in the logs', async () => {
  const page = await get('/explain&q=203.0.113.45');
  expect(page.hrefs).toContain(
    'index.cgi?p=/search&log=access&log=error&ip=203.0.113.45&from=2026-11-22T17%3A41%3A37%2B01%3A00&to=2026-11-22T18%3A11%3A38%2B01%3A00',
  );
});
