// The client's address as logs write it, tens of thousands of times and mostly the same few.
import { normalizeAddress } from './address.ts';

const KEPT = 1024;
/** Answers given before, so that a burst of lines costs one reading. Emptied when full: its size is bounded. */
const known = new Map<string, string | null>();

/** As `normalizeAddress`, many times faster where an address comes again. */
export function clientAddress(text: string): string | null {
  if (text.length > 45) return null;
  const before = known.get(text);
  if (before !== undefined) return before;
  const address = normalizeAddress(text);
  if (known.size >= KEPT) known.clear();
  known.set(text, address);
  return address;
}
