// An exclusion tried on one request: what goes, what stays, what cannot be known.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isFreed,
  type PreviewFacts,
  previewTransaction,
  scoredRequest,
  type TriedRequest,
} from '../../src/analyse/preview.ts';
import { readPath } from '../../src/analyse/path-scope.ts';
import type { Severity, StoredHit, Transaction } from '../../src/model.ts';
import type { ExclusionForm, ExclusionScope, RuleInfo } from '../../src/model-rules.ts';
import { blocked, hit, request, ruleInfo, transaction } from './fixtures.ts';

const NAMES = new Set(['shop.example.com', 'www.shop.example.com']);
const SQL = hit('942100', { target: 'ARGS:id', phase: null, tags: ['attack-sqli', 'paranoia-level/1'] });
const XSS = hit('941100', { target: 'ARGS:comment', phase: null, tags: ['attack-xss'] });
const HOST = hit('920350', { target: 'REQUEST_HEADERS:Host', severity: 'WARNING', phase: null });

const STANDARD: readonly RuleInfo[] = [
  ruleInfo('942100', { tags: ['attack-sqli', 'paranoia-level/1'] }),
  ruleInfo('941100', { tags: ['attack-xss'] }),
  ruleInfo('920350', { targets: ['REQUEST_HEADERS:Host'], severity: 'WARNING', tags: ['attack-protocol'] }),
  ruleInfo('911100', { phase: 1, targets: ['REQUEST_METHOD'] }),
  ruleInfo('949110', { targets: ['TX:ANOMALY_SCORE'], disruptive: 'deny' }),
];

function facts(rules: readonly RuleInfo[] = STANDARD, more: Partial<PreviewFacts> = {}): PreviewFacts {
  return { rules: Map.groupBy(rules, ({ id }) => id), names: NAMES, ...more };
}

function scope(more: Partial<ExclusionScope> = {}): ExclusionScope {
  const nothing = { ruleId: null, tag: null, target: null, path: null };
  return { kind: 'rule-vhost', vhost: 'shop.example.com', ...nothing, ...more };
}
const rule = (ruleId: string): ExclusionScope => scope({ ruleId });
const target = (ruleId: string, name: string): ExclusionScope =>
  scope({ kind: 'target-vhost', ruleId, target: name });
const path = (ruleId: string, text: string): ExclusionScope =>
  scope({ kind: 'rule-path', ruleId, path: readPath(text) });
const tag = (name: string): ExclusionScope => scope({ kind: 'tag-vhost', tag: name });
const ENGINE = scope({ kind: 'engine-off' });

function of(hits: readonly StoredHit[], more: Partial<Transaction> = {}): Transaction {
  return transaction('a', 0, { hits, ...more });
}
function tried(
  one: Transaction | readonly StoredHit[],
  which: ExclusionScope,
  form: ExclusionForm = 'ctl',
  what = facts(),
): TriedRequest {
  return previewTransaction('hits' in one ? one : of(one), which, form, what);
}

describe('the sum', () => {
  test('falls below the limit: passes', () => {
    expect(tried([SQL, HOST, blocked(8)], rule('942100'))).toEqual({
      before: 8,
      after: 3,
      threshold: 5,
      outcome: 'passes',
      reason: '8 falls to 3, below 5',
      touched: true,
      still: [{ ruleId: '920350', target: 'REQUEST_HEADERS:Host' }],
      reconciled: true,
    });
  });

  test('falls, but not far enough: stays blocked', () => {
    expect(tried([SQL, XSS, blocked(10)], rule('942100'))).toMatchObject({
      outcome: 'blocked',
      after: 5,
      reason: '10 falls to 5, the limit is 5',
      still: [{ ruleId: '941100', target: 'ARGS:comment' }],
    });
  });

  test('is not touched by a rule that did not match', () => {
    expect(tried([SQL, blocked(5)], rule('941100'))).toMatchObject({
      outcome: 'blocked',
      touched: false,
      after: 5,
      reason: 'the exclusion takes nothing out of it',
    });
  });

  test('a rule that matched in several targets goes with all of them, or with one', () => {
    const hits = [SQL, { ...SQL, target: 'ARGS:q', nth: 1 }, blocked(10)];
    expect(tried(hits, rule('942100'))).toMatchObject({ outcome: 'passes', after: 0, still: [] });
    expect(tried(hits, target('942100', 'ARGS:q'))).toMatchObject({ outcome: 'blocked', after: 5 });
    expect(tried(hits, target('942100', 'ARGS'))).toMatchObject({ outcome: 'passes', after: 0 });
  });

  test('names are compared without case, collections whole', () => {
    for (const name of ['args:ID', 'ARGS', 'args'])
      expect(tried([SQL, blocked(5)], target('942100', name)).outcome).toBe('passes');
    for (const name of ['ARGS:i', 'ARGS:id2', 'ARGS_GET:id', 'ARG', 'ARGS:', 'ARGS:/^i/', 'ARGS_NAMES'])
      expect(tried([SQL, blocked(5)], target('942100', name))).toMatchObject({
        outcome: 'blocked',
        touched: false,
      });
    expect(tried([SQL, blocked(5)], target('941100', 'ARGS:id')).touched).toBe(false);
  });

  test('a higher limit of the line counts, and one from the configuration where the line has none', () => {
    const ten = { operator: 'Operator GE matched 10 at TX:anomaly_score.' };
    expect(tried([SQL, SQL, HOST, blocked(13, ten)], target('942100', 'ARGS:id')).after).toBe(3);
    expect(tried([SQL, XSS, HOST, blocked(13, ten)], rule('942100'))).toMatchObject({ outcome: 'passes' });
    const silent = [SQL, HOST, blocked(8, { operator: '' })];
    expect(tried(silent, rule('942100')).reason).toBe('no line names the limit');
    expect(tried(silent, rule('942100'), 'ctl', facts(STANDARD, { defaultThreshold: 5 })).outcome).toBe(
      'passes',
    );
  });

  test('outbound points are counted apart', () => {
    const leak = hit('951220', { target: 'RESPONSE_BODY', severity: 'ERROR', phase: null });
    const out = hit('959100', {
      action: 'denied',
      phase: 4,
      operator: 'Operator GE matched 4 at TX:outbound_anomaly_score.',
      message: 'Outbound Anomaly Score Exceeded (Total Score: 4)',
    });
    const what = facts([...STANDARD, ruleInfo('951220', { phase: 4, severity: 'ERROR' })]);
    expect(tried([HOST, leak, out], rule('951220'), 'ctl', what)).toMatchObject({
      outcome: 'passes',
      before: 4,
      after: 0,
    });
    expect(tried([HOST, leak, out], rule('920350'), 'ctl', what)).toMatchObject({
      outcome: 'blocked',
      touched: true,
      after: 4,
    });
  });

  test('with CRS loaded twice in two versions, one of which goes: not certain', () => {
    const other = { ...SQL, tags: [], nth: 1 };
    for (const hits of [
      [SQL, other, blocked(5)],
      [other, SQL, blocked(5)],
    ])
      expect(tried(hits, tag('attack-sqli'))).toMatchObject({
        outcome: 'bound',
        reason: 'rule 942100 is loaded twice, and the exclusion takes out one of the two',
      });
  });

  test('with CRS loaded twice both copies go', () => {
    const hits = [SQL, HOST, SQL, HOST, XSS, blocked(13)];
    expect(tried(hits, rule('942100'))).toMatchObject({ before: 13, after: 8, outcome: 'blocked' });
    expect(tried([SQL, HOST, SQL, HOST, blocked(8)], rule('942100'))).toMatchObject({
      after: 3,
      outcome: 'passes',
    });
  });
});

describe('where the points are not all known', () => {
  const cut = hit('933160', { severity: null, cut: true, target: 'ARGS:x', phase: null });

  test('a lost severity of what goes', () => {
    expect(tried([SQL, cut, blocked(13)], rule('933160'))).toMatchObject({
      outcome: 'blocked',
      after: 13,
    });
    expect(tried([HOST, cut, blocked(8)], rule('933160'), 'directive')).toMatchObject({
      outcome: 'bound',
      reason: 'its lines account for 3 of its 8 points',
    });
  });

  test('points of no line may be of the excluded rule, where no audit record lists all', () => {
    const one = of([SQL, blocked(10)]);
    expect(tried(one, rule('941100'))).toMatchObject({ outcome: 'blocked', after: 10 });
    expect(tried(of([SQL, blocked(8)]), rule('942100'))).toMatchObject({ outcome: 'passes', after: 3 });
    expect(tried(of([HOST, blocked(8)]), rule('941100'))).toMatchObject({ outcome: 'bound', touched: false });
    const audited = of([{ ...HOST, sources: ['audit_log', 'error_log'] }, blocked(8)], {
      auditRef: { file: '/var/log/modsec_audit.log', offset: 0 },
    });
    expect(tried(audited, rule('941100'))).toMatchObject({ outcome: 'blocked' });
    expect(tried(audited, tag('attack-xss'))).toMatchObject({ outcome: 'blocked' });
    expect(tried(of([HOST, blocked(8)]), tag('attack-xss'))).toMatchObject({ outcome: 'bound' });
    expect(tried(of([HOST, blocked(8)]), path('941100', '/other')).outcome).toBe('blocked');
  });

  test('more points than the total: both readings must agree', () => {
    // 10 read, 8 said: 2 of the 10 did not count.
    expect(tried([SQL, XSS, blocked(8)], rule('942100'))).toMatchObject({
      outcome: 'bound',
      after: 5,
      reason: 'its lines add up to 10, the blocking rule said 8',
    });
    expect(tried([SQL, XSS, HOST, blocked(12)], rule('920350'))).toMatchObject({ outcome: 'blocked' });
    expect(tried([SQL, XSS, blocked(8)], scope({ kind: 'tag-vhost', tag: 'x' })).outcome).toBe('blocked');
  });

  test('no total named', () => {
    const hits = [SQL, blocked(0, { message: null, operator: '' })];
    expect(tried(hits, rule('942100'))).toMatchObject({
      outcome: 'bound',
      before: null,
      after: null,
      reason: 'no line names its total',
    });
    expect(tried(hits, rule('941100'))).toMatchObject({ outcome: 'blocked' });
  });

  test('a target that the line does not name', () => {
    const blind = { ...SQL, target: null };
    expect(tried([blind, blocked(5)], target('942100', 'ARGS:id'))).toMatchObject({
      outcome: 'bound',
      touched: true,
      reason: 'its line of rule 942100 names no target',
    });
    // The rule does not look at cookies at all.
    expect(tried([blind, blocked(5)], target('942100', 'REQUEST_COOKIES:a')).outcome).toBe('blocked');
    expect(tried([blind, XSS, blocked(10)], target('942100', 'ARGS:id')).outcome).toBe('blocked');
    expect(tried([blind, blocked(5)], rule('942100')).outcome).toBe('passes');
  });

  test('a line that can be read in two ways, without an audit record', () => {
    const forged = { ...SQL, ambiguous: true };
    expect(tried([forged, blocked(5)], rule('942100'))).toMatchObject({ outcome: 'bound' });
    const confirmed: StoredHit = { ...forged, sources: ['audit_log', 'error_log'] };
    expect(tried([confirmed, blocked(5)], rule('942100'))).toMatchObject({ outcome: 'passes' });
  });
});

describe('only requests of the vhost and the path', () => {
  test('another vhost is untouched, an alias is not', () => {
    expect(tried(of([SQL, blocked(5)], { vhost: 'blog.example.org' }), rule('942100'))).toMatchObject({
      outcome: 'blocked',
      touched: false,
      reason: 'it went to another vhost',
    });
    expect(tried(of([SQL, blocked(5)], { vhost: null }), rule('942100')).touched).toBe(false);
    expect(tried(of([SQL, blocked(5)], { vhost: 'www.shop.example.com' }), rule('942100')).outcome).toBe(
      'passes',
    );
  });

  test('the path as it was sent', () => {
    const at = (uri: string): Transaction => of([SQL, blocked(5)], { request: request({ uri }) });
    const product = path('942100', '/product.php');
    for (const uri of [
      '/product.php?id=1',
      '//product.php',
      'http://any.example.com/product.php?x',
      '/product.php?',
    ])
      expect(tried(at(uri), product).outcome).toBe('passes');
    for (const uri of [
      '/%70roduct.php',
      '/x/../product.php',
      '/./product.php',
      '/product.php/extra',
      '/PRODUCT.php',
    ])
      expect(tried(at(uri), product)).toMatchObject({
        outcome: 'blocked',
        reason: 'it asked for another path',
      });
  });

  test('the path of error_log is decoded: certain only where nothing had to be', () => {
    const at = (known: string, more: Partial<StoredHit> = {}): TriedRequest =>
      tried(of([{ ...SQL, ...more }, blocked(5)], { path: known }), path('942100', '/a/b.php'));
    expect(at('/a/b.php').outcome).toBe('passes');
    expect(at('/a/c.php').outcome).toBe('blocked');
    const data = 'Matched Data: ../ found within REQUEST_URI_RAW: /x/../a/b.php';
    expect(at('/a/b.php', { target: 'REQUEST_URI_RAW', data }).outcome).toBe('bound');
    const spaced = of([SQL, blocked(5)], { path: '/a b.php' });
    expect(tried(spaced, path('942100', '/a%20b.php'))).toMatchObject({
      outcome: 'bound',
      reason: 'its path is known only as Apache decoded it',
    });
    expect(tried(spaced, path('942100', '/c%20b.php')).outcome).toBe('blocked');
    expect(tried(of([SQL, blocked(5)], { path: null }), path('942100', '/a')).outcome).toBe('bound');
    expect(tried(of([SQL, XSS, blocked(10)], { path: null }), path('942100', '/a')).outcome).toBe('blocked');
  });
});

describe('phases and forms', () => {
  const method = hit('911100', { target: 'REQUEST_METHOD', phase: null });
  const early = blocked(5, { ruleId: '949111', phase: 1 });

  test('a rule of phase 1 is reached by the directive alone', () => {
    expect(tried([method, blocked(5)], rule('911100'), 'ctl')).toMatchObject({
      outcome: 'blocked',
      touched: false,
      reason: 'rule 911100 runs in phase 1, before the exclusion acts',
    });
    expect(tried([method, blocked(5)], rule('911100'), 'directive')).toMatchObject({ outcome: 'passes' });
    const unknown = facts([]);
    expect(tried([method, blocked(5)], rule('911100'), 'ctl', unknown)).toMatchObject({ outcome: 'bound' });
    expect(tried([method, blocked(5)], rule('911100'), 'directive', unknown).outcome).toBe('passes');
  });

  test('two definitions of one id: the file of the line decides', () => {
    const what = facts([
      ruleInfo('911100', { file: '/a.conf', phase: 1 }),
      ruleInfo('911100', { file: '/b.conf' }),
    ]);
    expect(tried([{ ...method, file: '/a.conf' }, blocked(5)], rule('911100'), 'ctl', what).outcome).toBe(
      'blocked',
    );
    expect(tried([{ ...method, file: '/b.conf' }, blocked(5)], rule('911100'), 'ctl', what).outcome).toBe(
      'passes',
    );
    expect(tried([method, blocked(5)], rule('911100'), 'ctl', what).outcome).toBe('bound');
  });

  test('refused early: phase 2 never ran', () => {
    expect(tried([method, early], rule('911100'), 'directive')).toMatchObject({
      outcome: 'bound',
      reason: 'rule 949111 refused it early, phase 2 never ran',
    });
    expect(tried([method, early], rule('911100'), 'ctl').outcome).toBe('blocked');
    expect(
      tried([method, HOST, { ...early, message: 'Total Score: 8' }], rule('920350'), 'directive'),
    ).toMatchObject({
      outcome: 'blocked',
    });
  });

  test('engine off: nothing from phase 2 on refuses', () => {
    expect(tried([method, SQL, blocked(10)], ENGINE)).toMatchObject({
      outcome: 'passes',
      reason: 'no rule looks at it from phase 2 on',
    });
    expect(tried([method, early], ENGINE)).toMatchObject({
      outcome: 'blocked',
      reason: 'rule 949111 runs in phase 1, before the exclusion acts',
    });
  });
});

describe('chains', () => {
  const extension = hit('920440', { target: 'TX:extension', phase: null });
  const chained = (targets: readonly string[], last: readonly string[]): PreviewFacts =>
    facts([
      ruleInfo('920440', {
        targets,
        setvars: ['tx.extension=.%{tx.1}/'],
        chain: [{ line: 9, targets: last, operator: '@within x', ctl: [], setvars: [] }],
      }),
    ]);

  test('only the first part lets a target go, whatever the line names', () => {
    const what = chained(['REQUEST_BASENAME'], ['TX:EXTENSION']);
    expect(tried([extension, blocked(5)], target('920440', 'REQUEST_BASENAME'), 'ctl', what).outcome).toBe(
      'passes',
    );
    expect(tried([extension, blocked(5)], target('920440', 'TX:extension'), 'ctl', what)).toMatchObject({
      outcome: 'blocked',
      reason: 'the first part of rule 920440’s chain does not look at TX:extension',
    });
  });

  test('of several targets it is not known which began the chain', () => {
    const what = chained(['ARGS', 'ARGS_NAMES'], ['TX:1']);
    expect(tried([extension, blocked(5)], target('920440', 'ARGS:a'), 'ctl', what).outcome).toBe('bound');
    expect(tried([extension, blocked(5)], target('920440', 'ARGS'), 'ctl', what).outcome).toBe('bound');
  });

  test('MATCHED_VARS logs the variable of the first part', () => {
    const what = chained(['ARGS', '!ARGS:no'], ['MATCHED_VARS']);
    const one = [{ ...extension, target: 'ARGS:a' }, blocked(5)];
    expect(tried(one, target('920440', 'ARGS:a'), 'ctl', what).outcome).toBe('passes');
    expect(tried(one, target('920440', 'ARGS:b'), 'ctl', what).outcome).toBe('blocked');
  });

  test('a count is never taken out', () => {
    const what = facts([ruleInfo('920280', { targets: ['&REQUEST_HEADERS:Host'] })]);
    const none = hit('920280', { target: 'REQUEST_HEADERS', phase: null });
    expect(tried([none, blocked(5)], target('920280', 'REQUEST_HEADERS'), 'ctl', what).outcome).toBe(
      'blocked',
    );
  });
});

describe('tags', () => {
  test('all rules with exactly this tag', () => {
    expect(tried([SQL, HOST, blocked(8)], tag('attack-sqli'))).toMatchObject({ outcome: 'passes', after: 3 });
    expect(tried([SQL, HOST, blocked(8)], tag('attack-sql')).touched).toBe(false);
  });

  test('cut off in the line: the rule’s file tells', () => {
    const cut = { ...SQL, tags: [], cut: true };
    expect(tried([cut, blocked(5)], tag('attack-sqli')).outcome).toBe('passes');
    expect(tried([cut, blocked(5)], tag('attack-sqli'), 'ctl', facts([]))).toMatchObject({
      outcome: 'bound',
    });
    expect(tried([{ ...SQL, tags: [] }, blocked(5)], tag('attack-sqli')).touched).toBe(false);
  });

  test('a tag of the blocking rule itself switches blocking off', () => {
    const sum = blocked(10, { tags: ['attack-generic'] });
    expect(tried([SQL, XSS, sum], tag('attack-generic'))).toMatchObject({
      outcome: 'passes',
      reason: 'rule 949110, which refused it, is off',
    });
  });
});

describe('rules that refuse by themselves', () => {
  const own = hit('200002', { action: 'denied', phase: 2, target: 'REQBODY_ERROR', severity: null });

  test('block alone, and hide what would have come after', () => {
    expect(tried([SQL, own], rule('942100'))).toMatchObject({
      outcome: 'blocked',
      touched: true,
      reason: 'rule 200002 refuses by itself',
      still: [{ ruleId: '200002', target: 'REQBODY_ERROR' }],
    });
    expect(tried([SQL, own], rule('200002'))).toMatchObject({
      outcome: 'bound',
      reason: 'the rules behind 200002 never ran',
      still: [],
    });
    expect(tried([SQL, own], ENGINE).outcome).toBe('passes');
  });

  test('nothing refused', () => {
    const only = hit('949110', { message: 'Total Score: 5', operator: 'Operator GE matched 5 at TX:x.' });
    expect(tried([SQL, only], rule('942100'))).toMatchObject({
      outcome: 'bound',
      reason: 'the engine only reported then: nothing was refused',
    });
    expect(tried([SQL], rule('942100'))).toMatchObject({ outcome: 'passes', reason: 'nothing refused it' });
  });
});

describe('rules that do more than score', () => {
  const reads = ruleInfo('1', { targets: ['TX:state'] });
  const doing = (more: Partial<RuleInfo>): PreviewFacts => facts([reads, ruleInfo('942100', more)]);

  test.each<[string, Partial<RuleInfo>, string | null]>([
    [
      'scores',
      { setvars: ['tx.anomaly_score_pl1=+%{tx.critical_anomaly_score}', 'tx.sql_injection_score=+5'] },
      null,
    ],
    ['logs more', { ctl: ['auditLogParts=+E'] }, null],
    [
      'reports',
      { setvars: ['tx.msg=%{rule.msg}', 'tx.%{rule.id}-WEB/X=%{tx.0}', 'ip.reput_block_flag=1'] },
      null,
    ],
    ['sets what nobody reads', { setvars: ['tx.other=1'] }, null],
    ['sets what it reads itself', { setvars: ['tx.mine=1'], targets: ['TX:mine'] }, null],
    ['switches a rule off', { ctl: ['ruleRemoveById=1'] }, 'rule 942100 also does ctl:ruleRemoveById=1'],
    ['skips', { skips: true }, 'rule 942100 also skips other rules'],
    [
      'sets what another reads',
      { setvars: ['tx.state=1'] },
      'rule 942100 also sets tx.state, which other rules read',
    ],
    [
      'sets a name made up of the request',
      { setvars: ['TX.sta%{tx.0}=1'] },
      'rule 942100 also sets TX.sta%{tx.0}, which other rules read',
    ],
    ['takes points off', { setvars: ['tx.anomaly_score_pl1=-5'] }, null],
  ])('%s', (_, more, reason) => {
    const result = tried([SQL, blocked(5)], rule('942100'), 'ctl', doing(more));
    if (reason === null) expect(result.outcome).toBe('passes');
    else expect(result).toMatchObject({ outcome: 'bound', reason });
    // Where it stays blocked all the same, nothing is uncertain.
    expect(tried([SQL, XSS, blocked(10)], rule('942100'), 'ctl', doing(more)).outcome).toBe('blocked');
  });

  test('where another hit of the rule stays, so does what it does', () => {
    const hits = [SQL, { ...SQL, target: 'ARGS:b', severity: null }, blocked(5)];
    const what = doing({ skips: true });
    expect(tried(hits, target('942100', 'ARGS:id'), 'ctl', what).outcome).toBe('passes');
    expect(tried(hits, rule('942100'), 'ctl', what).outcome).toBe('bound');
  });

  test('a rule that logs nothing leaves no line, but its end is felt', () => {
    const quiet = { silent: true, setvars: ['tx.state=1'], tags: ['attack-sqli'] };
    const what = facts([reads, ...STANDARD, ruleInfo('7', quiet)]);
    expect(tried([SQL, XSS, blocked(10)], tag('attack-sqli'), 'ctl', what)).toMatchObject({
      outcome: 'bound',
    });
    expect(tried([SQL, blocked(5)], rule('7'), 'ctl', what)).toMatchObject({ outcome: 'bound' });
    const phase1 = facts([reads, ...STANDARD, ruleInfo('7', { ...quiet, phase: 1 })]);
    expect(tried([SQL, blocked(5)], tag('attack-sqli'), 'ctl', phase1).outcome).toBe('passes');
    expect(tried([SQL, blocked(5)], tag('attack-sqli'), 'directive', phase1).outcome).toBe('bound');
    const skips = facts([...STANDARD, ruleInfo('7', { silent: true, skips: true, tags: ['attack-sqli'] })]);
    expect(tried([SQL, XSS, blocked(10)], tag('attack-sqli'), 'ctl', skips).outcome).toBe('blocked');
    expect(tried([SQL, blocked(5)], tag('attack-sqli'), 'ctl', skips).outcome).toBe('bound');
  });
});

describe('on any request', () => {
  const IDS = ['942100', '941100', '920350', '911100', '200002'];
  const TARGETS = ['ARGS:id', 'ARGS:comment', 'ARGS', 'REQUEST_HEADERS:Host', null];
  const anyHit = fc.record({
    ruleId: fc.constantFrom(...IDS),
    target: fc.constantFrom(...TARGETS),
    lost: fc.boolean(),
    cut: fc.boolean(),
    tags: fc.subarray(['attack-sqli', 'attack-xss']),
  });
  const any = fc
    .record({
      hits: fc.array(anyHit, { maxLength: 6 }),
      total: fc.integer({ min: 0, max: 30 }),
      refuses: fc.constantFrom('949110', '949111', '200002', null),
      path: fc.constantFrom('/a', '/a/b', '/a%20b', null),
      audited: fc.boolean(),
    })
    .map(({ hits, total, refuses, path: at, audited }) => {
      const own = hits.map(({ lost, ...more }, nth) =>
        hit(more.ruleId, { ...more, severity: lost ? null : severityOf(more.ruleId), phase: null, nth }),
      );
      const last =
        refuses === null ? [] : [blocked(total, { ruleId: refuses, phase: refuses === '949111' ? 1 : 2 })];
      return of([...own, ...last], {
        path: at,
        request: audited && at !== null ? request({ uri: at }) : null,
      });
    });
  const form = fc.constantFrom<ExclusionForm>('ctl', 'directive');
  const WIDER: readonly (readonly [ExclusionScope, ExclusionScope])[] = [
    [
      scope({ kind: 'target-path', ruleId: '942100', target: 'ARGS:id', path: readPath('/a') }),
      target('942100', 'ARGS:id'),
    ],
    [target('942100', 'ARGS:id'), target('942100', 'ARGS')],
    [target('942100', 'ARGS'), rule('942100')],
    [path('942100', '/a'), path('942100', '/a*')],
    [path('942100', '/a*'), rule('942100')],
  ];

  test('a wider scope never blocks what a narrower one lets pass', () => {
    fc.assert(
      fc.property(any, form, fc.constantFrom(...WIDER), (one, how, [narrow, wide]) => {
        const [less, more] = [tried(one, narrow, how), tried(one, wide, how)];
        if (less.outcome === 'passes') expect(more.outcome).not.toBe('blocked');
        if (more.outcome === 'blocked') expect(less.outcome).toBe('blocked');
        if (less.touched) expect(more.touched).toBe(true);
        if (less.after !== null && more.after !== null) expect(more.after).toBeLessThanOrEqual(less.after);
      }),
      { numRuns: 2000 },
    );
  });

  test('the order of the hits does not matter', () => {
    fc.assert(
      fc.property(
        any,
        form,
        fc.constantFrom(...WIDER.flat(), tag('attack-sqli'), ENGINE),
        fc.nat(),
        (one, how, which, seed) => {
          // Which copy of a rule that is loaded twice counts is told by the order.
          fc.pre(new Set(one.hits.map(({ ruleId }) => ruleId)).size === one.hits.length);
          const hits = [...one.hits].sort((a, b) => order(a, seed) - order(b, seed));
          const [given, other] = [tried(one, which, how), tried({ ...one, hits }, which, how)];
          expect({ ...other, reason: '', still: other.still.length }).toEqual({
            ...given,
            reason: '',
            still: given.still.length,
          });
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('an exclusion that names nothing of it changes nothing', () => {
    fc.assert(
      fc.property(any, form, (one, how) => {
        const audited = { ...one, vhost: 'blog.example.org' };
        const result = tried(audited, rule('942100'), how);
        expect(result.touched).toBe(false);
        expect(result.after).toBe(result.before);
      }),
    );
  });
});

function severityOf(ruleId: string): Severity | null {
  if (ruleId === '200002') return null;
  return ruleId === '920350' ? 'WARNING' : 'CRITICAL';
}

function order(one: StoredHit, seed: number): number {
  return Math.imul(one.nth * 31 + Number(one.ruleId) + 7, (seed % 999_983) * 2 + 1) % 1009;
}

describe('beside exclusions in force', () => {
  const withForce = (...scopes: readonly ExclusionScope[]): PreviewFacts =>
    facts(STANDARD, { inForce: scopes.map((one) => ({ scope: one, form: 'ctl', since: 1000 })) });
  const BOTH = of([SQL, XSS, blocked(10)]);

  test('two that free a request only together', () => {
    expect(tried(BOTH, rule('942100'), 'ctl', withForce(rule('941100')))).toMatchObject({
      outcome: 'passes',
      before: 10,
      after: 0,
      still: [],
    });
    expect(tried(BOTH, target('942100', 'ARGS:other'), 'ctl', withForce(rule('941100')))).toMatchObject({
      outcome: 'blocked',
      touched: false,
      still: [{ ruleId: '942100', target: 'ARGS:id' }],
    });
  });

  test('what is in force frees a request alone, for certain', () => {
    const freed = (one: Transaction, what: PreviewFacts): boolean => isFreed(scoredRequest(one, what), what);
    expect(freed(of([SQL, blocked(5)]), withForce(rule('942100')))).toBe(true);
    expect(freed(BOTH, withForce(rule('942100')))).toBe(false);
    expect(freed(BOTH, withForce(rule('942100'), tag('attack-xss')))).toBe(true);
    expect(freed(BOTH, withForce(ENGINE))).toBe(true);
    expect(freed(BOTH, withForce())).toBe(false);
    const elsewhere = { ...withForce(ENGINE), names: new Set(['other.example.com']) };
    expect(freed(BOTH, elsewhere)).toBe(false);
  });

  test('on another path it changes nothing', () => {
    const force = withForce(path('941100', '/elsewhere'));
    expect(tried(BOTH, rule('942100'), 'ctl', force)).toEqual(tried(BOTH, rule('942100')));
  });

  test('what was refused while it was in force shows it already: its silent rules raise no doubt', () => {
    const silent = ruleInfo('900300', { silent: true, ctl: ['ruleRemoveById=949110'] });
    const inForce = [{ scope: rule('900300'), form: 'ctl' as const, since: 1000 }];
    const what = facts([...STANDARD, silent], { inForce });
    const before = of([SQL, blocked(5)], { at: 500 });
    const since = of([SQL, blocked(5)], { at: 2000 });
    expect(tried(before, rule('942100'), 'ctl', what).outcome).toBe('bound');
    expect(tried(since, rule('942100'), 'ctl', what).outcome).toBe('passes');
  });

  test('never blocks what passes alone', () => {
    const scopes = [rule('942100'), rule('941100'), tag('attack-xss'), path('942100', '/a*'), ENGINE];
    const bodies = [
      of([SQL, blocked(5)]),
      BOTH,
      of([SQL, HOST, blocked(8)]),
      of([XSS, HOST, blocked(8)], { at: 5000 }),
    ];
    for (const one of scopes)
      for (const force of scopes)
        for (const body of bodies)
          if (tried(body, one).outcome === 'passes')
            expect(tried(body, one, 'ctl', withForce(force)).outcome).toBe('passes');
  });
});
