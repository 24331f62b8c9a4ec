// The log search in Debian's Chromium, against the real service on real files: searched, watched, cancelled, followed,
// shared, kept and exported; without JavaScript too; and hostile lines that must run nothing.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { LAUNCHER } from '../actions/kit.ts';
import { tempDir } from '../host/make-root.ts';
import { BIG, HOSTILE_LINES, MIDDLE, ODD, searchRoot, SLOW } from '../search-root.ts';
import { idle, ripgreps, type Served, serve, until } from '../service-kit.ts';
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
} from './kit.ts';

const suite = browserSuite('test/browser/search.test.ts');

let root: string;
let served: Served;
let browser: Browser;
let base: string;
let session: Session;

const open = (options: BrowserContextOptions = {}): Promise<Opened> =>
  openPage({ browser, base, session }, { viewport: { width: 1280, height: 800 }, ...options });

type Fields = Readonly<Record<string, string>>;
const at = (fields: Fields): string => `${base}index.cgi?p=/search&${new URLSearchParams(fields).toString()}`;

/** A text of the page as it is read. */
const said = async (page: Page, selector: string): Promise<string> =>
  ((await page.textContent(selector)) ?? '').trim();
const heading = (page: Page): Promise<string> => said(page, '#h-found');
const ended = (page: Page): Promise<unknown> =>
  page.waitForSelector('#wb-results[aria-busy=false]', { timeout: 20_000 });
const lines = (page: Page): Promise<string[]> => page.locator('#found-lines .wb-line').allTextContents();
/** File and offset of each line, as the links to the lines around it have them. */
const places = (page: Page): Promise<unknown> =>
  page.evaluate(
    `[...document.querySelectorAll('#found-lines .wb-at a')].map((link) => { const to = new URL(link.href).searchParams; return to.get('file') + '@' + to.get('offset'); })`,
  );
const isIdle = (): Promise<number | null> => idle(served.pid, 8000);

beforeAll(async () => {
  if (!HAS_CHROMIUM) return;
  root = searchRoot(join(tempDir(), 'demo'), 32).root;
  served = await serve(root);
  browser = await launch();
  ({ session } = await signIn(browser, served.link));
  base = `${served.origin}/`;
}, 60_000);

afterAll(async () => {
  if (!HAS_CHROMIUM) return;
  await browser.close();
  served.child.kill('SIGTERM');
  await served.ended;
});

suite('each state: axe has nothing to say, nothing leaves the page sideways, nothing runs', () => {
  let inside: Opened;
  beforeAll(async () => {
    inside = await open({ reducedMotion: 'reduce' });
  });
  afterAll(() => inside.close());

  test.each<{ name: string; fields: Fields | null; says: string }>([
    { name: 'form', fields: null, says: 'Search logs' },
    {
      name: 'results',
      fields: { q: 'GET', context: '1', limit: '20', vhost: 'shop.example.com' },
      says: 'line',
    },
    { name: 'running', fields: { q: SLOW, log: BIG }, says: 'so far' },
    { name: 'nothing found', fields: { q: 'nosuchthing' }, says: 'No line found' },
    { name: 'refused pattern', fields: { q: '(' }, says: 'is not a valid regular expression' },
  ])('$name', async ({ fields, says }) => {
    const { page, trouble } = inside;
    trouble.length = 0;
    await page.goto(fields === null ? `${base}?p=/search` : at(fields));
    if (fields?.q !== SLOW && (await page.locator('#wb-results').count()) > 0) await ended(page);
    expect(await page.textContent('main')).toContain(says);
    await unfold(page);
    expect([...(await flaws(page)), ...trouble]).toEqual([]);
    if (says === 'so far') expect(await heading(page)).toMatch(/so far$/);
  });

  test('logs, and the lines around one', async () => {
    const { page, trouble } = inside;
    trouble.length = 0;
    await page.goto(`${base}?p=/search/logs`);
    expect(await page.textContent('main')).toContain(ODD);
    expect([...(await flaws(page)), ...trouble]).toEqual([]);
    await page.goto(at({ q: 'GET', log: ODD }));
    await page.click('#found-lines .wb-at a >> nth=0');
    expect([...(await flaws(page)), ...trouble]).toEqual([]);
  });
});

suite('a search', () => {
  test('from the typed pattern to marked lines, a visitor and the lines around', async () => {
    const { page, trouble, close } = await open();
    await page.goto(`${base}?p=/search`);
    await page.keyboard.press('/');
    await page.keyboard.type('login.*secret');
    await page.keyboard.press('Enter');
    await ended(page);
    expect(new URL(page.url()).search).toContain('q=login.*secret');
    expect(await heading(page)).toBe('2 lines');
    const found = await lines(page);
    expect(found).toHaveLength(2);
    expect(found.join()).not.toContain('hunter2');
    expect(found.every((line) => line.includes('••••'))).toBe(true);
    expect(await page.locator('#found-lines mark').first().textContent()).toContain('login');
    const back = page.url();
    await page.click('#found-lines a:has-text("198.51.100.9") >> nth=0');
    expect(new URL(page.url()).search).toBe('?p=/explain&q=198.51.100.9');
    expect(await page.textContent('h1')).not.toBe('');
    await page.goto(back);
    const place = await said(page, '#found-lines .wb-at a >> nth=1');
    const wanted = (await lines(page))[1] ?? '';
    await page.click('#found-lines .wb-at a >> nth=1');
    expect(await said(page, 'h1')).toBe(`Lines around ${place}`);
    expect(await page.locator('.wb-hits .wb-line').allTextContents()).toHaveLength(HOSTILE_LINES.length + 2);
    expect(await page.locator('.wb-hits .wb-asked .wb-line').allTextContents()).toEqual([wanted]);
    expect(trouble).toEqual([]);
    await close();
  });

  test('a slow one: watched while it runs, cancelled by keyboard, nothing is left running', async () => {
    const { page, trouble, close } = await open();
    await page.goto(at({ q: SLOW, log: BIG }));
    const seen = new Set<string>();
    const read = new Set<unknown>();
    await until(async () => {
      seen.add(await heading(page));
      read.add(await page.evaluate("document.querySelector('progress')?.value"));
      return seen.size > 2 && read.size > 2;
    }, 15_000);
    expect([...seen].filter((text) => !/^[\d,]+ lines? so far$/.test(text))).toEqual([]);
    expect([seen.size > 2, read.size > 2]).toEqual([true, true]);
    expect(ripgreps(served.pid)).toHaveLength(1);
    const before = await lines(page);
    await page.focus('#h-found');
    for (let i = 0; i < 3; i++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.id')) === 'found-cancel') break;
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('#h-found:has-text("Cancelled at")');
    expect(await heading(page)).toMatch(/^Cancelled at [\d,]+ lines$/);
    expect(await page.textContent('#found-about')).toMatch(
      /Cancelled\. [\d.]+ of \d+ MiB were read; what was found until then is here\./,
    );
    expect(await said(page, '#found-say')).toMatch(/^Cancelled at/);
    expect((await lines(page)).length).toBeGreaterThanOrEqual(before.length);
    expect(before.length).toBeGreaterThan(0);
    expect(await isIdle()).not.toBeNull();
    expect(trouble).toEqual([]);
    await close();
  });

  test('a page that is closed ends its search', async () => {
    const { page, close } = await open();
    await page.goto(at({ q: SLOW, log: BIG }));
    expect(await until(() => ripgreps(served.pid).length > 0, 5000)).not.toBeNull();
    await page.close({ runBeforeUnload: true });
    const took = await isIdle();
    expect(took).not.toBeNull();
    await close();
  });

  test('shared as a link and as a command: the same lines', async () => {
    const { page, trouble, close } = await open();
    await page.goto(at({ q: "n=\\d*7 HTTP|'", log: MIDDLE, limit: '20', status: '4xx' }));
    await ended(page);
    const found = (await places(page)) as string[];
    expect(found).toHaveLength(20);
    const link = await page.getAttribute('a:has-text("Link to this search")', 'href');
    const command = await said(page, '#cmd');
    expect(trouble).toEqual([]);
    await close();
    const other = await open();
    await other.page.goto(new URL(link ?? '', base).href);
    await ended(other.page);
    expect(await places(other.page)).toEqual(found);
    await other.close();
    const typed = command.replace(/^whyblocked /, `'${LAUNCHER}' `);
    const place = `--root '${root}' --state '${join(tempDir(), 'state')}'`;
    const out = execFileSync('/bin/sh', ['-c', `${typed} ${place} --json 2>/dev/null`], { encoding: 'utf8' });
    const printed = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file: string; offset: number });
    expect(printed.map(({ file, offset }) => `${file}@${offset}`)).toEqual(found);
  });

  test('kept under a name, run from the list, forgotten', async () => {
    const { page, trouble, close } = await open();
    await page.goto(at({ q: 'secret line', syntax: 'literal', log: ODD }));
    const found = await places(page);
    await page.fill('#wb-keep', 'Logins <b>& more</b>');
    await page.click('button:has-text("Save")');
    await page.goto(`${base}?p=/search`);
    await page.click('.wb-saved a:has-text("Logins <b>& more</b>")');
    await ended(page);
    expect(await page.inputValue('#wb-s-q')).toBe('secret line');
    expect(await places(page)).toEqual(found);
    expect(found).toHaveLength(2);
    await page.goto(`${base}?p=/search`);
    await page.click('button[aria-label="Delete the search Logins <b>& more</b>"]');
    expect(await page.textContent('main')).toContain('None yet.');
    expect(trouble).toEqual([]);
    await close();
  });

  test('exported as text, CSV and JSON lines: equal lines, masked', async () => {
    const { page, trouble, close } = await open({ acceptDownloads: true });
    await page.goto(at({ q: '', log: ODD }));
    const shown = await lines(page);
    const files: string[] = [];
    for (const name of ['Text', 'CSV', 'JSON lines']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click(`#found-foot a:text-is("${name}")`),
      ]);
      expect(download.suggestedFilename()).toMatch(/^whyblocked-search-[\d-]+\.(?:txt|csv|jsonl)$/);
      files.push(readFileSync(await download.path(), 'utf8'));
    }
    const [text = '', csv = '', json = ''] = files.map((file) => file.trimEnd());
    expect(shown).toHaveLength(HOSTILE_LINES.length + 2);
    expect(text.split('\n')).toHaveLength(shown.length);
    expect(csv.split('\r\n')).toHaveLength(shown.length + 1);
    const rows = json.split('\n').map((row) => JSON.parse(row) as { file: string; offset: number });
    expect(rows.map(({ file, offset }) => `${file}@${offset}`)).toEqual(await places(page));
    for (const file of [text, csv, json]) {
      expect(file).not.toContain('hunter2');
      expect(file.split('••••')).toHaveLength(3);
      expect(file).not.toMatch(/[\x00-\x08\x1b\u202e\u2066]/);
    }
    expect(trouble).toEqual([]);
    await close();
  });

  test('hostile lines run nothing and are read as text', async () => {
    const { page, trouble, close } = await open();
    // The match ends inside a tag.
    for (const pattern of ['<scr|<im|<sv', 'GET', 'alert\\(\\d\\)>?']) {
      await page.goto(at({ q: pattern, log: ODD, context: '5' }));
      await unfold(page);
      expect(
        await page.evaluate(
          '[window.ran, document.querySelectorAll("#wb-results script, #wb-results img").length]',
        ),
      ).toEqual([undefined, 0]);
      const found = (await lines(page)).join('\n');
      expect(found).toContain(
        'GET /<script>window.ran=1;alert(1)</script> HTTP/1.1" 404 5 "-" "<img src=x onerror=alert(2)>"',
      );
      expect(found).toContain('<svg/onload=alert(3)>');
      expect(found).not.toMatch(/[\x1b\u202e\u2066]/);
    }
    await page.goto(at({ q: '<scr', log: ODD }));
    expect(await page.locator('#found-lines mark').allTextContents()).toEqual(['<scr']);
    await page.click('#found-lines .wb-at a');
    expect(await page.textContent('.wb-hits')).toContain('<%= process.env %>${7*7}{{7*7}}');
    expect(trouble).toEqual([]);
    await close();
  });

  test("an incident leads to its visitor's lines, with the fields filled in", async () => {
    const { page, trouble, close } = await open();
    await page.goto(`${base}?p=/explain&q=198.51.100.77`);
    await unfold(page);
    await page.click('a:has-text("All its requests in the logs")');
    await ended(page);
    expect(await page.inputValue('#wb-s-ip')).toBe('198.51.100.77');
    expect(await page.inputValue('#wb-s-from')).toMatch(/^\d{4}-\d\d-\d\d/);
    expect(await page.inputValue('#wb-s-to')).toMatch(/^\d{4}-\d\d-\d\d/);
    const found = await page.locator('#found-lines > li').allTextContents();
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter((line) => !line.includes('198.51.100.77'))).toEqual([]);
    expect(trouble).toEqual([]);
    await close();
  });
});

suite('without JavaScript', () => {
  test('searched, reloaded until it has ended, older lines', async () => {
    const { page, trouble, close } = await open({
      javaScriptEnabled: false,
      viewport: { width: 375, height: 800 },
    });
    await page.goto(`${base}?p=/search`);
    await page.fill('#wb-s-q', SLOW);
    await page.click('summary:has-text("More:")');
    await page.fill('#wb-s-log-1', MIDDLE);
    for (const box of await page.locator('input[type=checkbox][name=log]').all()) await box.uncheck();
    await page.click('button:text-is("Search")');
    expect(await heading(page)).toMatch(/so far$/);
    expect(await sideways(page)).toBe(0);
    await ended(page);
    const file = readFileSync(join(root, 'var/log/apache2/domlogs/middle.example.net'), 'latin1');
    const marked = file.split('\n').filter((line) => /[A-Z]{9}/.test(line) && new RegExp(SLOW).test(line));
    expect(marked.length).toBeGreaterThan(50);
    expect(await heading(page)).toBe(`${marked.length} lines`);
    expect(new URL(page.url()).searchParams.get('job')).not.toBeNull();
    await page.goto(at({ q: 'n=\\d*7 ', log: MIDDLE, limit: '50' }));
    const newest = await places(page);
    await page.click('a:has-text("Older lines")');
    const older = await places(page);
    expect([newest, older].map((part) => new Set(part as string[]).size)).toEqual([50, 50]);
    expect((older as string[]).filter((place) => (newest as string[]).includes(place))).toEqual([]);
    expect(trouble).toEqual([]);
    await close();
  });

  test('Cancel', async () => {
    const { page, trouble, close } = await open({ javaScriptEnabled: false });
    await page.goto(at({ q: SLOW, log: BIG }));
    await page.click('#found-cancel');
    await page.waitForSelector('#h-found:has-text("Cancelled at")');
    expect(await isIdle()).not.toBeNull();
    expect(trouble).toEqual([]);
    await close();
  });
});
