// The boundary lines of ModSecurity 3's native audit log, `---AbCdEfGh---A--`: eight letters or digits, drawn for each
// record. What 2.9's look like stands in audit-boundary.ts.
import type { BoundaryForm } from './audit-boundary.ts';

const DASH = 0x2d;
/** Length of `---AbCdEfGh---A--`. */
const LENGTH = 17;
const NAME_START = 3;
const NAME_END = 11;
const PART = 14;

function isAlphanumeric(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}

/**
 * The part letter's code when a boundary line of ModSecurity 3 stands at `start` (a line's beginning) and ends at `end`
 * (its line feed, a carriage return before it is allowed); 0 for any other line.
 */
export function v3BoundaryPart(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== DASH || bytes[start + 1] !== DASH || bytes[start + 2] !== DASH) return 0;
  const length = end - start;
  if (length !== LENGTH && !(length === LENGTH + 1 && bytes[end - 1] === 0x0d)) return 0;
  for (let at = start + NAME_START; at < start + NAME_END; at++) if (!isAlphanumeric(bytes[at])) return 0;
  for (const at of [NAME_END, NAME_END + 1, NAME_END + 2, PART + 1, PART + 2]) {
    if (bytes[start + at] !== DASH) return 0;
  }
  const part = bytes[start + PART] ?? 0;
  return part >= 0x41 && part <= 0x5a ? part : 0;
}

/** Whether two boundary lines of ModSecurity 3 have the same eight letters. */
export function sameV3Boundary(bytes: Uint8Array, a: number, b: number): boolean {
  for (let at = NAME_START; at < NAME_END; at++) if (bytes[a + at] !== bytes[b + at]) return false;
  return true;
}

/** The form of ModSecurity 3: `---XXXXXXXX---P--`. */
export const V3: BoundaryForm = { length: LENGTH, part: v3BoundaryPart, same: sameV3Boundary };
