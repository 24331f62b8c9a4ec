// Text for pages: hostile characters made visible, HTML escaped, numbers and counts in words.

/** Control, invisible and direction-changing characters that must not act in a page. */
const HIDDEN =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Anything but printable ASCII, line feed and tab. Most log lines have none of it, and this is much faster to say. */
const UNUSUAL = /[^\n\t -~]/;

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
  if (!UNUSUAL.test(text)) return text;
  return text.replaceAll('\r\n', '\n').replace(HIDDEN, showCharacter);
}

/** Characters that a one-line form field cannot send: the browser takes them out or changes them. */
const UNSENDABLE = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/g;

/** The value of a form field: what is typed there must come back as it was, so hidden characters are not spelled out. */
export class FieldValue {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether all of it can be sent by a form. */
  get isWhole(): boolean {
    return this.text.search(UNSENDABLE) < 0;
  }

  /** Safe in a quoted attribute: hidden characters as references, those that no field can hold spelled out. */
  toHtml(): string {
    return this.text
      .replace(UNSENDABLE, showCharacter)
      .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
      .replace(HIDDEN, (character) => `&#x${(character.codePointAt(0) ?? 0).toString(16)};`);
  }
}

/**
 * The escape of every `<%= %>`: visible text, safe as HTML content and in a quoted attribute.
 * Null and undefined give an empty text; numbers and booleans their usual form; a FieldValue its own; anything else
 * is refused.
 */
export function escapeHtml(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof FieldValue) return value.toHtml();
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new TypeError('a view may only print text and numbers');
  }
  return visible(String(value)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Made once: a formatter costs far more than a number. */
const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A whole number with thousands separators: `7,021`. */
export function whole(value: number): string {
  return WHOLE.format(value);
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

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** The unit in which a number of bytes reads well: its divisor and its name. */
function unitOf(bytes: number): { readonly size: number; readonly name: string } {
  let [size, name] = [1024, UNITS[0] as string];
  for (const next of UNITS.slice(1)) {
    if (bytes < size * 1024) break;
    [size, name] = [size * 1024, next];
  }
  return { size, name };
}

function inUnit(bytes: number, size: number): string {
  const value = bytes / size;
  return value >= 10 || Number.isInteger(value) ? whole(value) : value.toFixed(1);
}

/** A number of bytes in words: `512 bytes`, `8.4 MiB`, `640 MiB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1024) return counted(bytes, 'byte');
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit.size)} ${unit.name}`;
}

/** How much of an amount of bytes is done, in the unit of the whole: `412 of 640 MiB`. */
export function byteShare(done: number, all: number): string {
  if (all < 1024) return `${whole(done)} of ${counted(all, 'byte')}`;
  const unit = unitOf(all);
  return `${inUnit(done, unit.size)} of ${inUnit(all, unit.size)} ${unit.name}`;
}

/** The last part of a path, for a short label; the path itself when it ends in a slash. */
export function baseName(path: string): string {
  return /[^/]+$/.exec(path)?.[0] ?? path;
}
