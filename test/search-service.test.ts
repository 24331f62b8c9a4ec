// The service under searches: it answers other pages meanwhile, ends each search in words, and leaves no process behind.
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tempDir } from './host/make-root.ts';
import { BIG, MIDDLE, searchRoot, SLOW } from './search-root.ts';
import {
  descendants,
  idle,
  isAlive,
  peakMegabytes,
  ripgreps,
  type Served,
  serve,
  signedIn,
  until,
} from './service-kit.ts';

const started: Served[] = [];
let root: string;
beforeAll(() => {
  root = searchRoot(join(tempDir(), 'demo'), 48).root;
});
afterAll(() => {
  for (const { child } of started) child.kill('SIGKILL');
});

interface Visitor {
  readonly served: Served;
  readonly cookie: string;
}

async function visit(): Promise<Visitor> {
  // As many searches as one likes: what they are limited to is another test's matter.
  const config = join(tempDir(), 'config.json');
  writeFileSync(config, JSON.stringify({ access: { costlyPerMinute: 10_000 } }));
  const served = await serve(root, ['--config', config]);
  started.push(served);
  return { served, cookie: await signedIn(served.link) };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask({ served, cookie }: Visitor, path: string): Promise<Answer> {
  const response = await fetch(`${served.origin}/${path}`, { redirect: 'manual', headers: { cookie } });
  return { status: response.status, text: await response.text() };
}

type Fields = Readonly<Record<string, string>>;

function searchPath(fields: Fields): string {
  return `index.cgi?p=/search&${new URLSearchParams(fields).toString()}`;
}

const jobOf = (page: string): string => /name="job" value="([\w-]+)"/.exec(page)?.[1] ?? '';
const isBusy = (page: string): boolean => page.includes('aria-busy="true"');

/** A text of a page without its marks. */
function words(page: string, pattern: RegExp): string {
  const found = pattern.exec(page)?.[1] ?? '';
  return found.replaceAll(/<[^>]*>/g, '').trim();
}

/** How a search ended, in the page's own words. */
function ending({ status, text }: Answer): string {
  if (status !== 200) {
    const refusal =
      words(text, /class="wb-error[^>]*>([\s\S]*?)<\/p>/) ||
      words(text, /wb-note--attack">([\s\S]*?)<\/div>/);
    return `${status} ${refusal}`;
  }
  const heading = words(text, /id="h-found"[^>]*>([\s\S]*?)<\/h2>/);
  const why = words(text, /wb-note--attack"><p[^>]*><strong>([\s\S]*?)<\/strong>/);
  return why === '' ? heading : `${heading}: ${why}`;
}

/** Starts a search and asks for its results until it has ended, as the page's script does. */
async function searched(visitor: Visitor, fields: Fields): Promise<Answer> {
  let answer = await ask(visitor, searchPath(fields));
  const job = jobOf(answer.text);
  while (answer.status === 200 && isBusy(answer.text)) {
    await sleep(500);
    answer = await ask(visitor, `index.cgi?p=/search/results&job=${job}`);
  }
  return answer;
}

/** How long other pages take in ms, until told to end. */
async function pageTimes(visitor: Visitor, isOver: () => boolean): Promise<number[]> {
  const times: number[] = [];

  while (!isOver()) {
    for (const page of ['/', '/activity']) {
      const began = performance.now();
      const { status } = await ask(visitor, `index.cgi?p=${page}`);
      times.push(performance.now() - began);

      expect(status).toBe(200);
    }
    await sleep(20);
  }
  return times.sort((a, b) => a - b);
}

const NESTED = '((a{1,100}){1,100}){1,100}z';
const HARD: readonly Fields[] = [
  { q: SLOW, log: BIG },
  { q: '(a+)+$' },
  { q: '(a+)+$', syntax: 'pcre', log: BIG },
  { q: '(.*a){25}b', log: BIG },
  { q: '(.*a){25}b', syntax: 'pcre', log: MIDDLE },
  { q: NESTED },
  { q: NESTED, syntax: 'pcre' },
  { q: 'x'.repeat(100_000) },
  { q: 'x'.repeat(60_000) },
  { q: 'GET', v: '1', log: MIDDLE },
  { q: '(', log: MIDDLE },
  { q: 'GET', limit: '10000', log: BIG },
];

describe('fifty searches at once', () => {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await visit();
    // What is new in the logs is read first.
    await searched(visitor, { q: 'GET' });
  });
  afterAll(() => {
    visitor.served.child.kill('SIGTERM');
  });

  test('each ends in words, and other pages are answered meanwhile', async () => {
    const all = Array.from(
      { length: 50 },
      (_, i): Fields => HARD[i] ?? { q: `item/${i}`, log: MIDDLE, i: '1' },
    );
    let isOver = false;
    const timing = pageTimes(visitor, () => isOver);
    const began = performance.now();
    const answers = await Promise.all(all.map((fields) => searched(visitor, fields)));
    const took = performance.now() - began;
    isOver = true;
    const times = await timing;
    const [median = 0, worst = 0] = [times[Math.floor(times.length / 2)], times.at(-1)];
    const peak = peakMegabytes(visitor.served.pid);
    console.info(
      `50 searches in ${(took / 1000).toFixed(1)} s; ${times.length} other pages meanwhile: median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms; peak memory ${peak.toFixed(0)} MB\n` +
        answers
          .slice(0, HARD.length)
          .map((answer, i) => `${HARD[i]?.q?.slice(0, 40) ?? ''} ${HARD[i]?.syntax ?? ''}: ${ending(answer)}`)
          .join('\n'),
    );
    expect(
      answers
        .map(ending)
        .filter(
          (text) =>
            !/^(?:(?:400|409) \S|[\d,]+ lines?\b|No line found|The newest|The search failed: \S.{30})/.test(
              text,
            ),
        ),
    ).toEqual([]);
    expect(times.length).toBeGreaterThan(20);
    expect(worst).toBeLessThan(1000);
    expect(await idle(visitor.served.pid, 2000)).not.toBeNull();
    expect((await ask(visitor, searchPath({ q: 'GET', limit: '1' }))).status).toBe(200);
    // Four threads at work: pages, reader and search beside the web thread.
    expect(peak).toBeLessThan(320);
  }, 120_000);

  test('a pattern too long for the address gets a page that says so', async () => {
    const { status, text } = await ask(visitor, searchPath({ q: '"'.repeat(100_000) }));
    expect([status, text.includes('pattern is too long (100000 bytes)')]).toEqual([400, true]);
    const longer = await ask(visitor, searchPath({ q: 'x'.repeat(2_000_000) })).catch(String);
    expect(longer).toMatchObject({ status: 431 });
    expect((longer as Answer).text).toContain('too long');
  });

  test('a visitor who goes away ends the search', async () => {
    const { served, cookie } = visitor;
    const asking = request(`${served.origin}/${searchPath({ q: SLOW, log: BIG })}`, { headers: { cookie } });
    asking.on('error', () => undefined);
    asking.end();
    expect(await until(() => ripgreps(served.pid).length > 0, 5000)).not.toBeNull();
    asking.destroy();
    const gone = await idle(served.pid, 5000);
    expect(gone).not.toBeNull();
  });
});

test('SIGTERM during searches ends the service and its children', async () => {
  const visitor = await visit();
  const { served } = visitor;
  const asked = [BIG, MIDDLE, BIG].map((log) => ask(visitor, searchPath({ q: SLOW, log })).catch(() => null));
  await Promise.all(asked);
  const pending = ask(visitor, searchPath({ q: SLOW, log: BIG })).catch(() => null);
  expect(await until(() => ripgreps(served.pid).length === 2, 5000)).not.toBeNull();
  const family = descendants(served.pid);
  const began = performance.now();
  served.child.kill('SIGTERM');
  const { code, signal, err } = await served.ended;
  const took = performance.now() - began;
  await pending;
  expect([code, signal, err]).toEqual([0, null, '']);
  expect(took).toBeLessThan(3000);
  expect([served.pid, ...family].filter(isAlive)).toEqual([]);
});
