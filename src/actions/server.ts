// The server's clock: its zone, its present moment, and who serves which domain.
import { fixedZone, type Zone } from '../host/clock.ts';
import type { Basis, EpochMs, LogFile } from '../model.ts';
import { parseClfTime } from '../parse/apache-time.ts';
import type { Context } from './context.ts';
import type { ServerView } from './explanation.ts';
import { isoTime, offsetText } from './iso-time.ts';
import { noticeOf } from './read-notice.ts';

export interface ServerClock {
  readonly zone: Zone;
  readonly basis: Basis;
  readonly now: EpochMs;
}

/** The server's zone: its localtime, else the offset seen in an audit or access log, else UTC marked inferred. */
export async function readZone(ctx: Pick<Context, 'host'>): Promise<Zone> {
  return ctx.host.zone ?? fixedZone((await offsetSeen(ctx)) ?? 0, 'inferred');
}

const CLF_STAMP = /\[(\d\d\/[A-Z][a-z]{2}\/\d{4}:[\d:.]{8,15} [+-]\d{4})\]/g;

async function offsetSeen(ctx: Pick<Context, 'host'>): Promise<number | null> {
  for (const kind of ['audit_log', 'access_log'] as const) {
    for (const log of readable(ctx.host.logs(kind)).slice(0, 20)) {
      const stamp = CLF_STAMP.exec(await textAt(ctx, log, 0));
      CLF_STAMP.lastIndex = 0;
      const time = stamp?.[1] === undefined ? null : parseClfTime(stamp[1]);
      if (time !== null) return time.offsetMinutes;
    }
  }
  return null;
}

/**
 * The present moment: the clock for the live server, else the newest time in its logs (transactions, lfd.log,
 * ends of the access logs), else the clock. `--now` overrides.
 */
export async function presentMoment(ctx: Context): Promise<EpochMs> {
  if (ctx.fixedNow !== null) return ctx.fixedNow;
  if (ctx.host.rootDir === '/') return Date.now();
  const times: EpochMs[] = [];
  for (const kind of ['error_log', 'audit_log', 'lfd_log'] as const) {
    for (const file of ctx.store.files(kind)) if (file.lastAt !== null) times.push(file.lastAt);
  }
  const newestFirst = readable(ctx.host.logs('access_log')).sort((a, b) => b.mtimeMs - a.mtimeMs);
  for (const log of newestFirst.filter((file) => !file.compressed).slice(0, 64)) {
    const last = [...(await textAt(ctx, log, Math.max(0, log.size - 4096))).matchAll(CLF_STAMP)].at(-1);
    const time = last?.[1] === undefined ? null : parseClfTime(last[1]);
    if (time !== null) times.push(time.at);
  }
  return times.length > 0 ? Math.max(...times) : Date.now();
}

function readable(logs: readonly LogFile[]): LogFile[] {
  return logs.filter((log) => log.problem === null && log.size > 0);
}

async function textAt(ctx: Pick<Context, 'host'>, log: LogFile, offset: number): Promise<string> {
  for await (const chunk of ctx.host.readChunks(log, offset, 4096)) return chunk.bytes.toString('latin1');
  return '';
}

/** The server as pages and JSON name it. */
export function serverView(
  ctx: Pick<Context, 'host' | 'version' | 'reader' | 'stateDir'>,
  clock: ServerClock,
): ServerView {
  return {
    hostname: ctx.host.hostname(),
    offset: offsetText(clock.zone.offsetMinutesAt(clock.now)),
    offsetBasis: clock.basis,
    now: isoTime(clock.zone, clock.now),
    version: ctx.version,
    notice: noticeOf(ctx, clock),
  };
}
