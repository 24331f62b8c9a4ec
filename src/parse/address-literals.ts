// The texts that a line must hold one of to hold an IPv6 address in any spelling, as plain literals: ripgrep finds a
// handful of literals much faster than an expression that allows for zeros and capitals.
import ipaddr from 'ipaddr.js';

/**
 * For a normalised IPv6 address: the address as servers log it, and each first sign by which another spelling may
 * differ, with all that stands before it. Every spelling holds one of them; so may other lines. Empty for IPv4.
 */
export function addressLiterals(address: string): readonly string[] {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return [];
  const { parts } = ipaddr.IPv6.parse(address);
  const groups = parts.map((part) => part.toString(16));
  const found = new Set<string>([address]);
  // Every way to write the groups one after the other, cut where it leaves the logged one.
  for (let zeros = -1; zeros < 8; zeros++) {
    for (let length = 1; zeros + length <= 8; length++) {
      if (zeros >= 0 && groups.slice(zeros, zeros + length).some((group) => group !== '0')) break;
      addDeviations(found, address, zeros < 0 ? groups.join(':') : compressed(groups, zeros, length));
      if (zeros < 0) break;
    }
  }
  return [...found];
}

function compressed(groups: readonly string[], from: number, length: number): string {
  return `${groups.slice(0, from).join(':')}::${groups.slice(from + length).join(':')}`;
}

/** The texts by which spellings of one form begin to differ from the logged one. */
function addDeviations(found: Set<string>, logged: string, form: string): void {
  const words = form.split(':');
  let before = '';
  for (const [index, word] of words.entries()) {
    // A leading zero, and a capital for each letter.
    if (word !== '' && word.length < 4) found.add(`${before}0`);
    for (const { index: at, 0: char } of word.matchAll(/[a-f]/g))
      found.add(before + word.slice(0, at) + char.toUpperCase());
    addDotted(found, before, words.slice(index));
    const next = before + word + (index + 1 < words.length ? ':' : '');
    if (!logged.startsWith(next)) {
      found.add(next);
      return;
    }
    before = next;
  }
}

/** The last two groups written as an IPv4 address. */
function addDotted(found: Set<string>, before: string, rest: readonly string[]): void {
  const [high, low] = rest;
  if (rest.length !== 2 || high === undefined || low === undefined || high === '' || low === '') return;
  found.add(`${before}${parseInt(high, 16) >> 8}.`);
}
