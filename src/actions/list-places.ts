// Blocks that stand in no list that csf edits: block lists that it loads, GLOBAL_DENY, whole countries. Pure.
import type { PlaceView } from './firewall-view.ts';
import type { Statement } from './explanation.ts';
import type { WhereFacts } from './where-facts.ts';

/** As `BlockLists` names csf.gdeny. */
const GLOBAL = 'GLOBAL_DENY';

/** The block lists that hold an address, and its country where lfd wrote it. Nets are not looked up. */
export function listPlaces(facts: WhereFacts, address: string): PlaceView[] {
  const country = countryPlace(facts, address);
  return [...blockListPlaces(facts, address), ...(country === null ? [] : [country])];
}

function blockListPlaces({ lists }: WhereFacts, address: string): PlaceView[] {
  if (address.includes('/')) return [];
  return lists.flatMap((list): PlaceView[] => {
    const found = list.find(address);
    if (found === null) return [];
    const isGlobal = list.name === GLOBAL;
    const name = isGlobal ? 'the list of GLOBAL_DENY' : `the block list ${list.name}`;
    const net = found.entry === address ? address : `${found.entry}, which holds ${address},`;
    return [
      {
        kind: isGlobal ? 'global-deny' : 'blocklist',
        basis: 'known',
        sentence: `${net} is in ${name}, which csf loads again and again (${list.path}).`,
        way: `It cannot be taken out: csf -dr does not reach it, and csf.ignore does not help. csf -a ${address} lets it in, or csf -ta ${address} 1d for a day: csf asks who is allowed first.`,
        entry: null,
        ref: { file: list.path, offset: found.offset },
      },
    ];
  });
}

/** Settings that keep out whole countries: all traffic, or some ports. */
const DENYING: readonly { readonly name: string; readonly what: string }[] = [
  { name: 'CC_DENY', what: 'all that comes from' },
  { name: 'CC_DENY_PORTS', what: 'some ports for' },
];

function codesOf(facts: WhereFacts, name: string): string[] {
  return (facts.firewall.conf.get(name) ?? '').toUpperCase().match(/\b(?:[A-Z]{2}|AS\d{1,10})\b/g) ?? [];
}

/** The country is known here only where lfd wrote it beside the address, and lfd's word is its database's. */
function countryPlace(facts: WhereFacts, address: string): PlaceView | null {
  const country = countryWritten(facts, address);
  if (country === null) return null;
  const setting = DENYING.find(({ name }) => codesOf(facts, name).includes(country.code));
  if (setting === undefined) return null;
  return {
    kind: 'country',
    basis: 'inferred',
    sentence: `${setting.name} keeps out ${setting.what} ${country.code}, and lfd wrote ${country.code} beside ${address}.`,
    way: `csf -a ${address} lets it in, or csf -ta ${address} 1d for a day: csf asks who is allowed first. csf -dr and csf.ignore do not help.`,
    entry: null,
    ref: country.ref,
  };
}

/** Where countries are kept out and nobody wrote this address's: whether it is one of them is not known here. */
export function countryStatements(facts: WhereFacts, address: string): Statement[] {
  const set = [...DENYING.map(({ name }) => name), 'CC_ALLOW_FILTER'].filter(
    (name) => codesOf(facts, name).length > 0,
  );
  if (set.length === 0) return [];
  const country = countryWritten(facts, address);
  const values = set.map((name) => `${name} = "${codesOf(facts, name).slice(0, 12).join(',')}"`).join(', ');
  const who = country === null ? 'Its country is not known here' : `lfd wrote ${country.code} beside it`;
  return [
    {
      basis: country === null ? 'missing' : 'inferred',
      sentence: `${who}; csf keeps whole countries out (${values}), and no list shows whom. csf -g ${address} tells.`,
      lines: country?.ref == null ? [] : [country.ref],
    },
  ];
}

interface Country {
  readonly code: string;
  readonly ref: PlaceView['ref'];
}

/** `203.0.113.7 (US/United States/host)`: the code stands first. A visitor's host name could look like that: it is inferred. */
function countryWritten({ events, firewall }: WhereFacts, address: string): Country | null {
  for (const { event, ref } of events) {
    const code = codeIn(event.text, address);
    if (code !== null) return { code, ref };
  }
  for (const entry of [...firewall.deny, ...firewall.tempbans]) {
    if (entry.target.address !== address || entry.message === null) continue;
    const code = codeIn(entry.comment, address);
    if (code !== null) return { code, ref: entry.ref };
  }
  return null;
}

function codeIn(text: string, address: string): string | null {
  const at = text.indexOf(`${address} (`);
  if (at < 0) return null;
  return (
    /^\(([A-Z]{2})\/[A-Z]/.exec(text.slice(at + address.length + 1, at + address.length + 40))?.[1] ?? null
  );
}
