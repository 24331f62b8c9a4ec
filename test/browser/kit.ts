// What the tests in Debian's Chromium share: the browser, a page that collects what must never happen, looks at it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from '@jest/globals';
import type { NodeResult, Result } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

/** Half the text of the readable one: it is sent to every page. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CHROMIUM = process.env.WHYBLOCKED_CHROMIUM ?? '/usr/bin/chromium';
export const HAS_CHROMIUM = existsSync(CHROMIUM);
/** What Playwright switches off itself: of two such lists Chromium takes the last. */
const OFF_BY_PLAYWRIGHT = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'DialMediaRouteProvider',
  'GlobalMediaControls',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'BlockOriginHeaderModificationOnRedirect',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'Translate',
  'AutoDeElevate',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
];
/** Parts of the address bar that are pages themselves: loaded for each context, they took half of a suite's time. */
const BROWSERS_OWN_PAGES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'PreloadTopChromeWebUI',
];
const FLAGS = [
  `--disable-features=${[...OFF_BY_PLAYWRIGHT, ...BROWSERS_OWN_PAGES].join()}`,
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

/** Pixels by which the page is wider than the window. */
const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
/** Boxes that cut their table off. */
const CLIPPED =
  "[...document.querySelectorAll('.wb-card--flush')].filter((box) => box.scrollWidth > box.clientWidth).length";
/** Waits until colours that fade from one scheme to the other have arrived. */
const SETTLED =
  'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))).then(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished)))';

export const sideways = async (page: Page): Promise<number> => Number(await page.evaluate(SIDEWAYS));
export const unfold = (page: Page): Promise<unknown> =>
  page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");

/** What axe objects to, one line each; target size counted in. */
async function objections(page: Page): Promise<readonly string[]> {
  await page.evaluate(`if (!globalThis.axe) { ${AXE} }`);
  const found = await page.evaluate<readonly Objection[]>(
    `axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }).then((result) =>
      result.violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map(({ html }) => ({ html })) })))`,
  );
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

type Objection = Pick<Result, 'id'> & { readonly nodes: readonly Pick<NodeResult, 'html'>[] };

/** The widths and schemes, one of the two changed at a time. Axe, the costly part, looks at two: each colour, each layout. */
const LOOKS = [
  { width: 1280, colorScheme: 'light', axe: true },
  { width: 1280, colorScheme: 'dark', axe: false },
  { width: 375, colorScheme: 'dark', axe: true },
  { width: 375, colorScheme: 'light', axe: false },
] as const;

/** What is wrong with a page in all widths and schemes. */
export async function flaws(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { width, colorScheme, axe: isForAxe } of LOOKS) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    const measured = await page.evaluate(`${SETTLED}.then(() => [${CLIPPED}, ${SIDEWAYS}])`);
    const [clipped = NaN, over = NaN] = measured as readonly number[];
    const look = `${width} px, ${colorScheme}`;
    if (clipped !== 0) found.push(`${look}: ${clipped} tables are cut off by their boxes`);
    if (!(over <= 0)) found.push(`${look}: ${over} px wider than the window`);
    if (isForAxe) found.push(...(await objections(page)).map((one) => `${look}: ${one}`));
  }
  return found;
}
