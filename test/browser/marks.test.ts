// What an admin says of an address, in Chromium with the real service: said, seen, and taken back; by keyboard, without
// JavaScript, narrow and dark; and only that address changes.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { MONITOR, markRoot, SCANNER, TWIN } from '../mark-root.ts';
import { type Served, serve } from '../service-kit.ts';
import { browserSuite, flaws, HAS_CHROMIUM, launch, openPage, signIn, type Site, unfold } from './kit.ts';

const suite = browserSuite('test/browser/marks.test.ts');
const HOSTILE = `<img src=x onerror=alert(1)> "'><script>alert(2)</script> ${'long '.repeat(60)}`;

let served: Served;
let browser: Browser;
let site: Site;

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  served = await serve(markRoot().dir);
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

const at = (page: string): string => `${served.origin}/index.cgi?p=${page}`;
const explained = (address: string): string => at(`/explain&q=${address}`);

/** What a page says of its address: the verdict's mark, the headline and the three answers. */
async function said(page: Page, address: string): Promise<readonly string[]> {
  await page.goto(explained(address));
  return await page.locator('.wb-main > header .wb-verdict, h1, .wb-answer dd').allInnerTexts();
}

async function takeAllBack(page: Page): Promise<void> {
  await page.goto(at('/marks'));
  const forms = page.locator('form[action$="p=/unmark"] button');
  while ((await forms.count()) > 0) await forms.first().click();
}

suite('marks', () => {
  test.each([
    { javaScriptEnabled: true, width: 1280, colorScheme: 'light' as const },
    { javaScriptEnabled: false, width: 375, colorScheme: 'dark' as const },
  ])(
    'a monitor, and taken back: $width px, JavaScript $javaScriptEnabled',
    async ({ width, ...options }) => {
      const { page, trouble, close } = await openPage(site, { ...options, viewport: { width, height: 900 } });
      await takeAllBack(page);
      const before = new Map<string, readonly string[]>();
      for (const address of [MONITOR, TWIN, SCANNER]) before.set(address, await said(page, address));
      expect(before.get(MONITOR)?.[0]).toMatch(/^Unclear/);
      expect(before.get(TWIN)).toEqual(before.get(MONITOR)?.map((text) => text.replaceAll(MONITOR, TWIN)));

      await page.goto(explained(MONITOR));
      expect(await page.textContent('#h-word')).toBe('Is this a program of yours?');
      await page.selectOption('#wb-mark-kind', 'monitor');
      await page.fill('#wb-mark-note', 'the check of ticket 8841');
      await page.click('button:has-text("Mark it")');
      await page.waitForURL(/p=\/incident&ip=198\.51\.100\.20&from=/);
      expect(await page.textContent('#h-word')).toBe('Your word');
      expect(await page.textContent('header .wb-tag')).toBe('your monitor');
      const main = (await page.textContent('main')) ?? '';
      expect(main).toMatch(/You said on \d+ \w+ \d{4}: an uptime monitor\./);
      expect(main).toContain('the check of ticket 8841');

      const after = await said(page, MONITOR);
      expect(after[0]).toMatch(/^False positive/);
      for (const address of [TWIN, SCANNER])
        expect([address, await said(page, address)]).toEqual([address, before.get(address)]);
      await page.goto(at('/&since=all'));
      expect(await page.locator('.wb-incidents .wb-tag').allInnerTexts()).toEqual(['your monitor']);
      await page.click('a:has-text("1 address is marked")');
      expect(await page.textContent('h1')).toBe('1 mark holds');

      await page.goto(explained(MONITOR));
      await page.click('button:has-text("Take back")');
      expect(await said(page, MONITOR)).toEqual(before.get(MONITOR));
      await page.goto(at('/marks&show=ended'));
      expect(await page.textContent('.wb-marks')).toContain('Taken back');
      expect(trouble).toEqual([]);
      await close();
    },
    60_000,
  );

  test('a false alarm with one button: the verdict stays, the unblocking is the admin’s', async () => {
    const { page, trouble, close } = await openPage(site, { viewport: { width: 1280, height: 900 } });
    const before = await said(page, SCANNER);
    await page.click('button:has-text("It was a false alarm")');
    const after = await said(page, SCANNER);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(await page.textContent('.wb-main > .wb-note')).toMatch(
      /You said on .*: a false alarm\. The model says: attack\./,
    );
    expect(await page.locator('button:has-text("It was a false alarm")').count()).toBe(0);
    await takeAllBack(page);
    expect(await said(page, SCANNER)).toEqual(before);
    expect(trouble).toEqual([]);
    await close();
  }, 60_000);

  test('by keyboard alone', async () => {
    const { page, trouble, close } = await openPage(site, { viewport: { width: 1280, height: 900 } });
    await page.goto(explained(TWIN));
    const focus = (): Promise<unknown> =>
      page.evaluate('document.activeElement.id || document.activeElement.textContent.trim()');
    const tabTo = async (wanted: string): Promise<void> => {
      for (let step = 0; step < 150 && (await focus()) !== wanted; step++) await page.keyboard.press('Tab');
      expect(await focus()).toBe(wanted);
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
    };
    await tabTo('wb-mark-kind');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    expect(await focus()).toBe('wb-mark-note');
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/p=\/incident&ip=203\.0\.113\.20&from=/);
    expect(await page.textContent('header .wb-tag')).toBe('your monitor');
    await tabTo('Take back: an uptime monitor');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#h-word:has-text("Is this a program of yours?")');
    expect(trouble).toEqual([]);
    await close();
  }, 60_000);

  test('what is refused is said in one sentence, and nothing is kept', async () => {
    const { page, trouble, close } = await openPage(site, { viewport: { width: 375, height: 800 } });
    for (const [about, words] of [
      ['127.0.0.1', 'is this server itself'],
      ['203.0.0.0/8', 'is too wide'],
      ['nobody', 'is no address and no net'],
    ] as const) {
      await page.goto(at('/marks'));
      await page.fill('#wb-mark-about', about);
      await page.selectOption('#wb-mark-kind', 'partner');
      await page.click('button:has-text("Mark it")');
      expect(await page.textContent('main')).toContain(words);
    }
    await page.goto(at('/marks'));
    expect(await page.textContent('h1')).toBe('Nothing is marked');
    expect(trouble).toEqual([]);
    await close();
  });

  test('axe, narrow and dark, with hostile and long notes', async () => {
    const { page, trouble, close } = await openPage(site, { reducedMotion: 'reduce' });
    const look = async (url: string): Promise<void> => {
      await page.goto(url);
      await unfold(page);
      expect([url, await flaws(page)]).toEqual([url, []]);
    };
    await look(explained(MONITOR));
    await look(at('/marks'));
    for (const [about, kind] of [
      [MONITOR, 'monitor'],
      [MONITOR, 'false-alarm'],
      ['198.51.100.0/24', 'own-program'],
      ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'partner'],
    ] as const) {
      await page.goto(at('/marks'));
      await page.fill('#wb-mark-about', about);
      await page.selectOption('#wb-mark-kind', kind);
      await page.fill('#wb-mark-note', HOSTILE);
      await page.click('button:has-text("Mark it")');
      expect(await page.textContent('main')).toContain('<script>alert(2)</script>');
    }
    await look(at('/marks'));
    await look(explained(MONITOR));
    await look(at('/&since=all'));
    await look(explained('198.51.100.0/24'));
    await takeAllBack(page);
    await look(at('/marks&show=ended'));
    expect(trouble).toEqual([]);
    await close();
  }, 120_000);
});
