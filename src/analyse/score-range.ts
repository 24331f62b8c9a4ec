// Between which two numbers the total of a recorded request lies when some of its hits go.
import type { StoredHit } from '../model.ts';
import type { ExclusionScope, RuleInfo } from '../model-rules.ts';
import { pointsOf, POINTS } from './points.ts';
import type { RulesById } from './rule-effects.ts';
import { onlyAddsUp, type Score } from './score.ts';
import type { Fates, TriedFates } from './scope-hits.ts';

export interface ScoreRange {
  readonly low: number;
  readonly high: number;
  /** Why the two differ, as a clause; null when they do not. */
  readonly why: string | null;
}

interface RangeInput {
  readonly score: Score;
  readonly hits: readonly StoredHit[];
  /** Of all exclusions together. */
  readonly fates: Fates;
  readonly tries: readonly TriedFates[];
  readonly rules: RulesById;
  /** Whether every hit is known at least by its rule: the audit record lists them all. */
  readonly complete: boolean;
}

/**
 * The total with the exclusion. What goes for certain lowers both ends. Hits that may go, and points that no line
 * accounts for where they may come from excluded rules, lower only the low one. Where the lines give more than the
 * total, some did not count, and they may be the ones that go. Null without a stated total.
 */
export function scoreRange(input: RangeInput): ScoreRange | null {
  const { score, fates } = input;
  if (score.total === null) return null;
  const sum = (goes: 'yes' | 'maybe'): number =>
    score.parts.reduce((points, part) => points + (fates.hits[part.hit]?.goes === goes ? part.points : 0), 0);
  const [sure, possible] = [sum('yes'), sum('maybe')];
  const uncounted = score.how === 'over' ? score.computed - score.total : 0;
  const hidden = score.how === 'short' ? hiddenPoints(input, score.total - score.computed) : 0;
  const low = Math.max(0, score.total - sure - possible - hidden);
  const high = score.total - Math.max(0, sure - uncounted);
  return { low, high, why: low === high ? null : whyOf(input, hidden) };
}

function whyOf({ score, fates, hits }: RangeInput, hidden: number): string {
  const fate = fates.hits.find(
    ({ goes }, index) => goes === 'maybe' && !onlyAddsUp(hits[index]?.ruleId ?? ''),
  );
  if (fate?.why != null) return fate.why;
  if (hidden > 0) return `its lines account for ${score.computed} of its ${score.total ?? 0} points`;
  return `its lines add up to ${score.computed}, the blocking rule said ${score.total ?? 0}`;
}

/** How many of the points that no line accounts for may come from what is excluded. */
function hiddenPoints({ score, hits, fates, tries, rules, complete }: RangeInput, gap: number): number {
  const counted = new Set(score.parts.map(({ hit }) => hit));
  // A line whose severity is lost hides points.
  const isLost = (index: number): boolean => !counted.has(index) && !onlyAddsUp(hits[index]?.ruleId ?? '');
  if (fates.hits.some(({ goes }, index) => goes !== 'no' && isLost(index))) return gap;
  const hidden = tries
    .filter((one) => one.fates.covered !== 'no')
    .map(({ tried: { scope } }) => {
      const infos = named(scope, rules);
      const isSecret = infos.some((rule) => rule.silent && pointsFor(rule) !== null);
      if (complete && !isSecret) return 0;
      const [first] = infos;
      const points = scope.ruleId === null || first === undefined ? null : pointsFor(first);
      return points === null ? gap : Math.floor(gap / points) * points;
    });
  return Math.min(
    gap,
    hidden.reduce((sum, points) => sum + points, 0),
  );
}

function named({ ruleId, tag }: ExclusionScope, rules: RulesById): readonly RuleInfo[] {
  if (ruleId !== null) return rules.get(ruleId) ?? [];
  return [...rules.values()].flat().filter((rule) => tag === null || rule.tags.includes(tag));
}

function pointsFor(rule: RuleInfo): number | null {
  return pointsOf(rule) ?? (rule.severity === null ? null : (POINTS.get(rule.severity) ?? null));
}
