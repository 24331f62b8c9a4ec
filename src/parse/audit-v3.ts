// ModSecurity 3's (libmodsecurity's) native audit log: one record, as nginx's or Apache's connector lets it write.
//
// Parts A, B, C, D, E, F, H, I, J, Z between boundaries `---AbCdEfGh---A--`. C is raw bytes, and a visitor can write
// boundaries into it, but not his own record's. H has a line for each rule, `ModSecurity: Warning. Matched "Operator …`,
// that names the record's unique_id: what a visitor put into a line in place of it is told apart by that.
import type { AuditRecord } from './audit-log.ts';
import { recordArguments, rpcMethodOf } from './audit-parts.ts';
import { linesOf, recordHead, textOf } from './audit-record-parts.ts';
import { V3 } from './audit-v3-boundary.ts';
import { readEngineMessage } from './modsec-message.ts';
import { hitOfV3, readV3 } from './v3-message.ts';

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
  const head = recordHead(bytes, V3);
  if (head === null) return null;
  const { parts, opening, request, target, headers, complete } = head;
  const body = bodyOf(textOf(bytes, parts.get('C')));
  const trailer = readTrailer(linesOf(textOf(bytes, parts.get('H'))), opening.uniqueId);
  return {
    ...opening,
    request: { ...request, rpcMethod: rpcMethodOf(body) },
    args: recordArguments(request, target, body, 'sent3'),
    headers,
    ...trailer,
    action: refusalOf(trailer.messages),
    engineMode: null,
    complete,
  };
}
