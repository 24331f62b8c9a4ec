// Ways in which one value can be written: encodings that applications undo after the firewall has looked.
import { decodeBytes } from '../parse/text.ts';

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['amp', '&'],
  ['nbsp', ' '],
  ['colon', ':'],
  ['lpar', '('],
  ['rpar', ')'],
  ['tab', '\t'],
  ['newline', '\n'],
  ['sol', '/'],
  ['equals', '='],
  ['bsol', '\\'],
  ['grave', '`'],
]);

/** Undoes percent escapes once; bytes are read as UTF-8. Broken escapes stay. `plus`: `+` is a blank, as in queries. */
export function urlDecode(text: string, plus = false): string {
  const spaced = plus && text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  return spaced.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => decodeBytes(bytesOf(escapes)));
}

/** The bytes of `%41%42` as latin1 text. */
function bytesOf(escapes: string): string {
  let bytes = '';
  for (let at = 0; at < escapes.length; at += 3) {
    bytes += String.fromCharCode(parseInt(escapes.slice(at + 1, at + 3), 16));
  }
  return bytes;
}

/** Undoes HTML entities once (the usual names, decimal and hexadecimal numbers). */
function entityDecode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,7}));?/gi, entity);
}

function entity(whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return whole.endsWith(';') ? (ENTITIES.get(name.toLowerCase()) ?? whole) : whole;
  const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** SQL block comments as blanks (a comment between two words separates them for the database). */
function withoutSqlComments(text: string): string {
  let out = '';
  let done = 0;
  for (let open = text.indexOf('/*'); open >= 0; open = text.indexOf('/*', done)) {
    const close = text.indexOf('*/', open + 2);
    if (close < 0) break;
    out += `${text.slice(done, open)} `;
    done = close + 2;
  }
  return out + text.slice(done);
}

/** The value decoded once more: percent escapes, entities, SQL comments, backslashes before quotes. */
export function decodedOnce(text: string): string {
  const decoded = withoutSqlComments(entityDecode(urlDecode(text)));
  return decoded.includes('\\') ? decoded.replace(/(?<!\\)\\+(?=['"])/g, '') : decoded;
}

/** Equal for the copies of one value that rules log: lower case, without blanks, control bytes and backslashes. */
export function normalizeValue(text: string): string {
  return text.toLowerCase().replace(/[\s\\\x00-\x1f]+/g, '');
}
