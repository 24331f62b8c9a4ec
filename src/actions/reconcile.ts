// The look at everything that Whyblocked switched off: what was interrupted, what has ended, what is not as it was left.
import { mendInterrupted } from './act-undo.ts';
import type { ActHooks } from './act-steps.ts';
import type { Context } from './context.ts';
import { countUses } from './exclusion-uses.ts';
import { endExpired } from './exclude.ts';
import { changeSentence, changeView } from './exclusion-list.ts';
import { readZone } from './server.ts';

const LOCK_SECONDS = 1;
const MOST_CLEARED = 50;
/** The newest change of which nothing lies beside its files any more. */
const CLEARED_META = 'cleared_change';
const USES_META = 'uses_counted_at';
const USES_EVERY_MS = 6 * 3_600_000;

/** What a look came to. */
export interface Reconciled {
  /** Sentences about what was done, oldest first; empty when all was as it should be. */
  readonly done: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Takes back what a killed process left half done, and takes what has ended out of the files. Reading is never held
 * up by it: when another change is at work, it is left to that one.
 */
export async function reconcile(ctx: Context, hooks: ActHooks = {}): Promise<Reconciled> {
  if (ctx.host.acts.refusal !== null) return { done: [], problems: [] };
  const done: string[] = [];
  const problems: string[] = [];
  if (ctx.store.changes.running().length > 0) {
    const release = await ctx.host.acts.lock(ctx.stateDir, LOCK_SECONDS);
    if (release === null) return { done, problems };
    try {
      const { mended, open } = await mendInterrupted(ctx, hooks);
      done.push(...mended.map((id) => `Change ${id} was interrupted; everything is as it was before it.`));
      problems.push(...open.map((id) => `Change ${id} was interrupted and cannot be taken back yet.`));
    } finally {
      release();
    }
  }
  await clearLeftovers(ctx);
  await countDaily(ctx);
  const ended = problems.length === 0 ? await endExpired(ctx, hooks) : null;
  if (ended !== null) {
    const view = changeView(ended, await readZone(ctx), false);
    const list = `Exclusion ${view.exclusions.join(', ')} ended.`;
    if (view.state === 'done') done.push(list);
    else problems.push(`${list} ${changeSentence(view)}`);
  }
  return { done, problems };
}

/** A process that was killed right after its change leaves the way back beside the files. */
async function clearLeftovers(ctx: Context): Promise<void> {
  const cleared = Number(ctx.store.meta(CLEARED_META) ?? 0);
  const newest = ctx.store.changes.newest(1)[0]?.id ?? 0;
  if (newest <= cleared || ctx.store.changes.running().length > 0) return;
  const release = await ctx.host.acts.lock(ctx.stateDir, 0);
  // Another change is at work: its own leftovers are no leftovers yet.
  if (release === null) return;
  try {
    if (ctx.store.changes.running().length > 0) return;
    const open = ctx.store.changes.newest(MOST_CLEARED).filter(({ id }) => id > cleared);
    // The list comes without files.
    const files = open.flatMap(({ id }) => ctx.store.changes.byId(id)?.files ?? []);
    for (const path of new Set(files.map((file) => file.path))) clearBeside(ctx, path);
    ctx.store.write(() => {
      ctx.store.setMeta(CLEARED_META, String(newest));
    });
  } finally {
    release();
  }
}

function clearBeside(ctx: Context, path: string): void {
  try {
    ctx.host.acts.file(path).clear();
  } catch {
    // The folder is gone, or it cannot be cleared now: the next change of the vhost does it.
  }
}

/** Uses are counted once in some hours: cPanel empties the logs once a day. */
async function countDaily(ctx: Context): Promise<void> {
  const now = Date.now();
  if (now - Number(ctx.store.meta(USES_META) ?? 0) < USES_EVERY_MS) return;
  ctx.store.setMeta(USES_META, String(now));
  await countUses(ctx, now);
}
