// Which points can make up a total: arithmetic for transactions whose contributing rules are not all known.
import { joinOr } from './sentences.ts';

const MAX_SETS = 20;
const MAX_TOTAL = 10_000;

/**
 * Gives the multisets of rule points (5 critical, 4 error, 3 warning, 2 notice) that add up to `total` and hold all
 * `known` points. Most likely first: without a 4 (CRS 3.3 and later have no error rule at paranoia level 1), then
 * fewest parts, then the larger points. Each set is sorted from large to small.
 *
 * At most 20 sets (large totals have thousands). Empty when nothing fits, when `known` is more than the total, and
 * for totals that are no whole number from 1 to 10,000.
 */
export function pointSets(total: number, known: readonly number[] = []): number[][] {
  if (!Number.isInteger(total) || total < 1 || total > MAX_TOTAL) return [];
  const rest = total - known.reduce((sum, points) => sum + points, 0);
  if (rest < 0) return [];
  const seen = [...known].sort(descending);
  if (rest === 0) return [seen];
  const found: number[][] = [];
  collect(rest, false, found);
  if (found.length < MAX_SETS) collect(rest, true, found);
  return found.map((set) => [...seen, ...set].sort(descending));
}

/** Adds the sets for `rest` with (or without) a 4, fewest parts first, until 20 are found. */
function collect(rest: number, withFours: boolean, found: number[][]): void {
  for (let parts = Math.ceil(rest / 5); parts <= Math.floor(rest / 2); parts++) {
    for (let fives = Math.min(parts, Math.floor(rest / 5)); fives >= 0; fives--) {
      const most = withFours ? Math.min(parts - fives, Math.floor((rest - 5 * fives) / 4)) : 0;
      for (let fours = most; fours >= (withFours ? 1 : 0); fours--) {
        const set = completed(rest, parts, fives, fours);
        if (set !== null) found.push(set);
        if (found.length >= MAX_SETS) return;
      }
    }
  }
}

/** The set of `parts` points with so many fives and fours: threes and twos follow from two equations. */
function completed(rest: number, parts: number, fives: number, fours: number): number[] | null {
  const left = parts - fives - fours;
  const threes = rest - 5 * fives - 4 * fours - 2 * left;
  if (threes < 0 || threes > left) return null;
  const of = (points: number, count: number): number[] => new Array<number>(count).fill(points);
  return [...of(5, fives), ...of(4, fours), ...of(3, threes), ...of(2, left - threes)];
}

/**
 * The sets as a sentence, e.g. "The total was 8 with a limit of 5. 8 = 5+3 or 3+3+2; which rules is not in these
 * lines." Sets beyond the sixth are only counted.
 */
export function describeSets(
  total: number,
  threshold: number | null,
  sets: readonly (readonly number[])[],
): string {
  const limit = threshold === null ? '' : ` with a limit of ${threshold}`;
  const head = `The total was ${total}${limit}.`;
  if (sets.length === 0) return `${head} No set of the usual points (5, 4, 3, 2) gives that.`;
  const shown = sets.slice(0, 6).map((set) => set.join('+'));
  const more = sets.length > shown.length ? [`another of ${sets.length - shown.length} sets or more`] : [];
  return `${head} ${total} = ${joinOr([...shown, ...more])}; which rules is not in these lines.`;
}

/**
 * What a bare total says by itself with default weights at paranoia level 1, or null when it says nothing: only the
 * 920 protocol file has rules of 3 or 2 points there (computed from the rule files of CRS 3.0.2, 3.3.10 and 4).
 * E.g. for 8: a 920 rule took part and at most one critical rule.
 */
export function describeTotal(total: number): string | null {
  const sets = pointSets(total);
  if (sets.length === 0 || sets.length >= MAX_SETS) return null;
  if (sets.some((set) => set.every((points) => points === 5))) return null;
  const criticals = Math.max(...sets.map((set) => set.filter((points) => points === 5).length));
  const most = criticals === 0 ? 'holds no critical rule' : `holds at most ${countWord(criticals)} critical`;
  return `With the default points at paranoia level 1, ${total} needs a 920 protocol rule and ${most}.`;
}

function countWord(count: number): string {
  return ['no', 'one', 'two', 'three'][count] ?? String(count);
}

function descending(a: number, b: number): number {
  return b - a;
}
