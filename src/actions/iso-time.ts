// Times as texts in the server's own offset.
import type { Zone } from '../host/clock.ts';
import type { EpochMs } from '../model.ts';
import type { IsoTime } from './explanation.ts';

/**
 * ISO 8601 in the zone's offset at that moment, with microseconds when the time has a fraction of a second,
 * e.g. `2026-11-22T13:01:33.972399+01:00`.
 */
export function isoTime(zone: Pick<Zone, 'offsetMinutesAt'>, at: EpochMs): IsoTime {
  const offset = zone.offsetMinutesAt(at);
  const wall = new Date(Math.floor(at / 1000) * 1000 + offset * 60_000).toISOString().slice(0, 19);
  const micros = Math.round((at - Math.floor(at / 1000) * 1000) * 1000);
  const fraction = micros === 0 ? '' : `.${String(Math.min(micros, 999_999)).padStart(6, '0')}`;
  return `${wall}${fraction}${offsetText(offset)}`;
}

/** `+01:00` for 60; `+00:00` for 0, never Z. */
export function offsetText(minutes: number): string {
  const absolute = Math.abs(Math.round(minutes));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

/** `22 Nov 2026` of an ISO time, as it stands there. */
export function readableDay(iso: IsoTime): string {
  return readableTime(iso).split(',', 1)[0] ?? '';
}

/** `22 Nov 2026, 17:56:41` of an ISO time, as it stands there (the server's own clock). */
export function readableTime(iso: IsoTime): string {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(iso) ?? [];
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return `${Number(day)} ${names[Number(month) - 1] ?? ''} ${year ?? ''}, ${time ?? ''}`;
}
