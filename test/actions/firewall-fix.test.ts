// The fix that an unblock names first: a rule that frees the request when it is switched off alone, or the plain word that none does.
import { expect, test } from '@jest/globals';
import type { Context } from '../../src/actions/context.ts';
import type { Explanation } from '../../src/actions/explanation.ts';
import { fixFor } from '../../src/actions/firewall-fix.ts';

const VHOST = 'shop.example.com';

/** A context in which these rules are switched off. */
function withExclusions(...rules: readonly string[]): Context {
  const active = (): unknown => rules.map((ruleId) => ({ scope: { ruleId } }));
  return { store: { exclusions: { active } } } as unknown as Context;
}

/** One refused request with these points by rule. */
function story(
  points: Readonly<Record<string, number>>,
  {
    label = 'false-positive',
    threshold = 5,
  }: { readonly label?: string; readonly threshold?: number | null } = {},
): Explanation {
  const rows = Object.entries(points).map(([ruleId, own]) => ({ ruleId, points: own, target: 'ARGS:q' }));
  const total = rows.reduce((sum, row) => sum + row.points, 0);
  return {
    verdict: { label },
    block: null,
    ledger: { uniqueId: 'x', rows, total, threshold },
    incident: { transactions: [{ uniqueId: 'x', vhost: VHOST, uri: '/a?q=1' }] },
  } as unknown as Explanation;
}

test('a rule without which the rest stays below the limit', () => {
  expect(fixFor(withExclusions(), story({ 920350: 3, 942100: 5 }))).toEqual({
    ...{ ruleId: '942100', vhost: VHOST, target: 'ARGS:q', path: '/a', isDone: false, frees: true },
    sentence: `Rule 942100 stopped it at ARGS:q on ${VHOST}. Switch it off there first, then unblock.`,
  });
});

test('of several that stop it together none is called the fix', () => {
  const fix = fixFor(withExclusions(), story({ 941100: 5, 941160: 5, 942100: 5 }));
  expect(fix?.frees).toBe(false);
  expect(fix?.sentence).toMatch(
    /^3 rules stopped it together on shop\.example\.com \(15 points, limit 5\): .*one of them alone does not free it/,
  );
});

test('a rule that refuses by itself needs no sum', () => {
  expect(fixFor(withExclusions(), story({ 942100: 5 }, { threshold: null }))?.frees).toBe(true);
});

test('what is switched off already is said', () => {
  expect(fixFor(withExclusions('942100'), story({ 942100: 5 }))).toMatchObject({
    isDone: true,
    sentence: expect.stringContaining('is switched off'),
  });
});

test.each(['attack', 'local'])('none for %s', (label) => {
  expect(fixFor(withExclusions(), story({ 942100: 5 }, { label }))).toBeNull();
});
