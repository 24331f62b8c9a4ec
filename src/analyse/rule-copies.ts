// Rules that are loaded twice: which of the copies of a hit counted is in no line.
import type { StoredHit } from '../model.ts';
import type { Score } from './score.ts';
import type { Fate, Fates } from './scope-hits.ts';

/**
 * Of rules that are loaded twice one copy of a hit counts. Where the copies are not alike and only one of them goes, it
 * is not known whether that is the one.
 */
export function withCopies(fates: Fates, hits: readonly StoredHit[], score: Score): Fates {
  const counted = new Set(score.parts.map(({ hit }) => hit));
  const settled = fates.hits.map((fate, index): Fate => {
    const rule = counted.has(index) ? hits[index]?.ruleId : undefined;
    const isUnlike = (goes: Fate['goes'], at: number): boolean =>
      hits[at]?.ruleId === rule && !counted.has(at) && hits[at]?.severity !== null && goes !== fate.goes;
    return rule !== undefined && fates.hits.some(({ goes }, at) => isUnlike(goes, at))
      ? { goes: 'maybe', why: `rule ${rule} is loaded twice, and the exclusion takes out one of the two` }
      : fate;
  });
  return { ...fates, hits: settled };
}
