// Addresses inside a line of text: where one stands as a whole, and which address that is.
import { normalizeAddress } from './address.ts';

/** An address in a text: string indices of what was written, and its normalised form. */
export interface AddressWord {
  readonly start: number;
  readonly end: number;
  readonly address: string;
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`(?<!\\d|\\d\\.)${OCTET}(?:\\.${OCTET}){3}(?!\\d|\\.\\d)`, 'g');
/** The longest spelling: six groups of four digits and a dotted IPv4 address. */
const LONGEST = 45;
const CLIENT = '[client ';

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function isWordChar(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f;
}

/** Whether the dotted address at `start` to `end` has neither a digit nor a further octet on either side. */
export function standsAlone(line: string, start: number, end: number): boolean {
  const before = line.charCodeAt(start - 1);
  if (isDigit(before) || (before === 0x2e && isDigit(line.charCodeAt(start - 2)))) return false;
  const after = line.charCodeAt(end);
  return !isDigit(after) && !(after === 0x2e && isDigit(line.charCodeAt(end + 1)));
}

/**
 * Which address the dotted one at `start` to `end` is: itself, also as the end of `::ffff:192.0.2.1`, or the
 * IPv6 address that it ends (`64:ff9b::192.0.2.1`).
 */
export function dottedAddress(line: string, start: number, end: number): string {
  const dotted = line.slice(start, end);
  if (line.charCodeAt(start - 1) !== 0x3a) return dotted;
  let from = start - 1;
  while (start - from < LONGEST && (isHex(line.charCodeAt(from - 1)) || line[from - 1] === ':')) from--;
  // `load:192.0.2.1`: the `ad` belongs to a word.
  if (isWordChar(line.charCodeAt(from - 1))) from = line.indexOf(':', from) + 1;
  return from >= start ? dotted : (normalizeAddress(line.slice(from, end)) ?? dotted);
}

/** All dotted IPv4 addresses of a line that stand alone, in order. Linear in the line. */
export function* dottedWords(line: string): Generator<AddressWord> {
  for (const match of line.matchAll(IPV4)) {
    const end = match.index + match[0].length;
    yield { start: match.index, end, address: dottedAddress(line, match.index, end) };
  }
}

/**
 * All IPv6 addresses of a line (dotted ends too), in order; one written with a port may come in both readings,
 * the likelier first. Linear in the line.
 */
export function* ipv6Words(line: string): Generator<AddressWord> {
  let from = 0;
  for (let colon = line.indexOf(':'); colon >= 0; colon = line.indexOf(':', from)) {
    let start = colon;
    while (start > from && colon - start <= 5 && isHex(line.charCodeAt(start - 1))) start--;
    const end = runEnd(line, colon);
    if (end > 0 && end - start <= LONGEST + 8) yield* readings(line, start, end);
    from = Math.abs(end);
  }
}

/** The end of the run of digits, colons and dots around `colon`; negative when it has too few colons for an address. */
function runEnd(line: string, colon: number): number {
  let end = colon + 1;
  let colons = 1;
  let isShort = false;
  for (; ; end++) {
    const code = line.charCodeAt(end);
    if (code === 0x3a) {
      colons++;
      isShort ||= line.charCodeAt(end - 1) === 0x3a;
    } else if (!isHex(code) && code !== 0x2e) break;
  }
  return isShort || colons >= 6 ? end : -end;
}

/** The addresses that the run of digits, colons and dots at `first` to `last` can be. */
function readings(line: string, first: number, last: number): AddressWord[] {
  let end = last;
  while (line[end - 1] === '.') end--;
  if (end === last && isWordChar(line.charCodeAt(end))) return [];
  const start = wordStart(line, first);
  const text = line.slice(start, end);
  const whole = wordOf(text, start);
  const isClient = line[end] === ']' && line.startsWith(CLIENT, start - CLIENT.length);
  if (whole !== null && !isClient) return [whole];
  const bare = withoutPort(text, start);
  if (whole === null || bare === null) return [whole ?? bare].filter((word) => word !== null);
  // `[client 2001:db8::7:0]` is Apache's own with a port (0 behind a proxy), ModSecurity's has none.
  const again = `] ${CLIENT}${text.slice(0, bare.end - bare.start)}] `;
  return text.endsWith(':0') || line.startsWith(again, end) ? [bare, whole] : [whole, bare];
}

/** Where the address can begin: not with the letters that end a word, nor with a colon that is no `::`. */
function wordStart(line: string, first: number): number {
  if (isWordChar(line.charCodeAt(first - 1))) return line.indexOf(':', first) + 1;
  return line[first] === ':' && line[first + 1] !== ':' ? first + 1 : first;
}

function wordOf(text: string, start: number): AddressWord | null {
  const address = normalizeAddress(text);
  return address === null ? null : { start, end: start + text.length, address };
}

/** `2001:db8::1:51234`, `2001:db8::1.443`, or a colon that belongs to the sentence. */
function withoutPort(text: string, start: number): AddressWord | null {
  const cut = /[:.]\d{0,5}$/.exec(text);
  return cut === null ? null : wordOf(text.slice(0, cut.index), start);
}
