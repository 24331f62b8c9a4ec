// How csf checks and writes an address: what its CheckIP and the two Perl modules behind it do, quirks included.
import { isIPv6 } from 'node:net';

const OCTET = '(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)';
const IPV4 = `(?:${OCTET}\\.){3}${OCTET}`;
const WHOLE_IPV4 = new RegExp(`^${IPV4}$`);
const ANY_IPV4 = new RegExp(IPV4);

/** `family` is 0 for what csf refuses; `text` is as csf goes on with it (only IPv6 is rewritten). */
export interface Checked {
  readonly family: 0 | 4 | 6;
  readonly text: string;
}

/** The eight groups of an IPv6 address. */
function groups(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const plain =
    dotted === null
      ? address
      : `${dotted[1] ?? ''}${(Number(dotted[2]) * 256 + Number(dotted[3])).toString(16)}:${(
          Number(dotted[4]) * 256 +
          Number(dotted[5])
        ).toString(16)}`;
  const [head = '', tail] = plain.split('::');
  const parts = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((part) => parseInt(part, 16));
  const front = parts(head);
  const back = tail === undefined ? [] : parts(tail);
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
}

/** An IPv6 address in its short form: the first of the longest runs of two zeros or more becomes `::`. */
function shortForm(address: string): string {
  const text = groups(address)
    .map((group) => group.toString(16))
    .join(':');
  let longest = '';
  for (const [run] of text.matchAll(/(?:^|:)0(?::0)+(?::|$)/g))
    if (run.length > longest.length) longest = run;
  return longest === '' ? text : text.replace(longest, '::');
}

/** Checks an address or net. A length of 0 passes, as it does in csf; 127.0.0.1 and ::1 do not. */
export function checkIp(text: string): Checked {
  const [ip = '', length = ''] = text.split('/');
  const refused: Checked = { family: 0, text };
  if (length !== '' && !/^\d+$/.test(length)) return refused;
  const tooLong = (most: number): boolean =>
    length !== '' && length !== '0' && !inRange(Number(length), most);
  if (WHOLE_IPV4.test(ip)) return tooLong(32) || ip === '127.0.0.1' ? refused : { family: 4, text };
  if (!isIPv6(ip) || ip.includes('%') || tooLong(128)) return refused;
  // csf takes the digits without colons for a number: what begins with a lone 1 is refused beside ::1.
  if (parseFloat(ip.replaceAll(':', '').replace(/^0*/, '')) === 1) return refused;
  return { family: 6, text: length === '' ? shortForm(ip) : `${shortForm(ip)}/${length}` };
}

function inRange(length: number, most: number): boolean {
  return length >= 1 && length <= most;
}

/** The first address in an advanced line, with the length at its end; the text itself without one. */
export function addressWithin(text: string): string {
  const four = ANY_IPV4.exec(text)?.[0];
  const six = [...text.matchAll(/[0-9a-fA-F:.]+/g)].map(([part]) => part).find((part) => isIPv6(part));
  const found = four ?? six;
  return found === undefined ? text : found + (/\/\d+$/.exec(text)?.[0] ?? '');
}

/** The bits of an address. */
function bits(address: string, family: 4 | 6): string {
  const parts = family === 4 ? address.split('.').map(Number) : groups(address);
  return parts.map((part) => part.toString(2).padStart(family === 4 ? 8 : 16, '0')).join('');
}

/** Whether a net holds an address. A net in a net is never found: csf looks for single addresses. */
export function netHolds(net: string, address: string): boolean {
  const family = WHOLE_IPV4.test(address) ? 4 : isIPv6(address) ? 6 : 0;
  if (family === 0 || !net.includes('/') || checkIp(net).family !== family) return false;
  const [base = '', length = ''] = net.split('/');
  return bits(base, family).slice(0, Number(length)) === bits(address, family).slice(0, Number(length));
}
