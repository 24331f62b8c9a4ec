// What an answer has to say when it rests on what was kept before the reading of logs stopped.
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import { isoTime, readableTime } from './iso-time.ts';
import { readNotice, type ReadNotice } from './read-state.ts';
import type { ServerClock } from './server.ts';

/** The notice of a context whose logs could not be read or kept; null while all goes well. */
export function noticeOf(
  ctx: Pick<Context, 'reader' | 'stateDir'>,
  clock: Pick<ServerClock, 'zone'>,
): ReadNotice | null {
  const when = (at: EpochMs): string => readableTime(isoTime(clock.zone, at));
  return ctx.reader === null ? null : readNotice(ctx.reader(), { when, folder: ctx.stateDir });
}
