// Every parameter of every page with hostile values: what the crawler saw, sent again with something else in it.
import fc from 'fast-check';
import { type Crawled, crawlPrefix } from './crawl.ts';
import { readHtml } from './html.ts';
import { hostileQuery, hostileValue, MARK } from './hostile-values.ts';
import type { SocketAnswer } from '../socket-ask.ts';

export type Ask = (path: string, form?: Record<string, string>) => Promise<SocketAnswer>;

const BASE = 'http://whm.example.com/cpsess0123456789/cgi/whyblocked/index.cgi';
/** Searches wait for what they find, exports for all of it. */
const SLOWEST_MS = 10_000;
const KEPT_VALUES = 4;
const LONGEST_SEEN = 10_000;
/** The trial of the self-test that waits for half a minute, as it should. */
const SLOW = 'slow';
const SCOPE = {
  ...{ kind: 'rule-vhost', vhost: 'shop.example.com', rule: '942100' },
  ...{ target: 'ARGS:q', path: '/x', tag: 'attack-sqli' },
};
/** Fields of acts, which a copied server offers no form for, and of the pages that watch them; with values that fit. */
const KNOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'GET /act': { id: '1' },
  'GET /act/state': { id: '1' },
  'GET /doctor/dot': { p2: '1' },
  'POST /explain': { q: '192.0.2.66' },
  'POST /exclude': { ...SCOPE, reason: 'a reason', ends: '30d', typed: 'shop.example.com' },
  'POST /exclusion/edit': { id: '1', reason: 'a reason', ends: 'same' },
  'POST /revert': { id: '1', reason: 'a reason' },
  'POST /adopt': { key: 'f1', reason: 'a reason' },
  'POST /settle': { vhost: 'shop.example.com', how: 'adopt', reason: 'a reason' },
  'GET /cause': { id: '1' },
  'POST /cause/state': { id: '1', state: 'ignored', more: '5', note: 'a reason' },
  'POST /search/stop': { job: '1', query: 'q=x' },
  'POST /search/save': { job: '1', query: 'q=x', name: 'a name' },
  'POST /search/forget': { id: '1' },
  'POST /mark': {
    address: '192.0.2.66',
    kind: 'monitor',
    note: 'a note',
    q: '192.0.2.66',
    from: '',
    paste: '',
    cause: '',
  },
  'POST /unmark': { id: '1', q: '192.0.2.66', from: '' },
  'GET /firewall/run': { id: 'f1' },
  'GET /firewall/run/state': { id: 'f1' },
  'GET /firewall/done': { id: '1' },
  'POST /firewall/act': {
    ...{ do: 'unblock', target: '192.0.2.66', seconds: '3600', net: '1', allow: '86400', from: '' },
    ...{ seen: 'csf -dr 192.0.2.66', reason: 'a reason', typed: '192.0.2.66' },
  },
  'POST /firewall/alarm': { reason: 'a reason' },
  'POST /reveal': { file: '/var/log/apache2/error_log', offset: '0', n: '10' },
};

/** What a page takes: the names of its parameters with values that were seen for them. */
interface Entrance {
  readonly page: string;
  readonly method: 'GET' | 'POST';
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** A request to be sent. */
interface Shot {
  readonly page: string;
  readonly method: 'GET' | 'POST';
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly tail: string;
}

/** All pages by method, with every parameter that a link, a form or a redirect of the crawled pages has. */
export function entrancesOf({ links, forms }: Crawled): readonly Entrance[] {
  const found = new Map<string, Map<string, string[]>>();
  const note = (key: string, name: string, value: string): void => {
    const values = found.get(key) ?? new Map<string, string[]>();
    found.set(key, values);
    const known = values.get(name) ?? [];
    if (known.length < KEPT_VALUES && !known.includes(value)) values.set(name, [...known, value]);
  };
  const take = (method: string, query: string, more: readonly (readonly [string, string])[]): void => {
    const all = [...new URLSearchParams(query), ...more];
    const page = all.find(([name]) => name === 'p')?.[1] ?? '/';
    const key = `${method} ${page}`;
    if (!found.has(key)) found.set(key, new Map());
    for (const [name, value] of all)
      if (name !== 'p' && name !== 'csrf' && value.length < LONGEST_SEEN && value !== SLOW)
        note(key, name, value);
  };
  for (const { to } of links) if (to.startsWith('index.cgi')) take('GET', to.split('?')[1] ?? '', []);
  for (const { method, action, fields } of forms)
    take(method.toUpperCase(), action.split('?')[1] ?? '', fields);
  for (const [key, values] of Object.entries(KNOWN))
    for (const [name, value] of Object.entries(values)) note(key, name, value);
  return [...found].map(([key, values]) => {
    const [method = 'GET', page = '/'] = key.split(' ');
    return { page, method: method === 'POST' ? 'POST' : 'GET', values };
  });
}

/** Requests to these pages: most values as they were seen, one or two hostile, and perhaps a parameter of another page. */
function shots(entrances: readonly Entrance[]): fc.Arbitrary<Shot> {
  const names = [...new Set(entrances.flatMap(({ values }) => [...values.keys()])), 'zz'];
  const one = ({ page, method, values }: Entrance): fc.Arbitrary<Shot> => {
    const own = [...values];
    const usual = own.map(([, seen]) =>
      fc.option(fc.constantFrom(...(seen.length === 0 ? [''] : seen)), { nil: null, freq: 6 }),
    );
    const changed = fc.array(fc.tuple(fc.nat(Math.max(0, own.length - 1)), hostileValue), {
      minLength: own.length > 1 ? 1 : 0,
      maxLength: own.length === 0 ? 0 : 2,
    });
    const foreign = fc.array(fc.tuple(fc.constantFrom(...names), hostileValue), { maxLength: 1 });
    return fc
      .record({
        usual: fc.tuple(...usual),
        changed,
        foreign,
        tail: fc.oneof({ arbitrary: fc.constant(''), weight: 5 }, { arbitrary: hostileQuery, weight: 1 }),
      })
      .map(({ usual: seen, changed: replaced, foreign: more, tail }) => {
        const hostile = new Map(replaced);
        const fields = own.flatMap(([name], index): [string, string][] => {
          const value = hostile.get(index) ?? seen[index] ?? null;
          return value === null ? [] : [[name, value]];
        });
        return { page, method, fields: [...fields, ...more], tail };
      });
  };
  return fc.oneof(...entrances.map(one));
}

/** The end of an address that takes such values; lone surrogates become U+FFFD as in a browser. */
function queryText(fields: Shot['fields']): string {
  return fields.map(([name, value]) => `&${name}=${encodeURIComponent(value.toWellFormed())}`).join('');
}

function bodyProblems({ text, headers }: SocketAnswer): string[] {
  const found: string[] = [];
  if (/\n {4}at |node:internal|\.ts:\d+:\d+|SQLITE_|better-sqlite3/.test(text)) found.push('a stack trace');
  if (text.includes('planted-shadow')) found.push('a file that is no log');
  if (!String(headers['content-type']).startsWith('text/html')) return found;
  const read = readHtml(text);
  found.push(...read.problems);
  for (const { name, attributes } of read.tags)
    if (name === MARK || attributes.has(MARK)) found.push(`<${name}> of the value`);
  return found;
}

/** What is wrong with an answer; nothing is. */
export function problemsOf(answer: SocketAnswer, ms: number): string[] {
  const { status, headers } = answer;
  const found: string[] = status >= 500 ? [`it answers ${status}`] : [];
  if (ms > SLOWEST_MS) found.push(`it took ${Math.round(ms)} ms`);
  const injected = Object.keys(headers).filter((name) => name.includes(MARK) || name === 'set-cookie');
  found.push(...injected.map((name) => `the header ${name}`));
  const { location } = headers;
  if (location !== undefined && !/^index\.cgi\?p=\/[\x21-\x7e]*$/.test(location))
    found.push(`it leads to ${location}`);
  if (headers['cache-control'] !== 'no-store') found.push('it may be kept');
  return [...found, ...bodyProblems(answer)];
}

export interface CrawlRun {
  readonly seed: number;
  readonly runs: number;
  /** The last run begins before this many ms are over. */
  readonly within: number;
}

/** Crawls all pages, then sends hostile values. Throws fast-check's report with the smallest request that shows a fault. */
export async function hostileCrawl(
  ask: Ask,
  { seed, runs, within }: CrawlRun,
): Promise<{ readonly entrances: readonly Entrance[]; readonly sent: number }> {
  const crawled = await crawlPrefix(BASE, {
    perShape: 3,
    most: 200,
    seeds: ['index.cgi?p=/search&q=a&limit=5', 'index.cgi?p=/exclusion&id=1', 'index.cgi?p=/change&id=1'],
    ask: async (url) => {
      const { status, headers, text } = await ask(url.pathname + url.search);
      return { status, location: headers.location ?? null, type: headers['content-type'] ?? '', body: text };
    },
  });
  const entrances = entrancesOf(crawled);
  const home = await ask('/index.cgi');
  const csrf = /name="csrf" value="([^"]+)"/.exec(home.text)?.[1] ?? '';
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(shots(entrances), async ({ page, method, fields, tail }) => {
      const began = performance.now();
      const answer = await (method === 'GET'
        ? ask(`/index.cgi?p=${page}${queryText(fields)}${tail}`)
        : ask(`/index.cgi?p=${page}${tail === '' ? '' : `&${tail}`}`, {
            ...Object.fromEntries(fields.map(([name, value]) => [name, value.toWellFormed()])),
            csrf,
          }));
      sent++;
      const found = problemsOf(answer, performance.now() - began);
      if (found.length > 0) throw new Error(`${method} ${page}: ${found.slice(0, 5).join('; ')}`);
    }),
    {
      seed,
      numRuns: runs,
      interruptAfterTimeLimit: within,
      markInterruptAsFailure: false,
      endOnFailure: false,
    },
  );
  return { entrances, sent };
}
