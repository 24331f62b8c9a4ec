// Several visitors behind one address, in Chromium with the real service on raw logs: each judged apart and shown, the
// address as its worst, and the advice that names both.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { SPLIT } from '../evidence/scenario-shared.ts';
import { castOf, writeServer } from '../evidence/server.ts';
import { type Served, serve } from '../service-kit.ts';
import { browserSuite, flaws, HAS_CHROMIUM, launch, openPage, signIn, type Site } from './kit.ts';

const suite = browserSuite('test/browser/actors.test.ts');
const cast = castOf({ name: 'office', ...SPLIT.office }, 0);

let served: Served;
let browser: Browser;
let site: Site;

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  served = await serve(writeServer([cast], false).dir);
  browser = await launch();
  const { session } = await signIn(browser, served.link);
  site = { browser, base: served.origin, session };
}, 60_000);
afterAll(async () => {
  if (!HAS_CHROMIUM) return;
  await browser.close();
  served.child.kill('SIGTERM');
  await served.ended;
});

suite('visitors behind one address', () => {
  test.each([
    { javaScriptEnabled: true, width: 1280, colorScheme: 'light' as const },
    { javaScriptEnabled: false, width: 375, colorScheme: 'dark' as const },
  ])(
    'each has a verdict of its own: $width px, JavaScript $javaScriptEnabled',
    async ({ width, ...options }) => {
      const { page, trouble, close } = await openPage(site, { ...options, viewport: { width, height: 900 } });
      await page.goto(`${served.origin}/index.cgi?p=/explain&q=${cast.client}`);
      expect(await page.textContent('header .wb-verdict')).toMatch(/^\s*Attack/);
      expect(await page.textContent('h1')).toContain(
        'Another visitor behind the same address looks ordinary.',
      );
      expect(await page.textContent('#h-who')).toBe('2 visitors behind this address');
      const cards = page.locator('section[aria-labelledby^="actor-"]');
      expect(await cards.count()).toBe(2);
      expect(await cards.locator('.wb-verdict').allInnerTexts()).toEqual([
        expect.stringMatching(/^Attack/),
        expect.stringMatching(/^False positive/),
      ]);
      expect(await cards.nth(0).locator('h3').textContent()).toMatch(/^Nikto: \d+ flagged requests$/);
      expect(await cards.nth(1).locator('h3').textContent()).toBe('Firefox 144: 1 flagged request');
      expect(await cards.nth(1).textContent()).toContain('read normally before the first refusal');
      // Never by colour alone, and every sentence leads to its lines.
      expect(await cards.nth(0).locator('.wb-src').first().textContent()).toMatch(
        /known.*modsec_audit\.log/s,
      );
      // Its own words are reached by keyboard.
      const more = cards.nth(1).locator('summary').last();
      await more.focus();
      await page.keyboard.press('Enter');
      expect(await cards.nth(1).textContent()).toContain('Gecko/20100101 Firefox/144.0');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      if (options.javaScriptEnabled) expect(await flaws(page)).toEqual([]);
      expect(trouble).toEqual([]);
      await close();
    },
    60_000,
  );
});
