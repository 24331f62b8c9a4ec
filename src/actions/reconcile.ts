// The look at everything that Whyblocked switched off: what was interrupted, what has ended, what is not as it was left.
import type { Zone } from '../host/clock.ts';
import type { KeptExclusion } from '../store/exclusions.ts';
import { mendInterrupted } from './act-undo.ts';
import type { ActHooks } from './act-steps.ts';
import { activeRules } from './active-rules.ts';
import type { Context } from './context.ts';
import { findDrift } from './drift.ts';
import { countUses } from './exclusion-uses.ts';
import { actTime, endExpired } from './exclude.ts';
import {
  changeSentence,
  changeView,
  type ExclusionExtras,
  exclusionView,
  staleness,
  writableHere,
} from './exclusion-list.ts';
import type { RuleView } from './domain-view.ts';
import type { ChangeView, ExclusionsView, ExclusionView } from './exclusion-view.ts';
import { foundExclusions } from './found.ts';
import { furtherHits } from './further-hits.ts';
import { scopeView } from './preview.ts';
import { presentMoment, readZone, serverView } from './server.ts';

const ENDED_SHOWN = 200;
const CHANGES_SHOWN = 200;
const LOCK_SECONDS = 1;
const MOST_VIEWS = 50_000;
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

/** Views by what they were made from: of thousands only those are made anew that have changed. */
const viewed = new WeakMap<Context['host'], Map<string, ExclusionView>>();

function sameAsBefore(
  known: Map<string, ExclusionView>,
  one: KeptExclusion,
  zone: Zone,
  extras: ExclusionExtras,
): ExclusionView {
  const { id, createdAt, expiresAt, uses, lastUseAt, reason } = one;
  const key = JSON.stringify([id, createdAt, expiresAt, uses, lastUseAt, reason]);
  let view = known.get(key);
  if (view === undefined) {
    if (known.size > MOST_VIEWS) known.clear();
    view = exclusionView(one, zone, extras);
    known.set(key, view);
  }
  return { ...view, ...extras };
}

/** Uses are counted once in some hours: cPanel empties the logs once a day. */
async function countDaily(ctx: Context): Promise<void> {
  const now = Date.now();
  if (now - Number(ctx.store.meta(USES_META) ?? 0) < USES_EVERY_MS) return;
  ctx.store.setMeta(USES_META, String(now));
  await countUses(ctx, now);
}

/** The exclusions in force, on one vhost or on all. */
export async function activeExclusions(ctx: Context, vhost: string | null): Promise<ExclusionView[]> {
  const zone = await readZone(ctx);
  const { byId } = activeRules(ctx);
  const served = new Set(ctx.host.vhosts().map((one) => one.vhost));
  const now = actTime(ctx);
  const kept = ctx.store.exclusions.active(vhost);
  const hits = furtherHits(ctx, kept);
  const known = viewed.get(ctx.host) ?? new Map<string, ExclusionView>();
  viewed.set(ctx.host, known);
  return kept.map((one) =>
    sameAsBefore(known, one, zone, {
      furtherHits: hits.get(one.id)?.hits ?? null,
      furtherRequests: hits.get(one.id)?.requests ?? null,
      warnings: staleness(one, now, {
        rulesOf: (id) => byId.get(id) ?? [],
        isServed: (name) => served.has(name),
      }),
    }),
  );
}

/** Where one rule is excluded by us, for its page. */
export function excludedHere(ctx: Context, ruleId: string): RuleView['excluded'] {
  return ctx.store.exclusions
    .active()
    .filter(({ scope }) => scope.ruleId === ruleId)
    .map((one) => ({ vhost: one.scope.vhost, words: scopeView(one).words, id: one.id }));
}

/** All exclusions, ours and others', with what is not as it was left. */
export async function listExclusions(ctx: Context): Promise<ExclusionsView> {
  const zone = await readZone(ctx);
  const clock = { zone, basis: zone.basis, now: await presentMoment(ctx) };
  return {
    active: await activeExclusions(ctx, null),
    ended: ctx.store.exclusions
      .ended(ENDED_SHOWN)
      .map((one) =>
        exclusionView(one, clock.zone, { furtherHits: null, furtherRequests: null, warnings: [] }),
      ),
    found: await foundExclusions(ctx, null),
    drift: findDrift(ctx),
    writable: await writableHere(ctx),
    server: serverView(ctx, clock),
  };
}

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
