// The list of incidents: for the terminal as it is, for the page filtered, counted and paged.
import type { VerdictLabel } from '../model.ts';
import { ActiveMarks } from './active-marks.ts';
import type { Context } from './context.ts';
import type { Desk } from './desk.ts';
import type { IncidentRow } from './explanation.ts';
import { readFirewall } from './firewall.ts';
import { healthOf } from './health.ts';
import type { Inbox, InboxFilter } from './inbox-view.ts';
import { incidentRow } from './incident-row.ts';
import { isoTime } from './iso-time.ts';
import { judgePending } from './judge.ts';
import { refresh } from './refresh.ts';
import { serverView } from './server.ts';
import { indexVhosts } from './vhosts.ts';

const PER_PAGE = 25;

/** Reads what is new, judges what needs it, and gives the desk for lists. */
async function prepared(ctx: Context): Promise<Desk> {
  const { clock, report } = await refresh(ctx);
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  await judgePending(ctx, clock, vhosts);
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
  const desk = await prepared(ctx);
  const since = filter.sinceMs === null ? null : desk.clock.now - filter.sinceMs;
  const records = ctx.store.incidents.newest(since);
  const rows = records.map((record) => incidentRow(desk, record));
  return filter.verdict === null ? rows : rows.filter((row) => row.verdict.label === filter.verdict);
}

const OTHER: readonly VerdictLabel[] = ['local', 'not-attributable'];

/** The inbox page: counts over the other filters, rows of one page, log health, and why it may be empty. */
export async function readInbox(ctx: Context, filter: InboxFilter): Promise<Inbox> {
  const desk = await prepared(ctx);
  const since = filter.sinceHours === null ? null : desk.clock.now - filter.sinceHours * 3_600_000;
  const wanted = (vhosts: readonly string[]): boolean =>
    filter.vhost === null || vhosts.includes(filter.vhost);
  const all = ctx.store.incidents
    .newest(since)
    .filter((record) => wanted(record.vhosts))
    .map((record) => incidentRow(desk, record))
    .filter((row) => !filter.blockedOnly || row.blocked);
  const matching = all.filter((row) => belongs(row, filter.verdict));
  const pages = Math.max(1, Math.ceil(matching.length / PER_PAGE));
  const page = Math.min(Math.max(1, filter.page), pages);
  const rows = matching.slice((page - 1) * PER_PAGE, page * PER_PAGE);
  const tally = (verdict: InboxFilter['verdict']): number =>
    all.filter((row) => belongs(row, verdict)).length;
  const broken = desk.report.problems.find(({ path }) => path.includes('error'));
  const newest = ctx.store.newestAt();
  return {
    rows,
    counts: {
      all: all.length,
      falsePositive: tally('false-positive'),
      unclear: tally('unclear'),
      attack: tally('attack'),
      other: tally('other'),
    },
    page,
    pages,
    shown: rows.length,
    matching: matching.length,
    health: healthOf(desk),
    unreadable: broken ?? null,
    marked: ctx.store.marks.subjects(),
    lastLine: newest === null ? null : isoTime(desk.clock.zone, newest),
    server: serverView(ctx, desk.clock),
  };
}

function belongs(row: IncidentRow, verdict: InboxFilter['verdict']): boolean {
  if (verdict === 'all') return true;
  return verdict === 'other' ? OTHER.includes(row.verdict.label) : row.verdict.label === verdict;
}
