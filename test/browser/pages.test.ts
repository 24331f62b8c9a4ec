// The pages in Debian's Chromium: the way from the box to the answer, both widths, both schemes, with and without
// JavaScript; accessibility by axe; the keyboard; and hostile text that must run nothing.
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { loginLink } from '../../src/web/login.ts';
import { doctorReport, sourceOf } from '../web/doctor-fixtures.ts';
import { inbox, NO_COUNTS } from '../web/fixtures.ts';
import type { Harness } from '../web/harness.ts';
import { makeHarness, TOKEN } from '../web/harness.ts';
import { HOSTILE_ACTIVITY, HOSTILE_INBOX, HOSTILE_MARKS } from '../web/hostile.ts';
import {
  browserSuite,
  flaws,
  HAS_CHROMIUM,
  launch,
  type Opened,
  openPage,
  type Session,
  sideways,
  signIn,
  unfold,
  VIEWS,
} from './kit.ts';

const suite = browserSuite('test/browser/pages.test.ts');

const MAIL = `Subject: lfd on server.example.com: blocked 198.51.100.77

Time:     Sat Nov 21 17:56:39 2026 +0100
IP:       198.51.100.77
Failures: 10 (mod_security)
Interval: 3600 seconds
Blocked:  Permanent Block [LF_MODSEC]

${'[Sat Nov 21 17:56:37.972399 2026] [:error] [client 198.51.100.77] ModSecurity: Access denied [id "949110"]\n'.repeat(100)}`;

let browser: Browser;
let harness: Harness;
let server: Server;
let base: string;
let session: Session;

const open = (options: BrowserContextOptions): Promise<Opened> =>
  openPage({ browser, base, session }, options);

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  harness = makeHarness();
  server = harness.app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launch();
  const signedIn = await signIn(browser, base + loginLink(TOKEN));
  expect(signedIn.heading).toBe('Why was it blocked?');
  session = signedIn.session;
}, 60_000);

afterAll(async () => {
  if (!HAS_CHROMIUM) return;
  await browser.close();
  server.close();
});

suite('from the box to the answer', () => {
  test.each([
    ...VIEWS.map((view) => ({ ...view, javaScriptEnabled: true })),
    ...VIEWS.map((view) => ({ ...view, javaScriptEnabled: false })),
  ])(
    '$width px, $colorScheme, JavaScript $javaScriptEnabled',
    async ({ width, colorScheme, javaScriptEnabled }) => {
      const { page, trouble, close } = await open({
        viewport: { width, height: 800 },
        colorScheme,
        javaScriptEnabled,
      });
      await page.goto(base);
      await page.fill('#wb-ask', MAIL);
      await page.click('.wb-ask button');
      expect(await page.textContent('h1')).toContain('Cannot be decided');
      const place = page.url();
      expect(new URL(place).search).toMatch(/^\?p=\/explain&paste=[\w-]+$/);
      await page.reload();
      expect(await page.textContent('h2#h-solve')).toBe('What a score of 8 can be made of');
      await page.goBack();
      expect(await page.textContent('h1')).toBe('Why was it blocked?');
      await page.goForward();
      expect(page.url()).toBe(place);
      expect(await sideways(page)).toBe(0);
      await page.fill('#wb-q', '203.0.113.45');
      await page.press('#wb-q', 'Enter');
      await page.waitForURL(`${base}index.cgi?p=/explain&q=203.0.113.45`);
      expect(await page.textContent('h1')).toContain('Almost certainly a scanner');
      await page.click('summary:has-text("Unblock it anyway")');
      expect(await page.isVisible('#csf-command')).toBe(true);
      expect(await page.isVisible('[data-wb-copy]')).toBe(javaScriptEnabled);
      await page.click('.wb-crumbs a');
      await page.click('.wb-tabs a:has-text("Attack")');
      expect(new URL(page.url()).search).toBe('?p=/&verdict=attack');
      await page.selectOption('select[name=since]', '168');
      await page.click('button:has-text("Filter")');
      expect(new URL(page.url()).search).toBe('?p=%2F&verdict=attack&since=168&vhost=');
      expect(trouble).toEqual([]);
      await close();
    },
  );
});

/** Every page and state; `before` sets the fake engine. */
const STATES: readonly { name: string; at: string; before?: () => void; signedOut?: boolean }[] = [
  { name: 'inbox', at: '?p=/' },
  {
    name: 'inbox, nothing happened',
    at: '?p=/',
    before: () => (harness.inbox = inbox({ rows: [], counts: NO_COUNTS, matching: 0, shown: 0 })),
  },
  {
    name: 'inbox, filter hides all',
    at: '?p=/&verdict=unclear',
    before: () => (harness.inbox = inbox({ rows: [], matching: 0, shown: 0 })),
  },
  {
    name: 'inbox, nothing can be read',
    at: '?p=/',
    before: () =>
      (harness.inbox = inbox({
        rows: [],
        matching: 0,
        shown: 0,
        unreadable: { path: '/var/log/apache2/error_log', problem: 'permission denied' },
      })),
  },
  { name: 'attack', at: '?p=/explain&q=203.0.113.45' },
  { name: 'false positive', at: '?p=/explain&q=192.0.2.118' },
  { name: 'only the mail', at: '?p=/explain&q=198.51.100.77' },
  { name: 'not the WAF', at: '?p=/explain&q=198.51.100.14' },
  { name: 'no trace', at: '?p=/explain&q=203.0.113.8' },
  { name: 'gap, mail from elsewhere', at: '?p=/explain&q=Failures:web7' },
  { name: 'domain', at: '?p=/explain&q=shop.example.com' },
  { name: 'not understood', at: '?p=/explain&q=203.0.113.456' },
  { name: 'hostile', at: '?p=/explain&q=hostile' },
  { name: 'hostile inbox', at: '?p=/', before: () => (harness.inbox = HOSTILE_INBOX) },
  { name: 'hostile activity', at: '?p=/activity', before: () => (harness.activity = HOSTILE_ACTIVITY) },
  { name: 'activity', at: '?p=/activity' },
  { name: 'marks', at: '?p=/marks' },
  { name: 'hostile marks', at: '?p=/marks', before: () => (harness.marks.view = HOSTILE_MARKS) },
  { name: 'self-test', at: '?p=/doctor' },
  {
    name: 'self-test, sources that need a look',
    at: '?p=/doctor',
    before: () => {
      harness.doctor.answer = doctorReport({
        sources: [
          sourceOf({
            id: 'lfd_log',
            title: 'lfd.log',
            state: 'fail',
            files: [],
            mend: 'Name it.',
            readable: false,
          }),
          sourceOf({ state: 'warn', samples: [`${'x'.repeat(300)} <b>`], refused: 70, unreadBytes: 5e6 }),
        ],
      });
    },
  },
  {
    name: 'inbox, reading has stopped',
    at: '',
    before: () => {
      const notice = {
        title: 'The disk is full.',
        text: 'What was read stays.',
        mend: 'Free space in /var/lib.',
      };
      harness.inbox = inbox({
        health: [{ name: 'reading', state: 'bad', text: 'stopped: the disk is full', check: 'reading' }],
        server: { ...inbox().server, notice },
      });
    },
  },
  { name: 'not found', at: '?p=/nosuch' },
  { name: 'failure of ours', at: '?p=/explain&q=broken' },
  { name: 'signed out', at: '?p=/login', signedOut: true },
];

suite('every page and state: axe has nothing to say, nothing leaves the page sideways, nothing runs', () => {
  let inside: Opened;
  let outside: Opened;
  beforeAll(async () => {
    inside = await open({ reducedMotion: 'reduce' });
    outside = await open({ reducedMotion: 'reduce', storageState: { cookies: [], origins: [] } });
  });
  afterAll(async () => {
    await inside.close();
    await outside.close();
  });

  test.each(STATES)('$name', async ({ at, before, signedOut }) => {
    const { page, trouble } = signedOut === true ? outside : inside;
    trouble.length = 0;
    const calm = { inbox: harness.inbox, activity: harness.activity };
    before?.();
    await page.goto(`${base}index.cgi${at}`);
    Object.assign(harness, calm);
    await unfold(page);
    expect([...(await flaws(page)), ...trouble]).toEqual([]);
  });
});

suite('the keyboard', () => {
  const focused = (page: Page): Promise<unknown> =>
    page.evaluate(
      "(document.activeElement.textContent.trim() || document.activeElement.name || document.activeElement.getAttribute('aria-label')).slice(0, 24)",
    );

  test('Tab follows the reading order, the skip link leads to the content, `/` to the box', async () => {
    const { page, trouble, close } = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(base);
    const order: unknown[] = [];
    for (let step = 0; step < 18; step++) {
      await page.keyboard.press('Tab');
      order.push(await focused(page));
      const outline = await page.evaluate(
        "(() => { const seen = (element) => getComputedStyle(element).outlineStyle !== 'none'; const now = document.activeElement; return seen(now) || seen(now.parentElement); })()",
      );
      expect(outline).toBe(true);
    }
    expect(order).toEqual([
      'Skip to content',
      'Whyblocked',
      'Inbox',
      'Causes',
      'Domains',
      'Rules',
      'Exclusions',
      'Search',
      'Firewall',
      'Activity',
      'Self-test',
      'Switch between light and',
      'q',
      'Explain',
      'All 41',
      'False positive 2',
      'Unclear 1',
      'Attack 35',
    ]);
    await page.goto(`${base}?p=/explain&q=203.0.113.45`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('wb-main');
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.id')).toBe('wb-q');
    await page.keyboard.type('/');
    expect(await page.inputValue('#wb-q')).toBe('/');
    await page.click('[data-wb-keys]');
    await page.reload();
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.id')).not.toBe('wb-q');
    await page.evaluate("localStorage.removeItem('wb-keys')");
    expect(trouble).toEqual([]);
    await close();
  });

  test('a link to a line opens the folded part and shows the line', async () => {
    const { page, close } = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${base}?p=/explain&q=203.0.113.45`);
    await page.click('a:has-text("modsec_audit.log @ 90,113,377") >> nth=0');
    expect(await page.isVisible('li:target pre')).toBe(true);
    await close();
  });
});

suite('comforts of the script', () => {
  test('theme is kept, the command is copied', async () => {
    const { page, trouble, close } = await open({
      colorScheme: 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.goto(`${base}?p=/explain&q=192.0.2.118`);
    await page.click('[data-wb-theme]');
    await page.reload();
    expect(await page.getAttribute('.wb', 'data-theme')).toBe('dark');
    await page.click('[data-wb-copy=csf-command]');
    await page.waitForSelector('text=Copied');
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('csf -trd 192.0.2.118');
    expect(trouble).toEqual([]);
    await close();
  });
});
