import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Agent, Harness } from './harness.ts';
import { makeHarness, signIn } from './harness.ts';
import { readHtml } from './html.ts';

const MAIL = `Time:     Sat Nov 21 17:56:39 2026 +0100\r\nIP:       198.51.100.77\r\nFailures: 10 (mod_security)\r\n${'x'.repeat(9000)}`;

let harness: Harness;
let user: Agent;
beforeAll(async () => {
  harness = makeHarness();
  user = await signIn(harness);
});
afterAll(() => {
  user.close();
});

const ask = (q: string) => user.agent.post('/index.cgi?p=/explain').type('form').send({ q, csrf: user.csrf });

describe('headers', () => {
  test.each(['/', '/explain&q=203.0.113.45', '/search&q=x', '/search/results&job=job-1', '/nosuch'])(
    '%s: strict policy, no caching, nothing about the server',
    async (page) => {
      const { headers } = await user.agent.get(`/index.cgi?p=${page}`);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none';style-src 'self';script-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'self'",
      );
      expect(headers['referrer-policy']).toBe('same-origin');
      expect(headers['x-frame-options']).toBe('SAMEORIGIN');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      for (const name of ['x-powered-by', 'etag', 'strict-transport-security', 'content-encoding']) {
        expect(headers[name]).toBeUndefined();
      }
    },
  );

  test('an error before the session has them too', async () => {
    const { headers } = await request(harness.app).get('/').set('Host', 'evil.example.com');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('the box', () => {
  test.each([
    ['203.0.113.45', 'index.cgi?p=/explain&q=203.0.113.45'],
    [' 2001:db8::1\n', 'index.cgi?p=/explain&q=2001%3Adb8%3A%3A1'],
    ['198.51.100.0/24', 'index.cgi?p=/explain&q=198.51.100.0%2F24'],
    ['shop.example.com', 'index.cgi?p=/explain&q=shop.example.com'],
    ['aSGk0kXnq5Qe4V2mXh30001AAAEs', 'index.cgi?p=/explain&q=aSGk0kXnq5Qe4V2mXh30001AAAEs'],
    ['942100', 'index.cgi?p=/explain&q=942100'],
  ])('%j gets an address that can be shared', async (text, location) => {
    const answer = await ask(text);
    expect([answer.status, answer.headers.location]).toEqual([303, location]);
  });

  test('a mail gets an address of its own: reload and back work, the text is not in it', async () => {
    const answer = await ask(MAIL);
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toMatch(/^index\.cgi\?p=\/explain&paste=[\w-]{22}$/);
    for (let time = 0; time < 2; time++) {
      const page = await user.agent.get(`/${String(answer.headers.location)}`).expect(200);
      expect(page.text).toContain('Cannot be decided: the mail proves a script');
    }
    expect(harness.asked.at(-1)?.text).toBe(MAIL.trim());
  });

  test('a log line stays out of the address', async () => {
    expect((await ask('GET /?token=secret 403')).headers.location).toContain('paste=');
  });

  test('a paste that is gone says so', async () => {
    const answer = await user.agent.get('/?p=/explain&paste=nosuch');
    expect([answer.status, answer.text.includes('Paste it again')]).toEqual([404, true]);
  });

  test('nothing typed, or nothing understood: the box again with the reason and the text', async () => {
    const empty = await ask('  ');
    expect([empty.status, empty.text.includes('Type an address')]).toEqual([400, true]);
    const wrong = await user.agent.get('/?p=/explain&q=203.0.113.456');
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('203.0.113.456 is not an address: 456 is more than 255.');
    expect(wrong.text).toContain('aria-invalid="true"');
    expect(wrong.text).toContain('\n203.0.113.456</textarea>');
    expect(readHtml(wrong.text).problems).toEqual([]);
  });

  test('without a target the inbox is shown', async () => {
    expect((await user.agent.get('/?p=/explain')).headers.location).toBe('index.cgi?p=/');
  });

  test('a mail over 8 KB passes, a body over 1 MiB is a 413 page', async () => {
    expect((await ask('line of text\n'.repeat(40_000))).status).toBe(303);
    const answer = await ask('x'.repeat(1024 * 1024 + 1));
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('The pasted text is too long.');
    expect(answer.text).toContain('One MiB');
    expect(readHtml(answer.text).problems).toEqual([]);
  });
});

describe('one incident', () => {
  test('is asked for by address and start', async () => {
    const from = '2026-11-22T17:56:37.106402+01:00';
    const page = await user.agent.get('/').query({ p: '/incident', ip: '203.0.113.45', from }).expect(200);
    expect(harness.asked.at(-1)).toEqual({ text: '203.0.113.45', from });
    expect(page.text).not.toContain('cannot be shown by itself');
  });

  test('another one than asked for is said to be another one', async () => {
    const from = '2026-11-01T17:56:37+01:00';
    const page = await user.agent.get('/').query({ p: '/incident', ip: '203.0.113.45', from }).expect(200);
    expect(page.text).toContain('The incident that began 1 Nov 2026, 17:56:37 cannot be shown by itself.');
  });

  test.each([{ ip: 'nonsense' }, { ip: '' }, { ip: '203.0.113.45', from: 'yesterday' }])(
    '%j is a 400 page',
    async (query) => {
      await user.agent
        .get('/')
        .query({ p: '/incident', ...query })
        .expect(400);
    },
  );
});

describe('errors', () => {
  test.each(['/nosuch', '/static', 'constructor', '__proto__', '/explain/'])('page %s: 404', async (page) => {
    const answer = await user.agent.get(`/index.cgi?p=${page}`);
    expect(answer.status).toBe(404);
    expect(readHtml(answer.text).problems).toEqual([]);
  });

  test.each(['/favicon.ico', '/index.php', '/index.cgi/explain', '/a%00b/', '/a//'])(
    'path %s: 404',
    async (path) => {
      expect((await user.agent.get(path)).status).toBe(404);
    },
  );

  test.each([
    ['put', '/', 'GET, HEAD'],
    ['delete', '/explain', 'GET, HEAD, POST'],
    ['post', '/', 'GET, HEAD'],
    ['post', '/activity', 'GET, HEAD'],
    ['options', '/incident', 'GET, HEAD'],
    ['patch', '/logout', 'POST'],
    ['post', '/search', 'GET, HEAD'],
    ['get', '/search/stop', 'POST'],
    ['get', '/search/save', 'POST'],
    ['get', '/search/forget', 'POST'],
    ['get', '/mark', 'POST'],
    ['get', '/unmark', 'POST'],
    ['post', '/marks', 'GET, HEAD'],
    ['post', '/search/export', 'GET, HEAD'],
  ] as const)('%s %s: 405 with the methods it has', async (method, page, allow) => {
    const answer = await user.agent[method](`/index.cgi?p=${page}`);
    expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
  });

  test('a failure of ours has a number in the page and in the log, and tells nothing else', async () => {
    const answer = await user.agent.get('/?p=/explain&q=broken');
    expect(answer.status).toBe(500);
    const failure = harness.failures.at(-1);
    expect(answer.text).toContain(`<code>${failure?.id ?? '-'}</code>`);
    expect(failure?.where).toBe('GET /explain');
    expect(failure?.error).toBeInstanceOf(TypeError);
    expect(answer.text).not.toMatch(/secret detail|\.ts:|at .*\(|node_modules/);
  });

  test('a view that fails is a failure of ours too', async () => {
    const broken = { ...harness.explain('203.0.113.45'), headline: { not: 'text' } as unknown as string };
    const before = harness.explain;
    harness.explain = () => broken;
    const answer = await user.agent.get('/?p=/explain&q=203.0.113.45');
    harness.explain = before;
    expect(answer.status).toBe(500);
    expect(harness.failures.at(-1)?.where).toBe('GET /explain');
  });
});

test.each(['/', '/explain&q=203.0.113.45', '/activity', '/search&q=x', '/nosuch'])(
  'HEAD %s has the status of GET and no body',
  async (page) => {
    const [get, head] = [await user.agent.get(`/?p=${page}`), await user.agent.head(`/?p=${page}`)];
    expect(head.status).toBe(get.status);
    expect(head.text).toBeFalsy();
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
  },
);

test('filters of the inbox come from the address', async () => {
  await user.agent.get('/?p=/&verdict=attack&since=168&vhost=Shop.Example.com&blocked=1&page=3').expect(200);
  expect(harness.filters.at(-1)).toEqual({
    verdict: 'attack',
    sinceHours: 168,
    vhost: 'shop.example.com',
    blockedOnly: true,
    page: 3,
  });
});
