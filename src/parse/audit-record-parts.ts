// The parts of one native audit record by their letters, whatever its boundary lines look like.
import { latin1Of, lineEnd } from './byte-lines.ts';

/** Where a part stands, without its boundary line and the line feed that ModSecurity puts before the next one. */
export interface RecordPart {
  readonly start: number;
  readonly end: number;
}

/** A form of boundary line: its letter's code (0 for another line), and whether two are of one record. */
export interface BoundaryForm {
  readonly partAt: (bytes: Uint8Array, start: number, end: number) => number;
  readonly isSame: (bytes: Uint8Array, a: number, b: number) => boolean;
}

/** Finds the parts of a record (bytes from its opening boundary on); other records' boundaries are text. */
export function recordParts(bytes: Uint8Array, form: BoundaryForm): Map<string, RecordPart> {
  const parts = new Map<string, RecordPart>();
  let letter = '';
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    const part = form.partAt(bytes, at, end);
    if (part !== 0 && form.isSame(bytes, 0, at)) {
      // ModSecurity puts a line feed of its own before each boundary.
      if (letter !== '' && !parts.has(letter)) parts.set(letter, { start, end: Math.max(start, at - 1) });
      letter = String.fromCharCode(part);
      start = Math.min(end + 1, bytes.length);
    }
    at = end + 1;
  }
  if (letter !== '' && !parts.has(letter)) parts.set(letter, { start, end: bytes.length });
  return parts;
}

/** A part as latin1; empty for one that is not there. */
export function textOf(bytes: Uint8Array, part: RecordPart | undefined): string {
  return part === undefined ? '' : latin1Of(bytes.subarray(part.start, part.end));
}

/** The lines of a text, without their line ends. */
export function linesOf(text: string): string[] {
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
