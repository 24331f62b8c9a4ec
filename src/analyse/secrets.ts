// Knows which names hold secrets, and replaces secrets inside texts.

/** What stands where a secret stood. */
export const MASK = '••••';

const SECRET_WORD =
  /^(?:pass|pwd|psw|pw|passwd|passwort|passphrase|password\w{0,3}|pass\d|heslo|contrasena|motdepasse|pin|otp|totp|mfa|token|csrf|xsrf|nonce|secret|key|apikey|session|sess|sid|auth|authorization|bearer|jwt|credentials?|signature|sig|cvv2?|cvc2?|ccv|card|cardnumber|ccnumber|pan|iban|samlresponse|assertion)$/;
/** Every secret name holds one of these; also when letters of it are percent escapes. */
const SECRET_HINT =
  /%|pass|pwd|psw|pw|heslo|contrasena|motde|pin|otp|mfa|token|srf|nonce|secret|key|sess|sid|auth|bearer|jwt|credential|sig|c[vc]{2}|card|ccnum|pan|iban|saml|assertion/i;
const SECRET_END =
  /(?:password|passwd|passwort|passphrase|pwd|token|secret|apikey|sessid|sessionid|authkey|nonce)\d?$/;
const SECRET_HEADER =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie2?)$|(?:auth|token|secret|api-?key|password)/i;
const SECRET_TARGET = /^(?:REQUEST|RESPONSE)_HEADERS:(.+)$/i;
const COOKIE_TARGET = /^REQUEST_COOKIES(?::|$)/i;
const NAMES_TARGET = /_NAMES(?::|$)/i;
const ARGUMENT_TARGET = /^(?:TX:\w*?_)?[A-Z_]{2,40}:(.+)$/i;

/**
 * Whether an argument of this name holds a secret: a word of it is one of password, token, key, session … or it ends
 * in one. Takes names as sent (`user[password]`, `accessToken`, `user%5Bpwd%5D`); `keyword` and `author` are none.
 */
export function isSecretName(name: string): boolean {
  if (!SECRET_HINT.test(name)) return false;
  const plain = decodedName(name).slice(-120);
  const words = plain.replace(/([a-z\d])([A-Z])/g, '$1 $2').split(/[^\p{L}\p{N}]+/u);
  return words.some((word) => SECRET_WORD.test(word.toLowerCase())) || SECRET_END.test(lettersOf(plain));
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z\d]+/g, '');
}

function decodedName(name: string): string {
  if (!name.includes('%')) return name;
  return name.replace(/%(?:25)*([2-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}

/** Whether a request header of this name holds a secret (Cookie, Authorization, X-Api-Key …). */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

/** Whether a ModSecurity target holds a secret: any cookie value, a secret header, an argument with a secret name. */
export function isSecretTarget(target: string): boolean {
  if (COOKIE_TARGET.test(target)) return true;
  if (NAMES_TARGET.test(target)) return false;
  const header = SECRET_TARGET.exec(target)?.[1];
  if (header !== undefined) return isSecretHeader(header);
  const name = ARGUMENT_TARGET.exec(target)?.[1];
  return name !== undefined && isSecretName(name);
}

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

const SIGN = /=|%3d|%253d/gi;
const NAME_CHAR = /[\w.\-[\]%$/?&;:]/;
const LONGEST_NAME = 64;
const PLAIN_END = /[&\s"]/g;
const ENCODED_END = /[&\s"]|%(?:25)?26/g;
const CARD = /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/g;
const URL_LOGIN = /(:(?:\/\/|%2[fF]%2[fF]))[^\s/?#@"'<>]{1,200}@/g;
const JWT = /\beyJ[\w-]{4,2000}\.[\w-]{4,4000}(?:\.[\w-]{0,2000})?/g;
const SCHEME = /\b(Basic|Bearer|Digest|Negotiate|NTLM)(\s+|%20)(?=[\w+/=.~-]*\d)[\w+/=.~-]{8,}/gi;
/** Without any of these a text holds nothing to mask. */
const HINT = /[=%@"]|x22|&quot;|\d{4}|\d[ -]\d|eyJ|\/key\/|sess|(?:basic|bearer|digest|negotiate|ntlm)\s/i;
const SCHEME_HINT = /(?:basic|bearer|digest|negotiate|ntlm)[\s%]/i;
const MAGENTO_KEY = /(\/key\/)[0-9a-f]{32,64}\b/gi;
const SESSION_PATH = /(\/cpsess)\w+/gi;

/**
 * Replaces the secrets inside any text: values of secret names in `a=b` and JSON pairs (plain, escaped, encoded once
 * or twice more), card numbers (13 to 19 digits that pass Luhn), logins in addresses, bearer and basic tokens, JWTs.
 * Linear in the text; other texts come back unchanged.
 */
export function maskSecrets(text: string): string {
  if (!HINT.test(text)) return text;
  let masked = text;
  if (masked.includes('=') || masked.includes('%')) masked = maskPairs(masked);
  if (masked.includes(':') || masked.includes('%')) masked = maskJson(masked);
  if (masked.includes('@')) masked = masked.replace(URL_LOGIN, `$1${MASK}@`);
  if (/\d{4}|\d[ -]\d/.test(masked))
    masked = masked.replace(CARD, (digits) => (passesLuhn(digits) ? MASK : digits));
  if (masked.includes('eyJ')) masked = masked.replace(JWT, MASK);
  if (SCHEME_HINT.test(masked)) masked = masked.replace(SCHEME, `$1$2${MASK}`);
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
    if (!isSecretName(name) || isScore(text, sign.index, start)) continue;
    const end = name === 'jsessionid' ? wordEnd(text, start) : pairEnd(text, start, sign[0] === '=');
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
function pairEnd(text: string, start: number, plain: boolean): number {
  const quote = text.charAt(start);
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, start + 1);
    if (close >= 0) return close + 1;
  }
  const ends = plain ? PLAIN_END : ENCODED_END;
  ends.lastIndex = start;
  for (let end = ends.exec(text); end !== null; end = ends.exec(text)) {
    if (text.charAt(end.index - 1) !== '\\') return end.index;
  }
  return text.length;
}

const JSON_KEY = /("|\\+x22|\\+"|&quot;|%22)([\w.-]{1,64})\1\s{0,8}(?::|%3[aA])\s{0,8}/g;

const JSON_HINT = /(?:"|x22|&quot;|%22)\s{0,8}(?::|%3a)/i;

/** Values of secret keys in JSON, also where its quotes are escaped as logs do. */
function maskJson(text: string): string {
  if (!JSON_HINT.test(text)) return text;
  JSON_KEY.lastIndex = 0;
  let out = '';
  let done = 0;
  for (let key = JSON_KEY.exec(text); key !== null; key = JSON_KEY.exec(text)) {
    if (!isSecretName(key[2] ?? '')) continue;
    const start = key.index + key[0].length;
    const end = valueEnd(text, start, key[1] ?? '"');
    out += `${text.slice(done, start)}${MASK}`;
    done = end;
    JSON_KEY.lastIndex = end;
  }
  return out + text.slice(done);
}

/** Where a JSON value that begins at `start` ends: behind its closing quote, before `,` or `}`, else the text's end. */
function valueEnd(text: string, start: number, quote: string): number {
  if (text.startsWith(quote, start)) {
    for (let close = text.indexOf(quote, start + quote.length); close >= 0;) {
      if (quote !== '"' || text.charAt(close - 1) !== '\\') return close + quote.length;
      close = text.indexOf(quote, close + 1);
    }
    return text.length;
  }
  for (let at = start; at < text.length; at++) {
    if (',}] \n'.includes(text.charAt(at))) return at;
  }
  return text.length;
}

/** The check digit of card numbers (ISO/IEC 7812-1 annex B); blanks and hyphens are skipped. */
export function passesLuhn(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!/^\d{13,19}$/.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let back = 1; back <= digits.length; back++) {
    const digit = Number(digits.charAt(digits.length - back));
    const doubled = digit * 2;
    sum += back % 2 === 1 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
