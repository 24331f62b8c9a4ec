// What ripgrep looks for first, so that few lines have to be taken apart here.
import type { ClientSign } from '../host/direct-lines.ts';
import type { Pattern } from '../host/ripgrep.ts';
import type { SearchKind } from '../model.ts';
import { addressLiterals } from '../parse/address-literals.ts';
import { addressPattern } from '../parse/line-facts.ts';
import { loosenDigits } from '../parse/loosen-digits.ts';
import type { AddressChoice, SearchPlan } from './search-plan.ts';

const PLAIN: Omit<Pattern, 'text'> = { pcre: false, ignoreCase: false, invert: false, unicode: false };

/** Every line. */
const MATCH_ALL: Pattern = { ...PLAIN, text: '' };

/** What is searched for, and what of it is still to be looked at on the lines that were found. */
export interface Looks {
  readonly first: Pattern;
  /** Null when the first look decides. */
  readonly second: Pattern | null;
  /** True when the first look is certain about lines of ASCII alone. */
  readonly onlyBeyondAscii: boolean;
}

/**
 * The address first where there is one: ripgrep finds it as a literal, and its lines are few. In audit logs it
 * stands on one line of a record only, so there the pattern is all that can be searched for.
 */
export function looksFor(plan: SearchPlan, pattern: Pattern | null, kind: SearchKind): Looks {
  if (plan.address !== null && kind !== 'audit') {
    const text = clientText(plan.address, kind) ?? addressPattern(plan.address.value);
    return { first: { ...PLAIN, text }, second: pattern, onlyBeyondAscii: false };
  }
  if (pattern !== null) return looksForPattern(pattern);
  const first = plan.status === null ? MATCH_ALL : { ...PLAIN, text: statusPattern(plan.status) };
  return { first, second: null, onlyBeyondAscii: false };
}

/** Looks without the wider form, for a ripgrep that refused it. */
export function exactly({ first, second, onlyBeyondAscii }: Looks): Looks {
  if (!onlyBeyondAscii || second === null) return { first, second, onlyBeyondAscii };
  return { first: second, second: null, onlyBeyondAscii: false };
}

/** Digits are looked for in a wider form that ripgrep finds faster; see loosenDigits. */
function looksForPattern(pattern: Pattern): Looks {
  const isPlain = !pattern.pcre && !pattern.invert && !pattern.unicode;
  const text = isPlain ? loosenDigits(pattern.text) : null;
  if (text === null) return { first: pattern, second: null, onlyBeyondAscii: false };
  return { first: { ...pattern, text }, second: pattern, onlyBeyondAscii: true };
}

/** A client as servers write it, IPv6 in any spelling: plain texts, which are found faster than what they may vary in. */
function clientText({ value, isNet }: AddressChoice, kind: SearchKind): string | null {
  if (isNet || (kind !== 'access' && kind !== 'error')) return null;
  const texts = value.includes(':') ? addressLiterals(value) : [value];
  return texts.map((text) => text.replaceAll('.', '\\.')).join('|');
}

/** The status stands right after the quote that ends the request. */
function statusPattern({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? `" ${from} ` : `" ${Math.floor(from / 100)}\\d\\d `;
}

/** What marks the lines of a client in a log that is read here; null when each line must be taken apart. */
export function clientSign(address: AddressChoice | null, kind: SearchKind): ClientSign | null {
  if (address === null || address.isNet) return null;
  const { value } = address;
  if (!value.includes(':')) return { text: value };
  const last = /:([0-9a-f]{0,4})$/.exec(value)?.[1];
  return kind !== 'access' || last === undefined
    ? null
    : { lastGroup: parseInt(last === '' ? '0' : last, 16) };
}
