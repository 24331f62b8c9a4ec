// What the pages of causes say: headlines, filters, the matrix, rows, empty states; the charts and their twin tables.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CausesFilter } from '../../src/actions/causes-view.ts';
import type { Mark } from '../../src/model-evidence.ts';
import { causesLink, readCausesFilter } from '../../src/web/causes-filter.ts';
import { chartView } from '../../src/web/view-bars.ts';
import { countedCausePage } from '../../src/web/view-cause-page.ts';
import { causeStateView, NOTHING_SAID, readStateChange } from '../../src/web/view-cause-state.ts';
import { causeEntry, scoreText, shareText, targetWords } from '../../src/web/view-cause-words.ts';
import { causesPage } from '../../src/web/view-causes.ts';
import { matrixView } from '../../src/web/view-matrix.ts';
import { scoresView } from '../../src/web/view-score-histogram.ts';
import {
  causePageView,
  causeRow,
  causesView,
  ENGINE_ERROR,
  MATRIX,
  scoreHistogram,
} from './cause-fixtures.ts';

const FILTER: CausesFilter = { vhost: null, ruleId: null, state: 'open', text: '', days: 14, page: 1 };
const COUNTS = { open: 0, all: 0, new: 0, known: 0, ignored: 0, fixed: 0, reopened: 0 };
const number = (text: string): number => Number.parseFloat(text);

describe('the filter', () => {
  const read = (query: string): CausesFilter => readCausesFilter(new URLSearchParams(query));
  test('is read from the URL and written back', () => {
    const query = 'vhost=Shop.Example.com&rule=942100&state=ignored&text=cookie&days=7&page=3';
    const filter = read(query);
    expect(filter).toEqual({
      vhost: 'shop.example.com',
      ruleId: '942100',
      state: 'ignored',
      text: 'cookie',
      days: 7,
      page: 3,
    });
    expect(causesLink(filter)).toBe(
      'index.cgi?p=/causes&vhost=shop.example.com&rule=942100&state=ignored&text=cookie&days=7&page=3',
    );
    expect(causesLink(FILTER)).toBe('index.cgi?p=/causes');
  });
  test.each(['', 'vhost=<b>&rule=x&state=zz&days=999&page=-1', 'rule=12345678901&days=&page=0'])(
    'what is no filter is the default: %s',
    (query) => {
      expect(read(query)).toEqual(FILTER);
    },
  );
  test('any query gives a filter that comes back the same', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('vhost', 'rule', 'state', 'text', 'days', 'page'), fc.string()),
        (fields) => {
          const filter = readCausesFilter(new URLSearchParams(fields));
          const link = causesLink(filter);
          expect(readCausesFilter(new URLSearchParams(link.slice(link.indexOf('?') + 1)))).toEqual(filter);
        },
      ),
    );
  });
});

describe('the list', () => {
  test.each([
    [{ noisy: 3 }, '3 causes stop ordinary visitors'],
    [{ noisy: 1 }, '1 cause stops ordinary visitors'],
    [{ noisy: 0 }, 'No cause is known that stops many ordinary visitors'],
    [{ noisy: 0, waiting: 4 }, 'No cause is known so far that stops many ordinary visitors'],
    [{ countedAt: null, noisy: 0 }, 'The causes are not counted yet'],
  ])('%j is the headline %s', (change, headline) => {
    expect(causesPage(causesView(change), FILTER).headline).toBe(headline);
  });

  test('incidents that wait and failures of the engine are said before the numbers', () => {
    const page = causesPage(causesView({ waiting: 1 }), FILTER);
    expect(page.notes.map((note) => note.strong)).toEqual([
      '1 incident waits to be judged.',
      'The engine itself failed on 33 requests.',
    ]);
    expect(causesPage(causesView({ waiting: 0, errors: [] }), FILTER).notes).toEqual([]);
  });

  test.each([
    [causesView({ rows: [], countedAt: null }), FILTER, 'Not counted yet.'],
    [
      causesView({ rows: [], matching: 7, pages: 1 }),
      { ...FILTER, page: 9 },
      'This page of the list is empty.',
    ],
    [causesView({ rows: [], matching: 0 }), { ...FILTER, text: 'x' }, 'No cause passes this filter.'],
    [causesView({ rows: [], matching: 0 }), FILTER, 'No cause is open.'],
    [
      causesView({ rows: [], matching: 0 }),
      { ...FILTER, state: 'fixed' as const },
      'No cause is in this state.',
    ],
    [causesView({ rows: [], matching: 0, counts: COUNTS }), FILTER, 'No cause in the last 14 days.'],
  ])('an empty list says why: %#', (view, filter, title) => {
    expect(causesPage(view, filter).empty?.title).toBe(title);
  });
  test('without rows while incidents wait, nothing is claimed', () => {
    const page = causesPage(causesView({ rows: [], matching: 0, counts: COUNTS, waiting: 12 }), FILTER);
    expect(page.empty?.text).toBe('12 incidents are not judged yet.');
    expect(causesPage(causesView({ rows: [], matching: 0, counts: COUNTS }), FILTER).empty?.text).toContain(
      'are read',
    );
  });

  test('pages and tabs keep the filter', () => {
    const filter = { ...FILTER, vhost: 'shop.example.com', page: 2 };
    const page = causesPage(causesView({ page: 2, pages: 3, matching: 500 }), filter);
    expect([page.newer, page.older, page.pages]).toEqual([
      'index.cgi?p=/causes&vhost=shop.example.com',
      'index.cgi?p=/causes&vhost=shop.example.com&page=3',
      'page 2 of 3',
    ]);
    expect(page.tabs.find(({ name }) => name === 'Came back')).toEqual({
      href: 'index.cgi?p=/causes&vhost=shop.example.com&state=reopened',
      name: 'Came back',
      count: '1',
      current: false,
    });
    expect(page.shown).toBe('4 of 500 causes, highest score first');
  });

  test('a failure of the engine names what failed, where, and the limit to raise', () => {
    const [row] = causesPage(causesView(), FILTER).errors;
    expect(row).toMatchObject({
      kind: 'A limit was reached',
      vhost: 'shop.example.com',
      requests: '31',
      limit: 'SecPcreMatchLimit (now 1000)',
      rule: { id: '942260' },
      lines: [{ text: 'error_log @ 1,200' }],
    });
    const none = causesPage(causesView({ errors: [{ ...ENGINE_ERROR, limit: null, ruleId: null }] }), FILTER);
    expect(none.errors[0]).toMatchObject({ limit: 'none would help', rule: null });
  });
});

describe('a row', () => {
  test('has all numbers, the parts of the score and the advised width', () => {
    const row = causeEntry(causeRow());
    expect(row).toMatchObject({
      href: 'index.cgi?p=/cause&id=1',
      visitors: '10',
      ordinary: '9',
      blocked: '4',
      refused: '62',
      hits: '64',
      decisive: '58',
      attacks: '4',
      attackShare: '6.3\u00a0%',
      score: '5.4',
      band: 'noisy',
      state: 'new',
      tone: { letters: 'FP', words: 'mostly false alarms' },
    });
    expect(row.parts.map(({ value }) => value)).toEqual(['+3.5', '+1.0', '+1.0', '\u22120.2']);
    expect(row.preview).toBe(
      'index.cgi?p=/propose&kind=target-vhost&vhost=shop.example.com&rule=942100&target=REQUEST_COOKIES%3Aconsent_prefs',
    );
  });
  test('of host names that nobody owns, and of what the logs do not name', () => {
    const row = causeEntry(causeRow({ vhost: '', target: null, path: null }));
    expect([row.vhost, row.vhostHref, row.target.start, row.path.start, row.preview]).toEqual([
      'other host names',
      null,
      'target not in the logs',
      'path not in the logs',
      null,
    ]);
  });
  test.each([
    ['ignored', 'ignored until 3 more visitors', 'until 3 more visitors'],
    ['reopened', 'came back after exclusion 12', 'after exclusion 12'],
    ['fixed', 'covered by exclusion 12', 'covered by exclusion 12'],
    ['new', 'new', ''],
  ] as const)('state %s: %s', (state, stateWords, rest) => {
    expect(causeEntry(causeRow({ state, stateWords })).stateWords.start).toBe(rest);
  });
});

test.each([
  ['REQUEST_COOKIES:consent_prefs', 'the cookie consent_prefs'],
  ['ARGS:message', 'the field message'],
  ['ARGS_POST:a[{n}]', 'the field a[{n}]'],
  ['REQUEST_HEADERS:User-Agent', 'the header User-Agent'],
  ['REQUEST_URI', 'REQUEST_URI'],
  [`ARGS:${'x'.repeat(300)}`, `the field ${'x'.repeat(100)}\u2026`],
  [null, 'something that the logs do not name'],
])('the target %s is %s', (target, words) => {
  expect(targetWords(target)).toBe(words);
});

test('numbers: no zero that is none, a real minus', () => {
  expect([0, 0.001, 0.021, 0.5, 0.999, 1].map(shareText)).toEqual([
    '0\u00a0%',
    'under 1\u00a0%',
    '2.1\u00a0%',
    '50\u00a0%',
    'over 99\u00a0%',
    '100\u00a0%',
  ]);
  expect([4.56, -2, -0.01, 0].map(scoreText)).toEqual(['4.6', '\u22122.0', '0.0', '0.0']);
});

describe('the matrix', () => {
  test('number, letters and words in each cell; rows of nobody have no link', () => {
    const matrix = matrixView(MATRIX)!;
    expect(matrix.rules.map(({ id }) => id)).toHaveLength(6);
    expect(matrix.rows[0]?.cells[5]).toMatchObject({
      href: 'index.cgi?p=/cause&id=1',
      visitors: '10',
      tone: { letters: 'FP', words: 'mostly false alarms' },
    });
    expect(matrix.rows[0]?.cells[1]).toBeNull();
    expect([matrix.rows[4]?.vhost, matrix.rows[4]?.href]).toEqual(['other host names', null]);
    expect(matrix.about).toMatch(/^5 of 214 vhosts and 6 of 38 rules: those with the most visitors\. /);
  });
  test('a whole one says so, an empty one is none', () => {
    expect(matrixView({ ...MATRIX, moreVhosts: 0, moreRules: 0 })?.about).toMatch(
      /^All 5 vhosts and all 6 rules\. /,
    );
    expect(matrixView({ ...MATRIX, rows: [] })).toBeNull();
    expect(matrixView({ ...MATRIX, rules: [] })).toBeNull();
  });
});

describe('the page of a cause', () => {
  const page = (change: Parameters<typeof causeRow>[0] = {}) =>
    countedCausePage(causePageView({ cause: causeRow(change) }), NOTHING_SAID);

  test.each([
    [{}, 'Rule 942100 stops ordinary visitors on shop.example.com: it reacts to the cookie consent_prefs.'],
    [
      { tone: 'some' },
      'Rule 942100 stops some ordinary visitors on shop.example.com: it reacts to the cookie consent_prefs.',
    ],
    [
      { tone: 'attacks' },
      'Rule 942100 mostly stops attacks on shop.example.com: it reacts to the cookie consent_prefs.',
    ],
    [
      { tone: 'unclear', target: 'ARGS:q' },
      'Whom rule 942100 stops on shop.example.com is not decided: it reacts to the field q.',
    ],
    [
      { decisive: 0 },
      'Rule 942100 helps to stop ordinary visitors on shop.example.com: it reacts to the cookie consent_prefs.',
    ],
    [
      { decisive: 0, tone: 'attacks' },
      'Rule 942100 mostly meets attacks on shop.example.com: it reacts to the cookie consent_prefs.',
    ],
    [
      { refused: 0 },
      'Rule 942100 reacts to the cookie consent_prefs on shop.example.com, and refused nothing.',
    ],
    [
      { vhost: '', tone: 'attacks', target: null },
      'Rule 942100 mostly stops attacks under host names that nobody here owns: it reacts to something that the logs do not name.',
    ],
  ] as const)('%j', (change, headline) => {
    expect(page(change).headline).toBe(headline);
  });

  test('the lead has the numbers', () => {
    expect(page().lead).toBe(
      'It hit 10 visitors in the last 14 days: 62 of 64 requests refused. 4 visitors are still blocked in the firewall. It happens on paths like /p/{n}.',
    );
    expect(page({ blockedNow: 1, path: '/cart/' }).lead).toContain(
      '1 visitor is still blocked in the firewall. It happens on the path /cart/.',
    );
    expect(page({ blockedNow: 0, path: null }).lead).toContain(
      'No visitor of these is blocked now. The logs do not say on which paths.',
    );
  });

  test('the outcome never writes a zero for what was not counted', () => {
    expect(page({ share: null }).outcome[2]).toEqual({
      name: 'Flagged on its path',
      value: '\u2014',
      about: 'not counted',
    });
    expect(page().outcome.map(({ value }) => value)).toEqual(['10', '4', '2.1\u00a0%', '4']);
  });

  test('the advised width is marked; what is covered already is not suggested again', () => {
    expect(page().widths.map(({ name, isSuggested }) => [name, isSuggested])).toEqual([
      ['target on a path', false],
      ['target on the vhost', true],
      ['rule on a path', false],
      ['rule on the vhost', false],
    ]);
    expect(page().suggested).toContain('kind=target-vhost');
    const covered = countedCausePage(causePageView({ covered: [12] }), NOTHING_SAID);
    expect([covered.suggested, covered.covered]).toEqual([
      null,
      [{ href: 'index.cgi?p=/exclusion&id=12', text: 'exclusion 12' }],
    ]);
    expect(page({ vhost: '' }).widths).toEqual([]);
  });

  test('people lead to their incidents', () => {
    const [first, , third] = page().people;
    expect(first).toMatchObject({
      href: 'index.cgi?p=/incident&ip=192.0.2.118&from=2026-11-22T09%3A14%3A16%2B01%3A00',
      refused: '10',
      firewallTone: 'bad',
      ordinary: 'yes',
    });
    expect(third).toMatchObject({ mark: { word: 'Attack', small: 'named tool' }, firewallTone: 'warn' });
    expect(page().morePeople).toBe('6 more visitors not listed here.');
  });

  test('marks that ended are not shown', () => {
    const mark: Mark = {
      id: 3,
      kind: 'false-alarm',
      subject: 'cause',
      about: '1',
      note: 'ticket 8841',
      author: 'root',
      at: 1,
      endedAt: null,
    };
    expect(page({ marks: [mark, { ...mark, id: 4, endedAt: 5 }] }).word.marks.map(({ id }) => id)).toEqual([
      3,
    ]);
  });
});

describe('the state', () => {
  const send = (state: string, more = '', note = 'why') => readStateChange({ state, more, note });
  test.each([
    [send('known', '', ''), { state: 'known', until: null, note: '' }],
    [send('known', '5'), { state: 'known', until: null, note: 'why' }],
    [send('ignored', ' 5 '), { state: 'ignored', until: 5, note: 'why' }],
    [send('ignored'), { state: 'ignored', until: null, note: 'why' }],
    [send('fixed', 'x', '  mended  '), { state: 'fixed', until: null, note: 'mended' }],
    [send('new', '', ''), { state: 'new', until: null, note: '' }],
  ])('%#: %j', ({ change, errors }, expected) => {
    expect([change, errors]).toEqual([expected, {}]);
  });
  test.each([
    [send('reopened'), ['state']],
    [send(''), ['state']],
    [send('toString'), ['state']],
    [send('ignored', '0'), ['more']],
    [send('ignored', '-3', ''), ['more', 'note']],
    [send('ignored', '1e3'), ['more']],
    [send('ignored', '10001'), ['more']],
    [send('fixed', '', ' '), ['note']],
    [send('known', '', 'x'.repeat(501)), ['note']],
  ])('%#: refused at %j', ({ change, errors }, fields) => {
    expect([change, Object.keys(errors)]).toEqual([null, fields]);
  });
  test('what was sent comes back checked; the state it has is no choice', () => {
    const view = causeStateView(
      causeRow({ state: 'known', stateWords: 'known' }),
      '',
      { state: 'fixed', more: '9', note: 'n' },
      {},
    );
    expect(view.choices.map(({ value, checked }) => [value, checked])).toEqual([
      ['ignored', false],
      ['fixed', true],
      ['new', false],
    ]);
    expect([view.more.text, view.note.text]).toEqual(['9', 'n']);
  });
});

describe('charts', () => {
  test('the trend: bars lie on the plot, each day is in the table', () => {
    const chart = countedCausePage(causePageView(), NOTHING_SAID).chart!;
    expect(chart.title).toBe(
      'Requests a day that the rule reacted to, 9 Nov to 22 Nov. Most, 14, on 22 Nov.',
    );
    expect(chart.rows).toHaveLength(14);
    expect(chart.rows.at(-1)).toEqual(['22 Nov', '14', '13', '4']);
    expect(chart.ticks.map(({ text }) => text)).toEqual(['0', '5', '10', '15']);
    expect(chart.labels.at(-1)?.text).toBe('22 Nov');
    for (const { x, width, y, height } of chart.parts) {
      expect(number(x) >= 0 && number(x) + number(width) <= 100).toBe(true);
      expect(y >= 0 && y + height <= chart.axis + 0.1).toBe(true);
    }
  });
  test('a window without hits has no chart', () => {
    const empty = causePageView({ trend: [{ day: '2026-11-22', hits: 0, refused: 0, attacks: 0 }] });
    expect(countedCausePage(empty, NOTHING_SAID).chart).toBeNull();
    expect(countedCausePage(causePageView({ trend: [] }), NOTHING_SAID).chart).toBeNull();
  });
  test('scores: the limit lies between those below it and those that reach it', () => {
    const view = scoresView(scoreHistogram())!;
    expect(view.sentence).toBe(
      '114 of 148 requests with a score reached the limit of 5. Of ordinary visitors: 53 of 80.',
    );
    expect(view.chart.limit?.text).toBe('limit 5');
    const at = number(view.chart.limit?.x ?? '0');
    const starts = view.chart.parts.map(({ x }) => number(x));
    const place = 100 / 26;
    expect(starts.filter((x) => x < at).every((x) => x + place * 0.72 <= at)).toBe(true);
    expect(view.chart.rows.map(([score]) => score)).toEqual(['2', '3', '5', '8', '10', '25+']);
    expect(view.chart.rows.at(-1)).toEqual(['25+', '19', '0', '0', '19']);
  });
  test('high scores are taken together; nothing is lost', () => {
    const bars = Array.from({ length: 300 }, (_, score) => ({ score, requests: 2, ordinary: 1, attacks: 1 }));
    const view = scoresView(scoreHistogram({ bars, threshold: 40 }))!;
    expect(view.chart.rows.length).toBeLessThanOrEqual(40);
    const total = view.chart.rows.reduce((sum, row) => sum + Number(row[1]), 0);
    expect(total).toBe(600);
    expect(view.chart.limit?.x).toBe(`${Math.round((40 / 8) * (100 / view.chart.rows.length) * 100) / 100}%`);
  });
  test('no limit, no scores', () => {
    expect(scoresView(scoreHistogram({ threshold: null }))).toMatchObject({
      sentence: '148 requests had a score. The limit is not known.',
      chart: { limit: null },
    });
    expect(scoresView(scoreHistogram({ bars: [] }))).toBeNull();
  });
  test('any numbers stay on the plot', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 2_000_000_000 }), { maxLength: 60 }), (values) => {
        const chart = chartView({
          id: 'x',
          title: 't',
          bars: values.map((value) => ({ name: String(value), parts: [{ tone: 'accent', value }] })),
          labelsFrom: 'start',
          legend: [],
          limit: { at: 70, text: 'limit' },
          columns: [],
          rows: [],
          tableName: '',
        });
        if (chart === null) {
          expect(values.every((value) => value <= 0)).toBe(true);
          return;
        }
        expect(chart.parts).toHaveLength(values.filter((value) => value > 0).length);
        expect(chart.ticks.length).toBeLessThanOrEqual(5);
        expect(chart.labels.length).toBeLessThanOrEqual(7);
        for (const { y, height } of chart.parts) expect(y >= 0 && y + height <= chart.axis + 0.1).toBe(true);
        for (const { x } of chart.labels) expect(number(x) <= 100).toBe(true);
      }),
    );
  });
});
