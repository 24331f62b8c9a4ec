// Stored and reflected markup from every field that a stranger can write: all pages, by the real engine, read strictly.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { tempDir } from '../host/make-root.ts';
import { ask } from '../socket-ask.ts';
import { serveSocket, type SocketServed } from '../socket-kit.ts';
import { type Crawled, crawlPrefix } from './crawl.ts';
import { csrfOf } from './harness.ts';
import { type HostileRoot, makeHostileRoot } from './hostile-root.ts';
import type { ReadPage } from './html.ts';

const BASE = 'http://whm.example.com/cpsess0123456789/cgi/whyblocked/index.cgi';
/** What our own views are made of, read out of them: whatever else a page has came from a stranger. */
const VIEWS = new URL('../../views/', import.meta.url);
const SOURCES = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ejs'))
  .map((name) => readFileSync(new URL(name, VIEWS), 'utf8'))
  .join('\n');
const namesIn = (pattern: RegExp): ReadonlySet<string> =>
  new Set([...SOURCES.matchAll(pattern)].map((match) => match[1] ?? ''));
const ELEMENTS = namesIn(/<([a-z][a-z0-9]*)/g);
const ATTRIBUTES = new Set([
  ...namesIn(/\s([a-zA-Z][\w-]*)="/g),
  ...['required', 'checked', 'selected', 'hidden', 'defer', 'open', 'disabled'],
  ...['data-wb-ask', 'data-wb-tidy', 'data-wb-theme', 'data-wb-keys'],
]);

function unexpected({ tags }: ReadPage): string[] {
  return tags.flatMap((tag) => {
    const found: string[] = ELEMENTS.has(tag.name) ? [] : [`<${tag.name}>`];
    for (const [name, value] of tag.attributes) {
      if (!ATTRIBUTES.has(name)) found.push(`<${tag.name} ${name}>`);
      if (
        ['href', 'src', 'action'].includes(name) &&
        !/^(?:index\.cgi(?:(?:\/path-info)?\?p=\/|$)|static\/|#|data:,$)/.test(value)
      )
        found.push(`<${tag.name} ${name}="${value}">`);
    }
    if (tag.name === 'script' && !/^static\/whyblocked\.js\?v=\w+$/.test(tag.attributes.get('src') ?? ''))
      found.push('another script');
    return found;
  });
}

describe('a server full of markup', () => {
  let made: HostileRoot;
  let service: SocketServed;
  let crawled: Crawled;
  beforeAll(async () => {
    made = makeHostileRoot(tempDir());
    const socket = join(tempDir(), 'run', 's');
    service = await serveSocket(made.root, socket, ['--state', made.state]);
    const csrf = csrfOf((await ask(socket, '/index.cgi')).text);
    const pasted = await ask(socket, '/index.cgi?p=/explain', { form: { q: made.mail, csrf } });
    const seeds = [
      String(pasted.headers.location),
      ...[
        '192.0.2.66',
        '192.0.2.67',
        '192.0.2.68',
        'shop.example.com',
        '990001',
        '"><script>alert(1)</script>',
      ].map((target) => `index.cgi?p=/explain&q=${encodeURIComponent(target)}`),
      'index.cgi?p=/search&q=alert&rotated=always&limit=1000&context=2',
      ...['error', 'audit', 'access', 'lfd', 'mail', 'system'].map(
        (log) => `index.cgi?p=/search&q=alert&log=${log}`,
      ),
      'index.cgi?p=/rule&id=990001',
      'index.cgi?p=/rules&text=990001',
      'index.cgi?p=/exclusion&id=1',
      'index.cgi?p=/exclusion&id=3',
      'index.cgi?p=/change&id=1',
      'index.cgi?p=/activity',
      'index.cgi?p=/&since=all',
    ];
    crawled = await crawlPrefix(BASE, {
      seeds,
      perShape: 3,
      most: 250,
      ask: async (url) => {
        const answer = await ask(socket, url.pathname + url.search);
        const { location = null, 'content-type': type = '' } = answer.headers;
        return { status: answer.status, location, type, body: answer.text };
      },
    });
  }, 60_000);
  afterAll(() => {
    service.child.kill('SIGKILL');
  });

  test('no page has an element, an attribute or an address that is not ours', () => {
    const found = [...crawled.pages].flatMap(([place, { read }]) =>
      read === null ? [] : [...read.problems, ...unexpected(read)].map((problem) => `${place}: ${problem}`),
    );
    expect(found).toEqual([]);
    expect(crawled.pages.size).toBeGreaterThan(100);
  });

  test('nothing leaves the prefix and nothing is dead', () => {
    // The ledger keeps the names of vhosts that are gone; their pages say so.
    const isGone = (text: string): boolean => /p=\/domain&vhost=%3Cscript.* answers 404$/.test(text);
    expect(crawled.violations.filter((text) => !isGone(text))).toEqual([]);
  });

  test('every field was shown somewhere, as text', () => {
    const texts = [...crawled.pages.values()].map(({ read, body }) => read?.text ?? body).join('\n');
    const unseen = [...made.marks].filter(([, n]) => !texts.includes(`alert(${n})`)).map(([field]) => field);
    expect(unseen).toEqual(UNSHOWN);
  });
});

/** Fields that no page shows: what is not kept, or shown only where it is understood. */
const UNSHOWN: readonly string[] = [
  'audit cookie name',
  'log name',
  'deny comment',
  'vhost',
  'rule logdata',
  'comment of others',
  'host name',
  'mail subject',
  'mail line',
];
