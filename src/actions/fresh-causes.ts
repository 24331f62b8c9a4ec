// Brings causes up to date for a command, which waits for it: reads the logs, judges what is new, counts.
import type { Context } from './context.ts';
import { judgePending } from './judge.ts';
import { recountAll } from './recount-causes.ts';
import { refresh } from './refresh.ts';
import type { ServerClock } from './server.ts';
import { indexVhosts } from './vhosts.ts';

/** Gives the clock that everything was counted by. */
export async function freshCauses(ctx: Context): Promise<ServerClock> {
  const { clock } = await refresh(ctx);
  await judgePending(ctx, clock, indexVhosts(ctx.host.vhosts(), ctx.host.hostname()));
  recountAll(ctx, clock.now);
  return clock;
}
