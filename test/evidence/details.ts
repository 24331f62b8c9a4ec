// One clause of the model: what happened, which item, what is to be said of it.
import type { Story } from './story.ts';

export type Detail = readonly [
  clause: string,
  item: string,
  status: 'present' | 'absent' | 'unknown',
  story: Omit<Story, 'name'>,
];
