// How often what is excluded was asked for since: counted in the vhosts' own access logs, from where the last look ended.
import { coversEntry } from '../analyse/scope-use.ts';
import type { EpochMs } from '../model.ts';
import { accessLineTime, parseAccessLogLine } from '../parse/access-log.ts';
import type { KeptExclusion } from '../store/exclusions.ts';
import type { Context } from './context.ts';

interface Count {
  readonly one: KeptExclusion;
  readonly from: EpochMs;
  uses: number;
  last: EpochMs | null;
}

/**
 * Looks through the access logs of every vhost with an exclusion in force and adds what is new to their use counts.
 * cPanel empties these logs daily, so it must be called at least once a day; what was emptied between two looks is not
 * counted. A log that cannot be read leaves the counts as they are.
 */
export async function countUses(ctx: Context, until: EpochMs): Promise<void> {
  const byVhost = Map.groupBy(ctx.store.exclusions.active(), ({ scope }) => scope.vhost);
  for (const [vhost, list] of byVhost) {
    const counts = list.map((one): Count => ({
      one,
      from: one.usesUntil ?? one.createdAt,
      uses: one.uses ?? 0,
      last: one.lastUseAt,
    }));
    if (!(await countVhost(ctx, vhost, counts, until))) continue;
    ctx.store.write(() => {
      for (const { one, uses, last } of counts) ctx.store.exclusions.countUses(one.id, uses, last, until);
    });
  }
}

async function countVhost(
  ctx: Context,
  vhost: string,
  counts: readonly Count[],
  until: EpochMs,
): Promise<boolean> {
  const from = Math.min(...counts.map((count) => count.from));
  const logs = ctx.host
    .logs('access_log', vhost)
    .filter((log) => log.vhost !== null && log.size > 0 && (!log.rotated || log.mtimeMs >= from));
  if (logs.length === 0) return false;
  for (const log of logs) {
    if (log.problem !== null) return false;
    for await (const { lines } of ctx.host.readWindow(log, { from, to: until }, accessLineTime)) {
      for (const line of lines) {
        const entry = parseAccessLogLine(line.text);
        if (entry === null) continue;
        for (const count of counts) {
          // A line's time has whole seconds: one at the border is counted by the look that reaches its second.
          if (entry.at <= count.from || entry.at > until || !coversEntry(count.one.scope, entry)) continue;
          count.uses++;
          count.last = Math.max(count.last ?? 0, entry.at);
        }
      }
    }
  }
  return true;
}
