// What one log line says without reading it whole: its client, vhost and status, and whether an address is in it.
import type { SearchKind } from '../model.ts';
import { accessLineClient, accessLineVhost, nextQuote } from './access-log.ts';
import { netCovers, normalizeAddress } from './address.ts';
import { dottedAddress, dottedWords, ipv6Words, standsAlone } from './address-words.ts';
import { clientAddress } from './client-address.ts';
import { errorLineClient, errorLineVhost } from './error-line.ts';

/** An IPv4 address inside IPv6 in hexadecimal, `::ffff:c000:201`. */
const MAPPED_HEX = /ffff:/i;

/**
 * The client of a line (latin1) of an access or error log, normalised. Null when it is no address (a host name),
 * when the line names none or it cannot be told, and for the other kinds.
 */
export function lineClient(kind: SearchKind, line: string): string | null {
  if (kind === 'error') return errorLineClient(line);
  if (kind !== 'access') return null;
  const client = accessLineClient(line);
  return client === null ? null : clientAddress(client);
}

/**
 * The vhost a line (latin1) of an access log with vhost prefix or of an error log is about, lower case and
 * without port; null where it names none or that cannot be told, and for the other kinds.
 */
export function lineVhost(kind: SearchKind, line: string): string | null {
  if (kind === 'error') return errorLineVhost(line);
  return kind === 'access' ? accessLineVhost(line) : null;
}

/** The status of an access-log line (latin1), 100 to 999; null when the line has no request and status. */
export function lineStatus(line: string): number | null {
  const open = nextQuote(line, 0);
  const close = open < 0 ? -1 : nextQuote(line, open + 1);
  if (close < 0 || line.charCodeAt(close + 1) !== 0x20) return null;
  const text = line.slice(close + 2, close + 6);
  return /^[1-9]\d{2}(?: |$)/.test(text) ? Number(text.slice(0, 3)) : null;
}

/**
 * Whether a normalised address stands in the line (latin1 or decoded) as a whole address. IPv6 in any spelling; an
 * IPv4 address also as `::ffff:192.0.2.1`, but not as a part of a longer number or of another IPv6 address.
 * With a port, a bracket or a full stop behind it, it still counts. Linear in the line.
 */
export function hasAddress(line: string, address: string): boolean {
  if (!address.includes(':')) return hasDotted(line, address);
  for (const word of ipv6Words(line)) if (word.address === address) return true;
  return false;
}

function hasDotted(line: string, address: string): boolean {
  if (address === '') return false;
  for (let at = line.indexOf(address); at >= 0; at = line.indexOf(address, at + 1)) {
    const end = at + address.length;
    if (standsAlone(line, at, end) && dottedAddress(line, at, end) === address) return true;
  }
  return hasMapped(line, (mapped) => mapped === address);
}

function hasMapped(line: string, isWanted: (address: string) => boolean): boolean {
  if (!MAPPED_HEX.test(line)) return false;
  for (const word of ipv6Words(line)) if (isWanted(word.address)) return true;
  return false;
}

/** Whether an address of a normalised net (`192.0.2.0/24`) stands in the line, as `hasAddress` finds it. */
export function hasAddressIn(line: string, net: string): boolean {
  const [base = '', bits = ''] = net.split('/');
  if (base.includes(':')) {
    for (const word of ipv6Words(line)) if (netCovers(net, word.address)) return true;
    return false;
  }
  if (normalizeAddress(base) === null || !/^\d{1,2}$/.test(bits)) return false;
  const mask = Number(bits) === 0 ? 0 : (-1 << (32 - Number(bits))) >>> 0;
  const wanted = (ipv4Number(base) & mask) >>> 0;
  const isWanted = (address: string): boolean =>
    !address.includes(':') && (ipv4Number(address) & mask) >>> 0 === wanted;
  const octets = base.split('.').slice(0, Math.min(Math.floor(Number(bits) / 8), 3));
  if (line.includes(octets.map((octet) => `${octet}.`).join(''))) {
    for (const word of dottedWords(line)) if (isWanted(word.address)) return true;
  }
  return hasMapped(line, isWanted);
}

function ipv4Number(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/**
 * A regular expression for ripgrep (`--no-unicode`) and PCRE2 that finds at least every line for which
 * `hasAddress` or `hasAddressIn` says yes, with as long literals as all spellings share. Takes a normalised
 * address or net; for other text the pattern finds nothing.
 */
export function addressPattern(addressOrNet: string): string {
  const [text = '', length] = addressOrNet.split('/');
  const address = normalizeAddress(text);
  if (address === null) return '[^\\x00-\\xff]';
  if (address.includes(':')) return ipv6Pattern(address, length === undefined ? 128 : Number(length));
  return ipv4Pattern(address.split('.').map(Number), length === undefined ? 32 : Number(length));
}

/** The dotted form, or the two hexadecimal groups of a mapped address. */
function ipv4Pattern(octets: readonly number[], bits: number): string {
  const known = Math.floor(bits / 8);
  const dotted = octets.slice(0, known).join('\\.');
  if (known === 4) return `${dotted}(?:[^0-9]|$)|${mappedPattern(octets, true)}`;
  const rest = '\\.[0-9]+'.repeat(4 - known);
  if (known >= 2) return `${dotted}\\.|${mappedPattern(octets, false)}`;
  return `${known === 0 ? rest.slice(2) : dotted + rest}|[fF]{4}:`;
}

function mappedPattern([a = 0, b = 0, c = 0, d = 0]: readonly number[], whole: boolean): string {
  const high = a * 256 + b;
  const low = c * 256 + d;
  // A group of zeros may be left out as `::`.
  if (high === 0) return '[fF]{4}:';
  return `${anyCase(high)}:${whole && low !== 0 ? `0*${anyCase(low)}` : ''}`;
}

/** A group in hexadecimal, `[cC]000`: cheaper for ripgrep than (?i) over the whole. */
function anyCase(group: number): string {
  return group.toString(16).replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/**
 * The groups before the first zero are written in every spelling, those behind it only where no `::` stands for
 * them, and the last two may be dotted.
 */
function ipv6Pattern(address: string, bits: number): string {
  const fixed = Math.min(Math.floor(bits / 16), 6);
  const groups = ipv6Groups(address).slice(0, fixed);
  const zero = groups.indexOf(0);
  const sure = zero < 0 ? groups : groups.slice(0, zero);
  if (sure.length > 0) return `${sure.map(anyCase).join(':0*')}:`;
  const first = groups.find((group) => group !== 0);
  return first === undefined ? ':[0-9a-fA-F]*:' : `:0*${anyCase(first)}:`;
}

/** The eight groups of a normalised IPv6 address. */
function ipv6Groups(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return read(head);
  const [left, right] = [read(head), read(tail)];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
