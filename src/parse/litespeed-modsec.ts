// LiteSpeed's error log, as far as its own ModSecurity engine wrote it, in the two shapes that it has:
//
// `2026-04-01 17:13:53.887905 [NOTICE] [2288689] [T1] [A:PORT-CONN#APVH_*_server.example.com] [MODSEC] mod_security
//  rule [id "920170"] at [/…/rules/X.conf:180] triggered!` (or `matched`)
// `[Wed Apr 01 15:15:05.234401 2026] [error] [client A] ModSecurity: Access denied with code 403, [Rule: 'TX:x' '!@within …']
//  [id "920420"] [msg "…"] [severity "CRITICAL"] [hostname "…"] [uri "/…"]`
//
// Neither has a unique_id: one is made of what the line says of its request, the same whenever it is read. The first
// shape says nothing of a refusal, for it writes `triggered!` for rules that let pass as well.
import type { RuleHit, WallMs } from '../model.ts';
import { parseApacheErrorTime } from './apache-time.ts';
import { clientAddress } from './client-address.ts';
import { errorLineClient, errorLineVhost } from './error-line.ts';
import type { ErrorLogEntry } from './error-log.ts';
import { firstIndices } from './first-indices.ts';
import { unescapeLevel } from './modsec-escape.ts';
import { parseSeverity } from './severity.ts';
import { stableHash } from './stable-hash.ts';
import { decodeBytes } from './text.ts';
import { vhostName } from './vhost-name.ts';
import { wallClockOf } from './wall-clock.ts';

const LONGEST_LINE = 262_144;
const NATIVE =
  /^\d{4}-\d\d-\d\d [\d:.]{8,18} \[[A-Z]{1,10}\] (?:\[[^[\]]{0,80}\] ){0,4}\[(\[?[^[\]\s]{1,60}\]?[^[\]\s]{0,400})\] \[MODSEC\] /;
const NATIVE_RULE =
  /^mod_security rule \[id "(\d{1,12})"\] at \[([^\]"]{1,1000}):(\d{1,9})\] (?:triggered|matched)\b/;
const APACHE_LIKE =
  /^\[([A-Za-z\d :.]{20,40})\] \[[a-z:\d]{1,20}\] (?:\[[^[\]]{0,80}\] ){0,3}\[client ([0-9a-fA-F.:]{2,45})\] ModSecurity: (?:Access denied with code (\d{3})|Warning)[,.] (?=\[Rule: ')/;
const UNNAMED = {
  denyStatus: null,
  phase: null,
  target: null,
  message: null,
  data: null,
  severity: null,
  cut: false,
  version: null,
  tags: [],
} as const;

/**
 * The id of a request that has none: what a line says of it, to the second. The client has a part of its own: whatever a visitor
 * asks for, his request never gets the id of somebody else's.
 */
function requestId(client: string, wallAt: WallMs, ...parts: readonly (string | null)[]): string {
  const rest = stableHash([Math.floor(wallAt / 1000), ...parts].join('\u0000'));
  return `ls-${stableHash(client)}-${rest}`;
}

/**
 * Reads one line of LiteSpeed's own shape (latin1). Null for any other line, a line without a peer or with an
 * impossible time. One connection's rules within one second count as one request's.
 */
export function parseLitespeedNative(line: string): ErrorLogEntry | null {
  if (line.length > LONGEST_LINE) return null;
  const front = NATIVE.exec(line);
  const wallAt = front === null ? null : wallClockOf(line, '-');
  const client = front === null ? null : errorLineClient(line);
  if (front === null || wallAt === null || client === null) return null;
  const rule = NATIVE_RULE.exec(line.slice(front[0].length, front[0].length + 1200));
  if (rule === null) return null;
  const [operator, ruleId = '', file = '', ruleLine] = rule;
  return {
    wallAt,
    client,
    hostname: errorLineVhost(line),
    uri: null,
    uniqueId: requestId(client, wallAt, front[1] ?? ''),
    hit: { ...UNNAMED, ruleId, action: 'warning', operator, file: decodeBytes(file), line: Number(ruleLine) },
    engineError: null,
    referer: null,
    ambiguous: false,
    candidates: [],
  };
}

const FIELD = / \[(id|msg|data|severity|ver|tag|hostname|uri) "((?:[^"\\]|\\.){0,4000})"\]/y;
const RULE = /^\[Rule: '((?:[^'\\]|\\.){0,400})' '/;
const MOST_TAGS = 50;

/** The fields that stand one behind the other from `start` on; the first of a name counts. */
function fieldsAt(text: string, start: number): { fields: ReadonlyMap<string, string>; tags: string[] } {
  const fields = new Map<string, string>();
  const tags: string[] = [];
  FIELD.lastIndex = start;
  for (let match = FIELD.exec(text); match !== null; match = FIELD.exec(text)) {
    const [, name = '', value = ''] = match;
    if (name !== 'tag') fields.set(name, fields.get(name) ?? value);
    else if (tags.length < MOST_TAGS) tags.push(unescaped(value));
  }
  return { fields, tags };
}

function unescaped(raw: string): string {
  return decodeBytes(unescapeLevel(raw));
}

/** More marks than one line has: a visitor wrote some of them, into the path or the host's name. */
function isForged(text: string): boolean {
  return [' [id "', ' [uri "', ' [hostname "'].some((mark) => firstIndices(text, mark, 2).length > 1);
}

/** The hit of a text that begins with `[Rule: '…' '…']`, and the request that its fields name. Null without an id. */
function readFields(text: string): (Pick<ErrorLogEntry, 'hostname' | 'uri'> & { hit: RuleHit }) | null {
  // The rule's own text may hold brackets and quotes, but no field's beginning.
  const end = text.indexOf(' [id "');
  const { fields, tags } = fieldsAt(text, Math.max(end, 0));
  const ruleId = fields.get('id') ?? '';
  if (!/^\d{1,12}$/.test(ruleId)) return null;
  const get = (name: string): string | null => {
    const value = fields.get(name);
    return value === undefined || value === '' ? null : unescaped(value);
  };
  const hit: RuleHit = {
    ...UNNAMED,
    ruleId,
    action: 'warning',
    operator: decodeBytes(text.slice(0, end)),
    target: targetOf(text),
    message: get('msg'),
    data: get('data'),
    severity: parseSeverity(get('severity')),
    file: null,
    line: null,
    version: get('ver'),
    tags,
  };
  return { hit, hostname: vhostName(fields.get('hostname') ?? ''), uri: get('uri') };
}

/**
 * Reads one line of the shape that LiteSpeed took from Apache (latin1). Null for Apache's own lines and any other.
 * The variable is the one that the rule names where it names one alone.
 */
export function parseLitespeedError(line: string): ErrorLogEntry | null {
  if (line.length > LONGEST_LINE) return null;
  const front = APACHE_LIKE.exec(line);
  const [whole, time = '', address = '', status] = front ?? [''];
  const wallAt = parseApacheErrorTime(time);
  const client = clientAddress(address);
  if (wallAt === null || client === null) return null;
  const text = line.slice(whole.length).replace(/[\r\n]+$/, '');
  const read = readFields(text);
  if (read === null) return null;
  const { hostname, uri } = read;
  const request = { hostname, uri, uniqueId: requestId(client, wallAt, hostname, uri) };
  const ambiguous = isForged(text);
  return {
    wallAt,
    client,
    ...request,
    hit: status === undefined ? read.hit : { ...read.hit, action: 'denied', denyStatus: Number(status) },
    engineError: null,
    referer: null,
    ambiguous,
    candidates: ambiguous ? [{ ...request, ruleId: read.hit.ruleId, file: null, line: null }] : [],
  };
}

/** The variable of `[Rule: 'ARGS:id' '@rx …']`; a rule that names several does not say which one matched. */
function targetOf(text: string): string | null {
  const variables = RULE.exec(text)?.[1] ?? '';
  return /^[A-Z][A-Z_0-9]{1,39}(?::[^|&!]{1,200})?$/.test(variables) ? decodeBytes(variables) : null;
}
