// The pages of causes in Chromium: from the list to a cause, its state set and back; the matrix by keyboard; each chart
// with its table; every page and state for axe, both widths, both schemes.
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { loginLink } from '../../src/web/login.ts';
import type { FakeCauses } from '../web/cause-fixtures.ts';
import { causePageView, causeRow, causesView, fakeCauses, scoreHistogram } from '../web/cause-fixtures.ts';
import { SHOP } from '../web/exclusion-fixtures.ts';
import type { Harness } from '../web/harness.ts';
import { makeHarness, TOKEN } from '../web/harness.ts';
import { HOSTILE_CAUSE, HOSTILE_CAUSES, HOSTILE_SCORES } from '../web/hostile.ts';
import type { Opened, Session } from './kit.ts';
import { browserSuite, flaws, HAS_CHROMIUM, launch, openPage, sideways, signIn, unfold } from './kit.ts';

const suite = browserSuite('test/browser/causes.test.ts');

let browser: Browser;
let harness: Harness;
let server: Server;
let base: string;
let session: Session;

const open = (options: BrowserContextOptions): Promise<Opened> =>
  openPage({ browser, base, session }, options);

/** The fake's answers as they were at the start, with some of them changed. */
function answers(change: Partial<FakeCauses> = {}): void {
  const { causesOf, causePageOf, causeNamed, histogramOf, checkState } = fakeCauses();
  const { causeDesk } = harness.exclusions;
  Object.assign(causeDesk, { causesOf, causePageOf, causeNamed, histogramOf, checkState }, change);
  causeDesk.states.length = 0;
  causeDesk.filters.length = 0;
}

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  harness = makeHarness();
  server = harness.app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launch();
  session = (await signIn(browser, base + loginLink(TOKEN))).session;
}, 60_000);

afterAll(async () => {
  if (!HAS_CHROMIUM) return;
  await browser.close();
  server.close();
});

suite('from the list to a cause, its state, and back', () => {
  test.each(
    [1280, 375].flatMap((width) => [true, false].map((javaScriptEnabled) => ({ width, javaScriptEnabled }))),
  )('$width px, JavaScript $javaScriptEnabled', async ({ width, javaScriptEnabled }) => {
    answers();
    const { page, trouble, close } = await open({ viewport: { width, height: 800 }, javaScriptEnabled });
    await page.goto(base);
    await page.click('.wb-nav a:has-text("Causes")');
    expect(await page.textContent('h1')).toBe('2 causes stop ordinary visitors');
    await page.click('summary:has-text("its parts") >> nth=0');
    expect(await page.isVisible('text=9 unrelated ordinary visitors')).toBe(true);
    expect(await sideways(page)).toBe(0);
    await page.fill('input[name=text]', 'consent');
    await page.selectOption('select[name=days]', '7');
    await page.click('button:has-text("Filter")');
    expect(harness.exclusions.causeDesk.filters.at(-1)).toMatchObject({ text: 'consent', days: 7 });
    expect(await page.inputValue('input[name=text]')).toBe('consent');
    await page.click('.wb-cause-list a:has-text("Rule 942100") >> nth=0');
    expect(await page.textContent('h1')).toContain('Rule 942100 stops ordinary visitors');
    expect(await sideways(page)).toBe(0);
    // A reason is asked for; what was typed comes back.
    await page.check('input[name=state][value=ignored]');
    await page.fill('#wb-more', '7');
    await page.click('text=Save the state');
    expect(await page.getAttribute('#wb-note', 'aria-invalid')).toBe('true');
    expect(await page.inputValue('#wb-more')).toBe('7');
    await page.fill('#wb-note', 'the shop knows');
    await page.click('text=Save the state');
    expect(new URL(page.url()).search).toBe('?p=/cause&id=1');
    expect(await page.textContent('#h-state')).toBe('State: ignored');
    expect(await page.textContent('main')).toContain('until 7 more visitors');
    expect(harness.exclusions.causeDesk.states).toMatchObject([
      { id: 1, change: { state: 'ignored', until: 7, note: 'the shop knows' } },
    ]);
    await page.click('.wb-crumbs a:has-text("Causes")');
    expect(await page.textContent('.wb-cause-list tbody tr >> nth=0')).toContain('until 7 more visitors');
    await page.click('.wb-cause-list a:has-text("Rule 942100") >> nth=0');
    await page.check('input[name=state][value=new]');
    await page.click('text=Save the state');
    expect(await page.textContent('#h-state')).toBe('State: new');
    expect(trouble).toEqual([]);
    await close();
  });

  test('a false alarm is said on the page, and leads back to it', async () => {
    answers();
    harness.marks.orders.length = 0;
    const { page, trouble, close } = await open({});
    await page.goto(`${base}?p=/cause&id=1`);
    await page.fill('#wb-word-note', 'ticket 8841');
    await page.click('text=This was a false alarm');
    expect(new URL(page.url()).search).toBe('?p=/cause&id=1');
    expect(JSON.stringify(harness.marks.orders)).toContain('ticket 8841');
    expect(trouble).toEqual([]);
    await close();
  });

  test('the suggested width leads to its preview', async () => {
    answers();
    const { page, trouble, close } = await open({});
    await page.goto(`${base}?p=/cause&id=1`);
    await page.click('text=Preview the suggested one');
    expect(await page.textContent('h1')).toContain('This frees');
    expect(new URL(page.url()).searchParams.get('kind')).toBe('target-vhost');
    expect(trouble).toEqual([]);
    await close();
  });
});

suite('the keyboard', () => {
  const focused = (page: Page): Promise<unknown> =>
    page.evaluate('document.activeElement.textContent.trim()');

  test('the matrix: each cell is a link in reading order, and Enter opens its cause', async () => {
    answers();
    const { page, trouble, close } = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${base}?p=/causes`);
    await page.focus('[aria-label="Matrix of vhosts and rules"]');
    const seen: unknown[] = [];
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab');
      seen.push(await focused(page));
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'");
      expect(outline).toBe(true);
    }
    expect(seen.slice(0, 6)).toEqual(['913100', '920350', '930130', '932160', '941160', '942100']);
    expect(seen.slice(6, 11)).toEqual([
      SHOP,
      '12 visitors, mostly attacksatt',
      '9 visitors, mostly attacksatt',
      '1 visitor, unclear?',
      '10 visitors, mostly false alarmsFP',
    ]);
    await page.focus('.wb-m-fp2[href]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?p=\/cause&id=1$/);
    expect(await page.textContent('h1')).toContain('Rule 942100 stops ordinary visitors');
    expect(trouble).toEqual([]);
    await close();
  });

  test('g c leads to the causes from everywhere, not out of a field, and not when keys are off', async () => {
    answers();
    const { page, trouble, close } = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${base}?p=/domains`);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL(/\?p=\/causes$/);
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.waitForURL(/\?p=\/domains$/);
    await page.focus('input[name=text]');
    await page.keyboard.type('gc');
    expect([new URL(page.url()).search, await page.inputValue('input[name=text]')]).toEqual([
      '?p=/domains',
      'gc',
    ]);
    await page.click('[data-wb-keys]');
    await page.focus('#wb-main');
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForTimeout(200);
    expect(new URL(page.url()).search).toBe('?p=/domains');
    await page.evaluate("localStorage.removeItem('wb-keys')");
    expect(trouble).toEqual([]);
    await close();
  });

  test('the state: one stop for the choice, arrows in it, Enter saves', async () => {
    answers();
    const { page, trouble, close } = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${base}?p=/cause&id=1`);
    await page.focus('input[name=state]:checked');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.value')).toBe('fixed');
    await page.keyboard.press('Tab');
    await page.keyboard.type('mended');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#h-state:has-text("fixed")');
    expect(harness.exclusions.causeDesk.states).toMatchObject([
      { change: { state: 'fixed', note: 'mended' } },
    ]);
    expect(trouble).toEqual([]);
    await close();
  });
});

suite('charts have their tables', () => {
  test.each([
    [`?p=/cause&id=1`, '#trend-table', 14, 'Requests a day'],
    [`?p=/domain&vhost=${SHOP}`, '#scores-table', 6, 'Requests by their score'],
  ])('%s', async (at, table, rows, name) => {
    answers();
    const { page, close } = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(base + at);
    expect(await page.locator('svg[role=img] title').first().textContent()).toContain(name);
    await page.click(`${table} summary`);
    expect(await page.locator(`${table} tbody tr`).count()).toBe(rows);
    expect(await page.isVisible(`${table} tbody tr >> nth=0`)).toBe(true);
    // No bar is drawn outside of its plot.
    const outside = await page.evaluate(
      "[...document.querySelectorAll('svg[role=img] rect')].filter((bar) => { const [a, b] = [bar.getBoundingClientRect(), bar.ownerSVGElement.getBoundingClientRect()]; return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1; }).length",
    );
    expect(outside).toBe(0);
    await close();
  });

  test('the matrix has the list below it: every number of a cell that leads there stands in both', async () => {
    answers();
    const { page, close } = await open({});
    await page.goto(`${base}?p=/causes`);
    const cell = await page.textContent('.wb-matrix a[href$="id=1"].wb-m-fp2');
    const row = await page.textContent('.wb-cause-list tbody tr >> nth=0');
    expect([cell, row?.includes('mostly false alarms')]).toEqual([
      '10 visitors, mostly false alarmsFP',
      true,
    ]);
    await close();
  });
});

const EMPTY = { rows: [], matching: 0, noisy: 0 };
const LONG = 'x'.repeat(3000);
const LONG_CAUSE = causeRow({
  target: `ARGS:${LONG}`,
  path: `/${LONG}`,
  title: LONG,
  vhost: `${'y'.repeat(60)}.example.com`,
});

/** Every page and state; `change` sets the fake engine. */
const STATES: readonly { name: string; at: string; change?: Partial<FakeCauses> }[] = [
  { name: 'list', at: '?p=/causes' },
  {
    name: 'list, not counted yet',
    at: '?p=/causes',
    change: {
      causesOf: () =>
        causesView({
          ...EMPTY,
          countedAt: null,
          waiting: 9,
          errors: [],
          matrix: { ...causesView().matrix, rows: [] },
        }),
    },
  },
  { name: 'list, filter hides all', at: '?p=/causes&text=zz', change: { causesOf: () => causesView(EMPTY) } },
  {
    name: 'list, pages',
    at: '?p=/causes&page=2',
    change: { causesOf: () => causesView({ page: 2, pages: 3 }) },
  },
  {
    name: 'list, failure of ours',
    at: '?p=/causes',
    change: {
      causesOf: () => {
        throw new TypeError('x');
      },
    },
  },
  { name: 'cause', at: '?p=/cause&id=1' },
  { name: 'cause of attacks, under names of nobody', at: '?p=/cause&id=4' },
  {
    name: 'cause, covered, nobody in these days',
    at: '?p=/cause&id=1',
    change: {
      causePageOf: () =>
        causePageView({
          covered: [7, 12],
          visitors: [],
          moreVisitors: 0,
          trend: [],
          others: [],
          history: [],
        }),
    },
  },
  { name: 'no such cause', at: '?p=/cause&id=999' },
  {
    name: 'domain with few scores',
    at: `?p=/domain&vhost=${SHOP}`,
    change: {
      histogramOf: () =>
        scoreHistogram({ threshold: null, bars: [{ score: 5, requests: 1, ordinary: 0, attacks: 0 }] }),
    },
  },
  {
    name: 'long values',
    at: '?p=/cause&id=1',
    change: { causePageOf: () => causePageView({ cause: LONG_CAUSE, others: [LONG_CAUSE] }) },
  },
  {
    name: 'long values in the list',
    at: '?p=/causes',
    change: { causesOf: () => causesView({ rows: [LONG_CAUSE] }) },
  },
  { name: 'hostile list', at: '?p=/causes', change: { causesOf: () => HOSTILE_CAUSES } },
  { name: 'hostile cause', at: '?p=/cause&id=1', change: { causePageOf: () => HOSTILE_CAUSE } },
  { name: 'hostile scores', at: `?p=/domain&vhost=${SHOP}`, change: { histogramOf: () => HOSTILE_SCORES } },
];

suite('every page and state: axe has nothing to say, nothing leaves the page sideways, nothing runs', () => {
  let inside: Opened;
  beforeAll(async () => {
    inside = await open({ reducedMotion: 'reduce' });
  });
  afterAll(async () => {
    await inside.close();
  });

  test.each(STATES)('$name', async ({ at, change }) => {
    const { page, trouble } = inside;
    trouble.length = 0;
    answers(change);
    await page.goto(`${base}index.cgi${at}`);
    await unfold(page);
    expect([...(await flaws(page)), ...trouble]).toEqual([]);
  });

  test('a form that came back has its errors at their fields', async () => {
    const { page, trouble } = inside;
    trouble.length = 0;
    answers();
    await page.goto(`${base}?p=/cause&id=1`);
    await page.check('input[name=state][value=ignored]');
    await page.fill('#wb-more', 'many');
    await page.click('text=Save the state');
    expect(await page.getAttribute('#wb-more', 'aria-invalid')).toBe('true');
    expect([...(await flaws(page)), ...trouble]).toEqual([]);
  });
});
