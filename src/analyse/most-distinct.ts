// The stretch of time with the most different things in it.
import type { EpochMs } from '../model.ts';

/**
 * Of entries in time order those of the first window of at most `windowMs` that holds the most different keys; empty
 * for none.
 */
export function mostDistinct<One extends { readonly at: EpochMs }>(
  entries: readonly One[],
  keyOf: (one: One) => string,
  windowMs: number,
): readonly One[] {
  const inWindow = new Map<string, number>();
  let best = { size: 0, start: 0, end: 0 };
  let start = 0;
  for (const [end, one] of entries.entries()) {
    inWindow.set(keyOf(one), (inWindow.get(keyOf(one)) ?? 0) + 1);
    for (
      let first = entries[start];
      first !== undefined && one.at - first.at > windowMs;
      first = entries[start]
    ) {
      const left = (inWindow.get(keyOf(first)) ?? 1) - 1;
      if (left === 0) inWindow.delete(keyOf(first));
      else inWindow.set(keyOf(first), left);
      start++;
    }
    if (inWindow.size > best.size) best = { size: inWindow.size, start, end: end + 1 };
  }
  return entries.slice(best.start, best.end);
}
