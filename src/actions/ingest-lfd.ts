// lfd.log lines into what is kept about an address: blocks, expiries, refusals.
import { withYear } from '../analyse/lfd-year.ts';
import { maskLine, maskUri } from '../analyse/mask.ts';
import type { LogLine } from '../host/read-lines.ts';
import type { LfdMessage } from '../model-csf.ts';
import type { EpochMs } from '../model.ts';
import { type LfdEvent, parseLfdLogLine } from '../parse/lfd-log.ts';
import type { Context } from './context.ts';
import type { Progress } from './ingest-file.ts';
import { LogOrder } from './log-order.ts';
import type { ServerClock } from './server.ts';

/** What is kept of an lfd.log line. */
export type KeptLfdEvent = Pick<
  LfdEvent,
  'kind' | 'message' | 'permanent' | 'seconds' | 'ports' | 'text' | 'host'
>;

/** So much of a line that was not understood is masked and kept. */
const MOST_OF_A_LINE = 600;

/** Stores a batch of lfd.log lines and moves the cursor. Call inside `store.write`. */
export function storeLfdLines(
  ctx: Context,
  clock: ServerClock,
  progress: Progress,
  lines: readonly LogLine[],
): void {
  let firstAt: EpochMs | null = null;
  let lastAt: EpochMs | null = null;
  let refused = 0;
  const reference = progress.changedAt + clock.zone.offsetMinutesAt(progress.changedAt) * 60_000;
  const order = new LogOrder(clock.zone, progress.file.lastAt);
  for (const line of lines) {
    if (line.text === '') continue;
    const event = parseLfdLogLine(line.text);
    if (event === null) {
      refused++;
      ctx.store.keepBadLine(progress.file.id, line.offset, maskLine(line.text.slice(0, MOST_OF_A_LINE)));
      continue;
    }
    const at = order.instant(withYear(event, reference));
    firstAt = Math.min(firstAt ?? at, at);
    lastAt = Math.max(lastAt ?? at, at);
    if (event.kind === 'other') continue;
    const { kind, permanent, seconds, ports, host } = event;
    const message = event.message === null ? null : maskedMessage(event.message);
    const kept: KeptLfdEvent = { kind, message, permanent, seconds, ports, host, text: maskLine(event.text) };
    ctx.store.saveLfdEvent({
      at,
      // Lines about an end or a refusal have no message, but they name whom they are about.
      address: message?.address ?? event.address,
      fileId: progress.file.id,
      offset: line.offset,
      event: kept,
    });
  }
  ctx.store.advanceFile(progress.file.id, {
    cursor: progress.end,
    firstAt,
    lastAt,
    lines: lines.length,
    refused,
  });
}

/** The account's name and the apps are words of the log, which a visitor may have chosen. */
function maskedMessage(message: LfdMessage): LfdMessage {
  const account = message.account === null ? null : maskUri(message.account);
  return { ...message, account, apps: message.apps.map(maskUri) };
}
