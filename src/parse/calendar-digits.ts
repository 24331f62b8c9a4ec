// Dates and clocks at fixed places of a line, read digit by digit: these run for every line of a log.
import type { WallMs } from '../model.ts';

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const MINUTE = 60_000;

/** `count` decimal digits at `at` as a number; NaN when one of them is none. */
export function digitsAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** The English short month name at `at`: 0 to 11, NaN for none. */
export function monthAt(text: string, at: number): number {
  const index = MONTHS.indexOf(text.slice(at, at + 3));
  return index >= 0 && index % 3 === 0 && at + 3 <= text.length ? index / 3 : NaN;
}

/** A day of the month in two places, the first of which may be a blank; NaN for none. */
export function paddedDayAt(text: string, at: number): number {
  return text.charCodeAt(at) === 0x20 ? digitsAt(text, at + 1, 1) : digitsAt(text, at, 2);
}

/** Midnight of a date (month from 0), wall clock; NaN for a date that does not exist or lies before 1970. */
export function midnight(year: number, month: number, day: number): WallMs {
  if (!(year >= 1970 && month >= 0 && month <= 11 && day >= 1 && day <= 31)) return NaN;
  const wall = Date.UTC(year, month, day);
  // 31 April would count as 1 May.
  return day > 28 && new Date(wall).getUTCDate() !== day ? NaN : wall;
}

/** Milliseconds since midnight of the `HH:MM:SS` at `at`; NaN for none (a leap second 60 is kept). */
export function clockAt(text: string, at: number): number {
  if (text.charCodeAt(at + 2) !== 0x3a || text.charCodeAt(at + 5) !== 0x3a) return NaN;
  const hour = digitsAt(text, at, 2);
  const minute = digitsAt(text, at + 3, 2);
  const second = digitsAt(text, at + 6, 2);
  return hour <= 23 && minute <= 59 && second <= 60
    ? hour * 3_600_000 + minute * MINUTE + second * 1000
    : NaN;
}

/** Where a fraction of one to nine digits (`.110242`, `,123`) that begins at `at` ends; `at` itself without one. */
export function fractionEnd(text: string, at: number): number {
  const mark = text.charCodeAt(at);
  if (mark !== 0x2e && mark !== 0x2c) return at;
  let end = at + 1;
  while (end - at <= 9 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return end === at + 1 ? at : end;
}

/** The milliseconds of the fraction between `at` and `end` as `fractionEnd` gives it, to the microsecond. */
export function fractionMs(text: string, at: number, end: number): number {
  const count = Math.min(end - at - 1, 6);
  return count <= 0 ? 0 : (digitsAt(text, at + 1, count) * 10 ** (6 - count)) / 1000;
}

/** An offset from UTC in a text: minutes east, and the index behind it. */
export interface OffsetAt {
  readonly minutes: number;
  readonly end: number;
}

/** Reads `+0100`, `-01:30` or `Z` at `at`; null when none stands there. */
export function offsetAt(text: string, at: number): OffsetAt | null {
  const sign = text.charAt(at);
  if (sign === 'Z') return { minutes: 0, end: at + 1 };
  if (sign !== '+' && sign !== '-') return null;
  const rest = text.charCodeAt(at + 3) === 0x3a ? at + 4 : at + 3;
  const hours = digitsAt(text, at + 1, 2);
  const minutes = digitsAt(text, rest, 2);
  if (!(hours <= 15 && minutes <= 59)) return null;
  const east = hours * 60 + minutes;
  return { minutes: sign === '-' ? 0 - east : east, end: rest + 2 };
}
