// Our pages within WHM's page: neither side's rules change how the other looks, nor do its scripts see each other.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import request from 'supertest';
import { BRIDGE, type Harness, makeHarness } from '../web/harness.ts';
import { browserSuite, HAS_CHROMIUM, launch } from './kit.ts';

const suite = browserSuite('whm-chrome.test.ts');
const CSS = readFileSync(new URL('./whm-chrome.css', import.meta.url), 'utf8');
const OWN =
  '<nav class="nav row"><a href="/menu">Menu</a></nav><h1>WHM</h1><p>Text <code>x</code></p><form><label>Find <input name="q"></label><input type="hidden" name="csrf" value="of-whm"><button>Go</button></form><table class="table"><tr><td>x</td></tr></table>';
const PAGES = [
  '/',
  '/explain&q=192.0.2.118',
  '/search&q=x',
  '/rule&id=942100',
  '/propose&kind=rule-vhost&vhost=shop.example.com&rule=942100',
  '/search/around&file=/var/log/apache2/error_log&offset=5',
];

let harness: Harness;
let server: Server;
let browser: Browser;
let base: string;

/** Plays bridge and master template: `chrome=1` with WHM's rules, `ours=0` without our part. */
async function answer(url: string): Promise<{ type: string; body: string }> {
  const headers = { ...BRIDGE, 'X-WB-Chrome': 'whm' };
  const { text, headers: sent } = await request(harness.app).get(url).set(headers);
  const type = String(sent['content-type']);
  if (sent['x-wb-fragment'] !== '1') return { type, body: text };
  const query = new URL(url, 'http://x').searchParams;
  const style = query.get('chrome') === '1' ? `<style>${CSS}</style>` : '<style>body { margin: 0; }</style>';
  const ours = query.get('ours') === '0' ? '' : text;
  return {
    type,
    body: `<!doctype html><html><head><title>${decodeURIComponent(String(sent['x-wb-title']))}</title>${style}<script>var root = 'of WHM', keys = 'of WHM', watch = 'of WHM', part = 'of WHM', saved = 'of WHM';</script></head><body><div id="whm">${OWN}</div><div id="contentContainer">${ours}</div></body></html>`,
  };
}

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  harness = makeHarness({ mode: 'bridge' });
  server = createServer((asked, response) => {
    answer(asked.url ?? '/').then(
      ({ type, body }) => {
        response.setHeader('Content-Type', type);
        response.end(body);
      },
      (error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/cpsess1/cgi/whyblocked/index.cgi`;
  browser = await launch();
}, 60_000);
afterAll(async () => {
  if (!HAS_CHROMIUM) return;
  await browser.close();
  server.close();
});

/** What of an element's look a foreign rule may change. */
const PROPERTIES = [
  ...[
    'color',
    'background-color',
    'background-image',
    'box-sizing',
    'box-shadow',
    'display',
    'opacity',
    'overflow-x',
  ],
  ...[
    'font-family',
    'font-size',
    'font-weight',
    'font-style',
    'line-height',
    'letter-spacing',
    'text-transform',
  ],
  ...[
    'text-align',
    'text-decoration-line',
    'text-decoration-thickness',
    'text-indent',
    'text-shadow',
    'white-space',
  ],
  ...[
    'word-break',
    'overflow-wrap',
    'vertical-align',
    'list-style-type',
    'border-collapse',
    'border-spacing',
  ],
  ...['padding', 'margin'].flatMap((name) =>
    ['top', 'right', 'bottom', 'left'].map((side) => `${name}-${side}`),
  ),
  ...['top', 'right', 'bottom', 'left'].flatMap((side) =>
    ['width', 'style', 'color'].map((what) => `border-${side}-${what}`),
  ),
  ...[
    'border-top-left-radius',
    'border-bottom-right-radius',
    'outline-style',
    'float',
    'position',
    'min-height',
  ],
];

interface Look {
  readonly name: string;
  readonly values: readonly string[];
}

/**
 * How every element below a selector looks, and how large it is. Runs in the browser, so as a text; it comes back as one
 * text too, because a hundred thousand values that are passed on one by one take seconds.
 */
async function looks(page: Page, selector: string): Promise<readonly Look[]> {
  const found =
    await page.evaluate<string>(`JSON.stringify([...document.querySelectorAll(${JSON.stringify(`${selector}, ${selector} *`)})]
    .filter((element) => element.type !== 'hidden')
    .map((element) => {
      const style = getComputedStyle(element);
      const { width, height } = element.getBoundingClientRect();
      return {
        name: element.tagName.toLowerCase() + (element.getAttribute('class') ? '.' + element.getAttribute('class') : ''),
        values: [...${JSON.stringify(PROPERTIES)}.map((property) => property + ': ' + style.getPropertyValue(property)),
          'width: ' + Math.round(width), 'height: ' + Math.round(height)],
      };
    }))`);
  return JSON.parse(found) as readonly Look[];
}

/** What differs, by kind of element; of one kind each property once. */
function differences(one: readonly Look[], other: readonly Look[]): readonly string[] {
  if (one.length !== other.length) return [`${one.length} and ${other.length} elements`];
  const found = one.flatMap(({ name, values }, index) =>
    values.flatMap((value, place) => {
      const otherwise = other[index]?.values[place] ?? '';
      return value === otherwise ? [] : [`${name} ${value} → ${otherwise.replace(/^[^:]*: /, '')}`];
    }),
  );
  return [...new Set(found)];
}

async function opened(query: string): Promise<{ page: Page; trouble: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text());
  });
  await page.goto(`${base}?p=${query}`);
  return { page, trouble };
}

suite('within WHM’s page', () => {
  test.each(PAGES)('WHM’s rules do not reach %s', async (name) => {
    const plain = await opened(name);
    const dressed = await opened(`${name}&chrome=1`);
    const found = differences(await looks(plain.page, '.wb'), await looks(dressed.page, '.wb'));
    expect(found.slice(0, 40)).toEqual([]);
    expect([plain.trouble, dressed.trouble]).toEqual([[], []]);
    await plain.page.close();
    await dressed.page.close();
  });

  test('our rules do not reach WHM’s own part', async () => {
    const alone = await opened('/&chrome=1&ours=0');
    const together = await opened('/&chrome=1');
    expect(differences(await looks(alone.page, '#whm'), await looks(together.page, '#whm'))).toEqual([]);
    expect(await together.page.evaluate('[root, keys, watch, part, saved].join()')).toBe(
      'of WHM,of WHM,of WHM,of WHM,of WHM',
    );
    expect(await together.page.title()).toBe('Inbox');
    await alone.page.close();
    await together.page.close();
  });

  test('light unless the reader chooses, and the choice works', async () => {
    const page = await browser.newPage({ colorScheme: 'dark' });
    await page.goto(`${base}?p=/&chrome=1`);
    const scheme = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.querySelector('.wb')).colorScheme");
    expect(await scheme()).toBe('light');
    await page.click('[data-wb-theme]');
    expect(await scheme()).toBe('dark');
    await page.click('[data-wb-theme]');
    expect(await scheme()).toBe('light');
    await page.close();
  });
});
