// One evidence item with the stories in which it holds, does not hold, and cannot be known.
import type { Sent, Source, Story } from './story.ts';

export interface Row {
  readonly item: string;
  readonly present: Story;
  readonly absent: Story;
  /** Why it can never be unknown, where there is no such story. */
  readonly unknown: Story | string;
}

type Told = Omit<Story, 'name'>;

/** Names the stories of an item after it. */
export function row(
  item: string,
  {
    present,
    absent,
    unknown,
  }: { readonly present: Told; readonly absent: Told; readonly unknown: Told | string },
): Row {
  return {
    item,
    present: { name: `${item} holds`, ...present },
    absent: { name: `${item} does not hold`, ...absent },
    unknown: typeof unknown === 'string' ? unknown : { name: `${item} cannot be known`, ...unknown },
  };
}

/** The same story with logs missing. */
export const lacking = (story: Told, ...without: readonly Source[]): Told => ({ ...story, without });

/** A request that is repeated at these seconds. */
export const repeated = (at: readonly number[], make: (at: number, nth: number) => Sent): Sent[] =>
  at.map((second, nth) => make(second, nth));

/** `count` seconds from `from` on, `every` seconds apart. */
export const seconds = (count: number, every: number, from = 0): number[] =>
  Array.from({ length: count }, (_, nth) => from + nth * every);
