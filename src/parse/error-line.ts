// The client and the vhost of one error_log line, whoever wrote it: Apache, nginx or LiteSpeed.
import { clientAddress } from './client-address.ts';
import { parseApacheErrorTime } from './apache-time.ts';
import { parseErrorLogLine } from './error-log.ts';
import { vhostName } from './vhost-name.ts';

/** Brackets in front of a message; what stands in them no visitor writes. */
interface Front {
  readonly tokens: readonly string[];
  /** The index behind the last bracket and its blank. */
  readonly end: number;
}

const MOST_TOKENS = 8;
const LONGEST_TOKEN = 300;
/** nginx and LiteSpeed: `2026/11/22 13:00:11 [`, `2026-04-01 17:13:53.887905 [`. */
const NGINX = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[[a-z]{1,10}\] \d{1,10}#\d{1,10}: (?:\*\d{1,20} )?/;
const LITESPEED = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? (?=\[)/;
const LITESPEED_PEER = /^(\[?[0-9a-fA-F.:]{2,45}\]?):\d{1,5}[-:][^#]{0,100}#APVH_(.{0,255})$/;
/** Apache's `%F: %E: ` between its brackets and the client's: a source file and what the system said. */
const APACHE_SOURCE = /(?:[\w./-]{1,80}\(\d{1,6}\): )?(?:\(\d{1,9}\)[^:[\]]{1,120}: )?(?=\[client )/y;
const CLIENT = 'client ';
const HAS_FRACTION = /\.\d{1,9} \d{4}$/;
/** nginx's suffix behind every message of a request. */
const NGINX_CLIENT = ', client: ';
const NGINX_SUFFIX = /, client: ([0-9a-fA-F.:]{2,45}), server: ([^,]{0,255})/y;
/** What the visitor writes stands behind these, unescaped. */
const NGINX_LABELS = [', request: "', ', host: "', ', referrer: "'];
const MOST_SUFFIXES = 64;

function frontOf(line: string, from: number): Front {
  const tokens: string[] = [];
  let at = from;
  while (line.charCodeAt(at) === 0x5b && tokens.length < MOST_TOKENS) {
    const end = line.slice(at, at + LONGEST_TOKEN).indexOf('] ');
    if (end < 0) break;
    tokens.push(line.slice(at + 1, at + end));
    at += end + 2;
  }
  return { tokens, end: at };
}

/**
 * The client of a line of an error log (latin1), normalised. Null for a line that is about no request, and for
 * one of nginx's in which a visitor wrote a client of his own so that the real one cannot be told.
 */
export function errorLineClient(line: string): string | null {
  if (line.startsWith('[')) return apacheClient(line);
  return litespeedPeer(line)?.address ?? nginxParty(line)?.client ?? null;
}

/**
 * The vhost of a line of an error log, lower case and without port: what ModSecurity names for Apache, the
 * server (else the host asked for) of nginx, LiteSpeed's vhost. Null where the line names none, or where a
 * visitor forged one and the real one cannot be told.
 */
export function errorLineVhost(line: string): string | null {
  if (!line.startsWith('[')) return litespeedPeer(line)?.vhost ?? nginxVhost(line);
  if (!line.includes('[hostname "')) return null;
  const entry = parseErrorLogLine(line);
  if (entry === null) return null;
  return entry.candidates.every(({ hostname }) => hostname === entry.hostname) ? entry.hostname : null;
}

/** Apache's `[client A:port]` stands behind its other brackets; ModSecurity's `[client A]` right behind that. */
function apacheClient(line: string): string | null {
  const front = frontOf(line, 0);
  const time = front.tokens[0] ?? '';
  if (parseApacheErrorTime(time) === null) return null;
  const [first, second] = clientTokens(line, front);
  if (first === undefined) return null;
  const bare = withoutPort(first);
  if (bare !== null && second !== undefined && clientAddress(second) === bare) return bare;
  // Apache 2.4 writes a port, 2.2 (whose times have no fraction) none.
  return (HAS_FRACTION.test(time) ? bare : null) ?? clientAddress(first) ?? bare;
}

/** What `[client …]` holds, and a second such bracket right behind it. */
function clientTokens(line: string, front: Front): readonly (string | undefined)[] {
  let { tokens } = front;
  let at = tokens.findIndex((token) => token.startsWith(CLIENT));
  if (at < 0) {
    APACHE_SOURCE.lastIndex = front.end;
    if (!APACHE_SOURCE.test(line)) return [];
    ({ tokens } = frontOf(line, APACHE_SOURCE.lastIndex));
    at = 0;
  }
  const [first, second] = tokens.slice(at, at + 2);
  return [
    first?.slice(CLIENT.length),
    second?.startsWith(CLIENT) === true ? second.slice(CLIENT.length) : undefined,
  ];
}

/** The address of `192.0.2.1:443`, `[2001:db8::1]:443` or `2001:db8::1:443`; null without a port. */
function withoutPort(text: string): string | null {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || !/^\d{1,5}$/.test(text.slice(colon + 1))) return null;
  return clientAddress(text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'));
}

/** `[192.0.2.1:51234:HTTP2-1#APVH_shop.example.com:443]`, or `APVH_*_shop.example.com`. */
function litespeedPeer(line: string): { address: string | null; vhost: string | null } | null {
  const time = LITESPEED.exec(line);
  if (time === null) return null;
  for (const token of frontOf(line, time[0].length).tokens) {
    const match = LITESPEED_PEER.exec(token);
    if (match === null) continue;
    const address = clientAddress((match[1] ?? '').replace(/^\[(.*)\]$/, '$1'));
    return { address, vhost: vhostName((match[2] ?? '').replace(/^[^_]{0,45}_(?=.)/, '')) };
  }
  return null;
}

interface NginxParty {
  /** Null where a visitor wrote others and the real one cannot be told. */
  readonly client: string | null;
  readonly server: string | null;
  readonly end: number;
}

/**
 * The client and server that nginx appended. The message in front of them may hold a visitor's text, so the last
 * ones count; but behind a request, host or referrer those may be the visitor's too, and then all must agree.
 */
function nginxParty(line: string): NginxParty | null {
  const head = NGINX.exec(line);
  if (head === null) return null;
  const parties = nginxParties(line, head[0].length);
  const last = parties.at(-1);
  if (last === undefined || parties.length > MOST_SUFFIXES) return null;
  const label = Math.min(...NGINX_LABELS.map((text) => indexOrEnd(line, text, head[0].length)));
  if (last.end <= label) return last;
  return {
    client: parties.every(({ client }) => client === last.client) ? last.client : null,
    server: parties.every(({ server }) => server === last.server) ? last.server : null,
    end: last.end,
  };
}

function nginxParties(line: string, from: number): NginxParty[] {
  const parties: NginxParty[] = [];
  for (let at = line.indexOf(NGINX_CLIENT, from); at >= 0; at = line.indexOf(NGINX_CLIENT, at + 1)) {
    NGINX_SUFFIX.lastIndex = at;
    const match = NGINX_SUFFIX.exec(line);
    const client = match === null ? null : clientAddress(match[1] ?? '');
    if (client === null) continue;
    parties.push({ client, server: match?.[2] ?? '', end: NGINX_SUFFIX.lastIndex });
    if (parties.length > MOST_SUFFIXES) break;
  }
  return parties;
}

function indexOrEnd(line: string, text: string, from: number): number {
  const at = line.indexOf(text, from);
  return at < 0 ? line.length : at;
}

/** The server's name, or the only host that the line names where the server is the nameless default. */
function nginxVhost(line: string): string | null {
  const party = nginxParty(line);
  if (party?.server === null || party === null) return null;
  const server = vhostName(party.server);
  if (server !== null) return server;
  const mark = ', host: "';
  const at = line.indexOf(mark, party.end);
  if (at < 0 || line.includes(mark, at + 1)) return null;
  const host = /^([\w.-]{1,255}(?::\d{1,5})?)"(?:, referrer: "|\r?$)/.exec(line.slice(at + mark.length));
  return host === null ? null : vhostName(host[1] ?? '');
}
