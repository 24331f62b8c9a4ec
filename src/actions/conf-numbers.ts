// Numbers of csf.conf, and numbers in words.
import { spanWords } from './triggers.ts';

/** A number of csf.conf; null for anything else. */
export function confNumber(conf: ReadonlyMap<string, string>, name: string): number | null {
  const text = conf.get(name) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** `1st`, `2nd`, `5th`, `11th`. */
export function ordinal(number: number): string {
  const tens = number % 100;
  const end = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${end}`;
}

/** How long a block by a `…_PERM` setting lasts: `for good`, `for an hour`; null where csf.conf does not say. */
export function blockLength(trigger: string, conf: ReadonlyMap<string, string>): string | null {
  const number = confNumber(conf, `${trigger}_PERM`);
  if (number === null) return null;
  return number <= 1 ? 'for good' : `for ${spanWords(number)}`;
}
