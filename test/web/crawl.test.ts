// The crawler finds what it is there to find.
import { expect, test } from '@jest/globals';
import { crawlPrefix, ownPart } from './crawl.ts';

const BASE = 'http://127.0.0.1:2087/cpsess1/cgi/whyblocked/index.cgi';
const page = (body: string, location: string | null = null) => ({
  status: location === null ? 200 : 303,
  location,
  type: 'text/html; charset=utf-8',
  body,
});
const crawlOf = (pages: Record<string, ReturnType<typeof page>>) =>
  crawlPrefix(BASE, {
    ask: ({ search }) => Promise.resolve(pages[search] ?? { ...page(''), status: 404 }),
  });

test.each([
  ['<a href="/cgi/whyblocked/index.cgi?p=/">x</a>', 'leaves'],
  ['<a href="https://evil.example.com/">x</a>', 'leaves'],
  ['<a href="//evil.example.com/">x</a>', 'leaves'],
  ['<a href="../other.cgi">x</a>', 'leaves'],
  ['<a href="javascript:alert(1)">x</a>', 'leaves'],
  ['<form method="post" action="/x"></form>', 'leaves'],
  ['<button formaction="/x">x</button>', 'leaves'],
  ['<script src="/static/x.js"></script>', 'leaves'],
  ['<link rel="stylesheet" href="https://cdn.example.com/x.css">', 'leaves'],
  ['<meta http-equiv="refresh" content="2;url=/x">', 'leaves'],
  ['<a href="/cpsess1/cgi/whyblocked/index.cgi">x</a>', 'is not relative'],
  ['<a href="index.cgi?p=/gone">x</a>', 'answers 404'],
  ['<a href="http://[">x</a>', 'is no address'],
  ['<p onclick="x">x</p>', 'inline onclick'],
])('%s: %s', async (body, words) => {
  const { violations } = await crawlOf({ '': page(body) });
  expect(violations.join('\n')).toContain(words);
});

test('a redirect that leaves, and one that stays', async () => {
  expect((await crawlOf({ '': page('', '/x') })).violations.join()).toContain('the redirect /x leaves');
  const stays = await crawlOf({ '': page('', 'index.cgi?p=/a'), '?p=/a': page('<p>x</p>') });
  expect([stays.violations, [...stays.pages.keys()]]).toEqual([
    [],
    ['/cpsess1/cgi/whyblocked/index.cgi', '/cpsess1/cgi/whyblocked/index.cgi?p=/a'],
  ]);
});

test('forms with their fields; GET forms are followed, POST forms are not sent', async () => {
  const asked: string[] = [];
  const { forms, violations } = await crawlPrefix(BASE, {
    ask: (url) => {
      asked.push(url.search);
      return Promise.resolve(
        page(
          url.search === ''
            ? '<form method="get" action="index.cgi"><input type="hidden" name="p" value="/a"><select name="s"><option value="1">x</option></select></form><form method="post" action="index.cgi?p=/b"><textarea name="t"></textarea></form>'
            : '',
        ),
      );
    },
  });
  expect([violations, asked]).toEqual([[], ['', '?p=%2Fa&s=1']]);
  expect(forms.map(({ method, fields }) => [method, fields])).toEqual([
    [
      'get',
      [
        ['p', '/a'],
        ['s', '1'],
      ],
    ],
    ['post', [['t', '']]],
  ]);
});

test('of a page in WHM’s own only our part is looked at', () => {
  const ours =
    '<link rel="stylesheet" href="static/whyblocked.css?v=1"><div class="whyblocked">x</div><script src="static/whyblocked.js?v=1" defer></script>';
  expect(ownPart(`<html><a href="/scripts">WHM</a>${ours}<a href="/logout">x</a></html>`)).toBe(ours);
});
