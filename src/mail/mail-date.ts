// Dates of a mail's head.
import type { EpochMs } from '../model.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sun, 22 Nov 2026 13:01:38 +0100`: the server's clock (RFC 5322, 3.3). */
export function mailDate(at: EpochMs, offsetMinutes: number): string {
  const wall = new Date(Math.floor(at / 1000) * 1000 + offsetMinutes * 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = Math.abs(offsetMinutes);
  const day = `${DAYS[wall.getUTCDay()] ?? ''}, ${wall.getUTCDate()} ${MONTHS[wall.getUTCMonth()] ?? ''} ${wall.getUTCFullYear()}`;
  const time = [wall.getUTCHours(), wall.getUTCMinutes(), wall.getUTCSeconds()].map(two).join(':');
  return `${day} ${time} ${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(offset / 60))}${two(offset % 60)}`;
}
