import { fakeDoctor } from './doctor-fixtures.ts';
import { fakeFirewall } from './firewall-fixtures.ts';
import { fakeMarks } from './mark-fixtures.ts';
import { fakeReports } from './report-fixtures.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createApp } from '../../src/web/app.ts';
import { loginLink } from '../../src/web/login.ts';
import { LoginSessions } from '../../src/web/sessions.ts';
import type { Agent, Harness } from './harness.ts';
import { BRIDGE, csrfOf, makeHarness, signIn, TOKEN } from './harness.ts';
import { fakeExclusions } from './exclusion-fixtures.ts';
import { fakeSearch } from './search-fixtures.ts';

const HOUR = 3_600_000;

describe('before signing in', () => {
  test.each([
    '/',
    '/explain&q=203.0.113.45',
    '/activity',
    '/search&q=x',
    '/search/results&job=job-1',
    '/search/export&q=x&format=text',
    '/search/around&file=/x&offset=1',
    '/nosuch',
    '/logout',
  ])('%s is a 401 page', async (page) => {
    const { app, asked, filters, search } = makeHarness();
    const answer = await request(app).get(`/index.cgi?p=${page}`);
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('You are not signed in.');
    expect(answer.text).toContain('How to get a new link.');
    expect(answer.text).not.toContain('<form');
    expect([...asked, ...filters, ...search.started, ...search.looks, ...search.arounds]).toEqual([]);
  });

  test('a POST is refused too, before its body is read', async () => {
    const answer = await request(makeHarness().app)
      .post('/?p=/explain')
      .type('form')
      .send({ q: '203.0.113.45' });
    expect(answer.status).toBe(401);
  });

  test('stylesheet and script are open', async () => {
    const { app } = makeHarness();
    const page = await request(app).get('/');
    const css = /href="(static\/whyblocked\.css\?v=[0-9a-f]+)"/.exec(page.text)?.[1] ?? '';
    const answer = await request(app).get(`/${css}`).expect(200);
    expect(answer.headers['content-type']).toBe('text/css; charset=utf-8');
    expect(answer.headers['cache-control']).toContain('immutable');
    const old = await request(app).get('/cpsess1/cgi/whyblocked/static/whyblocked.js?v=old').expect(200);
    expect(old.headers['cache-control']).toBe('no-cache');
    expect(old.headers['content-type']).toContain('javascript');
  });

  test.each(['static/../app.ts', 'static/%2e%2e/app.ts', 'static/', 'static/whyblocked.css/x'])(
    'no other file: %s',
    async (path) => {
      const answer = await request(makeHarness().app).get(`/${path}`);
      expect([401, 404]).toContain(answer.status);
      expect(answer.text).not.toContain('import ');
    },
  );
});

describe('the one-time link', () => {
  test('opens a session once; afterwards it explains itself', async () => {
    const harness = makeHarness();
    const { app, records } = harness;
    const first = await request(app).get(`/${loginLink(TOKEN)}`);
    expect(first.status).toBe(303);
    expect(first.headers.location).toBe('index.cgi?p=/');
    const cookie = String(first.headers['set-cookie']);
    expect(cookie).toMatch(/^whyblocked-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const second = await request(app).get(`/${loginLink(TOKEN)}`);
    expect(second.status).toBe(401);
    expect(second.text).toContain('This link does not work.');
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(records.map((row) => [row.act, row.result])).toEqual([
      ['Signed in', 'done'],
      ['Sign-in', 'refused'],
    ]);
    expect(records[0]?.address).toMatch(/127\.0\.0\.1$/);
  });

  test('wrong tokens are refused and recorded at most once a minute', async () => {
    const { app, records, time } = makeHarness();
    for (const token of ['', 'x', `${TOKEN}x`, TOKEN.slice(1)]) {
      const answer = await request(app).get('/').query({ p: '/login', token });
      expect(answer.status).toBe(401);
    }
    expect(records).toHaveLength(1);
    time.now += 61_000;
    await request(app).get('/?p=/login&token=x');
    expect(records).toHaveLength(2);
  });

  test('HEAD does not use it up', async () => {
    const { app } = makeHarness();
    await request(app)
      .head(`/${loginLink(TOKEN)}`)
      .expect(405);
    await request(app)
      .get(`/${loginLink(TOKEN)}`)
      .expect(303);
  });

  test('from another site it gives a link to click, because a strict cookie would not follow a redirect', async () => {
    const { app } = makeHarness();
    const answer = await request(app)
      .get(`/${loginLink(TOKEN)}`)
      .set('Sec-Fetch-Site', 'cross-site');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('href="index.cgi?p=/"');
    expect(answer.headers['set-cookie']).toBeDefined();
  });

  test('short tokens and secrets are refused at start', () => {
    expect(() => {
      new LoginSessions(Date.now).offer('short', 'root');
    }).toThrow(RangeError);
    const asset = (): Buffer => Buffer.alloc(0);
    const base = { record: () => undefined, log: () => undefined, asset, version: '1', clock: Date.now };
    const engine = {
      explain: () => Promise.reject(new Error()),
      inbox: () => Promise.reject(new Error()),
      activity: () => Promise.resolve([]),
      search: fakeSearch(),
      exclusions: fakeExclusions(),
      doctor: fakeDoctor(),
      marks: fakeMarks(),
      reports: fakeReports(),
      firewall: fakeFirewall(),
    };
    expect(() =>
      createApp({ ...base, engine, session: { mode: 'bridge' }, secret: Buffer.alloc(8) }),
    ).toThrow(RangeError);
  });
});

describe('signed in', () => {
  let harness: Harness;
  let user: Agent;
  beforeEach(async () => {
    harness = makeHarness();
    user = await signIn(harness);
  });
  afterEach(() => {
    user.close();
  });

  test('the session ends after 12 idle hours and lives while it is used', async () => {
    harness.time.now += 11 * HOUR;
    await user.agent.get('/').expect(200);
    harness.time.now += 11 * HOUR;
    await user.agent.get('/').expect(200);
    harness.time.now += 12 * HOUR + 1;
    await user.agent.get('/').expect(401);
    await user.agent.get('/').expect(401);
  });

  test('the link leads on to the inbox', async () => {
    const answer = await user.agent.get(`/${loginLink(TOKEN)}`);
    expect([answer.status, answer.headers.location]).toEqual([303, 'index.cgi?p=/']);
  });

  test('sign-out is a POST, ends the session and is recorded', async () => {
    await user.agent.get('/?p=/logout').expect(405);
    await user.agent.post('/?p=/logout').type('form').send({ csrf: 'wrong' }).expect(403);
    await user.agent.get('/').expect(200);
    const answer = await user.agent.post('/?p=/logout').type('form').send({ csrf: user.csrf });
    expect([answer.status, answer.headers.location]).toEqual([303, 'index.cgi?p=/login']);
    await user.agent.get('/').expect(401);
    expect(harness.records.at(-1)?.act).toBe('Signed out');
  });

  const post = (headers: Record<string, string>, csrf = user.csrf) =>
    user.agent.post('/?p=/explain').set(headers).type('form').send({ q: '203.0.113.45', csrf });

  test('a form needs the token of its session', async () => {
    expect((await post({})).status).toBe(303);
    for (const csrf of ['', 'x', user.csrf.slice(1), `${user.csrf}A`]) {
      const answer = await post({}, csrf);
      expect([answer.status, answer.text.includes('older than your session')]).toEqual([403, true]);
    }
    const other = await signIn(makeHarness());
    expect(other.csrf).not.toBe(user.csrf);
    expect((await post({}, other.csrf)).status).toBe(403);
    other.close();
    const json = await user.agent.post('/?p=/explain').send({ q: 'x', csrf: user.csrf });
    expect(json.status).toBe(403);
  });

  test.each([
    [{ Origin: 'http://evil.example.com' }, 403],
    [{ Origin: 'null' }, 403],
    [{ Origin: 'http://127.0.0.1:1' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'http://evil.example.com' }, 403],
    [{ 'Sec-Fetch-Site': 'same-origin' }, 303],
    [{}, 303],
  ])('a form with %j is answered %d', async (headers, status) => {
    expect((await post(headers as Record<string, string>)).status).toBe(status);
  });

  test('our own origin passes', async () => {
    const probe = user.agent.get('/');
    const origin = new URL(probe.url).origin;
    expect((await post({ Origin: origin, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(303);
  });

  test.each([
    'evil.example.com',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost:99999',
    '127.0.0.1.evil.example.com:80',
    '[::2]:80',
    '',
  ])('Host %j is refused: names that resolve to us must not reach us', async (host) => {
    const answer = await user.agent.get('/').set('Host', host);
    expect([400, 403]).toContain(answer.status);
    expect(csrfOf(answer.text)).toBe('');
  });

  test('localhost with our port passes the check', async () => {
    const { port } = new URL(user.agent.get('/').url);
    expect((await user.agent.get('/').set('Host', `localhost:${port}`)).status).toBe(200);
    const wrong = await user.agent.get('/').set('Host', 'localhost:1');
    expect(wrong.text).toContain(`ssh -L ${port}:127.0.0.1:${port}`);
  });
});

describe('behind the WHM bridge', () => {
  const headers = BRIDGE;

  test('the peer names the user; any host name is fine; there is no sign-out', async () => {
    const { app } = makeHarness({ mode: 'bridge' });
    const answer = await request(app)
      .get('/cpsess0123456789/cgi/whyblocked/index.cgi')
      .set({ ...headers, Host: 'whm.example.com' });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('Sign out');
    expect(answer.headers['set-cookie']).toBeUndefined();
    await request(app).get('/?p=/logout').set(headers).expect(404);
    await request(app).get(`/?p=/login&token=${TOKEN}`).set(headers).expect(404);
  });

  test('without a user, or with a broken one, nobody is signed in', async () => {
    const { app } = makeHarness({ mode: 'bridge' });
    await request(app).get('/').expect(401);
    await request(app).get('/').set({ 'X-WB-User': 'root', 'X-WB-Root': '1' }).expect(401);
    await request(app)
      .get('/')
      .set({ ...headers, 'X-WB-User': 'ro ot' })
      .expect(401);
  });

  test('the token is bound to user and WHM session; a proxied host is fine when the browser vouches', async () => {
    const { app } = makeHarness({ mode: 'bridge' });
    const csrf = csrfOf((await request(app).get('/').set(headers)).text);
    const send = (extra: Record<string, string>) =>
      request(app)
        .post('/?p=/explain')
        .set({ ...headers, ...extra })
        .type('form')
        .send({ q: '203.0.113.45', csrf });
    expect((await send({})).status).toBe(303);
    expect((await send({ 'X-WB-Token': '/cpsess9' })).status).toBe(403);
    expect((await send({ 'X-WB-User': 'other' })).status).toBe(403);
    const proxied = { Host: '127.0.0.1:2087', Origin: 'https://whm.example.com' };
    expect((await send(proxied)).status).toBe(403);
    expect((await send({ ...proxied, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(303);
  });
});
