// The record of acts, as it is shown.
import type { Context } from './context.ts';
import type { ActivityRow } from './explanation.ts';
import { isoTime } from './iso-time.ts';
import { readZone } from './server.ts';

/** The newest acts first, times in the server's offset. */
export async function activityRows(ctx: Context): Promise<ActivityRow[]> {
  const zone = await readZone(ctx);
  return ctx.store.activity().map((row) => ({ ...row, at: isoTime(zone, row.at) }));
}
