// The POSIX TZ text at the end of a TZif file, e.g. `CET-1CEST,M3.5.0,M10.5.0/3`: the rule for later years.
// Format: RFC 9636 section 3.3.1, which takes it from POSIX 8.3 and widens the hours to -167…167.
import type { EpochMs } from '../model.ts';

const DAY_SECONDS = 86_400;
const NAME = '(?:[A-Za-z]{3,10}|<[A-Za-z0-9+-]{1,10}>)';
const OFFSET = '([+-]?\\d{1,3}(?::\\d{2}){0,2})';
const RULE = '([JM]?[0-9.]{1,8})(?:\\/([+-]?\\d{1,3}(?::\\d{2}){0,2}))?';
const TZ = new RegExp(`^${NAME}${OFFSET}(?:${NAME}${OFFSET}?(?:,${RULE},${RULE})?)?$`);

interface Change {
  /** Seconds since 1970 of that year's change, from the rule's local time and the offset before it. */
  at(year: number, offsetBefore: number): number;
}

/**
 * Reads such a text into a function from time to seconds east of UTC.
 * Null when the text is none (a daylight name without rules included, since POSIX leaves those open).
 */
export function parsePosixTz(text: string): ((at: EpochMs) => number) | null {
  const match = TZ.exec(text);
  const west = seconds(match?.[1]);
  if (match === null || west === null) return null;
  // Not `-west`: that would make UTC's offset -0.
  const standard = 0 - west;
  if (match[3] === undefined || match[5] === undefined)
    return /,|\d[A-Za-z<]/.test(text) ? null : () => standard;
  const daylight = match[2] === undefined ? standard + 3600 : 0 - (seconds(match[2]) ?? 0);
  const start = readChange(match[3], match[4]);
  const end = readChange(match[5], match[6]);
  if (start === null || end === null) return null;
  return (at) => {
    const now = Math.floor(at / 1000);
    const year = new Date((now + standard) * 1000).getUTCFullYear();
    const from = start.at(year, standard);
    const to = end.at(year, daylight);
    const isDaylight = from < to ? now >= from && now < to : now >= from || now < to;
    return isDaylight ? daylight : standard;
  };
}

/** `[+-]hh[:mm[:ss]]` in seconds. */
function seconds(text: string | undefined): number | null {
  const match = /^([+-]?)(\d{1,3})(?::(\d{2}))?(?::(\d{2}))?$/.exec(text ?? '');
  if (match === null) return null;
  const value = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -value : value;
}

function readChange(rule: string, time: string | undefined): Change | null {
  const clock = seconds(time ?? '2');
  const day = dayRule(rule);
  if (clock === null || day === null) return null;
  return { at: (year, offsetBefore) => day(year) * DAY_SECONDS + clock - offsetBefore };
}

/** The day that a rule names in a year, counted in days since 1970. */
function dayRule(rule: string): ((year: number) => number) | null {
  const month = /^M(\d{1,2})\.([1-5])\.([0-6])$/.exec(rule);
  if (month !== null) return monthRule(Number(month[1]), Number(month[2]), Number(month[3]));
  const julian = /^(J?)(\d{1,3})$/.exec(rule);
  if (julian === null) return null;
  const count = Number(julian[2]);
  if (julian[1] === '') return (year) => firstDay(year) + count;
  // `Jn` never counts 29 February, so day 60 is always 1 March.
  return (year) => firstDay(year) + count - 1 + (isLeap(year) && count >= 60 ? 1 : 0);
}

/** The nth weekday of a month (5: the last one). */
function monthRule(month: number, week: number, weekday: number): ((year: number) => number) | null {
  if (month < 1 || month > 12) return null;
  return (year) => {
    const first = dayNumber(year, month - 1);
    const length = dayNumber(year, month) - first;
    // 1970-01-01 was a Thursday (4).
    const firstWeekday = (((first + 4) % 7) + 7) % 7;
    let day = ((weekday - firstWeekday + 7) % 7) + (week - 1) * 7;
    while (day >= length) day -= 7;
    return first + day;
  };
}

function firstDay(year: number): number {
  return dayNumber(year, 0);
}

function dayNumber(year: number, month: number): number {
  return Date.UTC(year, month, 1) / (DAY_SECONDS * 1000);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
