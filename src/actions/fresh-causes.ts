// Brings causes up to date for a command, which waits for it: reads the logs, judges what is new, counts.
import type { Context } from './context.ts';
import { settleAll } from './judge-round.ts';
import { refresh } from './refresh.ts';
import type { ServerClock } from './server.ts';

/** Gives the clock that everything was counted by. */
export async function freshCauses(ctx: Context): Promise<ServerClock> {
  const { clock } = await refresh(ctx);
  await settleAll(ctx, clock);
  return clock;
}
