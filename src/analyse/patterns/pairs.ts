// False alarms that the makers of the rules know: this rule in this field of this application.
import { PAIRS, type Pair } from './pair-entries.ts';

export type { Pair } from './pair-entries.ts';

/**
 * The documented pair that a rule hit is; null for any other. The target as the log names it, the path without query.
 * A hit without a target or path is none.
 */
export function knownPair(
  ruleId: string,
  target: string | null,
  path: string | null,
  userAgent: string | null = null,
): Pair | null {
  if (target === null || path === null) return null;
  const fits = (pair: Pair): boolean =>
    pair.rules.test(ruleId) &&
    pair.target.test(target) &&
    pair.path.test(path) &&
    (pair.agent === undefined || (userAgent !== null && pair.agent.test(userAgent)));
  return PAIRS.find(fits) ?? null;
}
