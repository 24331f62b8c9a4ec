// The alarm of the firewall: after an act that went wrong nothing more is done with csf until somebody has looked.
import { maskLine } from '../analyse/mask.ts';
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import { Refused } from './errors.ts';
import { readReason } from './exclude.ts';
import type { AlarmView } from './firewall-view.ts';
import { isoTime } from './iso-time.ts';
import type { ServerClock } from './server.ts';

const META = 'firewall_alarm';

/** What went wrong. */
export interface Alarm {
  readonly at: EpochMs;
  readonly sentence: string;
  readonly todo: readonly string[];
}

/** The alarm that stands; null for none. */
export function alarmOf(ctx: Context): Alarm | null {
  const text = ctx.store.meta(META);
  return text === null || text === '' ? null : (JSON.parse(text) as Alarm);
}

/** As it is shown. */
export function alarmView(ctx: Context, { zone }: Pick<ServerClock, 'zone'>): AlarmView | null {
  const alarm = alarmOf(ctx);
  return alarm === null ? null : { ...alarm, at: isoTime(zone, alarm.at) };
}

/** Raises it; one that stands already stays, with its first cause. Call inside `store.write`. */
export function raiseAlarm(ctx: Context, alarm: Alarm): void {
  if (alarmOf(ctx) === null) ctx.store.setMeta(META, JSON.stringify(alarm));
}

/**
 * Ends it: somebody has looked. Throws Refused while csf itself says that something is wrong, BadInput without a reason.
 */
export function clearAlarm(
  ctx: Context,
  reason: string,
  by: { readonly who: string; readonly address: string | null },
): string {
  const why = readReason(reason);
  const alarm = alarmOf(ctx);
  if (alarm === null) throw new Refused('There is no alarm. Nothing was changed.');
  const { error } = ctx.host.csf.ready();
  if (error !== null)
    throw new Refused(
      `csf still has its file csf.error (“${error}”): no rule may be in force. Mend that first (csf -r says what is wrong).`,
    );
  ctx.store.writeDurably(() => {
    ctx.store.setMeta(META, '');
    ctx.store.record({
      at: Date.now(),
      who: by.who,
      address: by.address,
      act: 'firewall',
      detail: maskLine(`alarm ended: ${why}`),
      result: 'done',
    });
  });
  return 'The alarm is ended; the firewall can be acted on again.';
}
