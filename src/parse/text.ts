// Text that came as raw bytes: one latin1 character per byte until it is decoded here.

const utf8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
const ASCII = /^[\x00-\x7f]*$/;

/**
 * Decodes a latin1 string (one char per byte) as UTF-8.
 * Pure ASCII is returned as it is; invalid sequences become U+FFFD. Never throws.
 */
export function decodeBytes(latin1: string): string {
  if (ASCII.test(latin1)) return latin1;
  const bytes = new Uint8Array(latin1.length);
  for (let i = 0; i < latin1.length; i++) bytes[i] = latin1.charCodeAt(i) & 0xff;
  return utf8.decode(bytes);
}
