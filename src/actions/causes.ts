// The list of causes, and the page of one.
import { coversCause } from '../analyse/cause-cover.ts';
import { NOISE } from '../analyse/noise.ts';
import type { CauseKey, CauseState } from '../model-evidence.ts';
import type { EpochMs } from '../model.ts';
import type { Zone } from '../host/clock.ts';
import type { CauseQuery } from '../store/cause-list.ts';
import type { CauseRecord } from '../store/cause-record.ts';
import { activeRules } from './active-rules.ts';
import { causeHistory } from './cause-history.ts';
import { type CauseDesk, causeDesk, rowOf, titleOf } from './cause-rows.ts';
import { countShare } from './cause-share.ts';
import { findEntry } from './block.ts';
import type { CausePageView, CauseRow, CausesFilter, CausesView } from './causes-view.ts';
import type { Context } from './context.ts';
import { engineErrors } from './engine-errors.ts';
import { firewallWords } from './incident-row.ts';
import { isoTime } from './iso-time.ts';
import { noiseMatrix } from './noise-matrix.ts';
import { CAUSE_DAYS, windowStart } from './recount-causes.ts';
import { serverView } from './server.ts';
import { indexVhosts } from './vhosts.ts';

const PER_PAGE = 25;
const MOST_VISITORS = 100;
const MOST_OTHERS = 25;
const DAY_MS = 86_400_000;
const OPEN: readonly CauseState[] = ['new', 'known', 'reopened'];
const STATES: readonly CauseState[] = ['new', 'known', 'ignored', 'fixed', 'reopened'];

/** One page of causes as they were counted last, highest score first. Nothing is read from the logs or counted here. */
export async function listCauses(ctx: Context, filter: CausesFilter): Promise<CausesView> {
  const desk = await causeDesk(ctx);
  const { causeList } = ctx.store;
  const query = queryOf(desk, filter);
  const counts = countsOf(causeList.counts({ ...query, states: null }, NOISE.noisy));
  const matching = counts.causes[filter.state];
  const pages = Math.max(1, Math.ceil(matching / PER_PAGE));
  const page = Math.min(Math.max(1, Math.trunc(filter.page) || 1), pages);
  return {
    days: CAUSE_DAYS,
    rows: causeList.page(query, (page - 1) * PER_PAGE, PER_PAGE).map((cause) => rowOf(desk, cause)),
    matching,
    page,
    pages,
    counts: counts.causes,
    noisy: counts.noisy,
    matrix: noiseMatrix(desk, query),
    errors: engineErrors(desk),
    waiting: causeList.waiting(),
    countedAt: timeOf(desk, ctx.store.causeCells.countedAt()),
    server: serverView(ctx, desk.clock),
  };
}

/** All rows that pass a filter, one page after the other: for the terminal. */
export async function allCauses(ctx: Context, filter: CausesFilter): Promise<readonly CauseRow[]> {
  const desk = await causeDesk(ctx);
  return ctx.store.causeList
    .page(queryOf(desk, filter), 0, Number.MAX_SAFE_INTEGER)
    .map((cause) => rowOf(desk, cause));
}

function queryOf(desk: CauseDesk, { vhost, ruleId, state, text, days }: CausesFilter): CauseQuery {
  const { ctx, clock } = desk;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 10);
  const ruleIds = words.length === 0 ? [] : ctx.store.causeCells.ruleIds();
  const span = Math.min(Math.max(1, days), CAUSE_DAYS);
  return {
    vhost: vhost === null ? null : servername(ctx, vhost),
    ruleId,
    states: state === 'all' ? null : state === 'open' ? OPEN : [state],
    since: clock.now - span * DAY_MS,
    words: words.map((word) => ({
      word,
      ruleIds: ruleIds.filter((id) => titleOf(desk, id).toLowerCase().includes(word)),
    })),
  };
}

/** The vhost of a domain; a name that is not served here stays as it is, and has no causes. */
function servername(ctx: Context, name: string): string {
  return indexVhosts(ctx.host.vhosts(), ctx.host.hostname()).vhostOf(name.trim().toLowerCase()) ?? name;
}

function countsOf(rows: readonly { state: CauseState; causes: number; noisy: number }[]): {
  readonly causes: CausesView['counts'];
  readonly noisy: number;
} {
  const own = (state: CauseState): number => rows.find((row) => row.state === state)?.causes ?? 0;
  const open = rows.filter(({ state }) => OPEN.includes(state));
  const sum = (list: typeof rows): number => list.reduce((total, { causes }) => total + causes, 0);
  const single = Object.fromEntries(STATES.map((state) => [state, own(state)])) as Record<CauseState, number>;
  return {
    causes: { ...single, open: sum(open), all: sum(rows) },
    noisy: open.reduce((total, { noisy }) => total + noisy, 0),
  };
}

function timeOf({ clock }: CauseDesk, at: EpochMs | null): string | null {
  return at === null ? null : isoTime(clock.zone, at);
}

/** The row of one cause; null when none has this number. */
export async function causeRow(ctx: Context, id: number): Promise<CauseRow | null> {
  const cause = ctx.store.causeList.byId(id);
  return cause === null ? null : rowOf(await causeDesk(ctx), cause);
}

/** The page of one cause; null when none has this number. Counts its share of the site's requests when that is not known. */
export async function readCause(ctx: Context, id: number): Promise<CausePageView | null> {
  const known = Number.isSafeInteger(id) ? ctx.store.causeList.byId(id) : null;
  if (known === null) return null;
  const desk = await causeDesk(ctx);
  const cause = await countShare(desk, known);
  const from = windowStart(desk.clock.now);
  const others = ctx.store.causeList
    .ofCell(cause.vhost, cause.ruleId, MOST_OTHERS + 1)
    .filter((one) => one.id !== id)
    .slice(0, MOST_OTHERS);
  const visitors = visitorsOf(desk, cause, from);
  const all = ctx.store.causeList.clients(id, from).length;
  return {
    cause: rowOf(desk, cause),
    days: CAUSE_DAYS,
    visitors,
    moreVisitors: all - visitors.length,
    trend: trendOf(ctx, cause, desk.clock.zone, { from, to: desk.clock.now }),
    others: others.map((one) => rowOf(desk, one)),
    beside:
      cause.target === ''
        ? []
        : ctx.store.causeList.beside(cause, MOST_OTHERS).map((one) => rowOf(desk, one)),
    history: causeHistory(desk, cause),
    covered: coveredBy(ctx, cause),
    server: serverView(ctx, desk.clock),
  };
}

/** The same by its key; null when the logs hold no such cause. */
export async function readCauseByKey(ctx: Context, key: CauseKey): Promise<CausePageView | null> {
  const cause = ctx.store.causeList.byKey(key);
  return cause === null ? null : readCause(ctx, cause.id);
}

function visitorsOf(desk: CauseDesk, { id }: CauseRecord, from: EpochMs): CausePageView['visitors'] {
  const { ctx, clock, firewall } = desk;
  return ctx.store.causeList.visitors(id, from, MOST_VISITORS).map((one) => ({
    client: one.client,
    from: isoTime(clock.zone, one.from),
    label: one.label,
    sub: one.sub,
    ordinary: one.ordinary,
    refused: one.refused,
    hits: one.hits,
    firewall: firewallWords({ clock, firewall }, findEntry(firewall, one.client, clock.now)),
    lastAt: isoTime(clock.zone, one.lastAt),
  }));
}

/** Hits by the server's own days; those of an incident count on the day on which it began to hit. */
function trendOf(
  { store }: Context,
  { id }: CauseRecord,
  zone: Zone,
  { from, to }: { readonly from: EpochMs; readonly to: EpochMs },
): CausePageView['trend'] {
  const day = (at: EpochMs): string => isoTime(zone, at).slice(0, 10);
  const days = new Map<string, { day: string; hits: number; refused: number; attacks: number }>();
  for (let at = from; at < to + DAY_MS; at += DAY_MS) {
    const name = day(Math.min(at, to));
    days.set(name, { day: name, hits: 0, refused: 0, attacks: 0 });
  }
  for (const { at, hits, refused, attacks } of store.causeList.hours(id, from)) {
    const entry = days.get(day(at)) ?? days.values().next().value;
    if (entry === undefined) continue;
    entry.hits += hits;
    entry.refused += refused;
    entry.attacks += attacks;
  }
  return [...days.values()];
}

function coveredBy(ctx: Context, cause: CauseRecord): number[] {
  const tagsOf = (id: string): readonly string[] =>
    activeRules(ctx)
      .byId.get(id)
      ?.flatMap(({ tags }) => tags) ?? [];
  return ctx.store.exclusions
    .active(cause.vhost)
    .filter(({ scope }) => coversCause(scope, cause, tagsOf))
    .map(({ id }) => id);
}
