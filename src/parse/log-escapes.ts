// The escapes that Apache writes into log fields (ap_escape_logitem): `\"`, `\\`, `\n`, `\t` … and `\xHH`.

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|([bnrtv"\\]))/g;
const NAMED: Readonly<Record<string, string>> = { b: '\b', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Undoes the escapes of one field, latin1 in and out; a backslash that starts no escape stays. */
export function unescapeLogItem(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_whole, hex: string | undefined, name: string | undefined) =>
    hex === undefined ? (NAMED[name ?? ''] ?? name ?? '') : String.fromCharCode(parseInt(hex, 16)),
  );
}
