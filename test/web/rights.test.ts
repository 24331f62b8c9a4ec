// What a visitor may do: looking only, so many costly pages a minute, secrets for those who may change something.
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { parseConfig } from '../../src/config.ts';
import { PAGE_NAMES, routeOf } from '../../src/web/pages.ts';
import { Pace, TooOften } from '../../src/web/pace.ts';
import type { Harness } from './harness.ts';
import { BRIDGE, csrfOf, makeHarness } from './harness.ts';
import type { ReadPage } from './html.ts';
import { readHtml } from './html.ts';
import { AROUND } from './search-fixtures.ts';

const bridge = { mode: 'bridge' } as const;

async function csrfFor(harness: Harness, headers: Record<string, string> = BRIDGE): Promise<string> {
  return csrfOf((await request(harness.app).get('/index.cgi').set(headers)).text);
}

async function post(
  harness: Harness,
  page: string,
  fields: Record<string, string>,
  headers: Record<string, string> = BRIDGE,
): Promise<request.Response> {
  const csrf = await csrfFor(harness, headers);
  return request(harness.app)
    .post(`/index.cgi?p=${page}`)
    .set(headers)
    .type('form')
    .send({ ...fields, csrf });
}

const POSTS = PAGE_NAMES.filter((name) => routeOf(name).methods.includes('POST'));
/** Forms that change nothing: named here too, so that a new one is thought about. */
const HARMLESS = ['/explain', '/search/stop', '/doctor/try'].filter((name) => POSTS.includes(name));
const VALID: Readonly<Record<string, Record<string, string>>> = {
  '/exclude': {
    kind: 'rule-vhost',
    vhost: 'shop.example.com',
    rule: '942100',
    reason: 'r',
    ends: '30d',
    typed: 'shop.example.com',
  },
  '/exclusion/edit': { id: '12', reason: 'r', ends: '30d' },
  '/revert': { id: '12', reason: 'r' },
  '/adopt': { key: 'k', reason: 'r' },
  '/settle': { vhost: 'shop.example.com', how: 'keep', reason: 'r' },
  '/cause/state': { id: '1', state: 'known', note: '' },
  '/search/save': { query: 'q=x', name: 'mine' },
  '/search/forget': { id: '7' },
  '/mark': { address: '203.0.113.45', kind: 'monitor' },
  '/unmark': { id: '12' },
  '/firewall/act': { do: 'unblock', target: '192.0.2.118', reason: 'r' },
  '/firewall/alarm': { reason: 'r' },
  '/reveal': { file: '/var/log/apache2/error_log', offset: '5' },
};

/** Everything that an engine was told to do. */
function ordersOf({ search, exclusions, marks, firewall }: Harness): readonly unknown[] {
  const { orders, causeDesk } = exclusions;
  return [
    ...search.saves,
    ...search.forgets,
    ...search.reveals,
    ...orders,
    ...causeDesk.states,
    ...marks.orders,
    ...firewall.orders,
  ];
}

describe('access in the configuration', () => {
  test('is read', () => {
    const access = { readOnly: ['viewer', 'support'], costlyPerMinute: 5 };
    expect(parseConfig(JSON.stringify({ access }), 'c').access).toEqual(access);
    expect(parseConfig('{"access":{}}', 'c').access).toEqual({});
    expect(parseConfig('{}', 'c')).not.toHaveProperty('access');
  });

  test.each([
    [{ readOnly: 'viewer' }, '"access.readOnly"'],
    [{ readOnly: ['a b'] }, '"access.readOnly.0": must be the name of a user'],
    [{ costlyPerMinute: 0 }, '"access.costlyPerMinute"'],
    [{ readonly: [] }, '"access"'],
  ])('%j is refused', (access, words) => {
    expect(() => parseConfig(JSON.stringify({ access }), 'c')).toThrow(words);
  });
});

describe('a user who may only look', () => {
  const make = (): Harness => makeHarness(bridge, { readOnly: ['viewer'] });
  const VIEWER = { ...BRIDGE, 'X-WB-User': 'viewer', 'X-WB-Addr': '192.0.2.8' };

  test.each(POSTS.filter((name) => !HARMLESS.includes(name)))('cannot send %s', async (name) => {
    const fields = VALID[name] ?? {};
    const harness = make();
    const answer = await post(harness, name, fields, VIEWER);
    expect([answer.status, answer.text.includes('You may look at everything')]).toEqual([403, true]);
    expect(ordersOf(harness)).toEqual([]);
    expect(harness.records).toEqual([
      {
        who: 'viewer',
        address: '192.0.2.8',
        act: `POST ${name}`,
        detail: 'this user may only look (access.readOnly)',
        result: 'refused',
      },
    ]);
    const other = make();
    await post(other, name, fields);
    expect([name, ordersOf(other).length]).toEqual([name, 1]);
  });

  test.each(HARMLESS)('can send %s', async (name) => {
    const answer = await post(make(), name, { q: '203.0.113.45', query: 'q=x' }, VIEWER);
    expect(answer.status).not.toBe(403);
  });

  const FORMS = [
    '/cause&id=1',
    '/exclusion&id=12',
    '/exclusions&show=drift',
    '/found&key=cmc-1f2e3d',
    '/propose&kind=rule-vhost&vhost=shop.example.com&rule=942100',
    '/search&q=x',
    '/search/around&file=/var/log/apache2/error_log&offset=5',
    '/explain&q=203.0.113.45',
    '/firewall/act&do=unblock&target=192.0.2.118',
    '/marks',
    '/domain&vhost=shop.example.com',
  ];
  test.each(FORMS)('sees no form on %s that would be refused, and why', async (page) => {
    const harness = make();
    harness.search.nearby = () => MASKED;
    const answer = await request(harness.app).get(`/index.cgi?p=${page}`).set(VIEWER);
    const shown = readHtml(answer.text);
    expect([answer.status, shown.problems]).toEqual([200, []]);
    expect(shown.text).toContain('access.readOnly');
    const changing = (read: ReadPage): readonly string[] =>
      read.tags
        .filter((tag) => tag.name === 'form' && tag.attributes.get('method') === 'post')
        .map((tag) => new URLSearchParams(tag.attributes.get('action')?.split('?')[1]).get('p') ?? '')
        .filter((name) => !HARMLESS.includes(name));
    expect(changing(shown)).toEqual([]);
    const others = await request(harness.app).get(`/index.cgi?p=${page}`).set(BRIDGE);
    expect([page, changing(readHtml(others.text)).length > 0]).toEqual([page, !page.startsWith('/domain')]);
  });
});

const MASKED = {
  ...AROUND,
  lines: AROUND.lines.map((line) => ({
    ...line,
    parts: [{ text: 'pwd=••••', marked: false, link: null }],
  })),
};
const OPEN = {
  ...AROUND,
  lines: AROUND.lines.map((line) => ({
    ...line,
    parts: [{ text: 'pwd=hunter2-planted', marked: false, link: null }],
  })),
};

describe('what is masked in a line', () => {
  test('is shown by a POST that is recorded, and stands in no address', async () => {
    const harness = makeHarness(bridge);
    harness.search.nearby = () => MASKED;
    harness.search.unmasked = () => OPEN;
    const place = { file: '/var/log/apache2/error_log', offset: '5', n: '20' };
    const query = new URLSearchParams({ p: '/search/around', ...place });
    const masked = await request(harness.app).get(`/index.cgi?${query.toString()}`).set(BRIDGE);
    expect(masked.text).not.toContain('hunter2');
    expect(masked.text).toContain('Show what is masked');
    const shown = await post(harness, '/reveal', place);
    expect([shown.status, shown.headers['cache-control'], shown.headers.location]).toEqual([
      200,
      'no-store',
      undefined,
    ]);
    expect(shown.text).toContain('hunter2-planted');
    expect(shown.text).toContain('That is recorded');
    for (const { attributes } of readHtml(shown.text).tags)
      for (const value of attributes.values()) expect(value).not.toContain('hunter2');
    expect(harness.search.reveals).toEqual([
      { file: place.file, offset: 5, lines: 20, who: 'root', address: '192.0.2.7' },
    ]);
  });

  test('is not shown by a link, without the token, or to a stranger', async () => {
    const harness = makeHarness(bridge);
    const query = 'p=/reveal&file=/var/log/apache2/error_log&offset=5';
    await request(harness.app).get(`/index.cgi?${query}`).set(BRIDGE).expect(405);
    await request(harness.app).head(`/index.cgi?${query}`).set(BRIDGE).expect(405);
    await request(harness.app).post(`/index.cgi?${query}`).set(BRIDGE).type('form').send({}).expect(403);
    await request(harness.app).post(`/index.cgi?${query}`).type('form').send({}).expect(401);
    expect(harness.search.reveals).toEqual([]);
  });

  test('has no button where nothing is masked', async () => {
    const harness = makeHarness(bridge);
    harness.search.nearby = () => OPEN;
    const page = await request(harness.app).get('/index.cgi?p=/search/around&file=/x&offset=5').set(BRIDGE);
    expect(page.text).not.toContain('Show what is masked');
  });
});

describe('costly pages', () => {
  const COSTLY = [
    '/search&q=x',
    '/search/export&q=x&format=text',
    '/propose&kind=rule-vhost&vhost=shop.example.com&rule=942100',
    '/propose&vhost=shop.example.com&rule=942100',
    `/explain&q=${'x'.repeat(300)}`,
    '/doctor',
    '/doctor&text=1',
  ];
  const get = (harness: Harness, page: string, headers: Record<string, string> = BRIDGE) =>
    request(harness.app).get(`/index.cgi?p=${page}`).set(headers);

  test.each(COSTLY)('%s: so many a minute for each user, then a page that says when', async (page) => {
    const harness = makeHarness(bridge, { costlyPerMinute: 4 });
    for (let count = 0; count < 4; count++) {
      expect((await get(harness, page)).status).toBeLessThan(400);
    }
    const late = await get(harness, page);
    expect([late.status, late.headers['retry-after']]).toEqual([429, '15']);
    expect(late.text).toContain('The next one can be made in 15 seconds.');
    expect((await get(harness, page, { ...BRIDGE, 'X-WB-User': 'other' })).status).toBeLessThan(400);
    expect((await get(harness, '/')).status).toBe(200);
    harness.time.now += 14_000;
    expect((await get(harness, page)).status).toBe(429);
    harness.time.now += 1000;
    expect((await get(harness, page)).status).toBeLessThan(400);
  });

  test('a pasted mail counts when it is explained; a short target never does', async () => {
    const harness = makeHarness(bridge, { costlyPerMinute: 1 });
    const { headers } = await post(harness, '/explain', { q: 'a long text\n'.repeat(100) });
    const place = String(headers.location).replace('index.cgi?p=', '');
    expect((await get(harness, place)).status).toBe(200);
    expect((await get(harness, place)).status).toBe(429);
    for (let count = 0; count < 5; count++)
      expect((await get(harness, '/explain&q=203.0.113.45')).status).toBe(200);
  });

  test('looking at a search that runs costs nothing', async () => {
    const harness = makeHarness(bridge, { costlyPerMinute: 1 });
    const first = await get(harness, '/search&q=x');
    const job = /name="job" value="([^"]+)"/.exec(first.text)?.[1] ?? '';
    expect((await get(harness, `/search&q=x&job=${job}`)).status).toBe(200);
    expect((await get(harness, `/search/results&job=${job}`)).status).toBe(200);
    expect((await get(harness, '/search&q=x&job=other')).status).toBe(429);
  });

  test('a clock that is set back gives nothing and locks nobody out for longer', () => {
    const time = { now: 1_000_000_000 };
    const pace = new Pace(() => time.now, 2);
    pace.spend('a');
    pace.spend('a');
    time.now -= 3_600_000;
    expect(() => {
      pace.spend('a');
    }).toThrow(TooOften);
    time.now += 3_600_000 + 30_000;
    pace.spend('a');
  });

  test('thousands of names do not fill the memory, and do not free the busiest', () => {
    const pace = new Pace(() => 0, 5);
    for (let name = 0; name < 5000; name++) pace.spend(`user${name}`);
    for (let count = 0; count < 5; count++) pace.spend('root');
    for (let name = 0; name < 500; name++) pace.spend(`late${name}`);
    expect(() => {
      pace.spend('root');
    }).toThrow(TooOften);
  });
});

describe('the activity', () => {
  test.each(
    POSTS.filter((name) => ['/exclude', '/exclusion/edit', '/revert', '/adopt', '/settle'].includes(name)),
  )('%s is recorded with name and address, taken on or refused', async (name) => {
    const harness = makeHarness(bridge);
    await post(harness, name, VALID[name] ?? {});
    expect(harness.records).toHaveLength(1);
    expect(harness.records[0]).toMatchObject({
      who: 'root',
      address: '192.0.2.7',
      result: 'taken on (act act-1)',
    });
    harness.exclusions.check = () => {
      throw Object.assign(new Error('Another change is at work.'), { name: 'Refused' });
    };
    await post(harness, name, VALID[name] ?? {});
    expect(harness.records[1]).toMatchObject({
      who: 'root',
      address: '192.0.2.7',
      result: 'refused: Another change is at work.',
    });
  });

  test('a form without the token is recorded as refused, once a minute', async () => {
    const harness = makeHarness(bridge);
    const send = () =>
      request(harness.app)
        .post('/index.cgi?p=/revert')
        .set(BRIDGE)
        .type('form')
        .send({ id: '12', reason: 'r' });
    await send();
    await send();
    expect(harness.records).toEqual([
      {
        who: 'root',
        address: '192.0.2.7',
        act: 'POST /revert',
        detail: 'the form is not one of our own pages, or old',
        result: 'refused',
      },
    ]);
    harness.time.now += 60_000;
    await send();
    expect(harness.records).toHaveLength(2);
  });
});
