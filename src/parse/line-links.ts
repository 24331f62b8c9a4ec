// The words of a log line that lead to a page: addresses, unique ids, rule ids and our own host names.
// A visitor may have written any of them: a link says that the word stands there, no more.
import { dottedWords, ipv6Words, type AddressWord } from './address-words.ts';

/** A word with a page of its own. */
export interface LinkedWord {
  /** Indices in the text, `to` exclusive: exactly the word, without the quotes around it. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'ip' | 'uniqueId' | 'ruleId' | 'domain';
  /** What the page is about: the address normalised, the host name in lower case. */
  readonly value: string;
}

const MOST_LINKS = 200;
/** ModSecurity 2's ids are 24 to 27 characters of base64, those of version 3 are numbers. */
const ID = '([A-Za-z0-9@_.+=-]{10,64})';
const UNIQUE_ID = [
  new RegExp(`\\[unique_id "${ID}"\\]`, 'dg'),
  new RegExp(`"(?:transaction_id|unique_id)" ?: ?"${ID}"`, 'dg'),
  new RegExp(`^\\[\\d\\d/[A-Z][a-z]{2}/\\d{4}[^\\]]{9,24}\\] ${ID} [0-9a-fA-F:.]{2,45} \\d{1,5} `, 'dg'),
];
const RULE_ID = [/\[id "(\d{1,12})"\]/dg, /\(id:(\d{1,12})\)/dg];
/** Begins where a word begins, so that a long word is tried once. */
const HOST_NAME = /(?<![\w-])[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+/g;
const LONGEST_NAME = 253;

/**
 * The links of a line (decoded text), in order and never overlapping, at most 200. `isDomain` says of a host name in
 * lower case whether it has a page. Addresses count as whole words only, not in `Chrome/130.0.0.0`, as a part
 * of a host name, or as a net. Linear in the line.
 */
export function linksIn(text: string, isDomain: (name: string) => boolean): readonly LinkedWord[] {
  const found = [
    ...UNIQUE_ID.flatMap((expression) => fieldLinks(text, expression, 'uniqueId')),
    ...RULE_ID.flatMap((expression) => fieldLinks(text, expression, 'ruleId')),
    ...addressLinks(text, dottedWords(text)),
    ...addressLinks(text, ipv6Words(text)),
    ...hostLinks(text, isDomain),
  ].sort((a, b) => a.from - b.from || b.to - a.to);
  const links: LinkedWord[] = [];
  let end = 0;
  for (const link of found) {
    if (link.from < end) continue;
    if (links.push(link) >= MOST_LINKS) break;
    end = link.to;
  }
  return links;
}

/** The first group of every match. */
function fieldLinks(text: string, expression: RegExp, kind: LinkedWord['kind']): LinkedWord[] {
  const links: LinkedWord[] = [];
  for (const match of text.matchAll(expression)) {
    const [from, to] = match.indices?.[1] ?? [0, 0];
    links.push({ from, to, kind, value: match[1] ?? '' });
    if (links.length >= MOST_LINKS) break;
  }
  return links;
}

function addressLinks(text: string, words: Iterable<AddressWord>): LinkedWord[] {
  const links: LinkedWord[] = [];
  let last = -1;
  for (const { start, end, address } of words) {
    // An address with a port may come in two readings; the first is the likelier.
    if (start === last) continue;
    last = start;
    if (!isWholeWord(text, start, end) || !/\d/.test(address)) continue;
    links.push({ from: start, to: end, kind: 'ip', value: address });
    if (links.length >= MOST_LINKS) break;
  }
  return links;
}

/** No letters, hyphens or single slashes in front (a version), no name or net behind. */
function isWholeWord(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  if (/[\w.-]$/.test(before) || (before.endsWith('/') && before !== '//')) return false;
  const after = text.slice(end, end + 3);
  return !/^(?:[\w-]|\.\w)/.test(after) && (before === '//' || !/^\/\d/.test(after));
}

function hostLinks(text: string, isDomain: (name: string) => boolean): LinkedWord[] {
  const links: LinkedWord[] = [];
  for (const match of text.matchAll(HOST_NAME)) {
    const name = match[0];
    if (name.length > LONGEST_NAME) continue;
    const value = name.toLowerCase();
    if (!isDomain(value)) continue;
    links.push({ from: match.index, to: match.index + name.length, kind: 'domain', value });
    if (links.length >= MOST_LINKS) break;
  }
  return links;
}
