// Times of day of the server: its quiet hours and the hour of its digest, whatever its clock is set to meanwhile.
import type { Zone } from '../host/clock.ts';
import type { EpochMs } from '../model.ts';
import type { DayTime } from './mail-settings.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Hours of the day from `from` to before `to`, over midnight where `to` is earlier. */
export interface DayHours {
  readonly from: DayTime;
  readonly to: DayTime;
}

/** Minutes since midnight of `HH:MM`. */
export function minutesOf(time: DayTime): number {
  const [hours = '', minutes = ''] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** Whether the server's clock stands within the hours. */
export function within({ from, to }: DayHours, zone: Zone, at: EpochMs): boolean {
  const minute = Math.floor((((at + zone.offsetMinutesAt(at) * MINUTE) % DAY) + DAY) % DAY) / MINUTE;
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  return begin < end ? minute >= begin && minute < end : minute >= begin || minute < end;
}

/** When hours that run now are over: the first minute after now that the clock shows outside of them. */
export function endOf(hours: DayHours, zone: Zone, now: EpochMs): EpochMs {
  let at = (Math.floor(now / MINUTE) + 1) * MINUTE;
  // Minute by minute: a clock that is set in between needs no thought.
  for (const last = at + 2 * DAY; at < last && within(hours, zone, at);) at += MINUTE;
  return at;
}

/** The next moment after now at which the clock comes to a time of day. */
export function nextAt(time: DayTime, zone: Zone, now: EpochMs): EpochMs {
  for (let day = -1; day <= 2; day++) {
    const wall = midnight(zone, now) + day * DAY + minutesOf(time) * MINUTE;
    const first = zone.wallToEpoch(wall);
    if (first > now) return first;
    const again = zone.repeatedAfter(wall);
    if (again > 0 && first + again > now) return first + again;
  }
  return now + DAY;
}

/** The last moment up to now at which the clock came to a time of day; of a repeated hour the earlier. */
export function lastAt(time: DayTime, zone: Zone, now: EpochMs): EpochMs {
  for (let day = 1; day >= -2; day--) {
    const at = zone.wallToEpoch(midnight(zone, now) + day * DAY + minutesOf(time) * MINUTE);
    if (at <= now) return at;
  }
  return now - DAY;
}

/** The server's date at a moment, `2026-11-27`. */
export function dayOf(zone: Zone, at: EpochMs): string {
  return new Date(at + zone.offsetMinutesAt(at) * MINUTE).toISOString().slice(0, 10);
}

/** Midnight of the server's day, as its own clock shows it. */
function midnight(zone: Zone, at: EpochMs): number {
  const wall = at + zone.offsetMinutesAt(at) * MINUTE;
  return Math.floor(wall / DAY) * DAY;
}
