// What ripgrep looks for first, so that few lines have to be taken apart here.
import type { Pattern } from '../host/ripgrep.ts';
import type { SearchKind } from '../model.ts';
import { addressPattern } from '../parse/line-facts.ts';
import type { AddressChoice, SearchPlan } from './search-plan.ts';

const PLAIN: Omit<Pattern, 'text'> = { pcre: false, ignoreCase: false, invert: false, unicode: false };

/** Every line. */
const MATCH_ALL: Pattern = { ...PLAIN, text: '' };

/** What is searched for, and what of it is still to be looked at on the lines that were found. */
export interface Looks {
  readonly first: Pattern;
  readonly second: Pattern | null;
}

/**
 * The address first where there is one: ripgrep finds it as a literal, and its lines are few. In audit logs it
 * stands on one line of a record only, so there the pattern is all that can be searched for.
 */
export function looksFor(plan: SearchPlan, pattern: Pattern | null, kind: SearchKind): Looks {
  if (plan.address !== null && kind !== 'audit')
    return { first: { ...PLAIN, text: addressPattern(plan.address.value) }, second: pattern };
  if (pattern === null && plan.status !== null)
    return { first: { ...PLAIN, text: statusPattern(plan.status) }, second: null };
  return { first: pattern ?? MATCH_ALL, second: null };
}

/** The status stands right after the quote that ends the request. */
function statusPattern({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? `" ${from} ` : `" ${Math.floor(from / 100)}\\d\\d `;
}

/** All texts that an IPv4 address can be logged as, the hexadecimal end of a mapped one too; null for others. */
export function spellings(address: AddressChoice | null): readonly string[] | null {
  if (address === null || address.isNet || address.value.includes(':')) return null;
  const hex = address.value.split('.').map((part) => Number(part).toString(16));
  const two = (index: number): string => (hex[index] ?? '').padStart(2, '0');
  const mapped = `${two(0)}${two(1)}:${two(2)}${two(3)}`.replace(/^0+|(?<=:)0+(?=.)/g, '');
  return [address.value, mapped, mapped.toUpperCase()];
}
