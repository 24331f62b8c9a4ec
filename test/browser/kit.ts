// What the tests in Debian's Chromium share: the browser, a page that collects what must never happen, looks at it.
import { existsSync } from 'node:fs';
import { describe, test } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.WHYBLOCKED_CHROMIUM ?? '/usr/bin/chromium';
export const HAS_CHROMIUM = existsSync(CHROMIUM);
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const VIEWS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 375].map((width) => ({ colorScheme, width })),
);

/** `describe` for a file of browser tests; without Chromium they are skipped, loudly and by the file's name. */
export function browserSuite(file: string): typeof describe | typeof describe.skip {
  if (HAS_CHROMIUM) return describe;
  console.warn(`SKIPPED: ${file}, because ${CHROMIUM} is missing. No page was looked at in a browser.`);
  test.skip(`ALL BROWSER TESTS SKIPPED: ${CHROMIUM} is missing`, () => undefined);
  return describe.skip;
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

export type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

/** Opens the link that signs in; gives the session and the heading of the page it led to. */
export async function signIn(
  browser: Browser,
  link: string,
): Promise<{ session: Session; heading: string | null }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  const heading = await page.textContent('h1');
  const session = await context.storageState();
  await context.close();
  return { session, heading };
}

export interface Site {
  readonly browser: Browser;
  readonly base: string;
  readonly session: Session;
}

export interface Opened {
  readonly page: Page;
  readonly trouble: string[];
  readonly close: () => Promise<void>;
}

/** A page of its own context; everything that should never happen on it is collected. */
export async function openPage(
  { browser, base, session }: Site,
  options: BrowserContextOptions,
): Promise<Opened> {
  const context = await browser.newContext({ storageState: session, ...options });
  const trouble: string[] = [];
  await context.addInitScript(
    "document.addEventListener('securitypolicyviolation', (event) => console.error('CSP ' + event.violatedDirective))",
  );
  const page = await context.newPage();
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => trouble.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('the server responded with a status of')) {
      trouble.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && request.url() !== 'data:,')
      trouble.push(`foreign request: ${request.url()}`);
  });
  return { page, trouble, close: () => context.close() };
}

const number = async (page: Page, script: string): Promise<number> => Number(await page.evaluate(script));

/** Pixels by which the page is wider than the window. */
export const sideways = (page: Page): Promise<number> =>
  number(page, 'document.documentElement.scrollWidth - document.documentElement.clientWidth');
const clipped = (page: Page): Promise<number> =>
  number(
    page,
    "[...document.querySelectorAll('.wb-card--flush')].filter((box) => box.scrollWidth > box.clientWidth).length",
  );
export const unfold = (page: Page): Promise<unknown> =>
  page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");

/** Waits until colours that fade from one scheme to the other have arrived. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished)))',
  );
}

/** What axe objects to, one line each; target size counted in. */
async function objections(page: Page): Promise<readonly string[]> {
  await page.evaluate(`if (!globalThis.axe) { ${axe.source} }`);
  const found: unknown = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }).then((result) =>
      result.violations.map((one) => one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')))`,
  );
  return found as string[];
}

/**
 * What is wrong with a page in all widths and schemes. Axe, the costly part, sees it light and wide, then dark and
 * narrow: each colour, each layout.
 */
export async function flaws(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { width, colorScheme } of VIEWS) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await settled(page);
    const look = `${width} px, ${colorScheme}`;
    if ((await clipped(page)) > 0) found.push(`${look}: a table is cut off by its box`);
    const over = await sideways(page);
    if (over > 0) found.push(`${look}: ${over} px wider than the window`);
    if ((width === 1280) === (colorScheme === 'light')) {
      found.push(...(await objections(page)).map((one) => `${look}: ${one}`));
    }
  }
  return found;
}
