// Replaces what is a secret by its shape or by the words around it: account numbers, headers, forms, XML, commands.
import { isSecretName, MASK } from './secret-names.ts';

/** Digits that may be a card number, bare or in groups; an escape in front of them is not taken for digits. */
export const CARD = /(?:(?<![\d.%])(?<!%\d)|(?<=%[\dA-Fa-f]{2}))\d(?:(?:[ +-]|%20)?\d){12,18}(?![\d.])/g;

/** The check digit of card numbers (ISO/IEC 7812-1 annex B); blanks, plus signs and hyphens are skipped. */
export function passesLuhn(text: string): boolean {
  const digits = text.replace(/%20|[ +-]/g, '');
  if (!/^\d{13,19}$/.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let back = 1; back <= digits.length; back++) {
    const digit = Number(digits.charAt(digits.length - back));
    const doubled = digit * 2;
    sum += back % 2 === 1 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const IBAN = /(?<![A-Za-z\d])[A-Z]{2}\d{2}(?:[ +]?[A-Z\d]{4}){2,7}(?:[ +]?[A-Z\d]{1,4})?(?![A-Za-z\d])/g;

/** The check digits of account numbers (ISO 13616): the remainder by 97 is 1. */
function isIban(text: string): boolean {
  const plain = text.replace(/[ +]/g, '');
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const char of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const HEADER =
  /\b((?:proxy-)?authorization:\s{0,8}(?:(?:basic|bearer|digest|negotiate|ntlm|token)\s{1,8})?)[^\s"',•]+/gi;
const COOKIES = /\b((?:set-)?cookie:\s{1,8})[^"\s•][^"]*/gi;
const SMTP_AUTH = /\b(AUTH\s{1,4}(?:LOGIN|PLAIN|CRAM-MD5|XOAUTH2)\s{1,4})[\w+/=-]{8,}/gi;
const SAID = /\b(pass(?:word|wd|phrase|code)|pwd)(:\s{1,4}['"]?)[^\s"')]+/gi;
/** cPanel's session log: `NEW root:NAME address=…`. */
const SESSION_NAME = /( (?:NEW|PURGE) [\w.@+-]{1,64}:)[^\s:@]{6,}(?= |$)/g;
const CURL_USER = /(\s(?:-u|--user)[ =]['"]?[\w.@+-]{1,64}:)[^\s'"]+/g;
const MYSQL_WORD = /(\bmysql\w{0,12} (?:[^|;]{0,200}? )?-p)[^\s'"]+/g;
/** A link that resets, confirms or signs in, with what stands for the password as the last part of its path. */
const LINK =
  /(\/(?:reset|reset[-_]?password|password[-_/]reset|activate|verify|confirm|magic|magic[-_]?link|invite|invitation|login)\/)(?=[\w~-]{0,200}(?:\d|[a-z][A-Z]))[\w~-]{16,}(?=[/?&#\s"]|$)/g;
const LINK_HINT = /\/(?:reset|password|activate|verify|confirm|magic|invit|login)/;
/** A login before a host name without a scheme: in request lines and Host. */
const BARE_LOGIN =
  /((?:^|[A-Z]{3,20} |[Hh]ost: ?|hostname \\{0,3}")(?!mailto:)[\w.%+-]{1,64}:)(?!\/\/)[^\s@/"]{1,200}@/g;

const FTP_PASS = /((?:USER \S{1,64} |["':] ?)PASS )[^\s"'(]+/g;
/** The key of PHP's and others' dumps: `[password] => x`, `'password' => 'x'`, `{'password': 'x'}`. */
const DUMP_KEY = /(?:['[]([\w.-]{1,64})['\]]\s{0,4}(?:=>|:)|\b([\w.-]{1,64})\s{0,4}=>)\s{0,4}/g;
const DUMPED = /'[^']{0,2000}'?|"[^"]{0,2000}"?|[^\s,;)\]}'"]+/y;
/** The key of PHP's serialised arrays: `s:8:"password";s:1:"x";`. */
const SERIAL_KEY =
  /s:\d{1,5}:(?:\\*"|\\+x22|&quot;)([\w.-]{1,64})(?:\\*"|\\+x22|&quot;);s:\d{1,6}:(?:\\*"|\\+x22|&quot;)/g;
const SERIALISED = /(?:(?!(?:\\*"|\\+x22|&quot;);).)+/sy;

interface Shape {
  /** Without one of these texts there is nothing to replace: looking for a text is much faster than for a shape. */
  readonly signs: readonly string[];
  readonly shape: RegExp;
  readonly by: string;
}

const SHAPES: readonly Shape[] = [
  { signs: ['uthorization:', 'UTHORIZATION:'], shape: HEADER, by: `$1${MASK}` },
  { signs: ['ookie:', 'OOKIE:'], shape: COOKIES, by: `$1${MASK}` },
  { signs: ['AUTH '], shape: SMTP_AUTH, by: `$1${MASK}` },
  { signs: ['word: ', 'wd: ', 'phrase: '], shape: SAID, by: `$1$2${MASK}` },
  { signs: [' NEW ', ' PURGE '], shape: SESSION_NAME, by: `$1${MASK}` },
  { signs: [' -u ', ' --user'], shape: CURL_USER, by: `$1${MASK}` },
  { signs: ['mysql'], shape: MYSQL_WORD, by: `$1${MASK}` },
  { signs: ['PASS '], shape: FTP_PASS, by: `$1${MASK}` },
  { signs: ['@'], shape: BARE_LOGIN, by: `$1${MASK}@` },
];

/** Replaces account numbers and what headers, forms, XML and commands inside a text hold. Linear in the text. */
export function maskShapes(text: string): string {
  let masked = /\d{4}/.test(text) ? text.replace(IBAN, (number) => (isIban(number) ? MASK : number)) : text;
  for (const { signs, shape, by } of SHAPES)
    if (signs.some((sign) => masked.includes(sign))) masked = masked.replace(shape, by);
  if (masked.includes('=>') || masked.includes("':")) masked = maskBehind(masked, DUMP_KEY, DUMPED);
  if (masked.includes(';s:')) masked = maskBehind(masked, SERIAL_KEY, SERIALISED);
  if (LINK_HINT.test(masked)) masked = masked.replace(LINK, `$1${MASK}`);
  if (/<|&lt;|%3c/i.test(masked)) masked = maskElements(masked).replace(INPUT, maskInput);
  return masked.includes('name=') ? maskParts(masked) : masked;
}

/** Replaces the value behind each key with a secret name; other values are looked through, they may hold keys. */
function maskBehind(text: string, key: RegExp, value: RegExp): string {
  let out = '';
  let done = 0;
  key.lastIndex = 0;
  for (let found = key.exec(text); found !== null; found = key.exec(text)) {
    if (!isSecretName(found[1] ?? found[2] ?? '')) {
      key.lastIndex = found.index + 1;
      continue;
    }
    value.lastIndex = key.lastIndex;
    if (!value.test(text)) continue;
    out += text.slice(done, key.lastIndex) + MASK;
    done = value.lastIndex;
    key.lastIndex = done;
  }
  return out + text.slice(done);
}

const ELEMENT = /(?:<|&lt;|%3c)(?:[\w-]{1,32}:)?([\w.-]{1,64})(?:\s[^<>&]{0,200})?(?:>|&gt;|%3e)/gi;
const NEXT_TAG = /<|&lt;|%3c/gi;
const CDATA = '<![CDATA[';

/** The texts of XML elements with secret names. */
function maskElements(text: string): string {
  let out = '';
  let done = 0;
  ELEMENT.lastIndex = 0;
  for (let tag = ELEMENT.exec(text); tag !== null; tag = ELEMENT.exec(text)) {
    const start = ELEMENT.lastIndex;
    if (!isSecretName(tag[1] ?? '')) continue;
    const end = elementEnd(text, start);
    if (end > start) out += text.slice(done, start) + MASK;
    else out += text.slice(done, start);
    done = end;
    ELEMENT.lastIndex = end;
  }
  return out + text.slice(done);
}

function elementEnd(text: string, start: number): number {
  if (text.startsWith(CDATA, start)) {
    const close = text.indexOf(']]>', start);
    return close < 0 ? text.length : close;
  }
  NEXT_TAG.lastIndex = start;
  return NEXT_TAG.exec(text)?.index ?? text.length;
}

const INPUT = /<input\b[^>]{0,1000}/gi;
const QUOTED = `(?:\\\\+x22|\\\\*["']|&quot;)`;
const FIELD_NAME = new RegExp(`\\b(?:name|id|type)=${QUOTED}?([\\w.[\\]-]{1,64})`, 'gi');
const FIELD_VALUE = new RegExp(`(\\bvalue=${QUOTED}?)[^\\s"'>\\\\&]+`, 'gi');

/** The value of a form's field with a secret name. */
function maskInput(tag: string): string {
  const isSecret = [...tag.matchAll(FIELD_NAME)].some((name) => isSecretName(name[1] ?? ''));
  return isSecret ? tag.replace(FIELD_VALUE, `$1${MASK}`) : tag;
}

const PART_NAME = new RegExp(`\\bname=(?:\\\\+x22|\\\\*")([\\w.[\\]-]{1,64})(?:\\\\+x22|\\\\*")`, 'g');
const BLANK_LINE = /(?:\\+x0d|\\+r|\r)?(?:\\+x0a|\\+n|\n)(?:\\+x0d|\\+r|\r)?(?:\\+x0a|\\+n|\n)/g;
const PART_END = /(?:\\+x0d|\\+r|\r)?(?:\\+x0a|\\+n|\n)--/g;

/** The texts of multipart parts with secret names, where a log has the body in one line. */
function maskParts(text: string): string {
  let out = '';
  let done = 0;
  PART_NAME.lastIndex = 0;
  for (let part = PART_NAME.exec(text); part !== null; part = PART_NAME.exec(text)) {
    if (!isSecretName(part[1] ?? '')) continue;
    BLANK_LINE.lastIndex = PART_NAME.lastIndex;
    const blank = BLANK_LINE.exec(text);
    if (blank === null) break;
    const start = BLANK_LINE.lastIndex;
    PART_END.lastIndex = start;
    const end = PART_END.exec(text)?.index ?? text.length;
    out += `${text.slice(done, start)}${MASK}`;
    done = end;
    PART_NAME.lastIndex = end;
  }
  return out + text.slice(done);
}
