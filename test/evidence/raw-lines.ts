// Writes one request as the bytes that Apache 2.4 with ModSecurity 2.9 leaves: error_log lines, audit record, access line.
import { createHash } from 'node:crypto';
import { correlation, POINTS, RAW_RULES, refusal, type RawRule } from './raw-rules.ts';

/** One rule hit of a request. */
export interface RawHit {
  readonly rule: string;
  /** `ARGS:id`; what the rule looked at. */
  readonly target: string;
  /** What stood there, as ModSecurity decoded it. */
  readonly value: string;
  /** The part that matched; the whole value (at most 60 characters) when left out. */
  readonly matched?: string;
}

/** One request with all that logs tell of it. */
export interface RawRequest {
  /** Epoch ms, microseconds as fraction. */
  readonly at: number;
  readonly client: string;
  /** The Host header; empty text for none. */
  readonly host: string;
  readonly method: string;
  readonly uri: string;
  readonly status: number;
  readonly agent: string | null;
  readonly referer: string | null;
  /** Headers besides Host, User-Agent and Referer, in their order. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
  readonly hits: readonly RawHit[];
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const two = (value: number): string => String(value).padStart(2, '0');

interface Stamp {
  readonly day: string;
  readonly month: string;
  readonly weekday: string;
  readonly year: number;
  readonly clock: string;
  readonly micros: string;
}

function stamp(at: number): Stamp {
  const micros = Math.round(at * 1000);
  const date = new Date(Math.floor(micros / 1000));
  return {
    day: two(date.getUTCDate()),
    month: MONTHS[date.getUTCMonth()] ?? '',
    weekday: DAYS[date.getUTCDay()] ?? '',
    year: date.getUTCFullYear(),
    clock: [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':'),
    micros: String(micros % 1_000_000).padStart(6, '0'),
  };
}

/** `Nov  2 13:49:05`, as syslog stamps its lines. */
export function syslogTime(at: number): string {
  const { month, day, clock } = stamp(at);
  return `${month} ${String(Number(day)).padStart(2)} ${clock}`;
}

/** `Sun Nov  2 13:49:05 2026`, as csf stamps its entries. */
export function csfTime(at: number): string {
  const { weekday, year } = stamp(at);
  return `${weekday} ${syslogTime(at)} ${year}`;
}

/** `22/Nov/2026:13:49:05 +0000`, as access logs have it. */
export function clfTime(at: number): string {
  const { day, month, year, clock } = stamp(at);
  return `${day}/${month}/${year}:${clock} +0000`;
}

/** The number ModSecurity gives a request; the same request has the same one in each log. */
export function uniqueId(request: RawRequest, nth: number): string {
  const seed = `${request.at} ${request.client} ${request.host} ${request.uri} ${nth}`;
  return createHash('sha256').update(seed).digest('base64').replace(/[+/=]/g, '0').slice(0, 27);
}

/** ModSecurity writes quotes, backslashes and what is no ASCII letter as \xNN. */
function escaped(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}

type Line = Omit<RawRule, 'severity'> & { readonly id: string; readonly severity?: RawRule['severity'] };

/** One line's text from "Warning." to its tags, as the audit record holds it. */
function said(action: string, line: Line, hit: RawHit | null): string {
  const matched = hit === null ? '' : (hit.matched ?? hit.value.slice(0, 60));
  const data =
    hit === null || line.data === null
      ? []
      : [
          line.data === 'value'
            ? hit.value
            : `Matched Data: ${matched} found within ${hit.target}: ${hit.value}`,
        ];
  const fields = [
    ['file', line.file],
    ['line', line.line],
    ['id', line.id],
    ['msg', line.message],
    ...data.map((text) => ['data', escaped(text.slice(0, 500))]),
    ...(line.severity === undefined ? [] : [['severity', line.severity]]),
    ['ver', 'OWASP_CRS/3.3.4'],
    ...line.tags.map((tag) => ['tag', tag]),
  ].map(([name, value]) => `[${name} "${value}"]`);
  return `${action} ${line.says(hit?.target ?? '', escaped(matched))} ${fields.join(' ')}`;
}

/** All lines of one request, in the order ModSecurity writes them; none without a hit. */
function messages(request: RawRequest): string[] {
  const lines = request.hits.map((hit) => ({ hit, rule: { id: hit.rule, ...ruleOf(hit.rule) } }));
  const isOutbound = ({ rule }: (typeof lines)[number]): boolean => rule.id.startsWith('95');
  const sum = (list: typeof lines): number =>
    list.reduce((total, { rule }) => total + POINTS[rule.severity], 0);
  const inbound = sum(lines.filter((one) => !isOutbound(one)));
  const outbound = sum(lines.filter(isOutbound));
  const texts = lines.map(({ hit, rule }) => said('Warning.', rule, hit));
  for (const [total, isOut] of [
    [inbound, false],
    [outbound, true],
  ] as const) {
    if (total < (isOut ? 4 : 5)) continue;
    const action = `Access denied with code 403 (phase ${isOut ? 4 : 2}).`;
    texts.push(said(action, refusal(total, isOut), null), said('Warning.', correlation(total, isOut), null));
    break;
  }
  return texts;
}

function ruleOf(id: string): RawRule {
  const rule = RAW_RULES[id];
  if (rule === undefined) throw new Error(`no raw line for rule ${id}`);
  return rule;
}

/** Whether ModSecurity refuses a request with these hits. */
export function isRefused(hits: readonly RawHit[]): boolean {
  const points = (outbound: boolean): number =>
    hits
      .filter((hit) => hit.rule.startsWith('95') === outbound)
      .reduce((sum, hit) => sum + POINTS[ruleOf(hit.rule).severity], 0);
  return points(false) >= 5 || points(true) >= 4;
}

const DEFAULT_SERVER = '192.0.2.80';

/** Apache's [hostname]: the Host header, else the address it came in on. */
function hostname(request: RawRequest): string {
  return request.host === '' ? DEFAULT_SERVER : request.host;
}

function pathOf(uri: string): string {
  return decodeURIComponent((uri.split('?', 1)[0] ?? '').replace(/%(?![\da-f]{2})/gi, '%25'));
}

/** Error_log lines of one request, without line ends. */
export function errorLines(request: RawRequest, id: string): string[] {
  const { day, month, weekday, year, clock, micros } = stamp(request.at);
  const head = `[${weekday} ${month} ${day} ${clock}.${micros} ${year}] [security2:error] [pid 4336:tid 4392] [client ${request.client}:0] [client ${request.client}] ModSecurity: `;
  const referer = request.referer === null ? '' : `, referer: ${request.referer}`;
  const tail = ` [hostname "${hostname(request)}"] [uri "${escaped(pathOf(request.uri))}"] [unique_id "${id}"]${referer}`;
  // Apache doubles the backslashes of what ModSecurity hands to it.
  return messages(request).map(
    (text) => head + text.replaceAll('\\', '\\\\') + tail.replaceAll('\\', '\\\\'),
  );
}

/** The serial audit log's record of one request. */
export function auditRecord(request: RawRequest, id: string): string {
  const { day, month, year, clock, micros } = stamp(request.at);
  const boundary = createHash('sha256').update(id).digest('hex').slice(0, 8);
  const part = (letter: string): string => `--${boundary}-${letter}--`;
  const headers: (readonly [string, string])[] = [
    ...(request.host === '' ? [] : [['Host', request.host] as const]),
    ...(request.agent === null ? [] : [['User-Agent', request.agent] as const]),
    ...request.headers,
    ...(request.referer === null ? [] : [['Referer', request.referer] as const]),
  ];
  return [
    part('A'),
    `[${day}/${month}/${year}:${clock}.${micros} +0000] ${id} ${request.client} 32800 ${DEFAULT_SERVER} 443`,
    part('B'),
    `${request.method} ${request.uri} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    ...(request.body === null ? [] : [part('C'), request.body]),
    part('F'),
    `HTTP/1.1 ${request.status} ${request.status === 403 ? 'Forbidden' : 'OK'}`,
    'Content-Type: text/html; charset=UTF-8',
    '',
    part('H'),
    ...messages(request).map((text) => `Message: ${text}`),
    ...(isRefused(request.hits) ? ['Action: Intercepted (phase 2)'] : []),
    `Stopwatch: ${Math.round(request.at * 1000)} 3715 (- - -)`,
    'Producer: ModSecurity for Apache/2.9.7 (http://www.modsecurity.org/); OWASP_CRS/3.3.4.',
    'Server: Apache',
    'Engine-Mode: "ENABLED"',
    '',
    part('Z'),
    '',
    '',
  ].join('\n');
}

/** The access log's line (combined), without a line end. */
export function accessLine(request: RawRequest): string {
  const quoted = (text: string | null): string =>
    text === null ? '-' : text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `${request.client} - - [${clfTime(request.at)}] "${request.method} ${request.uri} HTTP/1.1" ${request.status} ${sizeOf(request)} "${quoted(request.referer)}" "${quoted(request.agent)}"`;
}

/** A page has its own size, the same each time. */
function sizeOf({ uri, status }: RawRequest): number {
  const byte = createHash('sha256').update(uri).digest().readUInt16BE(0);
  return status === 200 ? 900 + byte : 199;
}
