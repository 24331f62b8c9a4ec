// Part B of an audit record: request line and headers, as the visitor sent them.
import type { RequestFacts } from '../model.ts';
import { decodeBytes } from './text.ts';

export interface RequestHeader {
  readonly name: string;
  readonly value: string;
}

const MOST_HEADERS = 500;
const FETCH_SITES = ['same-origin', 'same-site', 'cross-site', 'none'] as const;

/** Reads header lines (latin1); lines without a colon are left out. */
export function parseHeaders(lines: readonly string[]): RequestHeader[] {
  const headers: RequestHeader[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1 || headers.length >= MOST_HEADERS) continue;
    headers.push({
      name: decodeBytes(line.slice(0, colon)),
      value: decodeBytes(line.slice(colon + 1)).trim(),
    });
  }
  return headers;
}

/** The names of the cookies in a Cookie header's value, in order; values are not kept, nor is a text without a name. */
function cookieNames(value: string): string[] {
  return value
    .split(';')
    .filter((pair) => pair.includes('='))
    .map((pair) => (pair.split('=', 1)[0] ?? '').trim())
    .filter((name) => name !== '')
    .slice(0, MOST_HEADERS);
}

/** A request line in its three parts, raw (latin1); null where one is missing. */
interface RequestLine {
  readonly method: string | null;
  readonly target: string | null;
  readonly protocol: string | null;
}

/** Splits `GET /a?b=1 HTTP/1.1`; a target with blanks stays whole. */
export function parseRequestLine(line: string): RequestLine {
  const first = line.indexOf(' ');
  if (first < 1) return { method: null, target: null, protocol: null };
  const last = line.lastIndexOf(' ');
  const protocol = line.slice(last + 1);
  const hasProtocol = last > first && /^[A-Z]{2,10}\/\d(?:\.\d)?$/.test(protocol);
  return {
    method: line.slice(0, first),
    target: line.slice(first + 1, hasProtocol ? last : undefined),
    protocol: hasProtocol ? protocol : null,
  };
}

/**
 * The facts of a request: its request line, its headers as `parseHeaders` read them; `status` comes from part F. A header sent twice counts with its first value; cookies of all are listed.
 */
export function requestFacts(
  line: RequestLine,
  headers: readonly RequestHeader[],
  status: number | null,
): RequestFacts {
  const names = headers.map(({ name }) => name.toLowerCase());
  const get = (name: string): string | null => headers[names.indexOf(name)]?.value ?? null;
  const cookies = headers.filter((_header, index) => names[index] === 'cookie');
  return {
    method: line.method === null ? null : decodeBytes(line.method),
    uri: line.target === null ? null : decodeBytes(line.target),
    protocol: line.protocol,
    host: get('host'),
    userAgent: get('user-agent'),
    referer: get('referer'),
    contentType: get('content-type'),
    status,
    headerNames: names,
    fetchSite: FETCH_SITES.find((word) => word === get('sec-fetch-site')) ?? null,
    clientHints: get('sec-ch-ua')?.slice(0, 200) ?? null,
    cookieNames: cookies.flatMap(({ value }) => cookieNames(value)),
  };
}
