// Everything that is switched off on the server: one page of a list, one of them, or all.
import type { KeptExclusion } from '../store/exclusions.ts';
import { activeRules } from './active-rules.ts';
import { listChanges } from './change-list.ts';
import type { Context } from './context.ts';
import type { RuleView } from './domain-view.ts';
import { findDrift } from './drift.ts';
import { actTime } from './exclude.ts';
import { exclusionView, staleness, writableHere } from './exclusion-list.ts';
import { lookAtExclusion, pagePlace, SLICE_ROWS, sliceLists } from './exclusion-slice.ts';
import type {
  ExclusionDetail,
  ExclusionsFilter,
  ExclusionsSlice,
  FoundDetail,
} from './exclusion-list-view.ts';
import type { ExclusionsView, ExclusionView } from './exclusion-view.ts';
import { holdsWords } from './filter-words.ts';
import { foundExclusions } from './found.ts';
import { furtherHits } from './further-hits.ts';
import { scopeView } from './preview.ts';
import { presentMoment, readZone, serverView } from './server.ts';

const ENDED_SHOWN = 200;

/** Exclusions in force with what the logs and the installed rules say of each. */
async function viewsOf(ctx: Context, kept: readonly KeptExclusion[]): Promise<ExclusionView[]> {
  const zone = await readZone(ctx);
  const { byId } = activeRules(ctx);
  const served = new Set(ctx.host.vhosts().map((one) => one.vhost));
  const now = actTime(ctx);
  const hits = furtherHits(ctx, kept);
  return kept.map((one) =>
    exclusionView(one, zone, {
      furtherHits: hits.get(one.id)?.hits ?? null,
      furtherRequests: hits.get(one.id)?.requests ?? null,
      warnings: staleness(one, now, {
        rulesOf: (id) => byId.get(id) ?? [],
        isServed: (name) => served.has(name),
      }),
    }),
  );
}

/** The exclusions in force, on one vhost or on all. */
export async function activeExclusions(ctx: Context, vhost: string | null): Promise<ExclusionView[]> {
  return viewsOf(ctx, ctx.store.exclusions.active(vhost));
}

/** Where one rule is excluded by us, for its page. */
export function excludedHere(ctx: Context, ruleId: string): RuleView['excluded'] {
  return ctx.store.exclusions
    .active()
    .filter(({ scope }) => scope.ruleId === ruleId)
    .map((one) => ({ vhost: one.scope.vhost, words: scopeView(one).words, id: one.id }));
}

async function endedExclusions(ctx: Context): Promise<ExclusionView[]> {
  const zone = await readZone(ctx);
  return ctx.store.exclusions.ended(ENDED_SHOWN).map((one) => endedView(one, zone));
}

function endedView(one: KeptExclusion, zone: Awaited<ReturnType<typeof readZone>>): ExclusionView {
  return exclusionView(one, zone, { furtherHits: null, furtherRequests: null, warnings: [] });
}

/** Where the lists are read: whether anything can be written here, and the server with its clock. */
async function frameOf(ctx: Context): Promise<Pick<ExclusionsView, 'writable' | 'server'>> {
  const zone = await readZone(ctx);
  const clock = { zone, basis: zone.basis, now: await presentMoment(ctx) };
  return { writable: await writableHere(ctx), server: serverView(ctx, clock) };
}

/** All exclusions, ours and others', with what is not as it was left. */
export async function listExclusions(ctx: Context): Promise<ExclusionsView> {
  return {
    active: await activeExclusions(ctx, null),
    ended: await endedExclusions(ctx),
    found: await foundExclusions(ctx, null),
    drift: findDrift(ctx),
    ...(await frameOf(ctx)),
  };
}

/** One page of one list. Of thousands in force only those of the page are looked at closely. */
export async function sliceExclusions(ctx: Context, filter: ExclusionsFilter): Promise<ExclusionsSlice> {
  const includes = ctx.host.includeFiles(null);
  const rest = sliceLists(
    {
      active: [],
      ended: await endedExclusions(ctx),
      found: await foundExclusions(ctx, null, includes),
      drift: findDrift(ctx, null, includes),
      changes: await listChanges(ctx),
    },
    filter,
  );
  const counted = ctx.store.exclusions.countActive();
  const all = [...counted.values()].reduce((sum, count) => sum + count, 0);
  const active = activePart(ctx, filter, counted);
  const isShown = filter.show === 'active';
  return {
    ...rest,
    active: isShown ? await viewsOf(ctx, active.rows) : [],
    counts: { ...rest.counts, active: { matching: active.matching, all } },
    activeVhosts: counted.size,
    ...(isShown ? { page: active.page, pages: active.pages } : {}),
    ...(await frameOf(ctx)),
  };
}

/** The asked rows of those in force. Without a text to look for the database cuts them out. */
function activePart(
  ctx: Context,
  { vhost, text, page: asked }: ExclusionsFilter,
  counted: ReadonlyMap<string, number>,
): { readonly rows: readonly KeptExclusion[]; readonly matching: number; page: number; pages: number } {
  const { exclusions } = ctx.store;
  const name = vhost === '' ? null : vhost;
  if (text === '') {
    const sum = [...counted].reduce(
      (total, [one, count]) => total + (name === null || one === name ? count : 0),
      0,
    );
    const { offset, ...place } = pagePlace(sum, asked);
    return { rows: exclusions.activePart(name, offset, SLICE_ROWS), matching: sum, ...place };
  }
  const ids: number[] = [];
  for (const one of exclusions.eachActive(name)) {
    const { texts } = lookAtExclusion({ ...one, scope: scopeView(one) });
    if (holdsWords(texts, text)) ids.push(one.id);
  }
  const { offset, ...place } = pagePlace(ids.length, asked);
  const rows = ids.slice(offset, offset + SLICE_ROWS).flatMap((id) => exclusions.byId(id) ?? []);
  return { rows, matching: ids.length, ...place };
}

/** One exclusion of ours; null when none has this number. */
export async function viewExclusion(ctx: Context, id: number): Promise<ExclusionDetail | null> {
  const kept = ctx.store.exclusions.byId(id);
  if (kept === null || kept.state === 'pending') return null;
  const exclusion =
    kept.state === 'active' ? (await viewsOf(ctx, [kept]))[0] : endedView(kept, await readZone(ctx));
  if (exclusion === undefined) return null;
  const changes = (await listChanges(ctx)).filter((change) => change.exclusions.includes(id));
  return { exclusion, changes, ...(await frameOf(ctx)) };
}

/** One exclusion that somebody else left, by its key; null when the files say something else by now. */
export async function viewFound(ctx: Context, key: string): Promise<FoundDetail | null> {
  const found = (await foundExclusions(ctx, null)).find((one) => one.key === key);
  return found === undefined ? null : { found, ...(await frameOf(ctx)) };
}
