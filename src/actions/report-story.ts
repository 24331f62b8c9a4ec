// Finds the incident that a report is asked for, and everything that is known of it.
import { readTimeText } from '../parse/time-text.ts';
import type { EpochMs } from '../model.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import { explain } from './explain.ts';
import type { Explanation } from './explanation.ts';
import { isoTime } from './iso-time.ts';
import { lineClock } from './line-clock.ts';
import { refresh } from './refresh.ts';
import type { ReportRequest } from './report-view.ts';
import type { ServerClock } from './server.ts';

const LONGEST = 120;

export interface ReportStory {
  readonly explanation: Explanation;
  /** Null where no rule reacted to a request of the address. */
  readonly record: IncidentRecord | null;
  readonly clock: ServerClock;
}

/** Reads new log lines, finds the incident and explains it. Throws BadInput for a time that fits none. */
export async function storyOf(ctx: Context, { address, from }: ReportRequest): Promise<ReportStory> {
  const { clock } = await refresh(ctx);
  const wanted = from === null ? null : wantedIncident(ctx, clock, address, from);
  const start = wanted === null ? null : isoTime(clock.zone, wanted.from);
  const explanation = await explain(ctx, address, { from: start, raw: false });
  const { incident } = explanation;
  return {
    explanation,
    record: incident === null ? null : recordAt(ctx, address, Date.parse(incident.from)),
    clock,
  };
}

/** An explanation's times are cut to microseconds, and read back to milliseconds. */
function recordAt({ store }: Context, address: string, from: EpochMs): IncidentRecord | null {
  return store.incidents.ofClient(address).find((one) => Math.abs(one.from - from) < 1) ?? null;
}

/** The incident that began at a time, else the one that it lies in, else the one that began next to it. */
function wantedIncident(ctx: Context, clock: ServerClock, address: string, from: string): IncidentRecord {
  const { from: first, to: last } = timeOf(from, clock);
  const records = ctx.store.incidents.ofClient(address);
  const distance = (one: IncidentRecord): number => Math.max(0, one.from - last, first - one.to);
  const exact = records.find((one) => Math.abs(one.from - first) < 1);
  const [nearest] = records.toSorted((a, b) => distance(a) - distance(b) || b.from - a.from);
  const found = exact ?? nearest;
  if (found === undefined) throw new BadInput(`The logs hold no incident of ${address}.`, 'from');
  return found;
}

function timeOf(text: string, { zone, now }: ServerClock): { readonly from: EpochMs; readonly to: EpochMs } {
  const exact = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(exact)) return { from: exact, to: exact };
  const time = text.length > LONGEST ? null : readTimeText(text, lineClock(zone, now));
  if (time !== null) return time;
  throw new BadInput(
    `The time “${text.slice(0, 80)}” was not understood. Give a time like 2026-11-22 17:30, 17:56 yesterday, -2d.`,
    'from',
  );
}
