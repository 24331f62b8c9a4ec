// Replaces secrets inside texts, by the names and shapes that they have.
import { remembering } from './remember.ts';
import { decodedName, isLongToken, isSecretName, MASK } from './secret-names.ts';
import { maskJson } from './secret-json.ts';
import { CARD, maskShapes, passesLuhn } from './secret-shapes.ts';

export { isSecretHeader, isSecretName, isSecretTarget, MASK } from './secret-names.ts';

const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;
const ODD = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const DIRECTION = /[\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Makes control bytes (ANSI, line ends, NUL) and text-direction marks visible, e.g. `\x1b`, `\u202e`. */
export function visible(text: string): string {
  if (!ODD.test(text)) return text;
  return text
    .replace(CONTROL, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(DIRECTION, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const SIGN = /=|%(?:25){0,3}3d/gi;
const NAME_CHAR = /[\w.\-[\]%$/?&;:]/;
const LONGEST_NAME = 64;
/** Where values end, by how often their sign was encoded: an end that was encoded more often belongs to the value. */
const ENDS = [
  /[&\s"]/g,
  /[&\s"]|%26/g,
  /[&\s"]|%(?:25)?26/g,
  /[&\s"]|%(?:25){0,2}26/g,
  /[&\s"]|%(?:25){0,3}26/g,
] as const;
const URL_LOGIN =
  /((?::|%(?:25){0,2}3a)(?:\/\/|(?:%(?:25){0,2}2f){2}))(?:(?!%(?:25){0,2}[23]f)[^\s/?#"'<>]){1,200}(@|%(?:25){0,2}40)/gi;
const JWT = /\beyJ[\w-]{4,2000}\.[\w-]{4,4000}(?:\.[\w-]{0,2000})?/g;
const SCHEME =
  /\b([Bb]asic|BASIC|[Bb]earer|BEARER|[Dd]igest|[Nn]egotiate|NTLM)(\s+|%20)(?=[\w+/=.~-]*(?:\d|[a-z][A-Z]))[\w+/=.~-]{8,}/g;
/** Without any of these a text holds nothing to mask. */
const HINT =
  /[=%@"<]|x22|&quot;|&lt;|\d{4}|\d[ -]\d|eyJ|\/key\/|sess|auth|cookie|pass|pwd:|(?:basic|bearer|digest|negotiate|ntlm)\s|\/(?:reset|activate|verify|confirm|magic|invit|login)|\s-u|mysql| NEW /i;
const SCHEME_HINT = /(?:asic|ASIC|earer|EARER|igest|egotiate|NTLM)[\s%]/;
const MAGENTO_KEY = /(\/key\/)[0-9a-f]{32,64}\b/gi;
const SESSION_PATH = /(\/cpsess)\w+/gi;

/**
 * Replaces the secrets inside any text: values of secret names in `a=b` and JSON pairs (plain, escaped, encoded once
 * or more often), card and bank account numbers with right check digits, logins in addresses, tokens, JWTs, and what
 * headers, forms, XML, commands and links that reset a password hold.
 * Linear in the text; other texts come back unchanged.
 */
export const maskSecrets = remembering((text) => (HINT.test(text) ? maskHinted(text) : text));

function maskHinted(text: string): string {
  let masked = text;
  if (masked.includes('=') || masked.includes('%')) masked = maskPairs(masked);
  if (masked.includes(':') || masked.includes('%')) masked = maskJson(masked);
  if (masked.includes('@') || masked.includes('40')) masked = masked.replace(URL_LOGIN, `$1${MASK}$2`);
  if (/\d{4}|\d[ -]\d/.test(masked))
    masked = masked.replace(CARD, (digits) => (passesLuhn(digits) ? MASK : digits));
  if (masked.includes('eyJ')) masked = masked.replace(JWT, MASK);
  if (SCHEME_HINT.test(masked)) masked = masked.replace(SCHEME, `$1$2${MASK}`);
  masked = maskShapes(masked);
  if (!masked.includes('/key/') && !masked.includes('sess')) return masked;
  return masked.replace(MAGENTO_KEY, `$1${MASK}`).replace(SESSION_PATH, `$1${MASK}`);
}

/** Only signs are searched, names are read backwards from them: the work stays linear. */
function maskPairs(text: string): string {
  let out = '';
  let done = 0;
  SIGN.lastIndex = 0;
  for (let sign = SIGN.exec(text); sign !== null; sign = SIGN.exec(text)) {
    const name = nameBefore(text, sign.index, done);
    const start = SIGN.lastIndex;
    if (!isSecretName(name) && !isLongToken(name, text, start)) continue;
    if (isScore(text, sign.index, start)) continue;
    const end = name === 'jsessionid' ? wordEnd(text, start) : pairEnd(text, start, sign[0].length >> 1);
    out += text.slice(done, start) + (end > start ? MASK : '');
    done = end;
    SIGN.lastIndex = end;
  }
  return out + text.slice(done);
}

const SESSION_SCORE = /,HTTP=\d{1,4},SESS$/;
const FEW_DIGITS = /\d{1,4}(?!\w)/y;

/** CRS's report of the points of each kind ends with those for session fixation: `…,HTTP=0,SESS=5)`. */
function isScore(text: string, sign: number, start: number): boolean {
  FEW_DIGITS.lastIndex = start;
  return SESSION_SCORE.test(text.slice(Math.max(0, sign - 16), sign)) && FEW_DIGITS.test(text);
}

/** A session id in a path ends before the query. */
function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && /[\w.!-]/.test(text.charAt(end))) end++;
  return end;
}

/** The name that ends before `end`: the last part of what stands there once escapes are undone. */
function nameBefore(text: string, end: number, from: number): string {
  const least = Math.max(from, end - LONGEST_NAME);
  let start = end;
  while (start > least && NAME_CHAR.test(text.charAt(start - 1))) start--;
  return (
    decodedName(text.slice(start, end))
      .split(/[/?&;:]/)
      .at(-1) ?? ''
  );
}

/** Where the value of a pair ends: its closing quote, else the next `&`, blank or quote. */
function pairEnd(text: string, start: number, encoded: number): number {
  const quote = text.charAt(start);
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, start + 1);
    if (close >= 0) return close + 1;
  }
  const ends = ENDS[encoded] ?? ENDS[0];
  ends.lastIndex = start;
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    if (text.charAt(end.index - 1) !== '\\') return end.index;
  }
  return text.length;
}
