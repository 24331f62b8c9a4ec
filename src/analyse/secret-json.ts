// Replaces the values of secret keys in JSON, also where its quotes are escaped as logs and JSON inside JSON do.
import { isSecretName, MASK } from './secret-names.ts';

const JSON_KEY = /("|\\+x22|\\+"|&quot;|%(?:25)?22)([\w.-]{1,64})\1\s{0,8}(?::|%(?:25)?3[aA])\s{0,8}/g;
const JSON_HINT = /(?:"|x22|&quot;|%(?:25)?22)\s{0,8}(?::|%(?:25)?3a)/i;
/** Headers in a JSON audit log: any cookie may be a session. */
const COOKIE = /^(?:set-)?cookie2?$/i;
const OPENING = /[[{]|%(?:25)?[57]b/iy;
const BRACKET = /[[{]|%(?:25)?[57]b|[\]}]|%(?:25)?[57]d/gi;

/** Replaces the values of secret keys: texts, numbers, whole lists and objects. Linear in the text. */
export function maskJson(text: string): string {
  if (!JSON_HINT.test(text)) return text;
  JSON_KEY.lastIndex = 0;
  let out = '';
  let done = 0;
  for (let key = JSON_KEY.exec(text); key !== null; key = JSON_KEY.exec(text)) {
    const name = key[2] ?? '';
    if (!isSecretName(name) && !COOKIE.test(name)) continue;
    const start = key.index + key[0].length;
    const end = valueEnd(text, start, key[1] ?? '"');
    out += `${text.slice(done, start)}${MASK}`;
    done = end;
    JSON_KEY.lastIndex = end;
  }
  return out + text.slice(done);
}

/** Where a JSON value that begins at `start` ends: behind its closing quote or bracket, before `,` or `}`, else the text's end. */
function valueEnd(text: string, start: number, quote: string): number {
  if (text.startsWith(quote, start)) return textEnd(text, start, quote);
  OPENING.lastIndex = start;
  if (OPENING.test(text)) return listEnd(text, start, quote);
  for (let at = start; at < text.length; at++) {
    if (',}] \n&"'.includes(text.charAt(at))) return at;
  }
  return text.length;
}

function textEnd(text: string, start: number, quote: string): number {
  for (let close = text.indexOf(quote, start + quote.length); close >= 0;) {
    if (!isEscaped(text, close, quote)) return close + quote.length;
    close = text.indexOf(quote, close + quote.length);
  }
  return text.length;
}

/** Whether the quote found at a place belongs to the value: one more escape stands before it. */
function isEscaped(text: string, at: number, quote: string): boolean {
  if (text.charAt(at - 1) === '\\') return true;
  if (quote.endsWith('x22')) return text.slice(at - 4, at).toLowerCase() === '\\x5c';
  return quote.startsWith('%') && /%(?:25)?5c$/i.test(text.slice(Math.max(0, at - 5), at));
}

/** Where a list or an object ends; brackets in its texts do not count. */
function listEnd(text: string, start: number, quote: string): number {
  let depth = 0;
  let nextQuote = text.indexOf(quote, start);
  BRACKET.lastIndex = start;
  for (let bracket = BRACKET.exec(text); bracket !== null; bracket = BRACKET.exec(text)) {
    while (nextQuote >= 0 && nextQuote < bracket.index) {
      const end = textEnd(text, nextQuote, quote);
      if (end > bracket.index) BRACKET.lastIndex = end;
      nextQuote = text.indexOf(quote, end);
    }
    if (BRACKET.lastIndex > bracket.index + bracket[0].length) continue;
    depth += /[[{b]$/i.test(bracket[0]) ? 1 : -1;
    if (depth === 0) return BRACKET.lastIndex;
  }
  return text.length;
}
