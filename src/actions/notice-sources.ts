// What lfd.log, the hook and csf's lists tell of a block, in one form and masked.
import { maskLine } from '../analyse/mask.ts';
import type { SpooledCall } from '../host/block-spool.ts';
import type { DenyEntry } from '../model-csf.ts';
import type { NewNotice } from '../model-firewall.ts';
import { parseHookArgs } from '../parse/hook-args.ts';
import type { LfdRecord } from '../store/lfd-events.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';
import { sentenceOf } from './notice-join.ts';
import type { ServerClock } from './server.ts';

/** Of a sentence and of the log lines behind it so much is kept; lfd itself gives as many lines as it counted. */
const LONGEST_MESSAGE = 1000;
const LONGEST_LINE = 8192;
const MOST_LINES = 50;
const LONGEST_LINES = 128 * 1024;

/** Decided by another server of the cluster, which has the logs. */
const FOREIGN = 'LF_CLUSTER';

/** A line of lfd.log that tells of a block here; null for all others. */
export function noticeOfEvent({ at, address, event }: LfdRecord<KeptLfdEvent>): NewNotice | null {
  const trigger = event.message?.trigger ?? null;
  if (event.kind !== 'blocked' || address === null || trigger === FOREIGN) return null;
  const { permanent, seconds, ports } = event;
  return {
    ...{ address, at, trigger, permanent, seconds, ports },
    message: sentenceOf(event.text).slice(0, LONGEST_MESSAGE),
    source: 'lfd.log',
    lines: null,
  };
}

/** A call of the hook: `refused` when its arguments are none of lfd's, null when it is not told. */
export function noticeOfCall({ at, args }: SpooledCall): NewNotice | 'refused' | null {
  const call = parseHookArgs(args);
  if (call === null) return 'refused';
  if (call.trigger === FOREIGN) return null;
  const { address, trigger, permanent, seconds, ports } = call;
  return {
    ...{ address, at, trigger, permanent, seconds, ports },
    message: sentenceOf(maskLine(call.text)).slice(0, LONGEST_MESSAGE),
    source: 'hook',
    lines: keptLines(call.lines),
  };
}

/** The newest lines are those that decided. */
function keptLines(lines: readonly string[]): string | null {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines.slice(-MOST_LINES).reverse()) {
    const masked = maskLine(line.slice(0, LONGEST_LINE));
    length += masked.length + 1;
    if (length > LONGEST_LINES) break;
    kept.unshift(masked);
  }
  return kept.length === 0 ? null : kept.join('\n');
}

/** An entry that lfd itself put into csf.deny or csf.tempban; null for all others, and for one without a time. */
export function noticeOfEntry(entry: DenyEntry, clock: Pick<ServerClock, 'zone'>): NewNotice | null {
  const isTemporary = entry.list === 'tempban';
  const mark = isTemporary ? 'lfd - ' : 'lfd: ';
  const { address, ports } = entry.target;
  const at = entry.sinceEpoch ?? (entry.sinceWall === null ? null : clock.zone.wallToEpoch(entry.sinceWall));
  const trigger = entry.message?.trigger ?? null;
  if (!entry.comment.startsWith(mark) || address === null || at === null || trigger === FOREIGN) return null;
  return {
    ...{ address, at, trigger, ports, permanent: !isTemporary },
    seconds: isTemporary ? entry.ttlSeconds : null,
    message: sentenceOf(maskLine(entry.comment.slice(mark.length))).slice(0, LONGEST_MESSAGE),
    source: isTemporary ? 'csf.tempban' : 'csf.deny',
    lines: null,
  };
}
