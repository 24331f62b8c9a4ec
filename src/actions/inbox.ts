// The list of incidents: for the terminal as it is, for the page filtered, counted and paged.
import type { VerdictLabel } from '../model.ts';
import { ActiveMarks } from './active-marks.ts';
import type { Context } from './context.ts';
import type { Desk } from './desk.ts';
import type { IncidentRow } from './explanation.ts';
import { readFirewall } from './firewall.ts';
import { findEntry } from './block.ts';
import { healthOf } from './health.ts';
import type { HealthItem, Inbox, InboxFilter } from './inbox-view.ts';
import { incidentRow } from './incident-row.ts';
import { isoTime } from './iso-time.ts';
import { judgePending, type JudgeLimits } from './judge.ts';
import { refresh } from './refresh.ts';
import { serverView } from './server.ts';
import { indexVhosts } from './vhosts.ts';

const PER_PAGE = 25;
/** Incidents that a page judges itself, the newest; the service judges the rest beside it. */
const PAGE_JUDGES = 64;

/** Reads what is new, judges what needs it, and gives the desk for lists. */
async function prepared(ctx: Context, limits: JudgeLimits): Promise<Desk> {
  const { clock, report } = await refresh(ctx);
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  await judgePending(ctx, clock, vhosts, limits);
  return {
    ctx,
    clock,
    report,
    vhosts,
    firewall: await readFirewall(ctx),
    most: 0,
    raw: false,
    marks: new ActiveMarks(ctx),
  };
}

export interface ListFilter {
  /** Only incidents that ended within this many milliseconds before now; all when null. */
  readonly sinceMs: number | null;
  readonly verdict: string | null;
}

/** Incidents newest first, all that are kept unless the filter narrows. */
export async function listIncidents(ctx: Context, filter: ListFilter): Promise<IncidentRow[]> {
  const desk = await prepared(ctx, {});
  const since = filter.sinceMs === null ? null : desk.clock.now - filter.sinceMs;
  const records = ctx.store.incidents.newest(since);
  const rows = records.map((record) => incidentRow(desk, record));
  return filter.verdict === null ? rows : rows.filter((row) => row.verdict.label === filter.verdict);
}

const LABELS: Readonly<Record<InboxFilter['verdict'], readonly VerdictLabel[]>> = {
  all: ['attack', 'false-positive', 'unclear', 'local', 'not-attributable'],
  'false-positive': ['false-positive'],
  unclear: ['unclear'],
  attack: ['attack'],
  other: ['local', 'not-attributable'],
};

/** The inbox page: counts over the other filters, rows of one page, log health, and why it may be empty. */
export async function readInbox(ctx: Context, filter: InboxFilter): Promise<Inbox> {
  const desk = await prepared(ctx, { most: PAGE_JUDGES });
  const since = filter.sinceHours === null ? null : desk.clock.now - filter.sinceHours * 3_600_000;
  const { incidentPages } = ctx.store;
  const blocked = (client: string): boolean => findEntry(desk.firewall, client, desk.clock.now) !== null;
  const clients = filter.blockedOnly ? incidentPages.clients(since).filter(blocked) : null;
  const wish = { since, vhost: filter.vhost, clients };
  const counts = incidentPages.counts(wish);
  const tally = (verdict: InboxFilter['verdict']): number =>
    LABELS[verdict].reduce((sum, label) => sum + (counts[label] ?? 0), 0);
  const matching = tally(filter.verdict);
  const pages = Math.max(1, Math.ceil(matching / PER_PAGE));
  const page = Math.min(Math.max(1, filter.page), pages);
  const rows = incidentPages
    .page(wish, LABELS[filter.verdict], { offset: (page - 1) * PER_PAGE, limit: PER_PAGE })
    .map((record) => incidentRow(desk, record));
  const newest = ctx.store.newestAt();
  return {
    rows,
    counts: {
      all: tally('all'),
      falsePositive: tally('false-positive'),
      unclear: tally('unclear'),
      attack: tally('attack'),
      other: tally('other'),
    },
    page,
    pages,
    shown: rows.length,
    matching,
    health: [...healthOf(desk), ...waitingHealth(incidentPages.waiting())],
    unreadable: unreadableLog(ctx),
    marked: ctx.store.marks.subjects(),
    lastLine: newest === null ? null : isoTime(desk.clock.zone, newest),
    server: serverView(ctx, desk.clock),
  };
}

/** Said while incidents wait to be judged: they stand among the unclear ones. */
function waitingHealth(waiting: number): HealthItem[] {
  if (waiting === 0) return [];
  return [
    {
      name: 'judging',
      state: 'warn',
      text: `${waiting} incidents not judged yet, shown as unclear`,
      check: null,
    },
  ];
}

/** The error log when none can be read: without it there is nothing to show, or nothing new. */
function unreadableLog(ctx: Context): Inbox['unreadable'] {
  const current = ctx.host.logs('error_log').filter((log) => !log.rotated);
  if (current.some(({ problem }) => problem === null)) return null;
  const [first] = current;
  return first === undefined ? null : { path: first.path, problem: first.problem ?? '' };
}
