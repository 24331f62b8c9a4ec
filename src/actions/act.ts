// Carries out a change of exclusions: lock, look, write both files, build, test, reload, look again. Any failure at any
// point brings the old bytes back, tests again, and the ledger says what happened.
import { ActProblem } from '../host/act-file.ts';
import type { Change } from '../store/changes.ts';
import { type ActHead, begin, type Ground, type Intent, type Plan, survey } from './act-plan.ts';
import { reload, saidBy, testConfig } from './act-reload.ts';
import { type ActHooks, StepFailed, Steps } from './act-steps.ts';
import { mendInterrupted, undo } from './act-undo.ts';
import type { Context } from './context.ts';
import { Refused } from './errors.ts';
import { readZone } from './server.ts';

const LOCK_SECONDS = 120;
/** A change of hundreds of vhosts asks only so many of them. */
const PROBED = 10;
const PROBE_TRIES = 4;
const PROBE_PAUSE_MS = 700;

/**
 * Does what the intents say, in one change with one reload. Throws Refused when nothing was begun (the message says
 * why); otherwise gives the change, `done` or `rolled-back` or, when the way back failed too, still `running`.
 */
export async function carryOut(
  ctx: Context,
  head: ActHead,
  intents: readonly Intent[],
  hooks: ActHooks = {},
): Promise<Change> {
  const { acts } = ctx.host;
  if (acts.refusal !== null) throw new Refused(acts.refusal);
  hooks.now?.('Waiting for the lock');
  const release = await acts.lock(ctx.stateDir, LOCK_SECONDS);
  if (release === null)
    throw new Refused(
      `Another change has been running for ${LOCK_SECONDS} s. Nothing was changed; try again when it has ended.`,
    );
  try {
    const { open } = await mendInterrupted(ctx, hooks);
    if (open.length > 0)
      throw new Refused(
        `Change ${open.join(', ')} was interrupted and cannot be taken back yet (page Exclusions says why). Nothing else was changed.`,
      );
    return await change(ctx, head, intents, hooks);
  } finally {
    release();
  }
}

async function change(
  ctx: Context,
  head: ActHead,
  intents: readonly Intent[],
  hooks: ActHooks,
): Promise<Change> {
  const zone = await readZone(ctx);
  const first = new Steps(hooks, () => undefined);
  await ready(ctx, first);
  const ground = look(ctx, intents);
  const seen = await probeAll(ctx, ground.vhosts);
  hooks.before?.('record');
  const plan = begin(ctx, { ...head, at: Date.now(), zone }, { intents, ground });
  const steps = new Steps(hooks, (done) => {
    ctx.store.changes.progress(plan.id, done);
  });
  steps.done.push(...first.done);
  const folders = new Map<string, readonly string[]>();
  const reloaded = { value: false };
  try {
    await write(ctx, steps, plan, folders);
    await include(ctx, steps, plan);
    await testConfig(ctx, steps, 'test');
    reloaded.value = true;
    await reload(ctx, steps, 'reload');
    await compare(ctx, steps, plan, seen);
    hooks.before?.('close');
    close(ctx, steps, plan, head);
  } catch (error) {
    // Only what a step said can be shown; anything else is a fault of ours, but the files come back first.
    const undoing = {
      id: plan.id,
      files: plan.files,
      add: plan.effect.add,
      folders,
      reloaded: reloaded.value,
    };
    const isBack = await undo(ctx, steps, undoing);
    recordFailure(ctx, head, plan, { isBack, why: error instanceof Error ? error.message : String(error) });
    return changeOf(ctx, plan.id);
  }
  hooks.before?.('clear-away');
  clearAway(ctx, plan);
  return changeOf(ctx, plan.id);
}

/** Looks at the files; one that cannot be used is a refusal, because nothing was begun. */
function look(ctx: Context, intents: readonly Intent[]): Ground {
  try {
    const ground = survey(ctx, intents);
    // What an earlier change could not clear away must not be taken for this one's way back.
    for (const path of ground.before.keys()) ctx.host.acts.file(path).clear();
    return ground;
  } catch (error) {
    throw error instanceof ActProblem ? new Refused(`${error.message} Nothing was changed.`) : error;
  }
}

function changeOf(ctx: Context, id: number): Change {
  const made = ctx.store.changes.byId(id);
  if (made === null) throw new Error('the change that was just made is not in the ledger');
  return made;
}

/** Nothing is begun on a server whose configuration is broken already, or with another engine. */
async function ready(ctx: Context, steps: Steps): Promise<void> {
  try {
    await testConfig(ctx, steps, 'test-before');
  } catch (error) {
    throw new Refused(
      `Nothing was changed, because Apache’s configuration is broken already. ${error instanceof Error ? error.message : ''}`,
    );
  }
  const { code, output } = await ctx.host.acts.modules();
  if (code !== 0 || /\bsecurity2_module\b/.test(output)) return;
  throw new Refused(
    /\bsecurity3_module\b/.test(output)
      ? 'Nothing was changed: this Apache runs ModSecurity 3, which passes over our block in silence.'
      : 'Nothing was changed: this Apache does not load ModSecurity (security2_module).',
  );
}

async function write(
  ctx: Context,
  steps: Steps,
  plan: Plan,
  folders: Map<string, readonly string[]>,
): Promise<void> {
  const list = filesWords(plan);
  await steps.run('stage', 'Writing the new files beside the old ones', () => {
    for (const planned of plan.files) {
      steps.part('stage');
      const file = ctx.host.acts.file(planned.path);
      folders.set(planned.path, file.makeFolders());
      checkUnchanged(planned, file.read());
      file.stage(planned.after, planned.fallback);
    }
    return `The new bytes are on the disk beside ${list}.`;
  });
  await steps.run('replace', 'Putting the new files in place', () => {
    for (const planned of plan.files) {
      steps.part('replace');
      const file = ctx.host.acts.file(planned.path);
      checkUnchanged(planned, file.read());
      file.commit();
    }
    return `Replaced: ${list}.`;
  });
}

function filesWords({ files }: Plan): string {
  const paths = files.map(({ path }) => path);
  return paths.length > 4 ? `${paths.length} files` : paths.join(' and ');
}

function checkUnchanged(
  { path, before }: Plan['files'][number],
  now: { readonly text: string | null; readonly problem: string | null },
): void {
  if (now.problem !== null) throw new StepFailed(`${path} cannot be changed: ${now.problem}.`);
  if (now.text !== before) throw new StepFailed(`${path} was changed by somebody else meanwhile.`);
}

/** Builds Apache's configuration anew when it does not include the folders yet; tried on a copy first. */
async function include(ctx: Context, steps: Steps, plan: Plan): Promise<void> {
  const { acts } = ctx.host;
  const wanted = plan.vhosts.flatMap(({ account, vhost }) => {
    const paths = acts.paths(account, vhost);
    return (['std', 'ssl'] as const)
      .filter((kind) => acts.serves(account, vhost, kind))
      .map((kind) => paths[kind]);
  });
  const missing = (trial: boolean): string | undefined =>
    wanted.find((path) => !acts.isIncluded(path, trial));
  if (missing(false) === undefined) return;
  await steps.run('trial-build', 'Building Apache’s configuration on trial', async () => {
    const built = await acts.rebuildTrial();
    if (built.code !== 0) throw new StepFailed(`rebuildhttpdconf --preview failed: ${saidBy(built)}.`);
    const left = missing(true);
    if (left !== undefined)
      throw new StepFailed(`The trial configuration does not include the folder of ${left}.`);
    const tested = await acts.testTrial();
    if (tested.code !== 0) throw new StepFailed(`The trial configuration fails its test: ${saidBy(tested)}.`);
    return 'A trial build includes the new files and passes its test.';
  });
  await steps.run('build', 'Building Apache’s configuration', async () => {
    const built = await acts.rebuild();
    if (built.code !== 0) throw new StepFailed(`rebuildhttpdconf failed: ${saidBy(built)}.`);
    const left = missing(false);
    if (left !== undefined)
      throw new StepFailed(
        `rebuildhttpdconf said that all is well, but the folder of ${left} is not included.`,
      );
    return 'Apache’s configuration includes the new files.';
  });
}

interface Seen {
  readonly account: string;
  readonly vhost: string;
  readonly kind: 'std' | 'ssl';
  readonly status: number | null;
}

async function probeAll(ctx: Context, vhosts: Plan['vhosts']): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const { account, vhost } of vhosts.slice(0, PROBED))
    for (const kind of ['std', 'ssl'] as const)
      if (ctx.host.acts.serves(account, vhost, kind))
        seen.push({ account, vhost, kind, status: await ctx.host.acts.probe(account, vhost, kind) });
  return seen;
}

/** The front pages must answer as before; a site that is slow after the reload gets some tries. */
async function compare(ctx: Context, steps: Steps, plan: Plan, before: readonly Seen[]): Promise<void> {
  await steps.run('probe', 'Looking at the sites', async () => {
    let wrong: string[] = [];
    for (let tries = 0; tries < PROBE_TRIES; tries++) {
      if (tries > 0) await ctx.host.acts.pause(PROBE_PAUSE_MS);
      const now = await probeAll(ctx, plan.vhosts);
      wrong = now.flatMap(({ vhost, kind, status }, index) => {
        const was = before[index]?.status ?? null;
        return status === was
          ? []
          : [`${vhost} (${kind}) answered ${was ?? 'nothing'} before and ${status ?? 'nothing'} now`];
      });
      if (wrong.length === 0) {
        const list = before.map(({ vhost, kind, status }) => `${vhost} (${kind}): ${status ?? 'no answer'}`);
        return `The front page answers as before: ${list.join(', ')}.`;
      }
    }
    throw new StepFailed(`${wrong.join('; ')}.`);
  });
}

/** All is verified: one commit says so. */
function close(ctx: Context, steps: Steps, plan: Plan, head: ActHead): void {
  const at = Date.now();
  ctx.store.writeDurably(() => {
    for (const id of plan.effect.add) ctx.store.exclusions.activate(id);
    for (const { id, state } of plan.effect.end) ctx.store.exclusions.end(id, state, at);
    for (const { id, reason, expiresAt } of plan.effect.edit)
      ctx.store.exclusions.edit(id, reason, expiresAt);
    for (const { path, vhost, after, foreign } of plan.files)
      if (!foreign) ctx.store.written.save(path, vhost, after);
    ctx.store.changes.finish(plan.id, 'done', steps.done);
    ctx.store.record({ at, address: null, ...recordOf(head, plan), result: `done (change ${plan.id})` });
  });
}

/** What is left beside the files is cleared at the next change when it cannot be now. */
function clearAway(ctx: Context, plan: Plan): void {
  try {
    for (const { path } of plan.files) ctx.host.acts.file(path).clear();
  } catch {
    // See above.
  }
}

function recordOf(head: ActHead, plan: Plan): { who: string; act: string; detail: string } {
  const numbers = [...plan.effect.add, ...[...plan.effect.end, ...plan.effect.edit].map(({ id }) => id)];
  const which = numbers.length === 0 ? '' : `exclusion ${numbers.slice(0, 20).join(', ')} `;
  const vhosts = plan.vhosts.map(({ vhost }) => vhost);
  const where =
    vhosts.length > 5 ? `${vhosts.slice(0, 5).join(', ')} and ${vhosts.length - 5} more` : vhosts.join(', ');
  return { who: head.who, act: `${head.act} exclusions`, detail: `${which}on ${where}: ${head.reason}` };
}

function recordFailure(
  ctx: Context,
  head: ActHead,
  plan: Plan,
  { isBack, why }: { readonly isBack: boolean; readonly why: string },
): void {
  ctx.store.record({
    at: Date.now(),
    address: null,
    ...recordOf(head, plan),
    result: isBack
      ? `not applied; everything is as it was: ${why} (change ${plan.id})`
      : `FAILED, and the way back failed too: ${why} (change ${plan.id})`,
  });
}
