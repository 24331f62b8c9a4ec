// Innocent explanations of a value that an attack rule reacted to although no grammar of hostile texts is in it.
import { matchGrammar } from './grammar-match.ts';
import { ordinaryWords, readsAsLanguage } from './language.ts';
import { authorField, isField, isTracking, type PlacedValue } from './value-place.ts';

/** The request around the value. */
export interface ExplainContext {
  readonly path: string;
  /** Lower-case host names that are this site's own. */
  readonly ownHost: string | null;
  /** Families of the rules that reacted, e.g. `942`. */
  readonly families: ReadonlySet<string>;
}

const HTML =
  /<(?:p|div|span|br|a|b|i|u|em|strong|ul|ol|li|h[1-6]|table|img|html|body|!--|figure|section|blockquote|pre|code|style|meta|iframe|noscript|script)\b[^>]*>|<!--/i;
const MAIL = /^[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}$/;
const LETTERS = /^[\p{L}\p{M}\s]+$/u;
const UPLOAD =
  /^[\p{L}\p{N} _()',&+-]{1,150}(?:\.[\p{L}\p{N} _()',&+-]{1,40}){0,3}\.(?:jpe?g|png|gif|webp|avif|svg|bmp|heic|pdf|docx?|xlsx?|pptx?|od[tsp]|txt|csv|zip|mp[34]|mov|webm|ics)$/iu;
const EXECUTABLE = /\.(?:php\d?|phtml|phar|pht|jspx?|aspx?|ashx|cgi|pl|sh|exe)\b/i;
const BROWSER = /^Mozilla\/5\.0 \([\w .;:,/+-]+\)[\w .;:,/()+-]*$/;
const SQL_VERB =
  /\b(?:select|union|insert|update|delete|drop|alter|create|truncate|exec|declare|waitfor|having|order\s+by|where|like|rlike)\b/i;
const CALL = /[\w$]\s*\(/;
const NAME = /^[\w.[\]:-]{1,120}$/;

/** Whether something innocent explains the value. */
export function isExplained(place: PlacedValue, context: ExplainContext): boolean {
  if (context.families.size === 1 && context.families.has('943')) return true;
  if (isTracking(place.field)) return isTrackingValue(place.value);
  if (place.kind === 'agent') return BROWSER.test(place.value);
  if (place.kind === 'upload') return UPLOAD.test(place.value) && !EXECUTABLE.test(place.value);
  if (place.where === 'path') return isHarmlessUrl(place.value);
  if (place.field.startsWith('ARGS_NAMES') || place.field.startsWith('REQUEST_COOKIES_NAMES')) {
    return NAME.test(place.value);
  }
  return isPlainValue(place.value) || isExplainedByField(place, context);
}

/** Anything may stand in a tracking cookie or parameter but a text that attacks, of whatever class. */
export function isTrackingValue(value: string): boolean {
  return matchGrammar(value, 'argument') === null;
}

/** Explanations that need no field name: a mail address, JSON, letters with an ordinary word. */
function isPlainValue(value: string): boolean {
  if (MAIL.test(value) || isJson(value)) return true;
  return LETTERS.test(value) && ordinaryWords(value).length > 0;
}

function isExplainedByField(place: PlacedValue, context: ExplainContext): boolean {
  const { name, value } = place;
  if (isField('password', name)) return isPassword(value);
  if (isField('url', name) && /^(?:https?:\/\/|\/)/i.test(value)) return isHarmlessUrl(value);
  if (context.ownHost !== null && isOwnUrl(value, context.ownHost)) return isHarmlessUrl(value);
  const author = authorField(context.path, place);
  if (author !== null && isAuthored(value)) return true;
  if (isField('search', name) && isSearch(value)) return true;
  const sql = context.families.has('942');
  if (place.where !== 'body' || !isField('free', name)) return false;
  return isPlainWords(value) || readsAsLanguage(value, null, sql);
}

/**
 * Words with dots and hyphens alone, e.g. a command quoted in a forum: without quotes, separators, brackets and slashes
 * a text cannot leave the field it stands in.
 */
function isPlainWords(value: string): boolean {
  if (!/^[\p{L}\p{M}\p{N}\s.,:!?-]+$/u.test(value) || /\.\.|--|[\r\n]/.test(value)) return false;
  return ordinaryWords(value).length >= 2;
}

/** Markup, JSON or language: what an author field is for. */
function isAuthored(value: string): boolean {
  return HTML.test(value) || /^\s*[[{]\s*["[{]/.test(value) || readsAsLanguage(value, null, false);
}

function isJson(value: string): boolean {
  if (!/^\s*[[{]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

function isPassword(value: string): boolean {
  if (value.length > 64 || value.trim().split(/\s+/).length > 4) return false;
  return !SQL_VERB.test(value) && !CALL.test(value) && !/\||<\s*[\w/!?]/.test(value);
}

function isSearch(value: string): boolean {
  if (/^\s*;|[=|$<>{}\\]|--|\/\*/.test(value) || CALL.test(value)) return false;
  const solid = value.replace(/\s+/g, '');
  const letters = solid.replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
  return letters.length >= solid.length * 0.7 && ordinaryWords(value).length > 0;
}

function isOwnUrl(value: string, ownHost: string): boolean {
  const host = /^https?:\/\/([\w.-]{1,255})(?::\d{1,5})?(?:[/?#]|$)/i.exec(value)?.[1];
  return host?.toLowerCase() === ownHost;
}

/** An address without steps up, quotes, backslashes and names of hidden, log or settings files. */
function isHarmlessUrl(value: string): boolean {
  if (/\.\.|['"`\\<>\x00]|%(?:25)*(?:2e%(?:25)*2e|5c|00|22|27|3c)/i.test(value)) return false;
  return !/\/\.(?!well-known\/)|\.(?:ini|log|conf|sql|bak|old|env)(?:$|[?#&/])/i.test(value);
}
