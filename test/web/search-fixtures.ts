// Searches as the engine gives them, and a fake engine that remembers what it was asked.
import { EMPTY_QUERY } from '../../src/actions/search-query.ts';
import type { SearchQuery } from '../../src/actions/search-query.ts';
import type {
  FoundLine,
  LinePart,
  SavedSearch,
  SearchView,
  SurroundingView,
} from '../../src/actions/search-view.ts';
import type { SearchLog } from '../../src/model.ts';
import type { SearchEngine } from '../../src/web/web-context.ts';
import { SERVER } from './fixtures.ts';

const ERROR_LOG = '/var/log/apache2/error_log';
const ACCESS_LOG = '/var/log/apache2/access_log';
const LFD_LOG = '/var/log/lfd.log';
const MIB = 1024 * 1024;

export const plain = (text: string): LinePart => ({ text, marked: false, link: null });
export const marked = (text: string): LinePart => ({ text, marked: true, link: null });

export function found(change: Partial<FoundLine> = {}): FoundLine {
  return {
    at: '2026-11-22T17:56:37+01:00',
    file: ERROR_LOG,
    offset: 18_402_113,
    parts: [
      plain('[security2:error] [client '),
      { text: '203.0.113.45', marked: true, link: { kind: 'ip', value: '203.0.113.45' } },
      plain('] ModSecurity: Warning. [id "'),
      { text: '913100', marked: false, link: { kind: 'ruleId', value: '913100' } },
      plain('"] [hostname "'),
      { text: 'shop.example.com', marked: false, link: { kind: 'domain', value: 'shop.example.com' } },
      plain('"] [unique_id "'),
      {
        text: 'aSGk0kXnq5Qe4V2mXh30001AAAEs',
        marked: false,
        link: { kind: 'uniqueId', value: 'aSGk0kXnq5Qe4V2mXh30001AAAEs' },
      },
      plain('"]'),
    ],
    before: [],
    after: [],
    ...change,
  };
}

/** 30 minutes from 17:30, 40 lines at 17:56. */
export const HISTOGRAM = {
  stepSeconds: 60,
  bars: Array.from({ length: 30 }, (_, minute) => ({
    at: `2026-11-22T17:${String(30 + minute)}:00+01:00`,
    lines: minute === 26 ? 40 : minute % 7 === 2 ? 2 : 0,
  })),
};

export function searchView(change: Partial<SearchView> = {}): SearchView {
  return {
    id: 'job-1',
    query: { ...EMPTY_QUERY, pattern: '203\\.0\\.113\\.45' },
    phase: 'done',
    count: 3,
    lines: [
      found(),
      found({
        file: ACCESS_LOG,
        offset: 7_714_402,
        parts: [marked('203.0.113.45'), plain(' - - [22/Nov/2026:17:56:37 +0100] "GET / HTTP/1.1" 403 699')],
        before: ['the line before'],
        after: ['the line after'],
      }),
      found({ at: null, file: LFD_LOG, offset: 220_914, parts: [plain('no time here')] }),
    ],
    files: [
      { path: ERROR_LOG, kind: 'error', lines: 1, state: 'done', note: null },
      { path: ACCESS_LOG, kind: 'access', lines: 1, state: 'done', note: null },
      { path: LFD_LOG, kind: 'lfd', lines: 1, state: 'done', note: 'cannot be read before 17:31' },
      {
        path: `${ERROR_LOG}-10-2026.gz`,
        kind: 'error',
        lines: 0,
        state: 'left out',
        note: 'ends before the time',
      },
    ],
    bytesDone: 640 * MIB,
    bytesTotal: 640 * MIB,
    reading: null,
    window: { from: '2026-11-22T17:30:00+01:00', to: '2026-11-22T18:00:00+01:00' },
    histogram: HISTOGRAM,
    notes: [],
    problem: null,
    tookMs: 412,
    older: null,
    covered: true,
    server: SERVER,
    ...change,
  };
}

export const RUNNING: SearchView = searchView({
  phase: 'running',
  count: 53,
  bytesDone: 412 * MIB,
  reading: '/var/log/apache2/error_log-11-2026.gz',
});

export const LOGS: readonly SearchLog[] = Array.from({ length: 450 }, (_, index) => ({
  kind: index === 0 ? 'error' : 'access',
  path: index === 0 ? ERROR_LOG : `/var/log/apache2/domlogs/shop${index}.example.com`,
  size: index * 1000 * 1000,
  mtimeMs: Date.UTC(2026, 10, 22, 16, 48),
  compressed: index % 50 === 1,
  rotated: index % 50 === 1,
  vhost: index === 0 ? null : `shop${index}.example.com`,
  account: index === 0 ? null : `acct${index}`,
  problem: index === 3 ? 'permission denied' : null,
}));

export const AROUND: SurroundingView = {
  file: ERROR_LOG,
  offset: 18_402_113,
  lines: [
    { offset: 18_402_000, at: '2026-11-22T17:56:36+01:00', parts: [plain('the one before')], asked: false },
    { offset: 18_402_113, at: '2026-11-22T17:56:37+01:00', parts: found().parts, asked: true },
    { offset: 18_402_900, at: null, parts: [plain('the one after')], asked: false },
  ],
  server: SERVER,
};

export const SAVED: readonly SavedSearch[] = [
  {
    id: 7,
    name: 'Logins of yesterday',
    query: { ...EMPTY_QUERY, pattern: '"POST /wp-login', from: '-24h' },
    who: 'root',
    at: '2026-11-21T09:00:00+01:00',
  },
];

/** What the fake gives, replaceable while it runs, and what it was asked. */
export interface FakeSearch extends SearchEngine {
  answer: (query: SearchQuery) => SearchView;
  looked: (id: string) => SearchView | null;
  nearby: () => SurroundingView;
  unmasked: () => SurroundingView;
  allLogs: readonly SearchLog[];
  kept: readonly SavedSearch[];
  readonly started: { query: SearchQuery; waitMs: number }[];
  readonly looks: { id: string; waitMs: number }[];
  readonly stops: string[];
  readonly saves: { name: string; query: SearchQuery; who: string }[];
  readonly forgets: { id: number; who: string }[];
  readonly reveals: { file: string; offset: number; lines: number; who: string; address: string | null }[];
  readonly arounds: { file: string; offset: number; lines: number }[];
}

/** A fake search engine: every search is done at once unless `answer` says otherwise; a running one ends after one look. */
export function fakeSearch(): FakeSearch {
  const last = new Map<string, SearchView>();
  const fake: FakeSearch = {
    answer: (query) => searchView({ query }),
    looked: (id) => {
      const view = last.get(id);
      if (view?.phase === 'running') last.set(id, { ...view, phase: 'done' });
      return view ?? null;
    },
    nearby: () => AROUND,
    unmasked: () => AROUND,
    allLogs: LOGS,
    kept: SAVED,
    started: [],
    looks: [],
    stops: [],
    saves: [],
    forgets: [],
    reveals: [],
    arounds: [],
    start: (query, waitMs) => {
      fake.started.push({ query, waitMs });
      return Promise.resolve().then(() => {
        const view = fake.answer(query);
        last.set(view.id, view);
        return view;
      });
    },
    look: (id, waitMs) => {
      fake.looks.push({ id, waitMs });
      return Promise.resolve(fake.looked(id));
    },
    stop: (id) => {
      fake.stops.push(id);
      const view = last.get(id);
      if (view === undefined) return Promise.resolve(null);
      last.set(id, { ...view, phase: 'stopped' });
      return Promise.resolve(last.get(id) ?? null);
    },
    around: (file, offset, lines) => {
      fake.arounds.push({ file, offset, lines });
      return Promise.resolve().then(() => fake.nearby());
    },
    logs: () => Promise.resolve(fake.allLogs),
    saved: () => Promise.resolve(fake.kept),
    reveal: (file, offset, lines, by) => {
      fake.reveals.push({ file, offset, lines, ...by });
      return Promise.resolve().then(() => fake.unmasked());
    },
    save: (name, query, { who }) => {
      fake.saves.push({ name, query, who });
      return Promise.resolve();
    },
    forget: (id, { who }) => {
      fake.forgets.push({ id, who });
      return Promise.resolve();
    },
  };
  return fake;
}
