// lfd.log has no year: it is found from a moment that is known to lie after the line.
import type { WallMs } from '../model.ts';

const DAY = 86_400_000;

/** Month (1-12), day and second of the day, as lfd.log writes them. */
export interface YearlessTime {
  readonly month: number;
  readonly day: number;
  readonly secondOfDay: number;
}

/**
 * The latest wall clock with this month, day and time that is at most one day after `reference` (the file's last
 * change, as wall clock): a line of 31 Dec read on 1 Jan belongs to the year before.
 */
export function withYear(time: YearlessTime, reference: WallMs): WallMs {
  const year = new Date(reference).getUTCFullYear();
  const inYear = (y: number): WallMs => Date.UTC(y, time.month - 1, time.day) + time.secondOfDay * 1000;
  for (const candidate of [year + 1, year]) {
    if (inYear(candidate) <= reference + DAY) return inYear(candidate);
  }
  return inYear(year - 1);
}
