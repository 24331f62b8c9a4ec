// Bytes as lines and latin1 text, without Node's Buffer: what the audit log's parser needs.

const ascii = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
const NOT_ASCII = /[^\x00-\x7f]/;
const CHUNK = 8192;

/** Gives bytes as a latin1 string, one character per byte. */
export function latin1Of(bytes: Uint8Array): string {
  const text = ascii.decode(bytes);
  // UTF-8 and latin1 agree on ASCII, which nearly every log line is; others are spelt out.
  if (text.length === bytes.length && !NOT_ASCII.test(text)) return text;
  let spelt = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    spelt += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return spelt;
}

/** The index of the line feed that ends the line at `start`; the length when none does. */
export function lineEnd(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(0x0a, start);
  return end < 0 ? bytes.length : end;
}
