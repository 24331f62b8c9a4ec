// Whether the file of one audit record is written to its end.
import { latin1Of, lineEnd } from './byte-lines.ts';

const OPENING = /^(-{2,3}[0-9A-Za-z]{8}-{1,3})A--\r?$/;
/** What can stand behind the last part's line, and more. */
const TAIL = 200;

/** True when the record's own last part (or, of JSON, the closing brace) stands at the end; false for an empty file. */
export function isWholeRecord(bytes: Uint8Array): boolean {
  const tail = latin1Of(bytes.subarray(Math.max(0, bytes.length - TAIL))).trimEnd();
  if (bytes[0] === 0x7b) return tail.endsWith('}');
  const first = latin1Of(bytes.subarray(0, Math.min(lineEnd(bytes, 0), 32)));
  const own = OPENING.exec(first)?.[1];
  return own !== undefined && tail.endsWith(`${own}Z--`);
}
