// Causes as the engine gives them: a list with its matrix, pages, a histogram of scores; and a fake that keeps what is set.
import type {
  Advice,
  CauseChange,
  CausePageView,
  CauseRow,
  CausesFilter,
  CausesView,
  EngineErrorRow,
  NoiseMatrix,
  ScoreHistogram,
} from '../../src/actions/causes-view.ts';
import type { CauseKey } from '../../src/model-evidence.ts';
import type { Actor, ExclusionEngine } from '../../src/web/web-context.ts';
import { SERVER } from './fixtures.ts';

const SHOP = 'shop.example.com';

export const ADVICE: Advice = {
  kind: 'target-vhost',
  words: 'Let rule 942100 skip the cookie consent_prefs on shop.example.com.',
  risk: 'Rule 942100 stops looking at this cookie on shop.example.com; all other fields and sites stay checked. An attack placed in it would pass this rule; 11 other rules still look at it.',
  scope: 'target-vhost',
};

const LEAVE: Advice = {
  kind: 'leave',
  words: 'Leave it: it stops attacks.',
  risk: 'Excluding it would have let 57 attack requests through in 14 days.',
  scope: null,
};

export function causeRow(change: Partial<CauseRow> = {}): CauseRow {
  return {
    id: 1,
    vhost: SHOP,
    account: 'shopexam',
    ruleId: '942100',
    title: 'Text read as SQL',
    target: 'REQUEST_COOKIES:consent_prefs',
    path: '/p/{n}',
    hits: 64,
    refused: 62,
    decisive: 58,
    visitors: 10,
    ordinary: 9,
    networks: 10,
    attackHits: 4,
    attackShare: 4 / 64,
    share: 0.021,
    score: 5.4,
    scoreParts: [
      { words: '9 unrelated ordinary visitors', value: 3.5 },
      { words: '2 % or more of such requests refused', value: 1 },
      { words: '94 % of its hits are consent data', value: 1 },
      { words: '4 of 64 requests came from attacks', value: -0.2 },
    ],
    band: 'noisy',
    tone: 'false-alarms',
    advice: ADVICE,
    state: 'new',
    stateWords: 'new',
    stateAt: null,
    stateBy: null,
    marks: [],
    firstAt: '2026-11-10T08:20:11+01:00',
    lastAt: '2026-11-22T17:40:03+01:00',
    blockedNow: 4,
    ...change,
  };
}

export const CAUSES: readonly CauseRow[] = [
  causeRow(),
  causeRow({
    id: 2,
    vhost: 'forum.example.org',
    account: 'forumacc',
    target: 'ARGS:message',
    path: '/post/{n}/reply',
    hits: 31,
    refused: 20,
    decisive: 20,
    visitors: 6,
    ordinary: 5,
    networks: 6,
    attackHits: 1,
    attackShare: 1 / 31,
    score: 4.1,
    tone: 'some',
    blockedNow: 1,
    advice: {
      ...ADVICE,
      kind: 'target-path',
      scope: 'target-path',
      words: 'Let rule 942100 skip ARGS:message at /post/{n}/reply only.',
    },
    state: 'reopened',
    stateWords: 'came back after exclusion 12',
    stateAt: '2026-11-21T09:00:00+01:00',
  }),
  causeRow({
    id: 3,
    ruleId: '941160',
    title: 'HTML in a field',
    target: 'ARGS:content',
    path: '/wp-json/wp/v2/posts/{n}',
    hits: 3,
    refused: 0,
    decisive: 0,
    visitors: 1,
    ordinary: 0,
    networks: 1,
    attackHits: 0,
    attackShare: 0,
    share: null,
    score: 2.2,
    band: 'watch',
    tone: 'unclear',
    blockedNow: 0,
    advice: { kind: 'watch', words: 'Watch it: one visitor is too few.', risk: '', scope: null },
    state: 'known',
    stateWords: 'known',
    stateAt: '2026-11-20T10:00:00+01:00',
    stateBy: 'root',
  }),
  causeRow({
    id: 4,
    vhost: '',
    account: null,
    ruleId: '920350',
    title: 'Host header is a number',
    target: 'REQUEST_HEADERS:Host',
    path: null,
    hits: 57,
    refused: 57,
    decisive: 57,
    visitors: 57,
    ordinary: 0,
    networks: 51,
    attackHits: 57,
    attackShare: 1,
    score: -2,
    scoreParts: [{ words: 'all of its requests came from attacks', value: -3 }],
    band: 'leave',
    tone: 'attacks',
    blockedNow: 52,
    advice: LEAVE,
    state: 'ignored',
    stateWords: 'ignored until 3 more visitors',
    stateAt: '2026-11-20T10:00:00+01:00',
    stateBy: 'root',
  }),
];

const RULES = [
  { id: '913100', title: 'Name of a scanner' },
  { id: '920350', title: 'Host header is a number' },
  { id: '930130', title: 'Asks for private files' },
  { id: '932160', title: 'Words of a shell' },
  { id: '941160', title: 'HTML in a field' },
  { id: '942100', title: 'Text read as SQL' },
];

/** Visitors by rule, with the letter of their tone: f false alarms, s some, u unclear, a attacks. */
const CELLS: readonly (readonly [string, readonly string[]])[] = [
  [SHOP, ['12a', '', '9a', '', '1u', '10f']],
  ['blog.example.net', ['14a', '', '11a', '', '3s', '2a']],
  ['forum.example.org', ['12a', '', '10a', '2u', '4s', '6s']],
  ['api.example.com', ['9a', '', '8a', '1u', '', '']],
  ['', ['41a', '57a', '33a', '4a', '', '']],
];
const LETTERS = { f: 'false-alarms', s: 'some', u: 'unclear', a: 'attacks' } as const;

export const MATRIX: NoiseMatrix = {
  rules: RULES,
  rows: CELLS.map(([vhost, cells]) => ({
    vhost,
    cells: cells.map((text, index) => {
      const match = /^(\d+)([fsua])$/.exec(text);
      if (match === null) return null;
      const ruleId = RULES[index]?.id ?? '';
      const cause = CAUSES.find((one) => one.vhost === vhost && one.ruleId === ruleId);
      return {
        ruleId,
        visitors: Number(match[1]),
        tone: LETTERS[match[2] as keyof typeof LETTERS],
        causeId: cause?.id ?? 1,
      };
    }),
  })),
  moreVhosts: 209,
  moreRules: 32,
};

export const ENGINE_ERROR: EngineErrorRow = {
  kind: 'limit',
  vhost: SHOP,
  text: 'Execution error - PCRE limits exceeded (-8): (null).',
  ruleId: '942260',
  requests: 31,
  visitors: 12,
  lastAt: '2026-11-22T16:02:11+01:00',
  limit: 'SecPcreMatchLimit (now 1000)',
  words: 'The rule gave up on a long value, so it was not checked.',
  lines: [{ file: '/var/log/apache2/error_log', offset: 1200 }],
};

export const ENGINE_ERRORS: readonly EngineErrorRow[] = [
  ENGINE_ERROR,
  {
    ...ENGINE_ERROR,
    kind: 'parser',
    vhost: '',
    text: 'Multipart parsing error: Multipart: Final boundary missing.',
    ruleId: null,
    requests: 2,
    visitors: 1,
    limit: null,
    words: 'The upload was cut.',
    lines: [],
  },
];

export function causesView(change: Partial<CausesView> = {}): CausesView {
  return {
    days: 14,
    rows: CAUSES,
    matching: CAUSES.length,
    page: 1,
    pages: 1,
    counts: { open: 3, all: 4, new: 1, known: 1, ignored: 1, fixed: 0, reopened: 1 },
    noisy: 2,
    matrix: MATRIX,
    errors: ENGINE_ERRORS,
    waiting: 0,
    countedAt: '2026-11-22T18:01:30+01:00',
    server: SERVER,
    ...change,
  };
}

function day(index: number): string {
  return `2026-11-${String(9 + index).padStart(2, '0')}`;
}

const HITS = [0, 2, 1, 3, 0, 4, 6, 5, 3, 8, 7, 6, 5, 14];

export function causePageView(change: Partial<CausePageView> = {}): CausePageView {
  const visitor = {
    client: '192.0.2.118',
    from: '2026-11-22T09:14:16+01:00',
    label: 'false-positive',
    sub: null,
    ordinary: true,
    refused: 10,
    hits: 10,
    firewall: 'permanent',
    lastAt: '2026-11-22T09:15:02+01:00',
  } as const;
  return {
    cause: causeRow(),
    days: 14,
    visitors: [
      visitor,
      { ...visitor, client: '2001:db8:9::51', firewall: 'not blocked', refused: 3, hits: 4 },
      {
        ...visitor,
        client: '203.0.113.77',
        label: 'attack',
        sub: 'named tool',
        ordinary: false,
        firewall: 'until 18:41',
      },
      { ...visitor, client: '198.51.100.31', label: 'unclear', ordinary: false, firewall: 'not known' },
    ],
    moreVisitors: 6,
    trend: HITS.map((hits, index) => ({
      day: day(index),
      hits,
      refused: Math.max(0, hits - 1),
      attacks: index === 13 ? 4 : 0,
    })),
    beside: [],
    others: [causeRow({ id: 5, target: 'ARGS:q', path: '/search', visitors: 2, ordinary: 0, score: 0.5 })],
    history: [
      { at: '2026-11-20T10:00:00+01:00', who: 'root', words: 'Set to known: asked the shop.' },
      { at: '2026-11-19T10:00:00+01:00', who: 'whyblocked', words: 'Came back after exclusion 7.' },
    ],
    covered: [],
    server: SERVER,
    ...change,
  };
}

export function scoreHistogram(change: Partial<ScoreHistogram> = {}): ScoreHistogram {
  return {
    vhost: SHOP,
    threshold: 5,
    bars: [
      { score: 2, requests: 14, ordinary: 12, attacks: 0 },
      { score: 3, requests: 20, ordinary: 15, attacks: 1 },
      { score: 5, requests: 64, ordinary: 52, attacks: 6 },
      { score: 8, requests: 9, ordinary: 0, attacks: 9 },
      { score: 10, requests: 22, ordinary: 1, attacks: 20 },
      { score: 25, requests: 18, ordinary: 0, attacks: 18 },
      { score: 115, requests: 1, ordinary: 0, attacks: 1 },
    ],
    days: 14,
    ...change,
  };
}

/** What was set, in order. */
export interface StateSet {
  readonly id: number;
  readonly change: CauseChange;
  readonly by: Actor;
}

type CauseEngine = Pick<ExclusionEngine, 'causes' | 'cause' | 'causeByKey' | 'setCauseState' | 'histogram'>;

/** What the fake gives, replaceable while it runs. */
export interface FakeCauses extends CauseEngine {
  causesOf: (filter: CausesFilter) => CausesView;
  causePageOf: (id: number) => CausePageView | null;
  /** None is counted unless a test says so. */
  causeNamed: (names: CauseKey) => CausePageView | null;
  histogramOf: (vhost: string) => ScoreHistogram | null;
  readonly filters: CausesFilter[];
  readonly states: StateSet[];
  /** Throws where a state is refused. */
  checkState: (set: StateSet) => void;
}

function tuned(cause: CauseRow, states: readonly StateSet[]): CauseRow {
  const set = states.findLast(({ id }) => id === cause.id);
  if (set === undefined) return cause;
  const { state, until } = set.change;
  const words = until === null ? state : `ignored until ${until} more visitors`;
  return { ...cause, state, stateWords: words, stateAt: SERVER.now, stateBy: set.by.who };
}

/** A fake engine of causes, with four of them; states that are set stay set. */
export function fakeCauses(): FakeCauses {
  const fake: FakeCauses = {
    causesOf: () => causesView(),
    causePageOf: (id) => {
      const cause = [...CAUSES, ...causePageView().others].find((one) => one.id === id);
      return cause === undefined ? null : causePageView({ cause });
    },
    causeNamed: () => null,
    histogramOf: () => scoreHistogram(),
    filters: [],
    states: [],
    checkState: () => undefined,
    causes: (filter) => {
      fake.filters.push(filter);
      return Promise.resolve().then(() => {
        const view = fake.causesOf(filter);
        return { ...view, rows: view.rows.map((one) => tuned(one, fake.states)) };
      });
    },
    cause: (id) =>
      Promise.resolve().then(() => {
        const view = fake.causePageOf(id);
        return view === null ? null : { ...view, cause: tuned(view.cause, fake.states) };
      }),
    causeByKey: (names) => Promise.resolve().then(() => fake.causeNamed(names)),
    setCauseState: (id, change, by) =>
      Promise.resolve().then(() => {
        const set = { id, change, by };
        fake.checkState(set);
        fake.states.push(set);
        return tuned(causeRow({ id }), fake.states);
      }),
    histogram: (vhost) => Promise.resolve().then(() => fake.histogramOf(vhost)),
  };
  return fake;
}
