// When a request came, as its unique_id tells it.
import type { EpochMs } from '../model.ts';

/** Apache 2.4 and 2.2: 20 and 18 bytes in base64 with `@` and `-`; the first four are the seconds since 1970. */
const UNIQUE_ID = /^[A-Za-z0-9@-]{24}(?:[A-Za-z0-9@-]{3})?$/;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@-';
const DAY_MS = 86_400_000;

/**
 * The second in which mod_unique_id made an id: when the request's head had been read. Null for an id of another form, and
 * when that is not within a day of `near` (a time of the line in any zone): other programs make ids of the same form.
 */
export function uniqueIdTime(uniqueId: string, near: number): EpochMs | null {
  if (!UNIQUE_ID.test(uniqueId)) return null;
  let bits = 0;
  for (let at = 0; at < 6; at++) bits = bits * 64 + DIGITS.indexOf(uniqueId.charAt(at));
  const time = Math.floor(bits / 16) * 1000;
  return Math.abs(time - near) <= DAY_MS ? time : null;
}
