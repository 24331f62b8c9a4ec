// Text for pages: hostile characters made visible, HTML escaped, numbers and counts in words.

/** Control, invisible and direction-changing characters that must not act in a page. */
const HIDDEN =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function showCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\u2039U+${code.toString(16).toUpperCase().padStart(4, '0')}\u203a`;
}

/**
 * Makes control bytes, ANSI escapes and bidirectional or invisible characters visible (`‹U+001B›`, `‹U+202E›`),
 * so that a log line cannot hide or reorder text. Line feeds and tabs stay; CRLF becomes LF.
 */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(HIDDEN, showCharacter);
}

/**
 * The escape of every `<%= %>`: visible text, safe as HTML content and in a quoted attribute.
 * Null and undefined give an empty text; numbers and booleans their usual form; anything else is refused.
 */
export function escapeHtml(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new TypeError('a view may only print text and numbers');
  }
  return visible(String(value)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A whole number with thousands separators: `7,021`. */
export function whole(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A number with its noun: `1 request`, `7,021 requests`. The plural defaults to noun + s. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${whole(value)} ${value === 1 ? noun : plural}`;
}

/** A signed number with one decimal and a real minus: `+4.0`, `−2.5`, `0.0`. */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(1);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '\u2212' : '+'}${text}`;
}

/** Points as the ledger writes them: `+5`, with a real minus below zero. */
export function points(value: number): string {
  return value < 0 ? `\u2212${-value}` : `+${value}`;
}

/** A percent position for SVG, two decimals at most: `14.57%`. */
export function percent(value: number): string {
  return `${Math.round(value * 100) / 100}%`;
}

/** A text cut for reading: the start, and the rest where it is longer than `limit` characters. */
export interface LongText {
  readonly start: string;
  readonly rest: string | null;
  readonly more: string;
}

/** Splits a long text for a page: nothing is lost, `rest` is what folds away. Never cuts a surrogate pair. */
export function longText(text: string, limit = 240): LongText {
  if (text.length <= limit + 40) return { start: text, rest: null, more: '' };
  const high = text.charCodeAt(limit - 1);
  const cut = high >= 0xd800 && high <= 0xdbff ? limit - 1 : limit;
  return {
    start: text.slice(0, cut),
    rest: text.slice(cut),
    more: `${whole(text.length - cut)} more characters`,
  };
}

/** The last part of a path, for a short label; the path itself when it ends in a slash. */
export function baseName(path: string): string {
  return /[^/]+$/.exec(path)?.[0] ?? path;
}
