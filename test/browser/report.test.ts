// The report in Chromium with the real service: from the incident by key, copied, and read without JavaScript in the dark.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { SHOP, twoAccounts, VISITOR } from '../actions/report-kit.ts';
import { type Served, serve } from '../service-kit.ts';
import {
  browserSuite,
  flaws,
  HAS_CHROMIUM,
  launch,
  openPage,
  sideways,
  signIn,
  type Site,
  unfold,
} from './kit.ts';

const suite = browserSuite('test/browser/report.test.ts');

let served: Served;
let browser: Browser;
let site: Site;

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  [served, browser] = await Promise.all([serve(twoAccounts().dir), launch()]);
  const { session } = await signIn(browser, served.link);
  site = { browser, base: served.origin, session };
}, 60_000);
afterAll(async () => {
  if (!HAS_CHROMIUM) return;
  await browser.close();
  served.child.kill('SIGTERM');
  await served.ended;
});

suite('the report', () => {
  test('from the incident by the key t; the site is chosen; each form is copied whole', async () => {
    const { page, trouble, close } = await openPage(site, {
      viewport: { width: 1280, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.goto(`${served.origin}/index.cgi?p=/explain&q=${VISITOR}`);
    await page.keyboard.press('t');
    await page.waitForSelector('h1:has-text("Whose report is it?")');
    await page.selectOption('#wb-site', SHOP);
    await page.click('button:has-text("Show its report")');
    expect(await page.textContent('h1')).toBe(`Refused requests to ${SHOP} on 22 Nov 2026`);
    await unfold(page);
    const copied: string[] = [];
    for (const id of ['wb-plain', 'wb-markdown', 'wb-html']) {
      const button = page.locator(`[data-wb-copy="${id}"]`);
      await button.click();
      await button.filter({ hasText: 'Copied' }).waitFor();
      const text = String(await page.evaluate('navigator.clipboard.readText()'));
      expect(text).toBe(await page.textContent(`#${id}`));
      copied.push(text);
    }
    expect(copied.map((text) => text.slice(0, 20))).toEqual([
      'Refused requests to ',
      '# Refused requests t',
      '<h2>Refused requests',
    ]);
    expect(copied.join('\n')).not.toMatch(/zebra|otheruser|other\.example/);
    expect(await flaws(page)).toEqual([]);
    expect(trouble).toEqual([]);
    await close();
  }, 60_000);

  test('without JavaScript, 375 px, dark: all of it can be read and marked', async () => {
    const { page, trouble, close } = await openPage(site, {
      ...{ javaScriptEnabled: false, colorScheme: 'dark', viewport: { width: 375, height: 800 } },
    });
    await page.goto(`${served.origin}/index.cgi?p=/report&ip=${VISITOR}&vhost=${SHOP}`);
    expect(await page.isVisible('[data-wb-copy]')).toBe(false);
    expect(await page.innerText('#wb-plain')).toContain('The web firewall of the server refused 5 requests');
    await page.click('summary:has-text("Markdown")');
    expect(await page.isVisible('#wb-markdown')).toBe(true);
    expect(await sideways(page)).toBe(0);
    await page.click('a:has-text("Shorten the address")');
    expect(await page.innerText('#wb-plain')).toContain('198.51.100.0/24');
    await page.click('.wb-crumbs a:has-text("Incident")');
    expect(await page.textContent('h1')).not.toContain('report');
    expect(trouble).toEqual([]);
    await close();
  }, 60_000);
});
