// The service as a process: it signs in by its link, explains a pasted mail, follows the logs, and ends when told.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DemoServer, unpackDemo } from '../src/host/demo-root.ts';
import { start } from './actions/kit.ts';
import { tempDir } from './host/make-root.ts';
import { descendants, isAlive, serve, type Served } from './service-kit.ts';

const started: Served[] = [];
afterAll(() => {
  for (const { child } of started) child.kill('SIGKILL');
});

/** A browser as far as it is needed: keeps the session cookie and follows relative redirects. */
class Browser {
  readonly #origin: string;
  #cookie = '';

  constructor(link: string) {
    this.#origin = new URL(link).origin;
  }

  async open(
    path: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; text: string; url: string }> {
    const url = new URL(path, `${this.#origin}/`);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: this.#cookie, ...(form === undefined ? {} : { origin: this.#origin }) },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    const set = response.headers.getSetCookie()[0]?.split(';')[0];
    if (set !== undefined) this.#cookie = set;
    const text = await response.text();
    const next = response.headers.get('location');
    if (next !== null && response.status < 400) return this.open(new URL(next, url).href);
    return { status: response.status, text, url: url.href };
  }
}

/** The first form of a page that posts: where to, and its hidden fields. */
function formOf(page: string): { action: string; fields: Record<string, string> } {
  const form = /<form[^>]*method="post"[^>]*>[\s\S]*?<\/form>/gi;
  const pasted = [...page.matchAll(form)].map(([text]) => text).find((text) => text.includes('<textarea'));
  if (pasted === undefined) throw new Error('no form with a box');
  const action = /action="([^"]*)"/.exec(pasted)?.[1] ?? '';
  const hidden = [...pasted.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
    /name="([^"]*)"/.exec(input)?.[1] ?? '',
    /value="([^"]*)"/.exec(input)?.[1] ?? '',
  ]);
  const box = /<textarea[^>]*name="([^"]*)"/.exec(pasted)?.[1] ?? '';
  return {
    action: action.replaceAll('&amp;', '&'),
    fields: { ...(Object.fromEntries(hidden) as Record<string, string>), box },
  };
}

describe('the service on the demo server', () => {
  let demo: DemoServer;
  let served: Served;
  let browser: Browser;
  beforeAll(async () => {
    demo = unpackDemo(join(tempDir(), 'demo'), Date.now());
    served = await serve(demo.root);
    started.push(served);
    browser = new Browser(served.link);
  });

  test('prints one link that signs in once', async () => {
    expect(served.printed).toContain(`Whyblocked reads ${demo.root}.`);
    expect((await new Browser(served.link).open('/')).text).not.toContain('198.51.100.77');
    const home = await browser.open(served.link);
    expect(home.status).toBe(200);
    expect(home.text).toContain('198.51.100.77');
    const second = await new Browser(served.link).open(served.link);
    expect(second.status).toBe(401);
    expect(second.text).not.toContain('198.51.100.77');
  });

  test("the pasted mail of the story becomes its incident's page", async () => {
    const home = await browser.open('/');
    const { action, fields } = formOf(home.text);
    const { box = '', ...hidden } = fields;
    const page = await browser.open(new URL(action, home.url).href, {
      ...hidden,
      [box]: demo.mails[0]?.text ?? '',
    });
    expect(page.status).toBe(200);
    for (const part of ['198.51.100.77', '913100', '920350', '949110', 'zgrab'])
      expect([part, page.text.includes(part)]).toEqual([part, true]);
  });

  test('a line that Apache appends is shown within three seconds', async () => {
    const stamp = readFileSync(join(demo.root, 'var/log/apache2/error_log'), 'latin1')
      .split('\n')
      .findLast((line) => line.includes('ModSecurity: Access denied'))!;
    const fresh = stamp
      .replace(/\[client [^\]]+\]/g, '[client 192.0.2.222]')
      .replace(/\[unique_id "[^"]+"\]/, '[unique_id "aSGk0kXnq5Qe4V2mXh39999AAAEs"]');
    expect((await browser.open('/')).text).not.toContain('192.0.2.222');
    appendFileSync(join(demo.root, 'var/log/apache2/error_log'), `${fresh}\n`);
    const end = Date.now() + 3000;
    let shown = false;
    while (!shown && Date.now() < end) {
      await sleep(100);
      shown = (await browser.open('/')).text.includes('192.0.2.222');
    }
    expect(shown).toBe(true);
  });

  test('a second one on the same port says so in one sentence', async () => {
    const port = new URL(served.link).port;
    const args = ['serve', '--port', port, '--root', demo.root, '--state', join(tempDir(), 'state')];
    const { code, out, err } = await start(args).ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe(
      `whyblocked: Port ${port} is taken. Name another one with --port, or 0 for any free one.\n`,
    );
  });

  test('SIGTERM ends it with code 0, also with a connection open, and leaves no process', async () => {
    const pid = served.child.pid ?? 0;
    const family = descendants(pid);
    const pending = browser.open('/').catch(() => null);
    served.child.kill('SIGTERM');
    const { code, signal, err } = await served.ended;
    await pending;
    expect([code, signal, err]).toEqual([0, null, '']);
    expect([pid, ...family].filter(isAlive)).toEqual([]);
  });
});

test('a port that another program holds', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const root = tempDir();
  const { code, err } = await start([
    'serve',
    '--port',
    String(port),
    '--root',
    root,
    '--state',
    join(tempDir(), 's'),
  ]).ended;
  other.close();
  expect([code, err.trimEnd().split('\n').length]).toEqual([1, 1]);
});

test('a root that is not there', async () => {
  const missing = await start(['serve', '--port', '0', '--root', '/nonexistent/x']).ended;
  expect([missing.code, missing.out]).toEqual([2, '']);
  expect(missing.err).toMatch(/^whyblocked: --root \/nonexistent\/x cannot be read: ENOENT[^\n]*\n$/);
});
