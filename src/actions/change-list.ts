// The ledger of changes as it is shown: all of it, or one of them.
import type { Context } from './context.ts';
import { changeView } from './exclusion-list.ts';
import type { ChangeView } from './exclusion-view.ts';
import { readZone } from './server.ts';

const CHANGES_SHOWN = 200;

/** The ledger, newest first, without the files' bytes. A change that is open is `running` while another process holds the lock. */
export async function listChanges(ctx: Context): Promise<ChangeView[]> {
  const zone = await readZone(ctx);
  const isAlive = await isSomebodyAtWork(ctx);
  return ctx.store.changes.newest(CHANGES_SHOWN).map((change) => changeView(change, zone, isAlive));
}

/** One change; null when there is none of this number. */
export async function viewChange(ctx: Context, id: number): Promise<ChangeView | null> {
  const change = ctx.store.changes.byId(id);
  if (change === null) return null;
  const isAlive = change.state === 'running' && (await isSomebodyAtWork(ctx));
  return changeView(change, await readZone(ctx), isAlive);
}

async function isSomebodyAtWork(ctx: Context): Promise<boolean> {
  if (ctx.host.acts.refusal !== null || ctx.store.changes.running().length === 0) return false;
  const release = await ctx.host.acts.lock(ctx.stateDir, 0);
  release?.();
  return release === null;
}
