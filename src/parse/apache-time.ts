// The times that Apache and ModSecurity write: error_log's own, the access log's (CLF), and ctime's.
import type { EpochMs, WallMs } from '../model.ts';

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const ERROR_TIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? (\d{4})$/;
const CLF_TIME =
  /^\[?(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? ([+-])(\d\d)(\d\d)\]?$/;

interface Calendar {
  readonly year: string | undefined;
  readonly month: string | undefined;
  readonly day: string | undefined;
  /** Hour, minute, second. */
  readonly clock: readonly (string | undefined)[];
  readonly fraction: string | undefined;
}

/** Milliseconds as if UTC; null for a day, month or clock that does not exist (a leap second 60 is kept). */
function toWall({ year, month, day, clock, fraction }: Calendar): WallMs | null {
  const position = MONTHS.indexOf(month ?? '?');
  if (position < 0 || position % 3 !== 0) return null;
  const [hour, minute, second] = clock.map(Number);
  if (hour === undefined || minute === undefined || second === undefined) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const midnight = Date.UTC(Number(year), position / 3, Number(day));
  const date = new Date(midnight);
  if (Number(year) < 1970 || date.getUTCDate() !== Number(day) || date.getUTCMonth() !== position / 3) {
    return null;
  }
  const micros = fraction === undefined ? 0 : Number(fraction.padEnd(6, '0'));
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + micros / 1000;
}

/**
 * Reads error_log's time without its brackets, e.g. `Sun Nov 22 13:00:11.110242 2026`; the fraction may be
 * missing (Apache 2.2) and the day padded by a blank. Local wall clock; null for anything else.
 * The weekday is not compared with the date.
 */
export function parseApacheErrorTime(text: string): WallMs | null {
  // A burst writes many lines within one second: only the fraction differs from the line before.
  const second = text.slice(0, 19) + text.slice(26);
  if (text.length === 31 && second === lastSecond.text && FRACTION.test(text.slice(19, 26))) {
    return lastSecond.wall + Number(text.slice(20, 26)) / 1000;
  }
  const wall = readErrorTime(text);
  if (wall !== null && text.length === 31)
    lastSecond = { text: second, wall: Math.floor(wall / 1000) * 1000 };
  return wall;
}

const FRACTION = /^\.\d{6}$/;
let lastSecond = { text: '', wall: 0 };

function readErrorTime(text: string): WallMs | null {
  const match = ERROR_TIME.exec(text);
  if (match === null) return null;
  const [, month, day, hour, minute, second, fraction, year] = match;
  return toWall({ year, month, day, clock: [hour, minute, second], fraction });
}

/**
 * Reads the access log's and the audit log's time, e.g. `22/Nov/2026:13:00:11.101736 +0100`, with or without
 * fraction and brackets. Gives the instant and the offset it was written in; null for anything else.
 */
export function parseClfTime(text: string): { at: EpochMs; offsetMinutes: number } | null {
  const match = CLF_TIME.exec(text);
  if (match === null) return null;
  const [, day, month, year, hour, minute, second, fraction, sign, offsetHours, offsetRest] = match;
  const wall = toWall({ year, month, day, clock: [hour, minute, second], fraction });
  const size = Number(offsetHours) * 60 + Number(offsetRest);
  if (wall === null || size > 14 * 60 || Number(offsetRest) > 59) return null;
  const offsetMinutes = sign === '-' && size !== 0 ? -size : size;
  return { at: wall - offsetMinutes * 60_000, offsetMinutes };
}
