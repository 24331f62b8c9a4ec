// Whether one rule decides a request alone: what the others add up to is held against the limit. Pure.
import type { Ledger, LedgerRow } from './explanation.ts';

/** A scored rule of the ledger, the one that frees the request if any does, else the one with most points. */
export interface DecisiveRow {
  readonly row: LedgerRow;
  /** Without it alone the rest would stay below the limit; a rule that refuses by itself has none. */
  readonly frees: boolean;
}

/** Null where no rule scored. */
export function decisiveRow({ rows, threshold }: Ledger): DecisiveRow | null {
  const scored = rows.filter(({ points }) => points > 0).toSorted((a, b) => b.points - a.points);
  const frees = (one: LedgerRow): boolean => {
    const rest = scored.filter((row) => row.ruleId !== one.ruleId || row.target !== one.target);
    return threshold === null || rest.reduce((sum, { points }) => sum + points, 0) < threshold;
  };
  const row = scored.find(frees) ?? scored[0];
  return row === undefined ? null : { row, frees: frees(row) };
}
