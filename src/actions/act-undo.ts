// The way back of a change, at any point of it: old bytes, a test, a reload, and what the ledger says.
import type { Change } from '../store/changes.ts';
import type { PlannedFile, PlannedVhost } from './act-plan.ts';
import { emptyFile } from './act-plan.ts';
import { reload, saidBy, testConfig } from './act-reload.ts';
import { type ActHooks, StepFailed, Steps } from './act-steps.ts';
import type { Context } from './context.ts';

/** What is known of a change that must be taken back. */
export interface Undoing {
  readonly id: number;
  readonly files: readonly PlannedFile[];
  readonly add: readonly number[];
  /** Folders that were made for a file, by its path. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
  /** Whether Apache may run with the new files. */
  readonly reloaded: boolean;
}

/**
 * Brings the old bytes back, tests, reloads where Apache may have seen the new ones, and closes the change as
 * `rolled-back`. When that fails too, the change stays `running`: the next act and the next start of the service
 * try again. Gives whether it worked. Never throws.
 */
export async function undo(ctx: Context, steps: Steps, undoing: Undoing): Promise<boolean> {
  try {
    await steps.run('restore', 'Putting the old files back', () => restoreFiles(ctx, steps, undoing));
    await testAgain(ctx, steps);
    if (undoing.reloaded) await reload(ctx, steps, 'reload-back');
  } catch {
    // The failed step is written down; the change stays open.
    ctx.store.changes.progress(undoing.id, steps.done);
    return false;
  }
  ctx.store.writeDurably(() => {
    for (const id of undoing.add) ctx.store.exclusions.dropPending(id);
    for (const { path, vhost, before, foreign } of undoing.files) {
      if (foreign || before !== null) continue;
      const { text } = ctx.host.acts.file(path).read();
      if (text !== null) ctx.store.written.save(path, vhost, text);
    }
    ctx.store.changes.finish(undoing.id, 'rolled-back', steps.done);
  });
  return true;
}

function restoreFiles(ctx: Context, steps: Steps, { files, folders }: Undoing): string {
  const left: string[] = [];
  for (const planned of files) {
    steps.part('restore');
    const file = ctx.host.acts.file(planned.path);
    const { text, problem } = file.read();
    const isOurs = problem === null && [planned.before, planned.after, planned.fallback].includes(text);
    if (!isOurs) {
      // Somebody changed it meanwhile: his bytes stay.
      file.clear();
      left.push(planned.path);
      continue;
    }
    restoreOne(ctx, planned, text);
    const isUnused = planned.before === null && !ctx.host.acts.isIncluded(planned.path);
    if (isUnused) {
      file.remove();
      file.removeFolders(folders.get(planned.path) ?? []);
    }
  }
  return left.length === 0
    ? 'The old files are back.'
    : `The old files are back, but for ${left.join(' and ')}: somebody else changed it meanwhile, so it stays as it is.`;
}

function restoreOne(ctx: Context, { path, before, after, fallback }: PlannedFile, now: string | null): void {
  const file = ctx.host.acts.file(path);
  file.restore();
  const { text } = file.read();
  // Nothing was staged any more, or it was never there.
  if (text === after && after !== before && now === after) file.replace(before ?? fallback);
  else file.clear();
}

/** The test after the way back; a build that was broken off may have left half a configuration, so it is built anew. */
async function testAgain(ctx: Context, steps: Steps): Promise<void> {
  try {
    await testConfig(ctx, steps, 'test-back');
  } catch {
    await steps.run('rebuild-back', 'Building Apache’s configuration anew', async () => {
      const result = await ctx.host.acts.rebuild();
      if (result.code !== 0) throw new StepFailed(`rebuildhttpdconf failed: ${saidBy(result)}.`);
      return 'Apache’s configuration was built anew.';
    });
    await testConfig(ctx, steps, 'test-back');
  }
}

/**
 * Takes back what a killed process left half done. Call under the lock. Gives the numbers of the changes that were
 * mended and of those that still cannot be.
 */
export async function mendInterrupted(
  ctx: Context,
  hooks: ActHooks = {},
): Promise<{ readonly mended: number[]; readonly open: number[] }> {
  const mended: number[] = [];
  const open: number[] = [];
  for (const change of ctx.store.changes.running()) {
    const steps = new Steps(hooks, (done) => {
      ctx.store.changes.progress(change.id, [...change.steps, ...done]);
    });
    steps.done.push(...change.steps);
    const isDone = await undo(ctx, steps, { ...openChange(ctx, change), id: change.id });
    (isDone ? mended : open).push(change.id);
    if (isDone)
      ctx.store.record({
        at: Date.now(),
        who: change.who,
        address: null,
        act: `${change.act} exclusions`,
        detail: `${change.vhosts.join(', ')}: ${change.reason}`,
        result: `interrupted; everything is as it was before (change ${change.id})`,
      });
  }
  return { mended, open };
}

function openChange(ctx: Context, change: Change): Omit<Undoing, 'id'> {
  const places = new Map<string, PlannedVhost>();
  for (const { vhost, account } of ctx.host.vhosts())
    if (change.vhosts.includes(vhost))
      for (const path of Object.values(ctx.host.acts.paths(account, vhost)))
        places.set(path, { vhost, account });
  const files = change.files.map((file): PlannedFile => {
    const place = places.get(file.path);
    const fallback = place === undefined ? (file.before ?? '# Whyblocked\n') : emptyFile(ctx, place);
    return { ...file, vhost: place?.vhost ?? '', fallback, foreign: place === undefined };
  });
  // Where it was is not known for certain: Apache is reloaded in any case.
  return { files, add: change.effect.add, folders: new Map(), reloaded: true };
}
