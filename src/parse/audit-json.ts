// The audit log as JSON, one object a line: ModSecurity 2.9's and 3's (libmodsecurity's), which differ in all names.
//
// A line is latin1 (one character a byte): raw bytes of a visitor stand in its texts, and invalid UTF-8 is decoded
// leniently after the JSON is read. 3's time has no zone; its unique_id, unless the server sets another, begins with
// the second since 1970 in which the request came, and so tells it.
import { parseApacheErrorTime, parseClfTime } from './apache-time.ts';
import type { AuditRecord } from './audit-log.ts';
import { errorClient, readMessages, recordArguments, rpcMethodOf } from './audit-parts.ts';
import { parseHeaders, parseRequestLine, requestFacts } from './audit-request.ts';
import { clientAddress } from './client-address.ts';
import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from './json-fields.ts';
import { messagesOf3, refusalOf3 } from './audit-json-v3.ts';

const LONGEST_LINE = 64 * 1024 * 1024;
const UNIQUE_ID = /^[\w@.+/=:-]{1,64}$/;
const MOST_LINES = 500;

/** When, who and by which id; null where one of them is missing. */
type Opening = Pick<AuditRecord, 'at' | 'atWall' | 'offsetMinutes' | 'uniqueId' | 'client'>;

/**
 * Reads one line of a JSON audit log (latin1, with or without its line end), 2.9's or 3's. Texts are decoded, nothing is
 * masked. 3's record does not say which rule refused: see `messagesOf3`. Null for a line that is no such object,
 * one without a valid time, client and id, and one over 64 MiB.
 */
export function parseAuditJson(line: string): AuditRecord | null {
  if (line.length > LONGEST_LINE || line.charCodeAt(0) !== 0x7b) return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const transaction = isObject(value) ? value.transaction : null;
  if (!isObject(value) || !isObject(transaction)) return null;
  return 'transaction_id' in transaction ? readV2(value, transaction) : readV3(transaction);
}

function openingOf(
  time: Pick<AuditRecord, 'at' | 'atWall' | 'offsetMinutes'> | null,
  uniqueId: string,
  address: string,
): Opening | null {
  const client = clientAddress(address);
  return time === null || client === null || !UNIQUE_ID.test(uniqueId) ? null : { ...time, uniqueId, client };
}

/** Header lines as part B has them; a header sent twice stands once in JSON. */
function headerLines(headers: JsonObject): string[] {
  return Object.entries(headers)
    .slice(0, MOST_LINES)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : ''}`);
}

function texts(list: readonly unknown[]): string[] {
  return list.filter((one) => typeof one === 'string').map((text) => text.trimEnd());
}

function readV2(value: JsonObject, transaction: JsonObject): AuditRecord | null {
  const opening = openingOf(
    parseClfTime(textAt(transaction, 'time')),
    textAt(transaction, 'transaction_id'),
    textAt(transaction, 'remote_address'),
  );
  if (opening === null) return null;
  const asked = objectAt(value, 'request');
  const trailer = objectAt(value, 'audit_data');
  const headers = parseHeaders(headerLines(objectAt(asked, 'headers')));
  const line = parseRequestLine(textAt(asked, 'request_line'));
  const request = requestFacts(line, headers, numberAt(objectAt(value, 'response'), 'status'));
  const isCompact = typeof asked.fake_body === 'string';
  const body = isCompact
    ? textAt(asked, 'fake_body')
    : listAt(asked, 'body')
        .filter((piece) => typeof piece === 'string')
        .join('');
  const action = objectAt(trailer, 'action');
  const phase = numberAt(action, 'phase');
  return {
    ...opening,
    client:
      texts(listAt(trailer, 'error_messages'))
        .map(errorClient)
        .find((one) => one !== null) ?? opening.client,
    request: { ...request, rpcMethod: rpcMethodOf(body) },
    args: recordArguments(request, line.target ?? '', body, isCompact ? 'compact' : 'sent'),
    headers,
    ...readMessages(texts(listAt(trailer, 'messages'))),
    action: action.intercepted === true && phase !== null ? { phase } : null,
    engineMode: /^[A-Z_]{1,30}$/.exec(textAt(trailer, 'engine_mode'))?.[0] ?? null,
    complete: true,
  };
}

const HOUR = 3_600_000;
const QUARTER = 900_000;
/** The request's second in the id, and the farthest that a zone lies from UTC. */
const ID_SECOND = /^(\d{10})\d{1,3}\.\d{6}$/;
const FARTHEST_ZONE = 14.25 * HOUR;
const LONGEST_REQUEST = 120_000;

/** The instant of 3's local time, by the id's second where that lies a zone's distance from it. */
function timeOf3(
  text: string,
  uniqueId: string,
): Pick<AuditRecord, 'at' | 'atWall' | 'offsetMinutes'> | null {
  const atWall = parseApacheErrorTime(text);
  if (atWall === null) return null;
  const second = ID_SECOND.exec(uniqueId)?.[1];
  const at = second === undefined ? NaN : Number(second) * 1000;
  const offset = Math.round((atWall - at) / QUARTER) * QUARTER;
  const isTold = Math.abs(offset) <= FARTHEST_ZONE && Math.abs(atWall - at - offset) <= LONGEST_REQUEST;
  return isTold
    ? { at: atWall - offset, offsetMinutes: offset / 60_000 }
    : { at: atWall, atWall, offsetMinutes: 0 };
}

function readV3(transaction: JsonObject): AuditRecord | null {
  const uniqueId = textAt(transaction, 'unique_id');
  const time = timeOf3(textAt(transaction, 'time_stamp'), uniqueId);
  const opening = openingOf(time, uniqueId, textAt(transaction, 'client_ip'));
  if (opening === null) return null;
  const asked = objectAt(transaction, 'request');
  const headers = parseHeaders(headerLines(objectAt(asked, 'headers')));
  const line = {
    method: textAt(asked, 'method') || null,
    target: textAt(asked, 'uri') || null,
    protocol: protocolOf3(asked.http_version),
  };
  const status = numberAt(objectAt(transaction, 'response'), 'http_code');
  const request = requestFacts(line, headers, status);
  const body = textAt(asked, 'body');
  const engineMode = modeOf3(textAt(objectAt(transaction, 'producer'), 'secrules_engine'));
  const messages = messagesOf3(listAt(transaction, 'messages'), status, engineMode);
  return {
    ...opening,
    request: { ...request, rpcMethod: rpcMethodOf(body) },
    args: recordArguments(request, line.target ?? '', body, 'sent3'),
    headers,
    messages,
    engineErrors: [],
    action: refusalOf3(messages),
    engineMode,
    complete: true,
  };
}

/** 3 writes the version as a number: 1.1, 1.0 (which JSON reads as 1), 2. */
function protocolOf3(version: unknown): string | null {
  const text = typeof version === 'number' || typeof version === 'string' ? String(version) : '';
  if (!/^\d(?:\.\d)?$/.test(text)) return null;
  return text === '1' ? 'HTTP/1.0' : `HTTP/${text}`;
}

function modeOf3(word: string): string | null {
  if (word === 'Enabled') return 'ENABLED';
  return word === 'DetectionOnly' ? 'DETECTION_ONLY' : null;
}
