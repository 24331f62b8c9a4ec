// From a cause to an applied exclusion and back, in Chromium, with the real service and a real Apache.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { bedMissing } from '../bed/apache.ts';
import { product, type Product } from '../bed/product.ts';
import { serve, type Served } from '../service-kit.ts';
import { browserSuite, flaws, launch, openPage, signIn, type Site } from './kit.ts';

const missing = bedMissing();
if (missing.length > 0) console.warn(`SKIPPED: exclude.test.ts, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : browserSuite('exclude.test.ts');
const ATTACK = `/product.php?id=${encodeURIComponent("1' OR '1'='1")}`;
const VHOST = 'shop.example.com';

suite('from a cause to an exclusion and back', () => {
  let made: Product;
  let served: Served;
  let browser: Browser;
  let site: Site;
  const attack = (): Promise<number> =>
    made.bed.send({ host: VHOST, path: ATTACK, client: '198.51.100.20' }).then(({ status }) => status);

  beforeAll(async () => {
    made = await product('3');
    for (const client of ['198.51.100.20', '198.51.100.21', '203.0.113.9'])
      await made.bed.send({ host: VHOST, path: ATTACK, client });
    await made.bed.settle();
    served = await serve(made.bed.root, ['--config', made.place.config]);
    browser = await launch();
    const { session } = await signIn(browser, served.link);
    site = { browser, base: served.origin, session };
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    served.child.kill('SIGTERM');
    await served.ended;
    await made.bed.stop();
  });

  test.each([true, false])(
    'JavaScript on: %s',
    async (javaScriptEnabled) => {
      expect(await attack()).toBe(403);
      const { page, trouble, close } = await openPage(site, { javaScriptEnabled });
      try {
        await page.goto(`${served.origin}/index.cgi?p=/domain&vhost=${VHOST}`);
        const cause = page.locator('a[href*="p=/cause"][href*="942100"]').first();
        await page.goto(`${served.origin}/${(await cause.getAttribute('href')) ?? ''}`);
        expect(await page.textContent('h1')).toMatch(/\S/);
        await page.locator('a[href*="p=/propose"][href*="kind=target"]').first().click();
        expect(await page.textContent('main')).toContain('This frees');
        await page.fill('#wb-why', 'ticket 8841');
        await page.click('.wb-confirm button.wb-btn--main');
        await page.waitForURL(/p=\/act&id=/);
        await page.locator('#wb-act[aria-busy="false"]').waitFor({ timeout: 60_000 });
        expect(await page.textContent('#wb-act')).toContain('In force on shop.example.com');
        expect(await attack()).toBe(200);

        await page.goto(`${served.origin}/index.cgi?p=/exclusions`);
        if (javaScriptEnabled) expect(await flaws(page)).toEqual([]);
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.locator('a[href*="p=/exclusion&id="]').first().click();
        await page.fill('form[action*="p=/revert"] [name=reason]', 'tried enough');
        await page.click('form[action*="p=/revert"] button');
        await page.waitForURL(/p=\/act&id=/);
        await page.locator('#wb-act[aria-busy="false"]').waitFor({ timeout: 60_000 });
        expect(await attack()).toBe(403);
        expect(trouble).toEqual([]);
      } finally {
        await close();
      }
    },
    120_000,
  );
});
