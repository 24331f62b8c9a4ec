// The times that Apache's error_log, nginx, LiteSpeed, syslog, exim and cPanel put in front of a line.
import type { EpochMs, WallMs } from '../model.ts';
import type { LineClock } from './line-time.ts';
import {
  clockAt,
  digitsAt,
  fractionEnd,
  fractionMs,
  midnight,
  monthAt,
  offsetAt,
  paddedDayAt,
} from './calendar-digits.ts';

/** Turns a whole local second into its instant. */
export type ToInstant = (wall: WallMs) => EpochMs;

const MINUTE = 60_000;
const DAY = 86_400_000;

/** `clock.wallToEpoch` that asks once for lines of the same second. */
export function rememberSecond(clock: Pick<LineClock, 'wallToEpoch'>): ToInstant {
  let last = NaN;
  let instant = NaN;
  return (wall) => {
    if (wall !== last) {
      instant = clock.wallToEpoch(wall);
      last = wall;
    }
    return instant;
  };
}

/** What a line in `[…]` begins with: Apache's `[Sun Nov 22 …]` or cPanel's `[2026-11-22 17:56:41 +0100]`. */
export function bracketTime(line: string, local: ToInstant): EpochMs | null {
  const second = line.charCodeAt(1);
  if (!(second >= 0x30 && second <= 0x39)) return ctimeAt(line, 1, ']', local);
  const iso = isoTimeAt(line, 1, local);
  return iso !== null && line[iso.end] === ']' ? iso.at : null;
}

/**
 * Reads `Sun Nov 22 13:00:11.110242 2026` at `at`, local time, which `close` must follow. The fraction may be
 * missing and the day padded by a blank; the weekday is not compared. Null for anything else.
 */
export function ctimeAt(line: string, at: number, close: string, local: ToInstant): EpochMs | null {
  if (line[at + 3] !== ' ' || line[at + 7] !== ' ' || line[at + 10] !== ' ') return null;
  const fraction = fractionEnd(line, at + 19);
  if (line[fraction] !== ' ' || !line.startsWith(close, fraction + 5)) return null;
  const day = midnight(digitsAt(line, fraction + 1, 4), monthAt(line, at + 4), paddedDayAt(line, at + 8));
  const wall = day + clockAt(line, at + 11);
  return Number.isNaN(wall) ? null : local(wall) + fractionMs(line, at + 19, fraction);
}

/** An instant and the index behind its text. */
export interface InstantAt {
  readonly at: EpochMs;
  readonly end: number;
}

/**
 * Reads `2026-11-22 17:56:41` or `2026/11/22 17:56:41` at `at`, with `T` for the blank, a fraction and an offset
 * (`Z`, `+01:00`, ` +0100`) at will; local time without an offset. The time must end there: null when a letter
 * or digit follows, and for anything else.
 */
export function isoTimeAt(line: string, at: number, local: ToInstant): InstantAt | null {
  const dash = line[at + 4];
  if ((dash !== '-' && dash !== '/') || line[at + 7] !== dash) return null;
  if (line[at + 10] !== ' ' && line[at + 10] !== 'T') return null;
  const day = midnight(digitsAt(line, at, 4), digitsAt(line, at + 5, 2) - 1, digitsAt(line, at + 8, 2));
  const wall = day + clockAt(line, at + 11);
  if (Number.isNaN(wall)) return null;
  const fraction = fractionEnd(line, at + 19);
  const offset = offsetAt(line, fraction) ?? spacedOffset(line, fraction);
  const end = offset?.end ?? fraction;
  if (!endsTime(line, end)) return null;
  const second = offset === null ? local(wall) : wall - offset.minutes * MINUTE;
  return { at: second + fractionMs(line, at + 19, fraction), end };
}

/** exim's and cPanel's ` +0100`: a word of its own. */
function spacedOffset(line: string, at: number): ReturnType<typeof offsetAt> {
  if (line[at] !== ' ' || line[at + 1] === 'Z') return null;
  const offset = offsetAt(line, at + 1);
  return offset !== null && endsTime(line, offset.end) ? offset : null;
}

function endsTime(line: string, at: number): boolean {
  return at >= line.length || ' ]\t\r,'.includes(line.charAt(at));
}

/**
 * Reads syslog's `Nov 22 17:56:41 host …`: local time of the newest year for which it is no more than a day
 * after now.
 */
export function syslogReader(
  clock: Pick<LineClock, 'now' | 'wallToEpoch'>,
): (line: string) => EpochMs | null {
  let text = '';
  let instant: EpochMs | null = null;
  return (line) => {
    if (instant !== null && line.startsWith(text)) return instant;
    const end = syslogEnd(line);
    if (end < 0) return null;
    instant = newestYear(line, end, clock);
    text = line.slice(0, end + 1);
    return instant;
  };
}

/** Where the clock of `Nov 22 17:56:41 ` or `Nov 2 17:56:41 ` ends; -1 when the line does not begin so. */
function syslogEnd(line: string): number {
  if (Number.isNaN(monthAt(line, 0)) || line[3] !== ' ') return -1;
  const end = line[5] === ' ' ? 14 : 15;
  return line[end - 9] === ' ' && line[end] === ' ' ? end : -1;
}

function newestYear(
  line: string,
  end: number,
  clock: Pick<LineClock, 'now' | 'wallToEpoch'>,
): EpochMs | null {
  const month = monthAt(line, 0);
  const day = end === 14 ? digitsAt(line, 4, 1) : paddedDayAt(line, 4);
  const time = clockAt(line, end - 8);
  const latest = new Date(clock.now + DAY).getUTCFullYear() + 1;
  // 29 February may be eight years back.
  for (let year = latest; year > latest - 11; year--) {
    const wall = midnight(year, month, day) + time;
    const at = Number.isNaN(wall) ? Infinity : clock.wallToEpoch(wall);
    if (at <= clock.now + DAY) return at;
  }
  return null;
}

/** The instant of a date and time without a year, `Nov 22 17:56:41` (nothing else in the text); null for others. */
export function yearlessTime(text: string, clock: Pick<LineClock, 'now' | 'wallToEpoch'>): EpochMs | null {
  const end = syslogEnd(`${text} `);
  return end === text.length ? newestYear(text, end, clock) : null;
}
