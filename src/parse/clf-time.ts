// The time of Apache's common log format, `[22/Nov/2026:13:49:04 +0000]`, as access and audit logs write it.
import type { EpochMs } from '../model.ts';
import { digitsAt, monthAt } from './calendar-digits.ts';

/** An instant with the offset from UTC it was written in. */
export interface ClfTime {
  readonly at: EpochMs;
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
}

/**
 * Reads `[DD/Mon/YYYY:HH:MM:SS +HHMM]` that begins exactly at `start`; null when it does not stand there
 * or a part is out of range. No regular expression: access logs call it for every line.
 */
export function clfTimeAt(line: string, start: number): ClfTime | null {
  if (!hasFrame(line, start)) return null;
  const day = digitsAt(line, start + 1, 2);
  const month = monthAt(line, start + 4);
  const year = digitsAt(line, start + 8, 4);
  const hour = digitsAt(line, start + 13, 2);
  const minute = digitsAt(line, start + 16, 2);
  const second = digitsAt(line, start + 19, 2);
  const zoneHour = digitsAt(line, start + 23, 2);
  const zoneMinute = digitsAt(line, start + 25, 2);
  if (!(Math.min(day, month, year, hour, minute, second, zoneHour, zoneMinute) >= 0)) return null;
  if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || zoneHour > 15 || zoneMinute > 59)
    return null;
  const wall = Date.UTC(year, month, day, hour, minute, second);
  // 31 April would count as 1 May.
  if (day > 28 && new Date(wall - second * 1000).getUTCDate() !== day) return null;
  const east = zoneHour * 60 + zoneMinute;
  // Not a product with -1: that would make `-0000` a negative zero.
  const offsetMinutes = line[start + 22] === '-' ? 0 - east : east;
  return { at: wall - offsetMinutes * 60_000, offsetMinutes };
}

/** The fixed characters around the digits. */
function hasFrame(line: string, start: number): boolean {
  const sign = line[start + 22];
  return (
    line[start] === '[' &&
    line[start + 3] === '/' &&
    line[start + 7] === '/' &&
    line[start + 12] === ':' &&
    line[start + 15] === ':' &&
    line[start + 18] === ':' &&
    line[start + 21] === ' ' &&
    (sign === '+' || sign === '-') &&
    line[start + 27] === ']'
  );
}
