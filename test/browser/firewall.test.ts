// The firewall in Chromium: from an incident to the fix and to the unblock that csf's files show, with the real service, a real
// Apache and the stand-in for csf; then every page and state of it for axe, both widths, both schemes, and read without JavaScript.
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { loginLink } from '../../src/web/login.ts';
import { bedMissing } from '../bed/apache.ts';
import { product, type Product } from '../bed/product.ts';
import type { BedRequest } from '../bed/send.ts';
import { CONSENT_BLOCKED, consentCookie } from '../bed/stories/consent-cookie.ts';
import { csfServer, type CsfServer } from '../csf/kit.ts';
import { tempDir } from '../host/make-root.ts';
import { serve, type Served } from '../service-kit.ts';
import {
  actView,
  ALARM,
  ALLOWED,
  entry,
  fakeFirewall,
  firewallList,
  plan,
  where,
} from '../web/firewall-fixtures.ts';
import type { FakeFirewall } from '../web/firewall-fixtures.ts';
import { FakeBadInput, type Harness, makeHarness, TOKEN } from '../web/harness.ts';
import {
  browserSuite,
  flaws,
  launch,
  openPage,
  type Opened,
  sideways,
  signIn,
  type Site,
  unfold,
} from './kit.ts';

const missing = bedMissing();
const suite = browserSuite('test/browser/firewall.test.ts');
const walk = missing.length > 0 ? test.skip : test;
const VISITOR = CONSENT_BLOCKED[0];

/** A visitor of the story reads some pages; then his own consent has him refused. */
function steps(client: string, refusals: number): readonly BedRequest[] {
  const all = consentCookie().steps.filter(({ request }) => request.client === client);
  const refused = all.filter(({ expect: status }) => status === 403).slice(0, refusals);
  return [...all.filter(({ expect: status }) => status !== 403), ...refused].map(({ request }) => request);
}

suite('from an incident to the unblock', () => {
  let made: Product;
  let csf: CsfServer;
  let served: Served;
  let browser: Browser;
  let site: Site;
  /** The page that watched the unblock. */
  let watched = '';
  const refused = steps(VISITOR, 5).at(-1);

  beforeAll(async () => {
    if (missing.length > 0) {
      console.warn(`SKIPPED: the walk of firewall.test.ts, not installed: ${missing.join(', ')}`);
      return;
    }
    made = await product('3');
    csf = csfServer({ root: made.bed.root });
    for (const request of [...steps('203.0.113.191', 2), ...steps(VISITOR, 5)]) await made.bed.send(request);
    await made.bed.settle();
    await csf.run(
      '-d',
      VISITOR,
      `lfd: (mod_security) mod_security (id:949110) triggered by ${VISITOR} (SK/-): 5 in the last 3600 secs`,
    );
    const config = join(tempDir(), 'config.json');
    const own = JSON.parse(readFileSync(made.place.config, 'utf8')) as object;
    writeFileSync(config, JSON.stringify({ ...own, ...csf.config }));
    served = await serve(made.bed.root, ['--config', config]);
    browser = await launch();
    site = { browser, base: served.origin, session: (await signIn(browser, served.link)).session };
  }, 60_000);
  afterAll(async () => {
    if (missing.length > 0) return;
    await browser.close();
    served.child.kill('SIGTERM');
    await served.ended;
    await made.bed.stop();
  });

  walk(
    'by keyboard at 1280 px, light',
    async () => {
      if (refused === undefined) throw new Error('the story has no refusal');
      expect((await made.bed.send(refused)).status).toBe(403);
      const { page, trouble, close } = await openPage(site, {
        viewport: { width: 1280, height: 900 },
        colorScheme: 'light',
      });
      await page.goto(`${site.base}/index.cgi?p=/explain&q=${VISITOR}`);
      expect(await page.textContent('#h-block + p')).toContain('Blocked, permanent');
      expect(await page.textContent('.wb-answer')).toContain('blocked again at the 5th refusal');
      await page.keyboard.press('u');
      await page.waitForURL(/p=\/firewall\/act&do=unblock/);
      const preview = page.url();
      expect(await page.textContent('h1')).toBe(`Unblock ${VISITOR}?`);
      expect(await page.textContent('.wb-steps')).toContain(`csf -dr ${VISITOR}`);

      // The fix first: on the real Apache.
      await page.keyboard.press('p');
      await page.waitForURL(/p=\/propose/);
      await page.fill('#wb-why', 'their consent tool, ticket 8841');
      await page.click('.wb-confirm button.wb-btn--main');
      await page.waitForURL(/p=\/act&id=/);
      await page.locator('#wb-act[aria-busy="false"]').waitFor({ timeout: 30_000 });
      expect(await page.textContent('#wb-act')).toContain('In force on shop.example.com');
      expect((await made.bed.send(refused)).status).toBe(200);

      // Then the unblock, which csf's own files show.
      await page.goto(preview);
      expect(await page.textContent('#h-fix')).toBe('A fix is in force');
      expect(await page.textContent('#h-again + ul')).toContain(
        'Exclusions in force free 4 of its 6 refusals.',
      );
      await page.focus('#wb-why');
      await page.keyboard.type('the fix is in force');
      await page.keyboard.press('Enter');
      await page.waitForURL(/p=\/firewall\/run&id=f[1-9]/);
      watched = page.url().replace(/^.*[?&]p=/, '');
      await page.locator('#wb-act[aria-busy="false"]').waitFor({ timeout: 30_000 });
      expect(await page.textContent('h1')).toBe(`${VISITOR} is let in now.`);
      await page.waitForSelector('#act-head:focus');
      expect(await page.textContent('#wb-act')).toContain('csf said: “Removing rule...”. Its files show it.');
      expect(csf.entries('deny')).not.toContain(VISITOR);
      expect(csf.entries('tempallow')).toEqual([expect.stringContaining(`|${VISITOR}|`)]);
      expect(await flaws(page)).toEqual([]);

      await page.setViewportSize({ width: 1280, height: 900 });
      await page.click('a:has-text("Act 1")');
      expect(await page.textContent('.wb-facts')).toContain('the fix is in force');
      await page.keyboard.press('g');
      await page.keyboard.press('f');
      await page.waitForURL(/p=\/firewall$/);
      expect(await page.textContent('h1')).toBe('No address is denied.');
      expect(await page.textContent('section[aria-labelledby=h-acts]')).toContain('the fix is in force');
      expect(trouble).toEqual([]);
      await close();
    },
    60_000,
  );

  walk(
    'read at 375 px, dark, without JavaScript',
    async () => {
      const { page, trouble, close } = await openPage(site, {
        ...{ viewport: { width: 375, height: 800 }, colorScheme: 'dark', javaScriptEnabled: false },
      });
      for (const [at, words] of [
        ['/firewall&kind=allowed', VISITOR],
        [`/firewall/act&do=disallow&target=${VISITOR}`, `csf -tra ${VISITOR}`],
        [watched, `${VISITOR} is let in now.`],
        ['/firewall/done&id=1', 'Its files show it.'],
      ] as const) {
        await page.goto(`${site.base}/index.cgi?p=${at}`);
        expect([at, (await page.textContent('main'))?.includes(words), await sideways(page)]).toEqual([
          at,
          true,
          0,
        ]);
      }
      expect(trouble).toEqual([]);
      await close();
    },
    30_000,
  );
});

const UNBLOCK = '?p=/firewall/act&do=unblock&target=192.0.2.118';
const EVIL = `"><script>alert(1)</script>\u001b[31m${'A'.repeat(300)}`;
const said = (sentence: string) => ({ basis: 'known', sentence, lines: [] }) as const;
const judged = (label: 'attack' | 'unclear') => ({ label, words: 'So it is judged.' }) as const;

/** Every page and state; `change` sets the fake engine. */
const STATES: readonly { name: string; at: string; change?: Partial<FakeFirewall> }[] = [
  { name: 'lists', at: '?p=/firewall' },
  { name: 'allowed', at: '?p=/firewall&kind=allowed', change: { view: firewallList({ rows: ALLOWED }) } },
  {
    name: 'alarm, files that cannot be read, nothing to show',
    at: '?p=/firewall&q=x',
    change: {
      view: firewallList({
        ...{ rows: [], matching: 0, alarm: ALARM, acts: [], cannot: 'This is a copied server.' },
        problems: [{ source: '/etc/csf/csf.deny', why: 'EACCES' }],
      }),
    },
  },
  {
    name: 'hostile',
    at: '?p=/firewall',
    change: {
      view: firewallList({ rows: [entry({ entry: EVIL, words: null, comment: EVIL, covers: EVIL })] }),
    },
  },
  { name: 'false alarm', at: UNBLOCK },
  {
    name: 'attack, a net, neighbours',
    at: UNBLOCK,
    change: {
      planOf: (request) =>
        plan(request, {
          ...{ verdict: judged('attack'), fix: null, typed: '192.0.2.118' },
          where: where({
            places: [{ ...where().places[0]!, kind: 'deny-net', entry: '192.0.2.0/24' }],
            neighbours: [said('2 more of the /64 are denied.')],
          }),
        }),
    },
  },
  {
    name: 'unclear',
    at: UNBLOCK,
    change: { planOf: (request) => plan(request, { verdict: judged('unclear'), fix: null }) },
  },
  {
    name: 'refused, with warnings',
    at: UNBLOCK,
    change: {
      planOf: (request) =>
        plan(request, {
          ...{
            refusal: 'csf does not block it now.',
            steps: [],
            fix: null,
            warnings: [said('It is yours.')],
          },
          where: where({ blocked: false, places: [], elsewhere: [said('cPHulk may hold it.')] }),
        }),
    },
  },
  {
    name: 'by hand',
    at: UNBLOCK,
    change: { byHand: true, planOf: (request) => plan(request, { refusal: 'A copied server.' }) },
  },
  {
    name: 'not understood',
    at: UNBLOCK,
    change: {
      planOf: () => {
        throw new FakeBadInput(`“${EVIL}” is no address and no net.`, 'target');
      },
    },
  },
  {
    name: 'at work',
    at: '?p=/firewall/run&id=f1',
    change: { runs: [actView({ state: 'running', now: 'Running csf', sentence: null })] },
  },
  {
    name: 'went wrong',
    at: '?p=/firewall/run&id=f1',
    change: { runs: [actView({ state: 'failed', sentence: EVIL })] },
  },
  { name: 'an act of the ledger', at: '?p=/firewall/done&id=7' },
];

suite('every page and state: axe has nothing to say, nothing leaves the page sideways, nothing runs', () => {
  let browser: Browser;
  let harness: Harness;
  let server: Server;
  let base: string;
  let inside: Opened;
  beforeAll(async () => {
    harness = makeHarness();
    server = harness.app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await launch();
    const { session } = await signIn(browser, base + loginLink(TOKEN));
    inside = await openPage({ browser, base, session }, { reducedMotion: 'reduce' });
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test.each(STATES)('$name', async ({ at, change }) => {
    const { view, planOf, byHand, runs } = fakeFirewall();
    Object.assign(harness.firewall, { view, planOf, byHand, runs }, change);
    const { page, trouble } = inside;
    trouble.length = 0;
    await page.goto(`${base}index.cgi${at}`);
    await unfold(page);
    expect([...(await flaws(page)), ...trouble]).toEqual([]);
  });
});
