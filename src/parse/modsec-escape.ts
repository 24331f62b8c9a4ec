// The backslash escapes of Apache's error_log and of ModSecurity's messages; both write the same alphabet.

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([^x]))/g;
const CONTROLS: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  v: '\v',
  f: '\f',
};

function one(_whole: string, hex: string | undefined, char: string | undefined): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return CONTROLS[char ?? ''] ?? char ?? '';
}

/**
 * Undoes one level of escapes: `\xHH`, `\n`, `\"`, `\\`; latin1 in, latin1 out (bytes are not decoded here).
 * A message in error_log has two levels (ModSecurity's, then Apache's, which doubles the backslashes),
 * a `Message:` of the audit log has one. A broken `\x` or a backslash at the end stays as it is.
 */
export function unescapeLevel(text: string): string {
  return text.includes('\\') ? text.replace(ESCAPE, one) : text;
}

/** Whether the character at `index` is escaped: an odd number of backslashes stands before it, not before `from`. */
export function isEscaped(text: string, index: number, from: number): boolean {
  let at = index - 1;
  while (at >= from && text.charCodeAt(at) === 0x5c) at--;
  return (index - 1 - at) % 2 === 1;
}
