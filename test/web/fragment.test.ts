// Pages as a part of WHM's page: nothing of a page of its own, a title for WHM, and nothing inline.
import { expect, test } from '@jest/globals';
import request from 'supertest';
import { BRIDGE, makeHarness } from './harness.ts';
import { readHtml } from './html.ts';

const CHROME = { ...BRIDGE, 'X-WB-Chrome': 'whm' };
const PAGES = [
  '/',
  '/explain&q=192.0.2.118',
  '/explain&q=hostile',
  '/explain&q=203.0.113.456',
  '/activity',
  '/domains',
  '/domain&vhost=shop.example.com',
  '/rules',
  '/rule&id=942100',
  '/propose&kind=rule-vhost&vhost=shop.example.com&rule=942100',
  '/scope&vhost=shop.example.com',
  '/exclusions',
  '/exclusion&id=12',
  '/act&id=act-1',
  '/change&id=30',
  '/search',
  '/search&q=x',
  '/search/logs',
  '/search/around&file=/var/log/apache2/error_log&offset=5',
  '/nosuch',
  '/explain&q=broken',
];

test.each(PAGES)('%s', async (page) => {
  const { app } = makeHarness({ mode: 'bridge' });
  const path = `/cpsess0123456789/cgi/whyblocked/index.cgi?p=${page}`;
  const whole = await request(app).get(path).set(BRIDGE);
  expect([whole.headers['x-wb-fragment'], whole.headers['x-wb-title']]).toEqual([undefined, undefined]);
  expect(whole.text).toMatch(/^<!doctype html>/);
  const part = await request(app).get(path).set(CHROME);
  expect(part.status).toBe(whole.status);
  expect(part.headers['x-wb-fragment']).toBe('1');
  const title = /<title>(.*) · Whyblocked<\/title>/.exec(whole.text)?.[1] ?? '';
  expect(decodeURIComponent(String(part.headers['x-wb-title']))).toBe(readHtml(title).text.slice(0, 200));
  expect(part.headers['x-wb-title']).toMatch(/^[\x21-\x7e]*$/);
  expect(part.text).toMatch(
    /^<link rel="stylesheet" href="static\/whyblocked\.css\?v=[0-9a-f]+"><div class="whyblocked"><div class="wb">\n/,
  );
  expect(part.text).toMatch(/<\/div><script src="static\/whyblocked\.js\?v=[0-9a-f]+" defer><\/script>\n$/);
  const { tags, problems } = readHtml(part.text);
  expect(problems).toEqual([]);
  for (const name of ['html', 'head', 'body', 'main', 'footer'])
    expect([name, tags.filter((tag) => tag.name === name).length]).toEqual([name, 0]);
  expect(part.headers['cache-control']).toBe('no-store');
  expect(part.headers['content-security-policy']).toContain("default-src 'none'");
});

test.each([
  ['/search/results&job=job-1', 'a part that the script asks for'],
  ['/act/state&id=act-1', 'the state of an act'],
  ['/search/export&q=x&format=csv', 'a file'],
])('%s is no fragment: %s', async (page) => {
  const { app } = makeHarness({ mode: 'bridge' });
  await request(app).get('/index.cgi?p=/search&q=x').set(CHROME);
  const answer = await request(app).get(`/index.cgi?p=${page}`).set(CHROME);
  expect([answer.status, answer.headers['x-wb-fragment']]).toEqual([200, undefined]);
});

test('outside WHM the header is nobody’s to send', async () => {
  const answer = await request(makeHarness().app).get('/').set('X-WB-Chrome', 'whm');
  expect([answer.status, answer.headers['x-wb-fragment']]).toEqual([401, undefined]);
  expect(answer.text).toMatch(/^<!doctype html>/);
});
