// The time that a preview is about, as it was typed.
import type { EpochMs } from '../model.ts';
import { readTimeText } from '../parse/time-text.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import { lineClock } from './line-clock.ts';
import type { Window } from './preview.ts';
import type { ServerClock } from './server.ts';

const LONGEST = 120;

/** The window from one time to another; either may be left out, both give null. Throws BadInput. */
export function readPreviewWindow(
  { store }: Pick<Context, 'store'>,
  clock: ServerClock,
  from: string | null,
  to: string | null,
): Window | null {
  if (from === null && to === null) return null;
  const first = from === null ? (store.counts.oldestAt() ?? clock.now) : readTime('from', from, clock).from;
  const last = to === null ? clock.now : readTime('to', to, clock).to;
  if (first <= last) return { from: first, to: last };
  throw new BadInput(
    'The time window ends before it begins: give an earlier “from” or a later “to”.',
    'from',
  );
}

function readTime(field: string, text: string, { zone, now }: ServerClock): { from: EpochMs; to: EpochMs } {
  const time = text.length > LONGEST ? null : readTimeText(text, lineClock(zone, now));
  if (time !== null) return time;
  throw new BadInput(
    `The “${field}” time “${text.slice(0, 80)}” was not understood. Give a time like 2026-11-22 17:30, 17:56 yesterday, -2d.`,
    field,
  );
}
