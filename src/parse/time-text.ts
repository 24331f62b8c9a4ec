// The times an admin types or copies into From and To. What cannot be read for certain is refused.
import type { EpochMs, WallMs } from '../model.ts';
import { digitsAt, midnight, monthAt } from './calendar-digits.ts';
import type { LineClock } from './line-time.ts';
import { yearlessTime } from './service-time.ts';

/** What turns a typed time into instants. */
export type TimeTextClock = Pick<LineClock, 'wallToEpoch' | 'now' | 'offsetMinutesAt'>;

/** The first and the last instant a text can mean. */
export interface TimeRange {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** A date and time taken apart: the calendar's text, its fraction of a second, its offset in minutes. */
interface Parts {
  readonly text: string;
  readonly fraction: string | null;
  readonly offsetMinutes: number | null;
}

const LONGEST = 120;
const SECOND = 1000;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** The end of a second as logs with microseconds write it. */
const REST_OF_SECOND = 999.999;
const LONGEST_SPAN = 10 * 366 * DAY;
const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: 60 * MINUTE, d: DAY, w: 7 * DAY };
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const CLOCK = '(\\d\\d:\\d\\d(?::\\d\\d)?)';
/** Full dates; a month stands as number or name. */
const DATES = [
  `(?<year>\\d{4})-(?<month>\\d\\d)-(?<day>\\d\\d)(?: (?<clock>${CLOCK}))?`,
  `(?<year>\\d{4})/(?<month>\\d\\d)/(?<day>\\d\\d) (?<clock>${CLOCK})`,
  `(?<day>\\d\\d?)\\.(?<month>\\d\\d?)\\.(?<year>\\d{4})(?: (?<clock>${CLOCK}))?`,
  '(?<day>\\d\\d)/(?<month>[a-z]{3})/(?<year>\\d{4}):(?<clock>\\d\\d:\\d\\d:\\d\\d)',
  '(?<weekday>[a-z]{3}) (?<month>[a-z]{3}) (?<day>\\d\\d?) (?<clock>\\d\\d:\\d\\d:\\d\\d) (?<year>\\d{4})',
  `(?:(?<weekday>[a-z]{3}), )?(?<day>\\d\\d?) (?<month>[a-z]{3}) (?<year>\\d{4}) (?<clock>${CLOCK})`,
].map((shape) => new RegExp(`^${shape}$`));
const DAY_AND_CLOCK = new RegExp(`^(?:${CLOCK}(?: ([a-z]{3,9}))?|([a-z]{3,9})(?: ${CLOCK})?)$`);
const OFFSET = '([+-]\\d\\d:?\\d\\d|z|utc|gmt)';
/** ctime's year stands behind its clock; elsewhere the clock ends the text. */
const YEAR_LAST = new RegExp(
  `^([a-z]{3} [a-z]{3} \\d\\d? \\d\\d:\\d\\d:\\d\\d)(?:[.,](\\d{1,9}))? (\\d{4})(?: ${OFFSET})?$`,
);
const WITH_FRACTION = new RegExp(`^(.*?\\d\\d:\\d\\d:\\d\\d)[.,](\\d{1,9})(?: ?${OFFSET})?$`);
const WITH_OFFSET = new RegExp(`^(.*\\d\\d:\\d\\d) ?${OFFSET}$`);
const SPAN = '((?: ?\\d{1,6} ?(?:[smhdw]|secs?|mins?|minutes?|hours?|days?|weeks?)){1,5})';
const AGO = [new RegExp(`^-${SPAN}$`), new RegExp(`^${SPAN} ago$`)];
const AROUND = /^(.*?) ?(?:±|\+-|\+\/-) ?(\d{1,6}) ?(s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?)$/;

/**
 * Reads a time: a date, a date and time in any form that a log or a mail has it, a clock of today, of yesterday
 * or of a weekday, `now`, or how long ago (`-2h`, `90m ago`); with `+-5 min` behind it the range around it.
 * Times without an offset are the server's. One that occurs twice when the clocks are set back gives both, one that
 * does not exist moves forward. Without a fraction of a second `to` is the end of that second. Null for
 * anything else: impossible dates, a weekday that does not fit its date, text left over.
 */
export function readTimeText(text: string, clock: TimeTextClock): TimeRange | null {
  if (text.length > LONGEST) return null;
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^(?:time|date): ?/, '');
  const around = AROUND.exec(plain);
  if (around === null) return readInstant(plain, clock);
  const middle = readInstant(around[1] ?? '', clock);
  const reach = Number(around[2]) * (UNITS[(around[3] ?? '').charAt(0)] ?? NaN);
  if (middle === null || !(reach <= LONGEST_SPAN)) return null;
  return { from: middle.from - reach, to: middle.to + reach };
}

function readInstant(text: string, clock: TimeTextClock): TimeRange | null {
  if (text === 'now') return { from: clock.now, to: clock.now };
  const ago = readAgo(text, clock);
  if (ago !== null) return ago;
  const parts = takeApart(text);
  if (parts === null) return null;
  const fraction = parts.fraction === null ? null : Number(`0.${parts.fraction}`) * SECOND;
  const wall = dayClock(parts, clock) ?? calendar(parts.text);
  if (wall !== null) return wallRange(wall, { fraction, offsetMinutes: parts.offsetMinutes }, clock);
  if (parts.offsetMinutes !== null || fraction !== null) return null;
  const syslog = parts.text.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  const at = yearlessTime(syslog, clock);
  return at === null ? null : wallRange(wallOf(at, clock), { fraction, offsetMinutes: null }, clock);
}

/** `-2h`, `-1d12h`, `2h ago`, `90 min ago`. */
function readAgo(text: string, clock: TimeTextClock): TimeRange | null {
  const span = AGO.map((expression) => expression.exec(text)?.[1]).find((found) => found !== undefined);
  if (span === undefined) return null;
  let total = 0;
  for (const [, count, unit] of span.matchAll(/(\d{1,6}) ?([a-z])/g)) {
    total += Number(count) * (UNITS[unit ?? ''] ?? NaN);
  }
  if (!(total <= LONGEST_SPAN)) return null;
  return { from: clock.now - total, to: clock.now - total };
}

/** Takes brackets, `T`, fraction, offset and a mail's `(CET)` off; null for an offset that does not exist. */
function takeApart(text: string): Parts | null {
  const bare = /^\[([^[\]]*)\]$/.exec(text)?.[1] ?? text;
  const plain = bare
    .replace(/^(\d{4}-\d\d-\d\d)t(?=\d)/, '$1 ')
    .replace(/( [+-]\d{4}) \([a-z]{1,5}\)$/, '$1');
  const ctime = YEAR_LAST.exec(plain);
  if (ctime !== null) return partsOf(`${ctime[1] ?? ''} ${ctime[3] ?? ''}`, ctime[2], ctime[4]);
  const fraction = WITH_FRACTION.exec(plain);
  if (fraction !== null) return partsOf(fraction[1] ?? '', fraction[2], fraction[3]);
  const offset = WITH_OFFSET.exec(plain);
  return offset === null
    ? partsOf(plain, undefined, undefined)
    : partsOf(offset[1] ?? '', undefined, offset[2]);
}

function partsOf(text: string, fraction: string | undefined, offset: string | undefined): Parts | null {
  const offsetMinutes = offset === undefined ? null : minutesEast(offset);
  if (offsetMinutes !== null && Number.isNaN(offsetMinutes)) return null;
  return { text, fraction: fraction ?? null, offsetMinutes };
}

function minutesEast(text: string): number {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(text);
  if (match === null) return 0;
  const [hours, minutes] = [Number(match[2]), Number(match[3])];
  if (hours > 14 || minutes > 59) return NaN;
  return match[1] === '-' ? 0 - (hours * 60 + minutes) : hours * 60 + minutes;
}

/** A full date, with a clock at will; the wall clock, or null. */
function calendar(text: string): WallMs | null {
  const found = DATES.map((shape) => shape.exec(text)?.groups).find((groups) => groups !== undefined);
  if (found === undefined) return null;
  const { year = '', month = '', day = '', clock, weekday } = found;
  const date = midnight(Number(year), monthOf(month), Number(day));
  const time = clock === undefined ? 0 : clockMs(clock);
  if (Number.isNaN(date) || time === null) return null;
  return weekday === undefined || WEEKDAYS[new Date(date).getUTCDay()] === weekday ? date + time : null;
}

/** 0 to 11; NaN for none. */
function monthOf(text: string): number {
  return /^\d/.test(text) ? Number(text) - 1 : monthAt(text.charAt(0).toUpperCase() + text.slice(1), 0);
}

/** A clock alone, a day alone (`yesterday`), or both in either order. */
function dayClock({ text, offsetMinutes }: Parts, clock: TimeTextClock): WallMs | null {
  const match = DAY_AND_CLOCK.exec(text);
  if (match === null || offsetMinutes !== null) return null;
  const time = match[1] ?? match[4];
  const named = match[2] ?? match[3] ?? 'today';
  const seconds = time === undefined ? 0 : clockMs(time);
  if (seconds === null) return null;
  const here = wallOf(clock.now, clock);
  const today = Math.floor(here / DAY) * DAY;
  if (named === 'today') return today + seconds;
  if (named === 'yesterday') return today - DAY + seconds;
  const weekday = WEEKDAYS.findIndex((day) => named === day || named === FULL_DAYS[day]);
  if (weekday < 0 || time === undefined) return null;
  const back = (new Date(today).getUTCDay() - weekday + 7) % 7;
  const latest = today - back * DAY + seconds;
  return latest > here ? latest - 7 * DAY : latest;
}

const FULL_DAYS: Readonly<Record<string, string>> = {
  sun: 'sunday',
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
};

/** Milliseconds since midnight of `HH:MM` or `HH:MM:SS`; null for a time that does not exist. */
function clockMs(time: string): number | null {
  const [hour, minute] = [digitsAt(time, 0, 2), digitsAt(time, 3, 2)];
  const second = time.length > 5 ? digitsAt(time, 6, 2) : 0;
  return hour <= 23 && minute <= 59 && second <= 59
    ? hour * 60 * MINUTE + minute * MINUTE + second * SECOND
    : null;
}

function wallOf(at: EpochMs, clock: TimeTextClock): WallMs {
  return at + clock.offsetMinutesAt(at) * MINUTE;
}

/** The instants of a wall clock; `fraction` in milliseconds, null where the text has none. */
function wallRange(
  wall: WallMs,
  { fraction, offsetMinutes }: { readonly fraction: number | null; readonly offsetMinutes: number | null },
  clock: TimeTextClock,
): TimeRange {
  const instants = offsetMinutes === null ? localInstants(wall, clock) : [wall - offsetMinutes * MINUTE];
  const [start, rest] = fraction === null ? [0, REST_OF_SECOND] : [fraction, fraction];
  return { from: Math.min(...instants) + start, to: Math.max(...instants) + rest };
}

/** Both instants of a local time that occurs twice; where none shows that wall clock, the one it moves to. */
function localInstants(wall: WallMs, clock: TimeTextClock): EpochMs[] {
  const middle = clock.wallToEpoch(wall);
  const offsets = [middle - DAY, middle, middle + DAY].map((at) => clock.offsetMinutesAt(at));
  const instants = offsets.map((minutes) => wall - minutes * MINUTE);
  const real = instants.filter((at) => wallOf(at, clock) === wall);
  return real.length > 0 ? real : [middle];
}
