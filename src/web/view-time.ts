// Times for pages, cut out of ISO texts that carry the server's own offset. No time zone arithmetic here.
import type { IsoTime } from '../actions/explanation.ts';

const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const DAY_MS = 86_400_000;

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly clock: string;
  readonly fraction: string;
  /** The calendar day counted in days, for differences between two texts of one server. */
  readonly dayNumber: number;
}

function parts(iso: IsoTime): Parts | null {
  const match = ISO.exec(iso);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const dayNumber = Math.floor(Date.UTC(year, month - 1, day) / DAY_MS);
  return { year, month, day, clock: match[4] ?? '', fraction: match[5] ?? '', dayNumber };
}

/** `17:56:41`; the text itself when it is no ISO time. */
export function clockTime(iso: IsoTime): string {
  return parts(iso)?.clock ?? iso;
}

/** `17:56:37.106`: milliseconds only where the text has a fraction. */
export function clockMs(iso: IsoTime): string {
  const time = parts(iso);
  if (time === null) return iso;
  return time.fraction === '' ? time.clock : `${time.clock}.${time.fraction.slice(0, 3).padEnd(3, '0')}`;
}

/** `22 Nov 2026`. */
function calendarDay(iso: IsoTime): string {
  const time = parts(iso);
  return time === null ? iso : `${time.day} ${MONTHS[time.month - 1] ?? '?'} ${time.year}`;
}

/** With its weekday: `Sun, 22 Nov 2026`. */
export function weekDay(iso: IsoTime): string {
  const time = parts(iso);
  return time === null ? iso : `${DAYS[(time.dayNumber + 4) % 7] ?? ''}, ${calendarDay(iso)}`;
}

/** `22 Nov 2026, 17:56:41`. */
export function dayTime(iso: IsoTime): string {
  return parts(iso) === null ? iso : `${calendarDay(iso)}, ${clockTime(iso)}`;
}

/** Short for lists, seen from `now`: `17:56` today, `Sat 17:56` in the last six days, else `2 Oct 17:56` or with the year. */
export function shortTime(iso: IsoTime, now: IsoTime): string {
  const time = parts(iso);
  if (time === null) return iso;
  const minutes = time.clock.slice(0, 5);
  const today = parts(now);
  const age = today === null ? Number.NaN : today.dayNumber - time.dayNumber;
  if (age === 0) return minutes;
  if (age > 0 && age < 7) return `${DAYS[(time.dayNumber + 4) % 7] ?? ''} ${minutes}`;
  const day = `${time.day} ${MONTHS[time.month - 1] ?? '?'}`;
  return today?.year === time.year ? `${day} ${minutes}` : `${day} ${time.year} ${minutes}`;
}

/** For a list of lines: `17:56:41` on the day of `now`, else `21 Nov 17:56:41`, in another year with it. */
export function lineTime(iso: IsoTime, now: IsoTime): string {
  const time = parts(iso);
  const today = parts(now);
  if (time === null || today?.dayNumber === time.dayNumber) return clockTime(iso);
  const year = today?.year === time.year ? '' : ` ${time.year}`;
  return `${time.day} ${MONTHS[time.month - 1] ?? '?'}${year} ${time.clock}`;
}

/** A calendar day without its year: `22 Nov` for `2026-11-22`; the text itself when it is no day. */
export function dayName(day: string): string {
  const match = /^\d{4}-(\d{2})-(\d{2})$/.exec(day);
  return match === null ? day : `${Number(match[2])} ${MONTHS[Number(match[1]) - 1] ?? '?'}`;
}

/** The offset a time is written in, e.g. `+01:00`; `+00:00` when it is none. */
export function offsetOf(iso: IsoTime): string {
  return /[+-]\d{2}:\d{2}$/.exec(iso)?.[0] ?? '+00:00';
}

/** Milliseconds since 1970 of an ISO text; null when it is none. */
export function epochOf(iso: IsoTime): number | null {
  const value = ISO.test(iso) ? Date.parse(iso.replace(/(\.\d{3})\d+/, '$1')) : Number.NaN;
  return Number.isNaN(value) ? null : value;
}

/** An instant as an ISO text in the given offset (`+01:00`, `Z`); an unknown offset counts as `+00:00`. */
export function isoAt(epochMs: number, offset: string): IsoTime {
  const match = /^([+-])(\d{2}):(\d{2})$/.exec(offset);
  const minutes =
    match === null ? 0 : (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
  const local = epochMs + minutes * 60_000;
  if (!Number.isFinite(local) || Math.abs(local) > 8.64e15) return String(epochMs);
  return `${new Date(local).toISOString().slice(0, 19)}${match === null ? '+00:00' : offset}`;
}

/** A duration in words: `340 ms`, `1.302 s`, `4.1 s`, `12 min`, `2 h 5 min`, `3 days`. Negative gives its size. */
export function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1000) return `${Math.round(size)} ms`;
  const seconds = size / 1000;
  if (seconds < 10) return `${Number(seconds.toFixed(3))} s`;
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  if (minutes < 2880)
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.round(minutes / 1440)} days`;
}

/** A duration without false precision, for times that a log gives in whole seconds: `4.1 s` for 4098 ms. */
export function roughDuration(ms: number): string {
  return Math.abs(ms) < 10_000 ? `${Number((Math.abs(ms) / 1000).toFixed(1))} s` : duration(ms);
}

/** A round number of seconds in words, for lfd's intervals: `1 hour`, `24 hours`, `300 seconds`. */
export function interval(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return seconds === 3600 ? '1 hour' : `${seconds / 3600} hours`;
  if (seconds >= 60 && seconds % 60 === 0 && seconds < 3600)
    return seconds === 60 ? '1 minute' : `${seconds / 60} minutes`;
  return `${seconds} seconds`;
}
