// Knows which names of arguments, headers and targets hold secrets.

/** What stands where a secret stood. */
export const MASK = '••••';

const SECRET_WORD =
  /^(?:pass|pwd|psw|pw|passwd|passwort|passphrase|password\w{0,3}|pass\d|heslo|contrasena|motdepasse|pin|otp|totp|mfa|token|csrf|xsrf|nonce|secret|key|apikey|session|sess|sid|auth|authorization|bearer|jwt|credentials?|signature|sig|resp|cvv2?|cvc2?|ccv|card|cardnumber|ccnumber|pan|iban|samlresponse|assertion)$/;
/** A secret's number, kind or age is none: `session_score`, `password_length`. */
const MEASURE = /[a-z][_-]?(?:score|count|length|timeout|strength|policy|ttl)$/i;
/** Every secret name holds one of these; also when letters of it are percent escapes. */
const SECRET_HINT =
  /%|pass|pwd|psw|pw|heslo|contrasena|motde|pin|otp|mfa|token|srf|nonce|secret|key|sess|sid|auth|bearer|jwt|credential|sig|resp|c[vc]{2}|card|ccnum|pan|iban|saml|assertion/i;
const SECRET_END =
  /(?:password|passwd|passwort|passphrase|pwd|token|secret|apikey|sessid|sessionid|authkey|nonce)\d?$/;
const SECRET_HEADER =
  /^(?:(?:proxy-)?authorization|(?:set-)?cookie2?)$|(?:auth|token|secret|api-?key|passw|nonce|[cx]srf|session|signature|credential|jwt)/i;
const SECRET_TARGET = /^(?:REQUEST|RESPONSE)_HEADERS:(.+)$/i;
const COOKIE_TARGET = /^REQUEST_COOKIES(?::|$)/i;
const NAMES_TARGET = /_NAMES(?::|$)/i;
const ARGUMENT_TARGET = /^(?:TX:\w*?_)?[A-Z_]{2,40}:(.+)$/i;

/**
 * Whether an argument of this name holds a secret: a word of it is one of password, token, key, session … or it ends
 * in one. Takes names as sent (`user[password]`, `accessToken`, `user%5Bpwd%5D`); `keyword` and `author` are none.
 */
export function isSecretName(name: string): boolean {
  if (!SECRET_HINT.test(name) || MEASURE.test(name)) return false;
  const plain = decodedName(name).slice(-120);
  const words = plain.replace(/([a-z\d])([A-Z])/g, '$1 $2').split(/[^\p{L}\p{N}]+/u);
  return words.some((word) => SECRET_WORD.test(word.toLowerCase())) || SECRET_END.test(lettersOf(plain));
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z\d]+/g, '');
}

/** A name with its percent escapes undone, also those that were escaped again. */
export function decodedName(name: string): string {
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

const TOKEN_NAME = /^(?:code|hash|ticket|state|confirm|confirmation|activation|verification|invite|reset)$/i;
const LONG_TOKEN = /(?=[\w.~-]{0,200}\d)(?=[\w.~-]{0,200}[A-Za-z])[\w.~-]{20,}/y;

/** Whether a value that begins in a text is the long kind that links for signing in carry: `code=`, `hash=` and others. */
export function isLongToken(name: string, text: string, start: number): boolean {
  LONG_TOKEN.lastIndex = start;
  return TOKEN_NAME.test(name) && LONG_TOKEN.test(text);
}
