// The boundary lines of the serial audit log, `--HHHHHHHH-P--`, and the line that opens a record's part A.
import { clientAddress } from './client-address.ts';
import { parseClfTime } from './apache-time.ts';
import type { EpochMs } from '../model.ts';

const DASH = 0x2d;
/** Length of `--HHHHHHHH-P--`. */
export const BOUNDARY_LENGTH = 14;

function isHex(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66));
}

/**
 * The part letter's code when a boundary line stands at `start` (a line's beginning) and ends at `end` (its line
 * feed, a carriage return before it is allowed); 0 for any other line.
 */
export function boundaryPart(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== DASH || bytes[start + 1] !== DASH) return 0;
  const length = end - start;
  if (length !== BOUNDARY_LENGTH && !(length === BOUNDARY_LENGTH + 1 && bytes[end - 1] === 0x0d)) return 0;
  for (let at = start + 2; at < start + 10; at++) if (!isHex(bytes[at])) return 0;
  if (bytes[start + 10] !== DASH || bytes[start + 12] !== DASH || bytes[start + 13] !== DASH) return 0;
  const part = bytes[start + 11] ?? 0;
  return part >= 0x41 && part <= 0x5a ? part : 0;
}

/** Whether two boundary lines have the same eight digits. */
export function sameBoundary(bytes: Uint8Array, a: number, b: number): boolean {
  for (let at = 2; at < 10; at++) if (bytes[a + at] !== bytes[b + at]) return false;
  return true;
}

/** What part A says. */
export interface AuditOpening {
  readonly at: EpochMs;
  readonly offsetMinutes: number;
  readonly uniqueId: string;
  /** Normalised address. */
  readonly client: string;
}

const OPENING = /^(\[[^\]]{20,40}\]) ([\w@.+/=-]{1,64}) ([0-9a-fA-F:.]{2,45}) \d{1,5} \S{1,64} \d{1,5}\r?$/;

/** Reads `[22/Nov/2026:13:00:11.101736 +0000] unique-id client port server port`; null for anything else. */
export function parseOpening(line: string): AuditOpening | null {
  const match = OPENING.exec(line);
  const time = parseClfTime(match?.[1] ?? '');
  const client = clientAddress(match?.[3] ?? '');
  const uniqueId = match?.[2];
  return time === null || client === null || uniqueId === undefined ? null : { ...time, uniqueId, client };
}

/** How a form of the audit log writes the lines between the parts of a record. */
export interface BoundaryForm {
  /** Length of such a line without its line end. */
  readonly length: number;
  /** The part letter's code of the line at `start` that ends at `end`; 0 for any other line. */
  readonly part: (bytes: Uint8Array, start: number, end: number) => number;
  /** Whether the lines at these places have the same digits. */
  readonly same: (bytes: Uint8Array, a: number, b: number) => boolean;
}

/** ModSecurity 2: `--HHHHHHHH-P--`. */
export const NATIVE: BoundaryForm = { length: BOUNDARY_LENGTH, part: boundaryPart, same: sameBoundary };
