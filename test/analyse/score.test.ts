// The traps of the score: cut severities, rules loaded twice, repeats that are real, response rules, levels.
import { describe, expect, test } from '@jest/globals';
import type { StoredHit } from '../../src/model.ts';
import { onlyAddsUp, scoreTransaction, type Score } from '../../src/analyse/score.ts';
import { blocked, hit, ruleInfo } from './fixtures.ts';

const score = (
  hits: readonly StoredHit[],
  more: Partial<Parameters<typeof scoreTransaction>[0]> = {},
): Score => scoreTransaction({ hits, rules: new Map(), ...more });

test('adds up as read: severities, total, threshold, blocking rule', () => {
  const result = score([hit('942100'), hit('920350', { severity: 'WARNING' }), blocked(8), hit('980130')]);
  expect(result).toMatchObject({
    total: 8,
    threshold: 5,
    computed: 8,
    reconciled: true,
    inferred: false,
    how: 'sum',
    blockedBy: '949110',
    direction: 'inbound',
    sets: [],
  });
  expect(result.parts.map((part) => [part.ruleId, part.points, part.hit])).toEqual([
    ['942100', 5, 0],
    ['920350', 3, 1],
  ]);
});

test('rules that set up, add up or report do not count, nor rules without severity', () => {
  const hits = ['901100', '949110', '959100', '980130', '980170'].map((id) =>
    hit(id, { action: 'warning', message: null, operator: '' }),
  );
  expect(score([...hits, hit('1000', { severity: null }), hit('942100')])).toMatchObject({
    computed: 5,
    how: 'no-total',
    total: null,
  });
  expect(onlyAddsUp('949110')).toBe(true);
  expect(onlyAddsUp('942100')).toBe(false);
});

describe('a severity that was cut off', () => {
  const cut = hit('933160', { severity: null, cut: true });
  test('comes from a sister hit', () => {
    const result = score([hit('933160'), cut, blocked(10)]);
    expect(result).toMatchObject({ computed: 10, reconciled: true, inferred: true, how: 'sum' });
    expect(result.parts.map((part) => part.inferred)).toEqual([false, true]);
  });
  test('comes from the rule file', () => {
    const rule = ruleInfo('933160', { severity: 'CRITICAL' });
    expect(score([cut, blocked(5)], { rules: new Map([['933160', [rule]]]) })).toMatchObject({
      how: 'sum',
      inferred: true,
    });
  });
  test('comes from other transactions', () => {
    expect(
      score([cut, blocked(5)], { knownSeverity: (id) => (id === '933160' ? 'CRITICAL' : null) }),
    ).toMatchObject({ how: 'sum', inferred: true });
  });
  test('known nowhere leaves the sets that fit', () => {
    expect(score([cut, hit('942100'), blocked(10)])).toMatchObject({
      how: 'short',
      computed: 5,
      reconciled: false,
      sets: [
        [5, 5],
        [5, 3, 2],
      ],
    });
  });
  test('a line that is whole and has none does not score', () => {
    expect(score([hit('933160', { severity: null }), hit('942100'), blocked(5)])).toMatchObject({
      how: 'sum',
      computed: 5,
    });
  });
});

describe('CRS loaded twice', () => {
  const twice = [
    hit('920350', { severity: 'WARNING' }),
    hit('941100'),
    hit('920350', { severity: 'WARNING' }),
    hit('941100'),
    hit('932100'),
  ];
  test('leaves one copy of the leading block out', () => {
    const result = score([...twice, blocked(13)]);
    expect(result).toMatchObject({ how: 'loaded-twice', reconciled: true, inferred: true, computed: 13 });
    expect(result.parts.map((part) => part.ruleId)).toEqual(['920350', '941100', '932100']);
  });
  test('but only when that gives the total', () => {
    expect(score([...twice, blocked(12)])).toMatchObject({ how: 'over', reconciled: false, computed: 21 });
  });
  test('a rule that scored once for each target stays', () => {
    const hits = [
      hit('930110', { target: 'REQUEST_URI_RAW' }),
      hit('930110', { target: 'ARGS:file' }),
      blocked(10),
    ];
    expect(score(hits)).toMatchObject({ how: 'sum', computed: 10 });
  });
});

describe('CRS in the main server and again in a vhost, as Apache was seen to run it', () => {
  const numeric = hit('920350', { severity: 'WARNING' });
  const total = (points: number, action: 'warning' | 'denied' = 'warning'): StoredHit => ({
    ...blocked(points),
    action,
  });

  test('an engine that only detects: both copies and both totals are logged, the first copy gives the first', () => {
    const copy = [numeric, hit('942100')];
    expect(score([...copy, total(8), ...copy, total(24), hit('980130'), hit('980130')])).toMatchObject({
      how: 'loaded-twice',
      reconciled: true,
      total: 8,
      computed: 8,
    });
  });

  test('a rule of phase 1 runs twice before the first total', () => {
    const early = hit('920350', { severity: 'WARNING' });
    const hits = [early, early, hit('942100'), total(11), hit('942100'), total(16)];
    expect(score(hits)).toMatchObject({ how: 'loaded-twice', reconciled: true, total: 11, computed: 11 });
  });

  test('the first copy did not reach the limit: its points count once more', () => {
    const result = score([numeric, numeric, total(9, 'denied')]);
    expect(result).toMatchObject({ how: 'loaded-twice', reconciled: true, total: 9, computed: 9 });
    expect(result.parts.map(({ points }) => points)).toEqual([3, 3, 3]);
  });

  test('but three lines of three rules, or another total, say nothing of that', () => {
    expect(score([numeric, numeric, total(12, 'denied')])).toMatchObject({ how: 'short' });
    expect(score([numeric, hit('942100'), total(11, 'denied')])).toMatchObject({ how: 'short' });
  });
});

describe('ModSecurity 3 writes one line for a rule that matched several variables', () => {
  test('every place counts where the lines alone fall short', () => {
    const hits = [hit('941110'), hit('941160', { places: 2 }), blocked(15)];
    const result = score(hits);
    expect(result).toMatchObject({ how: 'sum', reconciled: true, inferred: true, computed: 15 });
    expect(result.parts.map(({ hit: index, points }) => [index, points])).toEqual([
      [0, 5],
      [1, 5],
      [1, 5],
    ]);
  });

  test('the links of a chain are named too: the lines as read come first', () => {
    expect(score([hit('920180', { places: 2 }), blocked(5)])).toMatchObject({
      how: 'sum',
      inferred: false,
      computed: 5,
    });
  });

  test('a rule with a line for each place has no more', () => {
    const second = hit('930110', { places: 3, target: 'ARGS:other' });
    expect(score([hit('930110', { places: 2 }), second, blocked(15)])).toMatchObject({
      how: 'short',
    });
  });

  test('a made-up number of places takes no time', () => {
    expect(score([hit('941160', { places: 1e9 }), blocked(15)]).how).toBe('short');
  });
});

describe("other vendors' rules", () => {
  const imunify = hit('77140000', { severity: 'CRITICAL' });

  test('add nothing to the total of CRS', () => {
    expect(score([imunify, hit('942100'), blocked(5)])).toMatchObject({
      how: 'sum',
      computed: 5,
      reconciled: true,
    });
  });

  test('that refuse alone have no points', () => {
    const own = hit('77140000', { severity: 'CRITICAL', action: 'denied', denyStatus: 403 });
    expect(score([own])).toMatchObject({ how: 'no-total', computed: 0, blockedBy: '77140000', parts: [] });
    expect(score([hit('1234567', { severity: 'ERROR' })])).toMatchObject({ computed: 0 });
  });

  test('count where the total cannot be had without them, or where their file says so', () => {
    expect(score([hit('1234567'), hit('942100'), blocked(10)])).toMatchObject({ how: 'sum', computed: 10 });
    const rule = ruleInfo('1234567', {
      setvars: ['tx.anomaly_score_pl1=+%{tx.critical_anomaly_score}'],
    });
    const rules = new Map([['1234567', [rule]]]);
    expect(score([hit('1234567')], { rules })).toMatchObject({ how: 'no-total', computed: 5 });
  });

  test("Comodo's sum has its own rule, and its own rules in it", () => {
    const points = hit('214930', {
      message: 'COMODO WAF: Inbound Points Exceeded|Total Incoming Points: 10|Last Matched Message: x',
      operator: 'Operator GE matched 5 at TX:incoming_points.',
    });
    const result = score([hit('211000'), hit('212000'), hit('942100'), points]);
    expect(result).toMatchObject({ how: 'sum', total: 10, threshold: 5, computed: 10, direction: 'inbound' });
    expect(onlyAddsUp('214930')).toBe(true);
    expect(onlyAddsUp('211000')).toBe(false);
  });

  test('plugins of CRS have seven digits and score', () => {
    expect(score([hit('9520100'), blocked(5)])).toMatchObject({ how: 'sum', computed: 5 });
  });

  test("CRS 4's early block in phase 1, with its report", () => {
    const early = hit('949111', {
      action: 'denied',
      denyStatus: 403,
      message: 'Inbound Anomaly Score Exceeded in phase 1 (Total Score: 5)',
      operator: 'Operator GE matched 5 at TX:blocking_inbound_anomaly_score.',
      severity: null,
    });
    const report = hit('980170', {
      severity: null,
      message:
        'Anomaly Scores: (Inbound Scores: blocking=5, detection=5, per_pl=5-0-0-0, threshold=5) - (Outbound Scores: blocking=0, detection=0, per_pl=0-0-0-0, threshold=4) - (SQLI=0, XSS=0, RFI=0, LFI=5, RCE=0, PHPI=0, HTTP=0, SESS=0, COMBINED_SCORE=5)',
    });
    const result = score([hit('930130'), early, report]);
    expect(result).toMatchObject({ how: 'sum', total: 5, threshold: 5, blockedBy: '949111' });
    const unblocked = score([
      hit('920350', { severity: 'WARNING' }),
      { ...report, message: (report.message ?? '').replaceAll('=5', '=3') },
    ]);
    expect(unblocked).toMatchObject({ how: 'sum', total: 3, blockedBy: null });
  });
});

test('only the blocking line: the sets are all that can be said', () => {
  expect(score([blocked(8)])).toMatchObject({
    how: 'short',
    computed: 0,
    inferred: true,
    sets: [
      [5, 3],
      [3, 3, 2],
      [2, 2, 2, 2],
      [4, 4],
      [4, 2, 2],
    ],
  });
});

test('outbound rules count for 959100 only', () => {
  const out = hit('959100', {
    action: 'denied',
    phase: 4,
    operator: 'Operator GE matched 4 at TX:outbound_anomaly_score.',
    message: 'Outbound Anomaly Score Exceeded (Total Score: 4)',
  });
  const hits = [hit('942100'), hit('951220', { severity: 'ERROR', phase: 4 })];
  expect(score([...hits, out])).toMatchObject({
    direction: 'outbound',
    total: 4,
    threshold: 4,
    computed: 4,
    reconciled: true,
    blockedBy: '959100',
  });
  expect(score([...hits, blocked(5)])).toMatchObject({ direction: 'inbound', computed: 5, reconciled: true });
  expect(score([hit('951220', { severity: 'ERROR' })])).toMatchObject({
    direction: 'outbound',
    computed: 4,
    how: 'no-total',
  });
});

test('rules above the blocking paranoia level are logged and not counted', () => {
  const high = hit('942432', { severity: 'WARNING', tags: ['paranoia-level/4'] });
  const hits = [hit('942100', { tags: ['paranoia-level/1'] }), high, blocked(5)];
  expect(score(hits, { paranoiaLevel: 1 })).toMatchObject({ computed: 5, how: 'sum', inferred: false });
  expect(score(hits)).toMatchObject({ computed: 5, how: 'sum', inferred: true, reconciled: true });
});

test('not refused: what scored, the default threshold and no blocking rule', () => {
  expect(score([hit('920350', { severity: 'WARNING' })], { defaultThreshold: 5 })).toMatchObject({
    total: null,
    threshold: 5,
    computed: 3,
    blockedBy: null,
    how: 'no-total',
  });
  const detection = blocked(5, { action: 'warning' });
  expect(score([hit('942100'), detection])).toMatchObject({ total: 5, reconciled: true, blockedBy: null });
});

test('a rule that refuses by itself is the blocking rule', () => {
  expect(score([hit('210492', { action: 'denied' })])).toMatchObject({
    blockedBy: '210492',
    how: 'no-total',
  });
  expect(score([])).toMatchObject({ computed: 0, parts: [], how: 'no-total' });
});
