// Two logs tell of one request: put together in any order they give the same, and their hits are matched.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mergeParts, toTransaction, unionErrors } from '../../src/analyse/merge.ts';
import type { PlacedHit, TransactionParts, ValueFinding } from '../../src/model.ts';

const HEAD = { error: 'e'.repeat(32), rotated: 'r'.repeat(32), audit: 'a'.repeat(32) };

function hit(ruleId: string, offset: number, more: Partial<PlacedHit> = {}): PlacedHit {
  return {
    ruleId,
    action: ruleId === '949110' ? 'denied' : 'warning',
    denyStatus: null,
    phase: 2,
    operator: `Pattern match at ARGS:x${String(offset)}`,
    target: `ARGS:x${String(offset)}`,
    message: null,
    data: null,
    severity: 'CRITICAL',
    cut: false,
    file: null,
    line: null,
    version: null,
    tags: [],
    ref: { file: '/var/log/error_log', offset, head: HEAD.error },
    ambiguous: false,
    ...more,
  };
}
const audited = (ruleId: string, more: Partial<PlacedHit> = {}): PlacedHit =>
  hit(ruleId, 7, { ref: { file: '/var/log/modsec_audit.log', offset: 7, head: HEAD.audit }, ...more });

function parts(more: Partial<TransactionParts> = {}): TransactionParts {
  return {
    uniqueId: 'id',
    at: 1000,
    client: '192.0.2.1',
    vhost: 'shop.example.com',
    path: '/',
    request: null,
    errorHits: [],
    auditHits: null,
    engineErrors: [],
    findings: [],
    auditRef: null,
    ambiguous: false,
    ...more,
  };
}
const auditRef = { file: '/var/log/modsec_audit.log', offset: 7, head: HEAD.audit };

const word = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
const anyHit = fc
  .record({
    ruleId: word('942100', '941100', '949110', '980130'),
    offset: fc.integer({ min: 0, max: 40 }),
    head: word(HEAD.error, HEAD.rotated),
    ambiguous: fc.boolean(),
  })
  .map(({ ruleId, offset, head, ambiguous }) =>
    hit(ruleId, offset, { ref: { file: '/var/log/error_log', offset, head }, ambiguous }),
  );
const anyFinding = fc
  .record({
    field: word('ARGS:a', 'ARGS:b', 'REQUEST_URI'),
    hash: word('h1', 'h2'),
    ruleIds: fc.subarray(['941100', '942100', '942200']),
    explained: fc.boolean(),
  })
  .map((some): ValueFinding => ({
    path: '/',
    grammar: [],
    families: [],
    outcome: 'none',
    excerpt: 'x',
    length: 1,
    ...some,
  }));
const anyError = fc
  .record({ text: word('parser failed', 'limit'), kind: word('parser', 'limit'), offset: fc.nat(9) })
  .map(({ text, kind, offset }) => ({
    kind: kind as 'parser' | 'limit',
    text,
    ruleId: null,
    refs: [{ file: '/var/log/error_log', offset, head: HEAD.error }],
  }));
const shared = {
  at: fc.integer({ min: 1000, max: 1005 }),
  client: word('192.0.2.1', '198.51.100.1'),
  vhost: fc.option(word('shop.example.com', 'blog.example.org')),
  path: fc.option(word('/', '/a', '/403.shtml')),
  engineErrors: fc.array(anyError, { maxLength: 2 }),
  ambiguous: fc.boolean(),
};
/** What one reading of error_log gives, or one audit record: merged with itself so that its lists are in order. */
const anyParts: fc.Arbitrary<TransactionParts> = fc
  .oneof(
    fc
      .record({
        ...shared,
        errorHits: fc.array(anyHit, { maxLength: 5 }),
        findings: fc.array(anyFinding, { maxLength: 3 }),
      })
      .map((some) => parts(some)),
    fc.record({ ...shared, offset: fc.nat(2) }).map(({ offset, ...some }) => {
      const ref = { ...auditRef, offset };
      // One place holds one record.
      const content = { client: `192.0.2.${String(offset)}`, path: `/audit${String(offset)}` };
      const auditHits = offset === 0 ? [] : [audited('942100', { ref })];
      return parts({ ...some, ...content, auditRef: ref, auditHits });
    }),
  )
  .map((one) => mergeParts(one, one));

describe('mergeParts', () => {
  test('is commutative', () => {
    fc.assert(
      fc.property(anyParts, anyParts, (a, b) => {
        expect(mergeParts(a, b)).toEqual(mergeParts(b, a));
      }),
      { numRuns: 500 },
    );
  });
  test('is associative', () => {
    fc.assert(
      fc.property(anyParts, anyParts, anyParts, (a, b, c) => {
        expect(mergeParts(mergeParts(a, b), c)).toEqual(mergeParts(a, mergeParts(b, c)));
      }),
      { numRuns: 1000 },
    );
  });
  test('is idempotent', () => {
    fc.assert(
      fc.property(anyParts, anyParts, (a, b) => {
        expect(mergeParts(a, a)).toEqual(a);
        expect(mergeParts(mergeParts(a, b), b)).toEqual(mergeParts(a, b));
      }),
      { numRuns: 300 },
    );
  });

  test('the audit record tells client and request, the earliest line the time', () => {
    const request = { method: 'GET', uri: '/a?b=c' } as TransactionParts['request'];
    const record = parts({
      at: 2000,
      client: '2001:db8::1',
      request,
      auditRef,
      auditHits: [audited('942100')],
    });
    const merged = mergeParts(parts({ at: 1999.5, errorHits: [hit('942100', 1)] }), record);
    expect(merged).toMatchObject({ at: 1999.5, client: '2001:db8::1', request, auditRef });
    expect(merged.errorHits).toHaveLength(1);
  });

  test('a 980xxx line names the error page, whatever comes first', () => {
    const report = parts({ at: 1, path: '/403.shtml', errorHits: [hit('980130', 50)] });
    const scored = parts({ at: 2, path: '/wp-login.php', errorHits: [hit('942100', 10)] });
    expect(mergeParts(report, scored).path).toBe('/wp-login.php');
    expect(mergeParts(scored, report).path).toBe('/wp-login.php');
    expect(mergeParts(report, parts({ path: '/a', auditRef, auditHits: [] })).path).toBe('/a');
  });

  test('rules that speak of one value in two readings are put together', () => {
    const finding = (...ruleIds: string[]): ValueFinding => ({
      field: 'ARGS:a',
      path: '/',
      grammar: [],
      families: [],
      outcome: 'none',
      excerpt: 'x',
      hash: 'h',
      length: 1,
      explained: false,
      ruleIds,
    });
    const first = parts({ errorHits: [hit('942100', 1)], findings: [finding('942100')] });
    const second = parts({
      errorHits: [hit('941100', 2)],
      findings: [finding('941100'), { ...finding('941100'), field: 'ARGS:b' }],
    });
    expect(mergeParts(first, second).findings.map(({ field, ruleIds }) => [field, ruleIds])).toEqual([
      ['ARGS:a', ['941100', '942100']],
      ['ARGS:b', ['941100']],
    ]);
  });
});

describe('toTransaction', () => {
  const told = (one: TransactionParts): unknown[] =>
    toTransaction(one).hits.map(({ ruleId, nth, sources, refs, ambiguous }) => [
      ruleId,
      nth,
      sources.join('+'),
      refs.map((ref) => ref.offset).join(),
      ambiguous,
    ]);

  test('hits of both logs are matched by rule and occurrence', () => {
    const both = parts({
      auditRef,
      auditHits: [audited('920350'), audited('942100'), audited('942100'), audited('949110')],
      errorHits: [hit('942100', 10), hit('942100', 20), hit('949110', 30), hit('980130', 40)],
    });
    expect(told(both)).toEqual([
      ['920350', 0, 'audit_log', '7', false],
      ['942100', 0, 'audit_log+error_log', '7,10', false],
      ['942100', 1, 'audit_log+error_log', '7,20', false],
      ['949110', 0, 'audit_log+error_log', '7,30', false],
      ['980130', 0, 'error_log', '40', false],
    ]);
    expect(toTransaction(both).sources).toEqual(['error_log', 'audit_log']);
  });

  test('error_log alone, audit log alone', () => {
    expect(told(parts({ errorHits: [hit('942100', 10), hit('942100', 20)] }))).toEqual([
      ['942100', 0, 'error_log', '10', false],
      ['942100', 1, 'error_log', '20', false],
    ]);
    const record = parts({ auditRef, auditHits: [audited('942100')] });
    expect(told(record)).toEqual([['942100', 0, 'audit_log', '7', false]]);
    expect(toTransaction(record).sources).toEqual(['audit_log']);
  });

  test('the log that was not cut tells the severity', () => {
    const both = parts({
      auditRef,
      auditHits: [audited('942100', { severity: null, cut: true })],
      errorHits: [hit('942100', 10, { severity: 'CRITICAL' })],
    });
    expect(toTransaction(both).hits).toMatchObject([{ severity: 'CRITICAL', cut: false }]);
  });

  test('an ambiguous line joins the audit hit of its rule that has no other line', () => {
    const both = parts({
      auditRef,
      auditHits: [audited('942100'), audited('942100')],
      errorHits: [hit('942100', 10), hit('942100', 20, { ambiguous: true })],
    });
    expect(told(both)).toEqual([
      ['942100', 0, 'audit_log+error_log', '7,10', false],
      ['942100', 1, 'audit_log+error_log', '7,20', true],
    ]);
  });

  test('an ambiguous line that the audit record does not confirm is left out; without a record it stays marked', () => {
    const errorHits = [hit('942100', 10), hit('222222', 20, { ambiguous: true })];
    expect(told(parts({ auditRef, auditHits: [audited('942100')], errorHits }))).toEqual([
      ['942100', 0, 'audit_log+error_log', '7,10', false],
    ]);
    expect(told(parts({ errorHits }))).toEqual([
      ['942100', 0, 'error_log', '10', false],
      ['222222', 0, 'error_log', '20', true],
    ]);
  });
});

test('an error that is told twice of one request is one error with both places, in one reading or in two', () => {
  const error = (offset: number) => ({
    kind: 'parser' as const,
    text: 'JSON parser error: parse error: premature EOF',
    ruleId: null,
    refs: [{ file: '/var/log/apache2/error_log', offset }],
  });
  const both = unionErrors([error(10), error(20)], []);
  expect(both).toEqual(unionErrors([error(20)], [error(10)]));
  expect(both).toHaveLength(1);
  expect(both[0]?.refs.map(({ offset }) => offset)).toEqual([10, 20]);
});
