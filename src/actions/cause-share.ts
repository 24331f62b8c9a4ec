// Which share of a site's requests to one path a rule flags: counted in the vhost's own access logs, while somebody waits.
import { pathTemplate } from '../analyse/causes.ts';
import { sentPath } from '../analyse/path-scope.ts';
import type { EpochMs, LogFile } from '../model.ts';
import { accessLineTime, parseAccessLogLine } from '../parse/access-log.ts';
import type { CauseRecord } from '../store/cause-record.ts';
import type { CauseDesk } from './cause-rows.ts';
import type { Context } from './context.ts';
import { mayKeep } from './read-state.ts';
import { windowStart } from './recount-causes.ts';

/** A page must not wait for longer. */
const LIMIT_MS = 1500;
/** How long a count is good for. */
const KEPT_MS = 3_600_000;

/**
 * The cause with its share, counted now when the last count is an hour old. Null stays where it cannot be counted: the
 * logs do not name the path, nobody owns the name, the logs are gone, or there is more of them than can be read in 1.5 s.
 */
export async function countShare({ ctx, clock }: CauseDesk, cause: CauseRecord): Promise<CauseRecord> {
  const { vhost, path, hits, shareAt } = cause;
  if (vhost === '' || path === '' || hits === 0) return cause;
  if (shareAt !== null && Math.abs(clock.now - shareAt) < KEPT_MS) return cause;
  const window = { from: windowStart(clock.now), to: clock.now };
  const asked = await countRequests(ctx, { vhost, path }, window);
  const flagged = asked === null ? 0 : ctx.store.causeList.hitsSince(cause.id, asked.from);
  const share = asked === null || asked.requests === 0 ? null : Math.min(1, flagged / asked.requests);
  if (mayKeep(ctx))
    ctx.store.write(() => {
      ctx.store.causeCounts.share(cause.id, share, clock.now);
    });
  return { ...cause, share, shareAt: clock.now };
}

interface Asked {
  readonly requests: number;
  /** The oldest line that was read: what was flagged before does not count. */
  readonly from: EpochMs;
}

/** Requests to a path, newest log first; null when not one log could be read in time. */
async function countRequests(
  ctx: Context,
  place: { readonly vhost: string; readonly path: string },
  window: { readonly from: EpochMs; readonly to: EpochMs },
): Promise<Asked | null> {
  const end = performance.now() + LIMIT_MS;
  let requests = 0;
  let from = Infinity;
  for (const log of ctx.host.logs('access_log', place.vhost)) {
    if (log.vhost === null || log.problem !== null || log.size === 0) continue;
    if (log.rotated && log.mtimeMs < window.from) continue;
    const own = await countIn(ctx, log, { ...place, ...window, end });
    // Older logs do not count without this one: the time they cover must hang together.
    if (own === null) break;
    requests += own.requests;
    from = Math.min(from, own.from);
  }
  return from === Infinity ? null : { requests, from };
}

interface Wanted {
  readonly path: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly end: number;
}

/** Null when time runs out or the log cannot be read. */
async function countIn(ctx: Context, log: LogFile, { path, from, to, end }: Wanted): Promise<Asked | null> {
  let requests = 0;
  let first = Infinity;
  try {
    for await (const { lines } of ctx.host.readWindow(log, { from, to }, accessLineTime)) {
      if (performance.now() > end) return null;
      for (const { text } of lines) {
        const entry = parseAccessLogLine(text);
        if (entry === null) continue;
        first = Math.min(first, entry.at);
        if (pathTemplate(sentPath(entry.uri)).slice(0, 200) === path) requests++;
      }
    }
  } catch {
    return null;
  }
  return { requests, from: first };
}
