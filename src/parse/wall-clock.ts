// A local date and clock, `YYYY?MM?DD HH:MM:SS` with an optional fraction, as nginx and LiteSpeed begin a line.
import type { WallMs } from '../model.ts';
import { clockAt, digitsAt, fractionEnd, fractionMs, midnight } from './calendar-digits.ts';

const CLOCK_START = 11;
const CLOCK_END = 19;

/**
 * Reads the local time that a line begins with, its date's parts separated by `separator`; null for none. The
 * fraction may be missing; what stands behind the time is not looked at.
 */
export function wallClockOf(line: string, separator: '/' | '-'): WallMs | null {
  if (line.charAt(4) !== separator || line.charAt(7) !== separator || line.charAt(10) !== ' ') return null;
  const day = midnight(digitsAt(line, 0, 4), digitsAt(line, 5, 2) - 1, digitsAt(line, 8, 2));
  const wall = day + clockAt(line, CLOCK_START);
  if (Number.isNaN(wall)) return null;
  return wall + fractionMs(line, CLOCK_END, fractionEnd(line, CLOCK_END));
}
