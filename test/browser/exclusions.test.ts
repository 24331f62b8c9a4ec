// The pages of rules and exclusions in Chromium: from a cause to an exclusion that is applied and taken back, with and
// without JavaScript; every page and state for axe, both widths, both schemes; the keyboard.
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { loginLink } from '../../src/web/login.ts';
import type { FakeExclusions } from '../web/exclusion-fixtures.ts';
import {
  actView,
  CHANGE,
  DRIFT,
  domainView,
  exclusionsView,
  FOUND,
  fakeExclusions,
  proposal,
  ROLLED_BACK,
  SHOP,
  STAYS,
} from '../web/exclusion-fixtures.ts';
import type { Harness } from '../web/harness.ts';
import { FakeBadInput, makeHarness, TOKEN } from '../web/harness.ts';
import {
  HOSTILE_ACT,
  HOSTILE_CHANGE,
  HOSTILE_DOMAIN,
  HOSTILE_DOMAINS,
  HOSTILE_EXCLUSIONS,
  HOSTILE_PROPOSAL,
  HOSTILE_RULE,
  HOSTILE_RULES,
} from '../web/hostile.ts';
import type { Opened, Session } from './kit.ts';
import {
  browserSuite,
  flaws,
  HAS_CHROMIUM,
  launch,
  openPage,
  sideways,
  signIn,
  unfold,
  VIEWS,
} from './kit.ts';

const suite = browserSuite('test/browser/exclusions.test.ts');
const CAUSE = `?p=/cause&vhost=${SHOP}&rule=942100&target=REQUEST_COOKIES%3Aconsent_prefs&path=%2Fp%2F%7Bn%7D`;
const PROPOSE = `?p=/propose&kind=target-vhost&vhost=${SHOP}&rule=942100&target=REQUEST_COOKIES%3Aconsent_prefs`;
const WIDE = `?p=/propose&kind=rule-vhost&vhost=${SHOP}&rule=942100`;

let browser: Browser;
let harness: Harness;
let server: Server;
let base: string;
let session: Session;

const open = (options: BrowserContextOptions): Promise<Opened> =>
  openPage({ browser, base, session }, options);

/** The fake's answers as they were at the start, with some of them changed. */
function answers(change: Partial<FakeExclusions> = {}): void {
  const fresh = fakeExclusions();
  const { domainsView, domainOf, ruleRows, ruleOf, proposalOf, all, ledger, acts, check } = fresh;
  const calm = {
    domainsView,
    domainOf,
    ruleRows: ruleRows.slice(0, 20),
    ruleOf,
    proposalOf,
    all,
    ledger,
    acts,
    check,
  };
  Object.assign(harness.exclusions, calm, change);
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

const RUNNING = actView({
  state: 'running',
  now: 'Testing the configuration',
  change: { ...CHANGE, state: 'running', steps: CHANGE.steps.slice(0, 1) },
  sentence: null,
});

suite('from a cause to an exclusion, and back', () => {
  test.each(
    [1280, 375].flatMap((width) => [true, false].map((javaScriptEnabled) => ({ width, javaScriptEnabled }))),
  )('$width px, JavaScript $javaScriptEnabled', async ({ width, javaScriptEnabled }) => {
    answers({ acts: [RUNNING, RUNNING, actView()] });
    harness.exclusions.orders.length = 0;
    const { page, trouble, close } = await open({ viewport: { width, height: 800 }, javaScriptEnabled });
    await page.goto(base + CAUSE);
    await page.click('text=Preview the suggested one');
    expect(await page.textContent('h1')).toContain('This frees 58 requests of 10 visitors');
    await page.check('input[type=radio] >> nth=3');
    const narrow = page.url();
    await page.click('text=Try the chosen width');
    expect(new URL(page.url()).search).toBe(WIDE);
    // Back by its address: Chromium may swap the page's process at a history step.
    await page.goto(narrow);
    await page.click('.wb-tabs a:has-text("Still blocked")');
    expect(await page.isVisible('text=203.0.113.77')).toBe(true);
    expect(await page.isVisible('td >> text=GET /cart/')).toBe(false);
    await page.fill('input[name=reason]', 'consent cookie, ticket 8841');
    await page.selectOption('select[name=ends]', '30d');
    await page.click('text=Apply to shop.example.com');
    expect(await page.textContent('h1')).toBe('At work');
    await page.waitForSelector('text=No request has tried it yet', { timeout: 10_000 });
    expect(await page.textContent('h1')).toBe('Done');
    if (javaScriptEnabled) await page.waitForSelector('#act-head:focus');
    expect(await sideways(page)).toBe(0);
    await page.click('text=Take back…');
    expect(page.url()).toContain('?p=/exclusion&id=12#h-back');
    await page.fill('#wb-back-why', 'the shop was mended');
    await page.click('text=Take back on shop.example.com');
    await page.waitForSelector('h1:has-text("Done")');
    expect(harness.exclusions.orders).toMatchObject([
      { what: 'exclude', with: { scope: { kind: 'target-vhost' }, reason: 'consent cookie, ticket 8841' } },
      { what: 'revert', with: { id: 12, reason: 'the shop was mended' } },
    ]);
    expect(trouble).toEqual([]);
    await close();
  });

  test('an act that is lost while it is watched says so', async () => {
    answers({ acts: [RUNNING] });
    const { page, close } = await open({});
    await page.goto(`${base}?p=/act&id=act-1`);
    answers({ acts: [actView({ id: 'another' })] });
    await page.waitForSelector('#act-lost:not([hidden])', { timeout: 10_000 });
    expect(await page.textContent('#act-lost')).toContain('It goes on by itself.');
    await close();
  });
});

/** Every page and state; `change` sets the fake engine. */
const STATES: readonly { name: string; at: string; change?: Partial<FakeExclusions> }[] = [
  { name: 'domains', at: '?p=/domains&text=site11' },
  { name: 'domains, filter hides all', at: '?p=/domains&text=nosuch' },
  { name: 'domain', at: `?p=/domain&vhost=${SHOP}` },
  {
    name: 'domain, files changed by hand, nothing can be written',
    at: `?p=/domain&vhost=${SHOP}`,
    change: {
      domainOf: () =>
        domainView({ rules: [], drift: [DRIFT], writable: { ok: false, why: 'ModSecurity 3.' } }),
    },
  },
  { name: 'domain, one rule', at: `?p=/domain&vhost=${SHOP}&rule=942100` },
  { name: 'no such domain', at: '?p=/domain&vhost=nosuch.example.com' },
  { name: 'cause', at: CAUSE },
  {
    name: 'cause of a rule that adds up',
    at: `?p=/cause&vhost=${SHOP}&rule=949110&target=TX%3Aanomaly_score`,
  },
  { name: 'rules', at: '?p=/rules' },
  { name: 'rule', at: '?p=/rule&id=942100' },
  { name: 'proposal', at: PROPOSE },
  { name: 'proposal, rule-wide', at: WIDE },
  { name: 'proposal, refused width', at: `?p=/propose&kind=rule-path&vhost=${SHOP}&rule=942100&path=%2F` },
  {
    name: 'proposal, a file that changes, not writable',
    at: PROPOSE,
    change: {
      proposalOf: (fields) => ({
        ...proposal(fields, { writable: { ok: false, why: 'LiteSpeed.' } }),
        file: { ...proposal(fields).file, before: '# Whyblocked\n# none\n' },
      }),
    },
  },
  {
    name: 'scope not understood',
    at: PROPOSE,
    change: {
      proposalOf: () => {
        throw new FakeBadInput('Name the target as the log does.', 'target');
      },
    },
  },
  { name: 'scope', at: `?p=/scope&vhost=${SHOP}` },
  { name: 'act at work', at: '?p=/act&id=act-1', change: { acts: [RUNNING] } },
  {
    name: 'act that failed',
    at: '?p=/act&id=act-1',
    change: { acts: [actView({ state: 'failed', change: ROLLED_BACK, exclusionIds: [] })] },
  },
  { name: 'act, done', at: '?p=/act&id=act-1' },
  { name: 'exclusions', at: '?p=/exclusions' },
  { name: 'ended', at: '?p=/exclusions&show=ended' },
  { name: 'found', at: '?p=/exclusions&show=found' },
  { name: 'drift', at: '?p=/exclusions&show=drift' },
  { name: 'changes', at: '?p=/exclusions&show=changes' },
  { name: 'no exclusions', at: '?p=/exclusions', change: { all: exclusionsView({ active: [], drift: [] }) } },
  { name: 'exclusion', at: '?p=/exclusion&id=12' },
  { name: 'ended exclusion', at: '?p=/exclusion&id=7' },
  { name: 'a find', at: `?p=/found&key=${FOUND.key}` },
  { name: 'a find that stays', at: `?p=/found&key=${STAYS.key}` },
  { name: 'change', at: '?p=/change&id=31' },
  { name: 'hostile domains', at: '?p=/domains', change: { domainsView: HOSTILE_DOMAINS } },
  { name: 'hostile domain', at: '?p=/domain&vhost=x', change: { domainOf: () => HOSTILE_DOMAIN } },
  { name: 'hostile rules', at: '?p=/rules', change: { ruleRows: HOSTILE_RULES } },
  { name: 'hostile rule', at: '?p=/rule&id=942100', change: { ruleOf: () => HOSTILE_RULE } },
  { name: 'hostile proposal', at: WIDE, change: { proposalOf: () => HOSTILE_PROPOSAL } },
  { name: 'hostile exclusions', at: '?p=/exclusions', change: { all: HOSTILE_EXCLUSIONS } },
  { name: 'hostile finds', at: '?p=/exclusions&show=found', change: { all: HOSTILE_EXCLUSIONS } },
  { name: 'hostile drift', at: '?p=/exclusions&show=drift', change: { all: HOSTILE_EXCLUSIONS } },
  { name: 'hostile exclusion', at: '?p=/exclusion&id=12', change: { all: HOSTILE_EXCLUSIONS } },
  { name: 'hostile change', at: '?p=/change&id=31', change: { ledger: [HOSTILE_CHANGE] } },
  { name: 'hostile act', at: '?p=/act&id=act-1', change: { acts: [HOSTILE_ACT] } },
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
    answers({
      check: () => {
        throw new FakeBadInput('Type shop.example.com to confirm.', 'typed');
      },
    });
    await page.goto(base + WIDE);
    await page.fill('input[name=reason]', 'x');
    await page.fill('input[name=typed]', 'shop');
    await page.click('text=Apply to shop.example.com');
    expect(await page.getAttribute('input[name=typed]', 'aria-invalid')).toBe('true');
    expect(await page.inputValue('input[name=reason]')).toBe('x');
    expect([...(await flaws(page)), ...trouble]).toEqual([]);
  });
});

suite('the keyboard', () => {
  const focused = (page: Page): Promise<unknown> =>
    page.evaluate('document.activeElement.textContent.trim()');

  test('a switch is a link, the ladder is one stop with arrows, Enter applies', async () => {
    answers();
    harness.exclusions.orders.length = 0;
    const { page, trouble, close } = await open({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${base}?p=/domain&vhost=${SHOP}`);
    await page.focus('.wb-switch--on');
    expect(await focused(page)).toBe('On. Change rule 913100');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\?p=\/propose&kind=target-vhost/);
    await page.focus('input[type=radio]:checked');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.value')).toContain('kind=rule-vhost');
    await page.focus('input[name=reason]');
    await page.keyboard.type('noisy');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Done")');
    expect(harness.exclusions.orders).toMatchObject([
      { with: { scope: { kind: 'target-vhost', ruleId: '913100' } } },
    ]);
    expect(trouble).toEqual([]);
    await close();
  });
});

suite('light and dark', () => {
  test.each(VIEWS)(
    '$width px, $colorScheme: no page of a proposal is cut',
    async ({ width, colorScheme }) => {
      answers();
      const { page, trouble, close } = await open({ viewport: { width, height: 800 }, colorScheme });
      await page.goto(base + PROPOSE);
      expect([await sideways(page), trouble]).toEqual([0, []]);
      await close();
    },
  );
});
