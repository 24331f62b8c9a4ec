// What an act changes: intents become the files of the vhosts they touch, whole, and what the database says afterwards.
import type { EpochMs } from '../model.ts';
import { scopeKey } from '../analyse/scope-key.ts';
import { renderExclusionFile } from '../analyse/exclusion-render.ts';
import type { ChangeAct, ChangeEffect } from '../store/changes.ts';
import type { KeptExclusion, NewExclusion } from '../store/exclusions.ts';
import type { Context } from './context.ts';
import { Refused } from './errors.ts';
import { isoTime } from './iso-time.ts';
import type { Zone } from '../host/clock.ts';

/** A file of somebody else that changes with an act, e.g. one whose lines are taken over. */
export interface ForeignEdit {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** One thing that somebody wants done. */
export type Intent =
  | { readonly kind: 'add'; readonly exclusion: NewExclusion }
  | { readonly kind: 'end'; readonly id: number; readonly state: 'expired' | 'reverted' }
  | {
      readonly kind: 'edit';
      readonly id: number;
      readonly reason: string;
      readonly expiresAt: EpochMs | null;
    }
  /** Takes the bytes that stand in our file now for ours (their exclusions are among the other intents). */
  | { readonly kind: 'claim'; readonly vhost: string; readonly account: string }
  | { readonly kind: 'foreign'; readonly edit: ForeignEdit };

/** Who wants it, and why. */
export interface ActHead {
  readonly act: ChangeAct;
  readonly who: string;
  readonly reason: string;
}

export interface PlannedVhost {
  readonly vhost: string;
  readonly account: string;
}

/** One file before and after. */
export interface PlannedFile {
  readonly path: string;
  readonly vhost: string;
  readonly before: string | null;
  readonly after: string;
  /** What stands there when it was not there before and its folder is included by now. */
  readonly fallback: string;
  readonly foreign: boolean;
}

export interface Plan {
  readonly id: number;
  readonly vhosts: readonly PlannedVhost[];
  readonly files: readonly PlannedFile[];
  readonly effect: ChangeEffect;
}

/** What the files of the touched vhosts hold now, checked: call under the lock, before anything is written. */
export interface Ground {
  readonly vhosts: readonly PlannedVhost[];
  readonly before: ReadonlyMap<string, string | null>;
}

/** Our file of a vhost without any exclusion: comments only. */
export function emptyFile(ctx: Context, place: PlannedVhost): string {
  return renderExclusionFile(place, [], () => '', ctx.host.acts.checksum);
}

/** Our file of a vhost with these exclusions. */
export function fileOf(
  ctx: Context,
  place: PlannedVhost,
  exclusions: readonly KeptExclusion[],
  zone: Zone,
): string {
  const time = (at: EpochMs): string => isoTime(zone, Math.floor(at / 1000) * 1000);
  return renderExclusionFile(place, exclusions, time, ctx.host.acts.checksum);
}

/**
 * The vhosts that intents touch, with the bytes of their files. Throws Refused when a file was changed by hand (it is
 * never overwritten) or cannot be read, when an exclusion is no longer in force, or when there is nothing to do.
 */
export function survey(ctx: Context, intents: readonly Intent[]): Ground {
  const vhosts = new Map<string, PlannedVhost>();
  const claimed = new Set<string>();
  const before = new Map<string, string | null>();
  for (const intent of intents) {
    if (intent.kind === 'foreign') {
      before.set(intent.edit.path, readForeign(ctx, intent.edit));
      continue;
    }
    const place = placeOf(ctx, intent);
    vhosts.set(place.vhost, place);
    if (intent.kind === 'claim') claimed.add(place.vhost);
  }
  for (const place of vhosts.values())
    for (const path of Object.values(ctx.host.acts.paths(place.account, place.vhost)))
      before.set(path, readOwn(ctx, path, claimed.has(place.vhost)));
  if (before.size === 0) throw new Refused('There is nothing to change.');
  refuseDoubles(ctx, intents, claimed);
  return { vhosts: [...vhosts.values()].sort((a, b) => (a.vhost < b.vhost ? -1 : 1)), before };
}

/**
 * What was checked when it was ordered is checked again: the same may have come into force since, or be ordered twice in
 * one change. What a hand-changed file says is taken as it is.
 */
function refuseDoubles(ctx: Context, intents: readonly Intent[], claimed: ReadonlySet<string>): void {
  const ended = new Set(intents.flatMap((intent) => (intent.kind === 'end' ? [intent.id] : [])));
  const seen = new Set<string>();
  for (const intent of intents) {
    if (intent.kind !== 'add' || claimed.has(intent.exclusion.scope.vhost)) continue;
    const { scope } = intent.exclusion;
    const key = scopeKey(scope);
    const same = ctx.store.exclusions
      .active(scope.vhost)
      .find((one) => !ended.has(one.id) && scopeKey(one.scope) === key);
    if (same !== undefined) throw new Refused(`Exclusion ${same.id} does this already. Nothing was changed.`);
    if (seen.has(key)) throw new Refused('The same was ordered twice. Nothing was changed.');
    seen.add(key);
  }
}

function placeOf(ctx: Context, intent: Exclude<Intent, { kind: 'foreign' }>): PlannedVhost {
  if (intent.kind === 'add')
    return { vhost: intent.exclusion.scope.vhost, account: intent.exclusion.account };
  if (intent.kind === 'claim') return { vhost: intent.vhost, account: intent.account };
  const kept = ctx.store.exclusions.byId(intent.id);
  if (kept === null) throw new Refused(`There is no exclusion ${intent.id}.`);
  if (kept.state !== 'active')
    throw new Refused(`Exclusion ${intent.id} is not in force any more (${kept.state}).`);
  return { vhost: kept.scope.vhost, account: kept.account };
}

function readForeign(ctx: Context, edit: ForeignEdit): string {
  const { text, problem } = ctx.host.acts.file(edit.path).read();
  if (problem !== null) throw new Refused(`${edit.path} cannot be changed: ${problem}.`);
  if (text !== edit.before)
    throw new Refused(`${edit.path} has changed meanwhile. Look at it again; nothing was changed.`);
  return text;
}

function readOwn(ctx: Context, path: string, claimed: boolean): string | null {
  const { text, problem } = ctx.host.acts.file(path).read();
  if (problem !== null) throw new Refused(`${path} cannot be changed: ${problem}.`);
  const written = ctx.store.written.byPath(path);
  if (claimed || text === null || text === written?.text) return text;
  if (written === null)
    throw new Refused(
      `${path} was not written by this Whyblocked, or its database is new. Adopt it first (page Exclusions); nothing was changed.`,
    );
  throw new Refused(
    written.kept === text
      ? `${path} was changed by hand and is kept as it is. Adopt it first (page Exclusions); nothing was changed.`
      : `${path} was changed by hand since Whyblocked wrote it. Decide about it first (page Exclusions); nothing was changed.`,
  );
}

/** Writes the plan into the ledger and gives it: from here on the change is `running`. */
export function begin(
  ctx: Context,
  head: ActHead & { readonly at: EpochMs; readonly zone: Zone },
  work: {
    readonly intents: readonly Intent[];
    readonly ground: Ground;
  },
): Plan {
  const { intents, ground } = work;
  return ctx.store.writeDurably(() => {
    const add = intents.flatMap((intent) =>
      intent.kind === 'add' ? [ctx.store.exclusions.add(intent.exclusion)] : [],
    );
    const effect: ChangeEffect = {
      add,
      end: intents.flatMap((intent) =>
        intent.kind === 'end' ? [{ id: intent.id, state: intent.state }] : [],
      ),
      edit: intents.flatMap((intent) =>
        intent.kind === 'edit' ? [{ id: intent.id, reason: intent.reason, expiresAt: intent.expiresAt }] : [],
      ),
    };
    const inForce = afterwards(ctx, effect);
    const files = [
      ...ground.vhosts.flatMap((place) =>
        ownFiles(ctx, place, inForce.get(place.vhost) ?? [], { ground, zone: head.zone }),
      ),
      ...foreignFiles(intents),
    ];
    const vhosts = ground.vhosts.map(({ vhost }) => vhost);
    const id = ctx.store.changes.begin({ ...head, vhosts, effect, files });
    return { id, vhosts: ground.vhosts, files, effect };
  });
}

/** What is in force once the change is done, by vhost. */
function afterwards(ctx: Context, effect: ChangeEffect): ReadonlyMap<string, readonly KeptExclusion[]> {
  const ended = new Set(effect.end.map(({ id }) => id));
  const edits = new Map(effect.edit.map((edit) => [edit.id, edit]));
  const added = effect.add.flatMap((id) => ctx.store.exclusions.byId(id) ?? []);
  const all = [...ctx.store.exclusions.active(), ...added].filter(({ id }) => !ended.has(id));
  return Map.groupBy(
    all.map((one) => ({ ...one, ...edits.get(one.id) })),
    ({ scope }) => scope.vhost,
  );
}

function ownFiles(
  ctx: Context,
  place: PlannedVhost,
  exclusions: readonly KeptExclusion[],
  { ground, zone }: { readonly ground: Ground; readonly zone: Zone },
): PlannedFile[] {
  const after = fileOf(ctx, place, exclusions, zone);
  return Object.values(ctx.host.acts.paths(place.account, place.vhost)).map((path) => ({
    path,
    vhost: place.vhost,
    before: ground.before.get(path) ?? null,
    after,
    fallback: emptyFile(ctx, place),
    foreign: false,
  }));
}

function foreignFiles(intents: readonly Intent[]): PlannedFile[] {
  return intents.flatMap((intent) =>
    intent.kind === 'foreign'
      ? [{ ...intent.edit, vhost: '', fallback: intent.edit.before, foreign: true }]
      : [],
  );
}
