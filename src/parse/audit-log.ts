// ModSecurity's serial audit log: one record of it, and the way records are cut out of the bytes.
import type { EpochMs, RequestFacts, RuleHit, WallMs } from '../model.ts';
import { NATIVE } from './audit-boundary.ts';
import type { RequestHeader } from './audit-request.ts';
import { latin1Of, lineEnd } from './byte-lines.ts';
import { errorClient, readMessages, recordArguments, rpcMethodOf } from './audit-parts.ts';
import { recordHead, textOf, type RecordPart } from './audit-record-parts.ts';
import type { EngineMessage } from './modsec-message.ts';
import type { RequestArgument } from './request-arguments.ts';

export { splitAuditRecords } from './audit-split.ts';

/** A rule hit of one `Message:` line; `messageIndex` counts those lines of the record from 0. */
interface AuditMessage {
  readonly hit: RuleHit;
  readonly ambiguous: boolean;
  readonly messageIndex: number;
}

export interface AuditRecord {
  readonly at: EpochMs;
  /** Where the record names a local time without zone: that time. `at` then counts it as UTC, until it is converted. */
  readonly atWall?: WallMs;
  readonly offsetMinutes: number;
  readonly uniqueId: string;
  /** As error_log names it where the record tells, else as part A does. */
  readonly client: string;
  /** Unmasked. */
  readonly request: RequestFacts;
  /** Unmasked; at most 500, values at most 64 KiB. */
  readonly args: readonly RequestArgument[];
  /** Unmasked. */
  readonly headers: readonly RequestHeader[];
  readonly messages: readonly AuditMessage[];
  readonly engineErrors: readonly EngineMessage[];
  /** The phase in which the request was refused; null when it was not. */
  readonly action: { readonly phase: number } | null;
  /** `ENABLED` or `DETECTION_ONLY`. */
  readonly engineMode: string | null;
  /** False when the record's own end or its part H is missing. */
  readonly complete: boolean;
}

const APACHE_ERROR = 'Apache-Error: ';
const MESSAGE = 'Message: ';

/**
 * Part H's lines without the `Apache-Error:` ones, each of which repeats a message at full length. The first of
 * those names the client as error_log does; part A may name the proxy where mod_remoteip is at work.
 */
function trailerLines(
  bytes: Uint8Array,
  part: RecordPart | undefined,
): { lines: string[]; client: string | null } {
  const lines: string[] = [];
  let client: string | null = null;
  let at = part?.start ?? 0;
  const stop = part?.end ?? 0;
  while (at < stop) {
    const end = Math.min(lineEnd(bytes, at), stop);
    if (latin1Of(bytes.subarray(at, Math.min(end, at + APACHE_ERROR.length))) !== APACHE_ERROR) {
      lines.push(latin1Of(bytes.subarray(at, end)));
    } else {
      const start = at + APACHE_ERROR.length;
      client ??= errorClient(latin1Of(bytes.subarray(start, Math.min(end, start + 160))));
    }
    at = end + 1;
  }
  return { lines, client };
}

type Trailer = Pick<AuditRecord, 'messages' | 'engineErrors' | 'action' | 'engineMode'>;

function readTrailer(lines: readonly string[]): Trailer {
  const texts: string[] = [];
  let action: Trailer['action'] = null;
  let engineMode: string | null = null;
  for (const line of lines) {
    if (line.startsWith(MESSAGE)) {
      texts.push(line.slice(MESSAGE.length));
      continue;
    }
    const phase = /^Action: Intercepted \(phase (\d)\)/.exec(line)?.[1];
    if (phase !== undefined) action = { phase: Number(phase) };
    engineMode = /^Engine-Mode: "([A-Z_]{1,30})"/.exec(line)?.[1] ?? engineMode;
  }
  return { ...readMessages(texts), action, engineMode };
}

/**
 * Reads one record as `splitAuditRecords` gives it (raw bytes from its opening boundary to its end). Texts are
 * decoded, nothing is masked. Lines in other parts that look like messages or boundaries are text. A record
 * without messages is a request that was kept for its status. Null when its opening is not valid.
 */
export function parseAuditRecord(bytes: Uint8Array): AuditRecord | null {
  const head = recordHead(bytes, NATIVE);
  if (head === null) return null;
  const { parts, opening, request, target, headers, complete } = head;
  const compact = parts.get('I');
  const body = textOf(bytes, compact ?? parts.get('C'));
  const trailer = trailerLines(bytes, parts.get('H'));
  return {
    ...opening,
    client: trailer.client ?? opening.client,
    request: { ...request, rpcMethod: rpcMethodOf(body) },
    args: recordArguments(request, target, body, compact === undefined ? 'sent' : 'compact'),
    headers,
    ...readTrailer(trailer.lines),
    complete,
  };
}
