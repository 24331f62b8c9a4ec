// The whole way through WHM, in Chromium: an Apache that plays cpsrvd runs the shipped bridge, behind it the real
// service on its socket, behind that a real Apache with ModSecurity. Nothing may leave the session's path.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { bedMissing } from '../bed/apache.ts';
import { product, type Product } from '../bed/product.ts';
import { tempDir } from '../host/make-root.ts';
import { type Cpsrvd, cpsrvdMissing, startCpsrvd, TOKEN } from '../plugin/cpsrvd.ts';
import { serveSocket, type SocketServed } from '../socket-kit.ts';
import { browserSuite, launch, openPage } from './kit.ts';

const missing = [...bedMissing(), ...cpsrvdMissing()];
if (missing.length > 0) console.warn(`SKIPPED: whm-walk.test.ts, not installed: ${missing.join(', ')}`);
const suite = missing.length > 0 ? describe.skip : browserSuite('whm-walk.test.ts');
const ATTACK = `/product.php?id=${encodeURIComponent("1' OR '1'='1")}`;
const VHOST = 'shop.example.com';
const ASSETS = join(import.meta.dirname, '../../views/assets');

suite('through WHM', () => {
  let made: Product;
  let served: SocketServed;
  let browser: Browser;
  const whms: Cpsrvd[] = [];
  const attack = (): Promise<number> =>
    made.bed.send({ host: VHOST, path: ATTACK, client: '198.51.100.20' }).then(({ status }) => status);

  beforeAll(async () => {
    made = await product('3');
    for (const client of ['198.51.100.20', '198.51.100.21', '203.0.113.9'])
      await made.bed.send({ host: VHOST, path: ATTACK, client });
    await made.bed.settle();
    const socket = join(tempDir(), 'run', 'whyblocked.sock');
    served = await serveSocket(made.bed.root, socket, ['--config', made.place.config]);
    const options = { socket, staticDir: ASSETS };
    whms.push(await startCpsrvd({ ...options, chrome: true }), await startCpsrvd(options));
    browser = await launch();
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await Promise.all(whms.map((whm) => whm.stop()));
    served.child.kill('SIGTERM');
    await served.ended;
    await made.bed.stop();
  });

  /** Home, incident, preview, apply. */
  async function applyFromHome(page: Page, url: string): Promise<void> {
    await page.goto(url);
    await page.locator('a[href*="p=/incident"]').first().click();
    expect(await page.textContent('#wb-main h1')).toMatch(/\S/);
    await page.locator('#wb-main a[href*="p=/propose"]').first().click();
    expect(await page.textContent('#wb-main')).toContain('This frees');
    await page.fill('#wb-why', 'ticket 8841');
    await page.click('.wb-confirm button.wb-btn--main');
    await settled(page);
    expect(await page.textContent('#wb-act')).toContain(`In force on ${VHOST}`);
  }

  async function revertFromList(page: Page, url: string): Promise<void> {
    await page.goto(`${url}index.cgi?p=/exclusions`);
    await page.locator('a[href*="p=/exclusion&id="]').first().click();
    await page.fill('form[action*="p=/revert"] [name=reason]', 'tried enough');
    await page.click('form[action*="p=/revert"] button');
    await settled(page);
  }

  async function settled(page: Page): Promise<void> {
    await page.waitForURL(/p=\/act&id=/);
    await page.locator('#wb-act[aria-busy="false"]').waitFor({ timeout: 60_000 });
  }

  async function search(page: Page, url: string): Promise<void> {
    await page.goto(`${url}index.cgi?p=/search`);
    await page.fill('#wb-main [name=q]', 'product\\.php');
    await page.press('#wb-main [name=q]', 'Enter');
    await page.locator('#found-lines').waitFor({ timeout: 30_000 });
    expect(await page.textContent('#found-lines')).toContain('product.php');
  }

  /** The trials that only a browser behind WHM can make. */
  async function selfTest(page: Page, url: string): Promise<void> {
    await page.goto(`${url}index.cgi?p=/doctor`);
    await page.getByRole('button', { name: 'Try a redirect' }).click();
    await page.waitForURL(/came=redirect/);
    await page.getByRole('link', { name: 'Send a form of 1 MiB' }).click();
    await page.getByRole('button', { name: 'Send it' }).click();
    await page.waitForURL(/p=\/doctor$/);
    expect(await page.textContent('#wb-main')).not.toMatch(/does not work.*Environment/);
  }

  test.each([
    ['with WHM’s header and JavaScript', true, 0],
    ['alone and without JavaScript', false, 1],
  ] as const)(
    '%s',
    async (_, javaScriptEnabled, nth) => {
      const { url } = whms[nth]!;
      const prefix = url.slice(0, url.indexOf(TOKEN) + TOKEN.length);
      const site = { browser, base: url, session: { cookies: [], origins: [] } };
      const { page, trouble, close } = await openPage(site, { javaScriptEnabled });
      const left: string[] = [];
      page.on('request', (asked) => {
        const at = asked.url();
        if (!at.startsWith(`${prefix}/`) && !at.startsWith('data:') && !at.endsWith('/favicon.ico'))
          left.push(at);
      });
      try {
        expect(await attack()).toBe(403);
        await applyFromHome(page, url);
        expect(await attack()).toBe(200);
        await revertFromList(page, url);
        expect(await attack()).toBe(403);
        await search(page, url);
        await selfTest(page, url);
        await page.goto(`${url}index.cgi?p=/activity`);
        const rows = (await page.textContent('#wb-main')) ?? '';
        expect(rows).toContain('root, 127.0.0.1');
        expect(left).toEqual([]);
        expect(trouble).toEqual([]);
      } finally {
        await close();
      }
    },
    120_000,
  );
});
