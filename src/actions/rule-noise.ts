// Where each rule is noisy, and for how many people: for the list of rules.
import { NOISE } from '../analyse/noise.ts';
import type { Context } from './context.ts';
import { windowStart } from './recount-causes.ts';

/** Of one rule over the last 14 days. */
export interface RuleNoise {
  /** Different networks of ordinary visitors. */
  readonly people: number;
  /** Causes in the band "noisy" whose state is open. */
  readonly noisyCauses: number;
  /** The vhosts of these, the noisiest first. */
  readonly noisyVhosts: readonly string[];
}

const MOST_VHOSTS = 20;

/** By rule id, as it was counted last; rules that hit nothing are left out. With a vhost (its servername) of it alone. */
export function ruleNoise(
  { store }: Pick<Context, 'store'>,
  vhost: string | null,
  now: number,
): ReadonlyMap<string, RuleNoise> {
  const people = store.causeCells.peopleByRule(vhost, windowStart(now));
  const noisy = Map.groupBy(store.causeCells.noisyPlaces(vhost, NOISE.noisy), ({ ruleId }) => ruleId);
  return new Map(
    Array.from(people, ([ruleId, count]) => {
      const places = noisy.get(ruleId) ?? [];
      return [
        ruleId,
        {
          people: count,
          noisyCauses: places.reduce((sum, { causes }) => sum + causes, 0),
          noisyVhosts: places.slice(0, MOST_VHOSTS).map((place) => place.vhost),
        },
      ];
    }),
  );
}
