// ModSecurity 3's (libmodsecurity's) native audit log: one record, as nginx's or Apache's connector lets it write.
//
// Parts A, B, C, D, E, F, H, I, J, Z between boundaries `---AbCdEfGh---A--`. C is raw bytes, and a visitor can write
// boundaries into it, but not his own record's. H has a line for each rule, `ModSecurity: Warning. Matched "Operator …`,
// that names the record's unique_id: what a visitor put into a line in place of it is told apart by that.
import { parseOpening } from './audit-boundary.ts';
import type { AuditRecord } from './audit-log.ts';
import { recordArguments, rpcMethodOf } from './audit-parts.ts';
import { linesOf, recordParts, textOf } from './audit-record-parts.ts';
import { parseHeaders, parseRequestLine, requestFacts } from './audit-request.ts';
import { sameV3Boundary, v3BoundaryPart } from './audit-v3-boundary.ts';
import { lineEnd } from './byte-lines.ts';
import { readEngineMessage } from './modsec-message.ts';
import { hitOfV3, readV3 } from './v3-message.ts';

const BOUNDARY = { partAt: v3BoundaryPart, isSame: sameV3Boundary };
const A = 0x41;
const MARK = 'ModSecurity: ';

type Trailer = Pick<AuditRecord, 'messages' | 'engineErrors'>;

function readTrailer(lines: readonly string[], uniqueId: string): Trailer {
  const messages: Trailer['messages'][number][] = [];
  const engineErrors: Trailer['engineErrors'][number][] = [];
  const texts = lines.filter((line) => line.startsWith(MARK)).map((line) => line.slice(MARK.length));
  for (const [messageIndex, text] of texts.entries()) {
    const [reading, ...others] = readV3(text, (end) => end === text.length).filter(
      ({ tail }) => tail.uniqueId === uniqueId,
    );
    const hit = reading === undefined ? null : hitOfV3(text, reading);
    const error = hit === null ? readEngineMessage(text) : null;
    if (hit !== null) messages.push({ hit, ambiguous: others.length > 0, messageIndex });
    if (error !== null) engineErrors.push(error);
  }
  return { messages, engineErrors };
}

/** The phase in which a rule refused the request; null where none did. */
function refusalOf(messages: Trailer['messages']): AuditRecord['action'] {
  const refusing = messages.find(({ hit }) => hit.action === 'denied' && hit.phase !== null);
  return refusing?.hit.phase == null ? null : { phase: refusing.hit.phase };
}

/** A body without the line feed that libmodsecurity writes behind it. */
function bodyOf(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/**
 * Reads one record of ModSecurity 3's native form (raw bytes from its opening boundary to its end). Texts are decoded,
 * nothing is masked. The record does not name the engine's mode. Null when its opening is not valid.
 */
export function parseAuditV3(bytes: Uint8Array): AuditRecord | null {
  if (v3BoundaryPart(bytes, 0, lineEnd(bytes, 0)) !== A) return null;
  const parts = recordParts(bytes, BOUNDARY);
  const opening = parseOpening(textOf(bytes, parts.get('A')).split('\n', 1)[0] ?? '');
  if (opening === null) return null;
  const lines = linesOf(textOf(bytes, parts.get('B')));
  const headers = parseHeaders(lines.slice(1));
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})/.exec(textOf(bytes, parts.get('F')))?.[1];
  const line = parseRequestLine(lines[0] ?? '');
  const request = requestFacts(line, headers, status === undefined ? null : Number(status));
  const body = bodyOf(textOf(bytes, parts.get('C')));
  const trailer = readTrailer(linesOf(textOf(bytes, parts.get('H'))), opening.uniqueId);
  return {
    ...opening,
    request: { ...request, rpcMethod: rpcMethodOf(body) },
    args: recordArguments(request, line.target ?? '', body, 'sent3'),
    headers,
    ...trailer,
    action: refusalOf(trailer.messages),
    engineMode: null,
    complete: parts.has('H') && parts.has('Z'),
  };
}
