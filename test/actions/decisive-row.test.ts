// Whether one rule decides a request alone.
import { expect, test } from '@jest/globals';
import { decisiveRow } from '../../src/actions/decisive-row.ts';
import type { Ledger } from '../../src/actions/explanation.ts';

/** Rows `rule target points`. */
function ledger(rows: readonly string[], threshold: number | null = 5): Ledger {
  const made = rows.map((row) => {
    const [ruleId = '', target = '', points = ''] = row.split(' ');
    return { ruleId, target, points: Number(points) };
  });
  return { rows: made, threshold } as unknown as Ledger;
}

test.each<[readonly string[], number | null, string | null, boolean]>([
  [['942100 ARGS:q 5'], 5, '942100', true],
  [['920350 REQUEST_HEADERS:Host 3', '942100 ARGS:q 5'], 5, '942100', true],
  // Without any one of them 5 or more are left.
  [['a x 3', 'b x 3', 'c x 2'], 5, null, false],
  [['a x 3', 'b x 3'], 5, 'a', true],
  [['a x 5', 'b x 5'], 5, 'a', false],
  // The same rule at two targets: one target's exclusion leaves the other.
  [['a x 5', 'a y 5'], 5, 'a', false],
  [['a x 5', 'b x 5'], null, 'a', true],
])('%j with limit %j', (rows, threshold, ruleId, frees) => {
  const found = decisiveRow(ledger(rows, threshold));
  if (ruleId !== null) expect(found?.row.ruleId).toBe(ruleId);
  expect(found?.frees).toBe(frees);
});

test('without points there is none', () => {
  expect(decisiveRow(ledger(['949110 TX:anomaly_score 0']))).toBeNull();
});
