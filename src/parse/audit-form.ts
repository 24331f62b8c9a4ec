// Which form an audit log has, told by how it begins.
import { boundaryPart } from './audit-boundary.ts';
import { parseAuditIndex } from './audit-index.ts';
import { v3BoundaryPart } from './audit-v3-boundary.ts';
import { latin1Of, lineEnd } from './byte-lines.ts';

/** native: 2.9's parts; native3: 3's; json: an object a line, of either; index: lines that name a file for each record. */
export type AuditForm = 'native' | 'native3' | 'json' | 'index';

const LOOKED_AT = 65_536;
const LONGEST_LINE = 16_384;
const A = 0x41;
const JSON_START = /^\{\s{0,10}"transaction"\s{0,10}:\s{0,10}\{/;

/**
 * Tells the form by the first line that shows one; `firstBytes` may end in the midst of a line, which then tells only
 * what its beginning does. Null where none does, such as for an empty file. What follows is not looked at: a body may
 * hold any line.
 */
export function auditForm(firstBytes: Uint8Array): AuditForm | null {
  const bytes = firstBytes.subarray(0, LOOKED_AT);
  let at = 0;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    if (boundaryPart(bytes, at, end) === A) return 'native';
    if (v3BoundaryPart(bytes, at, end) === A) return 'native3';
    const line = latin1Of(bytes.subarray(at, Math.min(end, at + LONGEST_LINE)));
    if (JSON_START.test(line)) return 'json';
    if (parseAuditIndex(line) !== null) return 'index';
    at = end + 1;
  }
  return null;
}
