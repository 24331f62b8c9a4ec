// What happens to the state of a cause by itself: fixed when an exclusion of ours covers it, reopened when it comes back.
import { coversCause } from '../analyse/cause-cover.ts';
import { causeOf } from '../analyse/incident-causes.ts';
import { toTransaction } from '../analyse/merge.ts';
import type { EpochMs } from '../model.ts';
import type { CauseRecord } from '../store/cause-record.ts';
import type { StateChange } from '../store/cause-states.ts';
import type { KeptExclusion } from '../store/exclusions.ts';
import { activeRules } from './active-rules.ts';
import type { Context } from './context.ts';

/** Who acts when nobody does, for the activity. */
const ITSELF = 'Whyblocked';
/** The act under which the activity keeps what became of causes. */
export const CAUSE_ACT = 'cause';
/** A new exclusion is looked at again for so long: the change that makes it may take a while. */
const AGAIN_MS = 3_600_000;
const MOST_VISITS = 20;
const MOST_REQUESTS = 500;
const STEPPED = 'causes_stepped_at';

/**
 * Moves states of these causes as they were counted; null: of all causes that exclusions cover which came into force
 * since the last look. Writes the activity with each change.
 */
export function stepStates(ctx: Context, causes: readonly CauseRecord[] | null, now: EpochMs): void {
  const known = new Map<string, readonly KeptExclusion[]>();
  for (const cause of causes ?? newlyCovered(ctx)) {
    const active = known.get(cause.vhost) ?? ctx.store.exclusions.active(cause.vhost);
    known.set(cause.vhost, active);
    const change = nextState(ctx, cause, active);
    if (change === null) continue;
    ctx.store.write(() => {
      if (ctx.store.causeStates.set(cause.id, cause.state, change))
        recordState(ctx, cause, change, { at: now, address: null });
    });
  }
}

/** Appends a change of state to the activity. */
export function recordState(
  { store }: Pick<Context, 'store'>,
  cause: Pick<CauseRecord, 'id' | 'ruleId' | 'vhost'>,
  change: StateChange,
  { at, address }: { readonly at: EpochMs; readonly address: string | null },
): void {
  store.record({
    at,
    who: change.by,
    address,
    act: CAUSE_ACT,
    detail: `cause ${cause.id}, rule ${cause.ruleId} on ${cause.vhost === '' ? 'names that nobody owns' : cause.vhost}`,
    result: change.note === '' ? shortWords(change) : `${shortWords(change)}: ${change.note}`,
  });
}

/** A state as a few words, e.g. `fixed by exclusion 12`. */
export function shortWords({
  state,
  ignoreUntil,
  ignoreBase,
  fixedBy,
}: Pick<StateChange, 'state' | 'ignoreUntil' | 'ignoreBase' | 'fixedBy'>): string {
  switch (state) {
    case 'ignored':
      return ignoreUntil === null
        ? 'ignored'
        : `ignored until ${counted(ignoreUntil - (ignoreBase ?? 0), 'more visitor')}`;
    case 'fixed':
      return fixedBy === null ? 'fixed' : `fixed by exclusion ${fixedBy}`;
    case 'reopened':
      return fixedBy === null ? 'came back' : `came back after exclusion ${fixedBy}`;
    default:
      return state === 'new' ? 'new' : 'known';
  }
}

/** The next state; null when it stays. `active`: the exclusions in force on its vhost. */
function nextState(ctx: Context, cause: CauseRecord, active: readonly KeptExclusion[]): StateChange | null {
  if (cause.state === 'fixed') return afterFix(ctx, cause);
  const fix = active.findLast(
    (one) =>
      one.createdAt >= (cause.stateAt ?? -Infinity) &&
      !(cause.state === 'reopened' && cause.fixedBy === one.id) &&
      coversCause(one.scope, cause, tagsIn(ctx)),
  );
  if (fix !== undefined) {
    const back = cameBack(ctx, cause, fix.createdAt, true);
    return back === null ? to('fixed', fix.createdAt, fix.id) : to('reopened', back, fix.id);
  }
  return cause.state === 'ignored' ? afterIgnoring(ctx, cause) : null;
}

function to(state: 'fixed' | 'reopened', at: EpochMs, fixedBy: number | null): StateChange {
  return { state, at, by: ITSELF, note: '', ignoreUntil: null, ignoreBase: null, fixedBy };
}

function afterFix(ctx: Context, cause: CauseRecord): StateChange | null {
  const kept = cause.fixedBy === null ? null : ctx.store.exclusions.byId(cause.fixedBy);
  const endedAt = kept?.endedAt ?? null;
  const back =
    cameBack(ctx, cause, cause.stateAt ?? 0, true) ??
    (endedAt === null ? null : cameBack(ctx, cause, endedAt, false));
  return back === null ? null : to('reopened', back, cause.fixedBy);
}

function afterIgnoring({ store }: Context, cause: CauseRecord): StateChange | null {
  const { ignoreUntil, ignoreBase, stateAt } = cause;
  if (ignoreUntil === null) return null;
  // Counted as who came since: the window moves on, and those of before drop out of its count.
  const more = store.causeStates.newNetworks(cause.id, stateAt ?? 0);
  if (more < ignoreUntil - (ignoreBase ?? 0)) return null;
  const words = `${counted(more, 'more visitor')} came`;
  return { ...to('reopened', cause.lastAt ?? stateAt ?? 0, null), note: words };
}

/** When an ordinary visitor was hit (refused, with `refused`) after a time; null when none was. */
function cameBack(ctx: Context, cause: CauseRecord, since: EpochMs, refused: boolean): EpochMs | null {
  for (const visit of ctx.store.causeStates.ordinaryAfter(cause.id, since, refused, MOST_VISITS)) {
    // An incident that began before may hold hits of before only: its requests tell.
    if (visit.firstAt > since || hitAfter(ctx, cause, { client: visit.client, since, refused }))
      return visit.lastAt;
  }
  return null;
}

function hitAfter(
  { store }: Context,
  cause: CauseRecord,
  visit: { readonly client: string; readonly since: EpochMs; readonly refused: boolean },
): boolean {
  const { client, since, refused } = visit;
  const parts = store.transactions.ofClient(client, since, Infinity, MOST_REQUESTS);
  return parts.map(toTransaction).some((one) => {
    const isRefused = one.hits.some(({ action }) => action === 'denied');
    if (one.at <= since || (refused && !isRefused)) return false;
    return one.hits.some((hit) => {
      const key = causeOf(cause.vhost, hit, one);
      return key.ruleId === cause.ruleId && key.target === cause.target && key.path === cause.path;
    });
  });
}

function tagsIn(ctx: Context): (ruleId: string) => readonly string[] {
  return (ruleId) =>
    activeRules(ctx)
      .byId.get(ruleId)
      ?.flatMap(({ tags }) => tags) ?? [];
}

/** Causes on the vhosts of exclusions that came into force since the last look. */
function* newlyCovered(ctx: Context): Generator<CauseRecord> {
  const { store } = ctx;
  const last = Number(store.meta(STEPPED) ?? '0');
  const recent = store.exclusions.activeSince(last - AGAIN_MS);
  const newest = recent.reduce((top, { createdAt }) => Math.max(top, createdAt), last);
  for (const { scope } of recent)
    for (const id of store.causeStates.notFixed(scope.vhost, scope.ruleId)) {
      const cause = store.causeList.byId(id);
      if (cause !== null) yield cause;
    }
  if (newest > last)
    store.write(() => {
      store.setMeta(STEPPED, String(newest));
    });
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
