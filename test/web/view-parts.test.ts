// The drawn parts: comb, ledger, solver, evidence, coverage, verdict scale, block and its command.
import { describe, expect, test } from '@jest/globals';
import { blockCard, freeCommand } from '../../src/web/view-block.ts';
import { combView } from '../../src/web/view-comb.ts';
import { coverageView } from '../../src/web/view-coverage.ts';
import { evidenceView } from '../../src/web/view-evidence.ts';
import { ledgerView, solverView } from '../../src/web/view-ledger.ts';
import { placeViews, rawView } from '../../src/web/view-raw.ts';
import { requestsView } from '../../src/web/view-requests.ts';
import { verdictMark, verdictScale } from '../../src/web/view-verdict.ts';
import {
  ATTACK,
  block,
  evidence,
  FALSE_POSITIVE,
  incident,
  ledger,
  MAIL_ONLY,
  request,
  score,
  SERVER,
  verdict,
} from './fixtures.ts';

const NONE = new Map<string, string>();
const number = (text: string): number => Number.parseFloat(text);

describe('comb', () => {
  test('a burst with a later block: an axis break, the flag behind it', () => {
    const comb = combView(incident())!;
    expect(comb.refused).toHaveLength(10);
    expect([comb.refused[0], comb.refused.at(-1)]).toEqual(['1%', '78%']);
    expect([comb.breakAt, comb.flag]).toEqual(['80%', { x: '92%', label: '+4.1 s' }]);
    expect(comb.ticks.map((tick) => tick.label)).toEqual(['0 ms', '500', '1000']);
  });
  test('a block soon after stands on the axis', () => {
    const comb = combView(FALSE_POSITIVE.incident!)!;
    expect(comb.breakAt).toBeNull();
    expect(number(comb.flag!.x)).toBeGreaterThan(number(comb.refused.at(-1)!));
    expect(comb.answered).toHaveLength(10);
    expect(comb.ticks[0]?.label).toBe('\u22122 min');
  });
  test('far context is left to the table, so that a burst stays readable', () => {
    const far = { ...FALSE_POSITIVE.incident!.context[0]!, sinceStartMs: -800_000 };
    const comb = combView(incident({ context: [far], contextTotal: 1 }))!;
    expect([comb.answered, comb.note]).toEqual([[], '1 more answered request outside this picture']);
  });
  test.each([
    [incident({ transactions: [request(0, 0)], requests: 1, denied: 1, spanSeconds: 0, blockAfterMs: null })],
    [incident({ transactions: [request(0, 0), request(1, 90_000_000)], blockAfterMs: -5 })],
    [incident({ transactions: [request(0, 0), request(1, 3e10)], blockAfterMs: 0 })],
    [FALSE_POSITIVE.incident!],
  ])('every position lies on the drawing, ticks are few', (view) => {
    const comb = combView(view)!;
    const xs = [
      ...comb.refused,
      ...comb.answered,
      ...comb.ticks.map((tick) => tick.x),
      comb.flag?.x ?? '1%',
    ].map(number);
    for (const x of xs) expect(x >= 0.5 && x <= 99).toBe(true);
    expect(comb.ticks.length).toBeGreaterThan(0);
    expect(comb.ticks.length).toBeLessThan(9);
  });
  test('without requests there is none', () => {
    expect(combView(incident({ transactions: [] }))).toBeNull();
  });
});

describe('requests', () => {
  test('say once what all have in common', () => {
    const view = requestsView(incident(), NONE);
    expect(view.facts.map((fact) => fact.name)).toEqual([
      'Vhost',
      'User agent',
      'Referer',
      'Body type',
      'Rules',
    ]);
    expect(view.rows.every((row) => row.details.length === 0)).toBe(true);
    const mixed = requestsView(
      incident({ transactions: [request(0, 0), request(1, 9, { userAgent: 'curl' })] }),
      NONE,
    );
    expect(mixed.facts.map((fact) => fact.name)).not.toContain('User agent');
    expect(mixed.rows[1]?.details[0]?.value.start).toBe('curl');
  });
  test('scores and answers are honest about what is missing', () => {
    const rows = requestsView(
      incident({
        transactions: [
          request(0, 0, { score: score({ total: null, computed: 0 }), status: null }),
          request(1, 1, { score: score({ reconciled: false, computed: 5 }), denied: false, status: null }),
          request(2, 2, { score: score({ inferred: true }), method: null, uri: null, denied: false }),
          request(3, 3, { score: score({ total: null, computed: 5 }), uri: null }),
        ],
      }),
      NONE,
    ).rows;
    expect(rows.map((row) => row.score)).toEqual(['\u2014', '8 (5 found)', '8, inferred', '5, inferred']);
    expect(rows.map((row) => row.answer)).toEqual(['refused', 'not logged', '403', '403, refused']);
    expect(rows.slice(2).map((row) => row.request.start)).toEqual([
      'not in the logs',
      'GET (address not in the logs)',
    ]);
  });
});

describe('ledger', () => {
  test('each row starts where the last ended, the limit is one line', () => {
    const view = ledgerView(ledger())!;
    expect(view.rows.map((row) => [row.bar.x, row.bar.width, row.bar.label])).toEqual([
      ['0%', '50%', '5'],
      ['50%', '30%', '+3'],
    ]);
    expect([view.max, view.limit?.x, view.total?.bar.width, view.total?.bar.label]).toEqual([
      '10',
      '50%',
      '80%',
      '8, refused',
    ]);
  });
  test('missing rules are named in the title', () => {
    const view = ledgerView(
      ledger({ total: 18, score: score({ total: 18, computed: 8, reconciled: false }) }),
    )!;
    expect(view.title).toBe('Which rules scored: 8 of 18 points found, limit 5');
    expect(view.max).toBe('20');
  });
  test('no limit, no total, loaded twice', () => {
    const bare = ledgerView(
      ledger({
        threshold: null,
        total: null,
        blockedBy: null,
        score: score({ total: null, threshold: null }),
      }),
    )!;
    expect([bare.limit, bare.total, bare.basis]).toEqual([null, null, 'inferred']);
    const twice = ledgerView(ledger({ total: 16, score: score({ total: 16, how: 'loaded-twice' }) }))!;
    expect(twice.title).toBe('Which rules scored: 2 rules, 16 points, limit 5');
  });
  test('without known rules there is only the solver', () => {
    expect(ledgerView(MAIL_ONLY.ledger!)).toBeNull();
    const solver = solverView(MAIL_ONLY.ledger!.score, 'M')!;
    expect(solver.sets.map((set) => set.words)).toEqual([
      '1 critical rule and 1 warning rule',
      '2 warning rules and 1 notice rule',
      '4 notice rules',
    ]);
    expect(solver.sets[1]?.bars.map((bar) => [bar.x, bar.width])).toEqual([
      ['0%', '30%'],
      ['30%', '30%'],
      ['60%', '20%'],
    ]);
    expect(solverView(score(), '')).toBeNull();
    expect(solverView(score({ sets: [[7, 1]] }), '')?.sets[0]?.words).toBe(
      '1 rule of 7 points and 1 rule of 1 points',
    );
  });
});

describe('evidence', () => {
  test('halves, heaviest first, what was looked for stays', () => {
    const view = evidenceView(ATTACK.evidence, NONE)!;
    expect(view.sides.map((side) => [side.title, side.items.map((one) => one.weight)])).toEqual([
      ['For an attack: 4', ['+4.0', '+3.0', '+1.5', '+1.5']],
      ['Against an attack: nothing found', []],
    ]);
    expect(view.sides[1]?.looked.map((one) => one.basis)).toEqual(['inferred', 'missing']);
    expect(view.neutral).toHaveLength(1);
    expect(evidenceView([], NONE)).toBeNull();
  });
  test('bars stay inside their box', () => {
    const view = evidenceView([evidence('A', 9, ''), evidence('B', -9, ''), evidence('C', -1, '')], NONE)!;
    expect(view.sides.flatMap((side) => side.items.map((one) => [one.bar?.x, one.bar?.width]))).toEqual([
      [32, 32],
      [0, 32],
      [24, 8],
    ]);
  });
});

describe('verdict', () => {
  test.each([
    [verdict(), 'named tool \u00b7 almost certain'],
    [verdict({ logOdds: 4, sub: null }), 'very likely'],
    [verdict({ label: 'false-positive', sub: null, logOdds: -3 }), 'probably'],
    [verdict({ label: 'unclear', sub: null }), ''],
  ])('certainty is in words', (one, small) => {
    expect(verdictMark(one, true).small).toBe(small);
  });
  test('the scale ends at ten', () => {
    expect(verdictScale(verdict({ logOdds: 14 }))).toMatchObject({
      marker: '100%',
      anchor: 'end',
      sum: 'sum +14.0',
    });
    expect(verdictScale(verdict({ logOdds: -30 }))).toMatchObject({ marker: '0%', anchor: 'start' });
    expect(verdictScale(verdict({ logOdds: 0 }))).toMatchObject({ marker: '50%', anchor: 'middle' });
    expect(verdictScale(verdict({ groups: [] }))).toBeNull();
  });
});

describe('the command that frees', () => {
  test.each([
    [block(), 'csf -dr 203.0.113.45'],
    [block({ state: 'temporary', source: 'tempban' }), 'csf -trd 203.0.113.45'],
    [block({ address: '2001:db8::1' }), 'csf -dr 2001:db8::1'],
    [block({ source: 'mail' }), 'csf -dr 203.0.113.45'],
    [block({ state: 'none' }), null],
    [block({ state: 'unknown' }), null],
    [block({ address: null }), null],
    [block({ address: '203.0.113.45; reboot' }), null],
    [block({ address: 'fe80::1%eth0;id' }), null],
    [block({ address: '198.51.100.0/24', source: 'cidr' }), null],
    [block({ address: '203.0.113.45', source: 'cidr' }), null],
    [block({ source: 'include' }), null],
    [block({ source: 'blocklist' }), null],
    [block({ line: '203.0.113.45 # office, do NOT delete' }), null],
    [null, null],
  ])('case %#', (view, command) => {
    const free = freeCommand(view);
    expect(free.command).toBe(command);
    const blocked = view !== null && view.state !== 'none' && view.state !== 'unknown';
    if (command === null && blocked) expect(free.why?.length).toBeGreaterThan(20);
  });
  test('a net says why there is none', () => {
    expect(freeCommand(block({ address: '198.51.100.0/24', source: 'cidr' })).why).toContain(
      'a net 198.51.100.0/24',
    );
  });
});

test('block states in words', () => {
  const words = (change: Parameters<typeof block>[0]) => blockCard(block(change), NONE, SERVER.now).state;
  expect(words({ state: 'temporary', until: '2026-11-22T18:41:03+01:00' })).toBe('Blocked until 18:41');
  expect(words({ state: 'temporary', until: null })).toBe('Blocked, temporary');
  expect(words({ state: 'unknown' })).toBe('Not known whether it is blocked');
});

test('coverage: bars and the moment lie on one scale', () => {
  const view = coverageView(MAIL_ONLY)!;
  expect(view.span).toBe('Sat 10:43 \u2013 today 18:02');
  expect(view.rows.map((row) => [row.tone, row.bar === null])).toEqual([
    ['warn', false],
    ['bad', true],
    ['ok', false],
  ]);
  expect(number(view.moment!.x)).toBeCloseTo(23.08, 1);
  expect(view.rows[2]?.bar).toEqual({ x: '0%', width: '100%', tone: 'fp' });
  expect(view.missing.map((one) => one.source)).toEqual(['maillog']);
  expect(coverageView(ATTACK)).toBeNull();
  expect(coverageView({ ...MAIL_ONLY, coverage: [] })).toMatchObject({ span: '', moment: null });
});

test('raw lines: one anchor a place, links by file', () => {
  const twice = [...ATTACK.raw, ...ATTACK.raw];
  const view = rawView(twice);
  expect(view.anchors.size).toBe(ATTACK.raw.length);
  expect(view.groups.map((group) => group.title)).toEqual([
    'error_log: 3 lines',
    'modsec_audit.log: 1 record',
    'lfd.log: 1 line',
  ]);
  const places = placeViews(
    [
      { file: '/x/a', offset: 1200 },
      { file: '/var/log/lfd.log', offset: 220_914 },
    ],
    view.anchors,
  );
  expect(places.map((place) => [place.text, place.href])).toEqual([
    ['a @ 1,200', null],
    ['lfd.log @ 220,914', '#line-5'],
  ]);
});
