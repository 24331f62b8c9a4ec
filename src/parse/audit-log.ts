// ModSecurity's serial audit log: one record of it, and the way records are cut out of the bytes.
import type { EpochMs, RequestFacts, RuleHit } from '../model.ts';
import { boundaryPart, parseOpening, sameBoundary } from './audit-boundary.ts';
import { parseHeaders, parseRequestLine, requestFacts, type RequestHeader } from './audit-request.ts';
import { latin1Of, lineEnd } from './byte-lines.ts';
import { clientAddress } from './client-address.ts';
import { parseModsecMessage, readEngineMessage, type EngineMessage } from './modsec-message.ts';
import { bodyArguments, MOST_ARGUMENTS, queryArguments, type RequestArgument } from './request-arguments.ts';

export { splitAuditRecords } from './audit-split.ts';

/** A rule hit of one `Message:` line; `messageIndex` counts those lines of the record from 0. */
interface AuditMessage {
  readonly hit: RuleHit;
  readonly ambiguous: boolean;
  readonly messageIndex: number;
}

export interface AuditRecord {
  readonly at: EpochMs;
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

interface Part {
  readonly start: number;
  readonly end: number;
}

/** The parts of a record by letter, each without its boundary line. */
function partsOf(bytes: Uint8Array): Map<string, Part> {
  const parts = new Map<string, Part>();
  let letter = '';
  let start = 0;
  let at = 0;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    const part = boundaryPart(bytes, at, end);
    if (part !== 0 && sameBoundary(bytes, 0, at)) {
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

function textOf(bytes: Uint8Array, part: Part | undefined): string {
  return part === undefined ? '' : latin1Of(bytes.subarray(part.start, part.end));
}

function linesOf(text: string): string[] {
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

const APACHE_ERROR = 'Apache-Error: ';
const ERROR_CLIENT =
  /^Apache-Error: \[file "apache2_util\.c"\] \[line \d{1,6}\] \[level \d\] \[client ([0-9a-fA-F:.]{2,45})\] ModSecurity: /;

function errorClient(line: string): string | null {
  const text = ERROR_CLIENT.exec(line)?.[1];
  return text === undefined ? null : clientAddress(text);
}

/**
 * Part H's lines without the `Apache-Error:` ones, each of which repeats a message at full length. The first of
 * those names the client as error_log does; part A may name the proxy where mod_remoteip is at work.
 */
function trailerLines(bytes: Uint8Array, part: Part | undefined): { lines: string[]; client: string | null } {
  const lines: string[] = [];
  let client: string | null = null;
  let at = part?.start ?? 0;
  const stop = part?.end ?? 0;
  while (at < stop) {
    const end = Math.min(lineEnd(bytes, at), stop);
    if (latin1Of(bytes.subarray(at, Math.min(end, at + APACHE_ERROR.length))) !== APACHE_ERROR) {
      lines.push(latin1Of(bytes.subarray(at, end)));
    } else {
      client ??= errorClient(latin1Of(bytes.subarray(at, Math.min(end, at + 160))));
    }
    at = end + 1;
  }
  return { lines, client };
}

type Trailer = Pick<AuditRecord, 'messages' | 'engineErrors' | 'action' | 'engineMode'>;

function readTrailer(lines: readonly string[]): Trailer {
  const messages: AuditMessage[] = [];
  const engineErrors: EngineMessage[] = [];
  let action: Trailer['action'] = null;
  let engineMode: string | null = null;
  let messageIndex = 0;
  for (const line of lines) {
    if (line.startsWith('Message: ')) {
      const text = line.slice('Message: '.length);
      const message = parseModsecMessage(text);
      if (message !== null) messages.push({ ...message, messageIndex });
      else pushIfAny(engineErrors, readEngineMessage(text));
      messageIndex++;
      continue;
    }
    const phase = /^Action: Intercepted \(phase (\d)\)/.exec(line)?.[1];
    if (phase !== undefined) action = { phase: Number(phase) };
    engineMode = /^Engine-Mode: "([A-Z_]{1,30})"/.exec(line)?.[1] ?? engineMode;
  }
  return { messages, engineErrors, action, engineMode };
}

function pushIfAny<T>(list: T[], value: T | null): void {
  if (value !== null) list.push(value);
}

/** Arguments of the query, then of the body (part C, or I where ModSecurity made a multipart body short). */
function argumentsOf(
  request: RequestFacts,
  target: string,
  body: string,
  compact: boolean,
): RequestArgument[] {
  const query = queryArguments(target);
  return [...query, ...bodyArguments(body, request.contentType, compact)].slice(0, MOST_ARGUMENTS);
}

/** The method that an XML-RPC body calls; null for any other body. */
function rpcMethodOf(body: string): string | null {
  if (!body.includes('<methodName>')) return null;
  return /<methodName>\s{0,100}([\w.]{1,60})\s{0,100}<\/methodName>/.exec(body.slice(0, 4096))?.[1] ?? null;
}

/**
 * Reads one record as `splitAuditRecords` gives it (raw bytes from its opening boundary to its end). Texts are
 * decoded, nothing is masked. Lines in other parts that look like messages or boundaries are text. A record
 * without messages is a request that was kept for its status. Null when its opening is not valid.
 */
export function parseAuditRecord(bytes: Uint8Array): AuditRecord | null {
  if (boundaryPart(bytes, 0, lineEnd(bytes, 0)) !== 0x41) return null;
  const parts = partsOf(bytes);
  const opening = parseOpening(textOf(bytes, parts.get('A')).split('\n', 1)[0] ?? '');
  if (opening === null) return null;
  const lines = linesOf(textOf(bytes, parts.get('B')));
  const headers = parseHeaders(lines.slice(1));
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})/.exec(textOf(bytes, parts.get('F')))?.[1];
  const line = parseRequestLine(lines[0] ?? '');
  const request = requestFacts(line, headers, status === undefined ? null : Number(status));
  const compact = parts.get('I');
  const body = textOf(bytes, compact ?? parts.get('C'));
  const trailer = trailerLines(bytes, parts.get('H'));
  return {
    ...opening,
    client: trailer.client ?? opening.client,
    request: { ...request, rpcMethod: rpcMethodOf(body) },
    args: argumentsOf(request, line.target ?? '', body, compact !== undefined),
    headers,
    ...readTrailer(trailer.lines),
    complete: parts.has('H') && parts.has('Z'),
  };
}
