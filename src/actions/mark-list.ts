// All marks as a list: who said what, when, and how many incidents there were since.
import type { KeptMark } from '../store/marks.ts';
import { membersOf } from './active-marks.ts';
import type { Context } from './context.ts';
import { isoTime } from './iso-time.ts';
import { markCounts } from './marks.ts';
import type { MarkRow, MarksFilter, MarksView, MarkView } from './marks-view.ts';
import { presentMoment, readZone, type ServerClock, serverView } from './server.ts';

const PER_PAGE = 50;

/** A mark with its times in the server's offset. */
export function markView(clock: Pick<ServerClock, 'zone'>, mark: KeptMark): MarkView {
  const { id, kind, subject, about, note, author, at, endedAt, endedBy } = mark;
  return {
    ...{ id, kind, subject, about, note, author, endedBy },
    at: isoTime(clock.zone, at),
    endedAt: endedAt === null ? null : isoTime(clock.zone, endedAt),
  };
}

/** One mark as the commands print it. */
export async function oneMark(ctx: Context, mark: KeptMark): Promise<MarkView> {
  return markView({ zone: await readZone(ctx) }, mark);
}

async function clockOf(ctx: Context): Promise<ServerClock> {
  const zone = await readZone(ctx);
  return { zone, basis: zone.basis, now: await presentMoment(ctx) };
}

function rowsOf(ctx: Context, clock: ServerClock, kept: readonly KeptMark[]): MarkRow[] {
  const { marks, incidents } = ctx.store;
  const ofAddresses = kept.filter(({ subject }) => subject === 'address');
  const members = membersOf(
    ctx,
    ofAddresses.map(({ about }) => about),
  );
  return kept.map((mark) => {
    const { subject, about, at } = mark;
    const cause = Number(about);
    return {
      ...markView(clock, mark),
      incidentsSince:
        subject === 'cause'
          ? marks.incidentsOfCause(cause, at)
          : incidents.countSince(members.get(about) ?? [], at),
      cause: subject === 'cause' ? marks.cause(cause) : null,
    };
  });
}

/** One page of the marks that hold, or of those that were taken back, newest first, with the counts of all. */
export async function listMarks(ctx: Context, { show, page: wanted }: MarksFilter): Promise<MarksView> {
  const clock = await clockOf(ctx);
  const counts = markCounts(ctx);
  const active = counts.reduce((sum, one) => sum + one.active, 0);
  const ended = counts.reduce((sum, one) => sum + one.ever, 0) - active;
  const pages = Math.max(1, Math.ceil((show === 'active' ? active : ended) / PER_PAGE));
  const page = Math.min(Math.max(1, wanted), pages);
  const rows = ctx.store.marks.list(show === 'active', PER_PAGE, (page - 1) * PER_PAGE);
  return {
    rows: rowsOf(ctx, clock, rows),
    ...{ counts, active, ended, page, pages },
    server: serverView(ctx, clock),
  };
}
