// The parts of one native audit record by their letters, whatever its boundary lines look like.
import type { RequestFacts } from '../model.ts';
import { type AuditOpening, type BoundaryForm, parseOpening } from './audit-boundary.ts';
import { parseHeaders, parseRequestLine, type RequestHeader, requestFacts } from './audit-request.ts';
import { latin1Of, lineEnd } from './byte-lines.ts';

/** Where a part stands, without its boundary line and the line feed that ModSecurity puts before the next one. */
export interface RecordPart {
  readonly start: number;
  readonly end: number;
}

/** Finds the parts of a record (bytes from its opening boundary on); other records' boundaries are text. */
function recordParts(bytes: Uint8Array, form: BoundaryForm): Map<string, RecordPart> {
  const parts = new Map<string, RecordPart>();
  let letter = '';
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    const part = form.part(bytes, at, end);
    if (part !== 0 && form.same(bytes, 0, at)) {
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

const A = 0x41;

/** What both generations write alike: the opening, the request's line and headers, the answer's status. */
export interface RecordHead {
  readonly parts: ReadonlyMap<string, RecordPart>;
  readonly opening: AuditOpening;
  readonly request: RequestFacts;
  /** Raw, as sent (latin1). */
  readonly target: string;
  readonly headers: readonly RequestHeader[];
  /** Its own end and its trailer are there. */
  readonly complete: boolean;
}

/** Reads the head of a native record (raw bytes from its opening boundary to its end); null when its opening is not valid. */
export function recordHead(bytes: Uint8Array, form: BoundaryForm): RecordHead | null {
  if (form.part(bytes, 0, lineEnd(bytes, 0)) !== A) return null;
  const parts = recordParts(bytes, form);
  const opening = parseOpening(textOf(bytes, parts.get('A')).split('\n', 1)[0] ?? '');
  if (opening === null) return null;
  const lines = linesOf(textOf(bytes, parts.get('B')));
  const headers = parseHeaders(lines.slice(1));
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})/.exec(textOf(bytes, parts.get('F')))?.[1];
  const line = parseRequestLine(lines[0] ?? '');
  return {
    parts,
    opening,
    request: requestFacts(line, headers, status === undefined ? null : Number(status)),
    target: line.target ?? '',
    headers,
    complete: parts.has('H') && parts.has('Z'),
  };
}
