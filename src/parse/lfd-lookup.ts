// What lfd looked up about an address and wrote behind it: `(host)`, `(US/United States/host)`, `(US/United
// States/Texas/Austin/host/[AS123 Name])`. Source: csf's LookUpIP.pm; the host name is the visitor's own DNS server's
// word, and lfd only takes quotation marks out of it.
import { parseHostName } from './host-name.ts';
import { findAddress } from './lfd-message.ts';

/** How many addresses of a text are looked at, and how far a parenthesis may reach. */
const MOST_ADDRESSES = 8;
const LONGEST = 800;

/**
 * The host name in the parenthesis behind an address in a text of lfd's (lfd.log, csf.deny, a mail); null where none
 * stands, or what stands there is no host name. `address` is normalised. Never throws; linear in the text.
 */
export function lookedUpName(text: string, address: string): string | null {
  let from = 0;
  for (let tried = 0; tried < MOST_ADDRESSES; tried++) {
    const found = findAddress(text, from);
    if (found === null) return null;
    if (found.address === address) return nameIn(parenthesis(text.slice(found.end, found.end + LONGEST)));
    from = found.end;
  }
  return null;
}

/** The text in the parenthesis that begins behind one blank: names of countries hold further ones. */
function parenthesis(text: string): string | null {
  if (!text.startsWith(' (')) return null;
  let depth = 0;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return text.slice(2, at);
  }
  return null;
}

function nameIn(found: string | null): string | null {
  if (found === null) return null;
  const withoutNetwork = found.replace(/\/\[AS\d{1,10}\b[^[\]]*\]$/, '');
  return parseHostName(withoutNetwork.slice(withoutNetwork.lastIndexOf('/') + 1));
}
