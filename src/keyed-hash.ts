// The keyed hash of values that must be compared but not kept.
import { hash as digest } from 'node:crypto';

/**
 * Gives a function from a value to 16 characters (96 bits). A secret prefix is enough of a key: most of the digest is
 * thrown away, so nothing can be appended to it.
 */
export function keyedHash(key: string): (value: string) => string {
  return (value) => digest('sha256', key + value, 'base64url').slice(0, 16);
}
