// Apache configuration text as whole directives: continued lines, words out of their quotes, enclosing sections.
// Grammar: Apache 2.4, ap_cfg_getline and ap_getword_conf (server/util.c).

/** A container such as `<IfModule security2_module>`; names are not case-sensitive and stand as written. */
export interface Section {
  readonly name: string;
  /** Its words out of their quotes, joined by blanks, e.g. `^/shop/`, `~ ^/x$`; empty without any. */
  readonly argument: string;
}

/** One directive that is no section mark and no comment. */
export interface Directive {
  /** As written; Apache does not look at the case. */
  readonly name: string;
  /** The words after the name, out of their quotes. */
  readonly words: readonly string[];
  /** The whole directive with its name, continued lines joined, blanks around it taken off; quotes as written. */
  readonly text: string;
  /** Numbers of its first and last line, from 1. */
  readonly firstLine: number;
  readonly line: number;
  /** The containers that are open around it, outermost first. */
  readonly sections: readonly Section[];
}

/** Deeper containers are counted, not kept: Apache's own files have four or five. */
const MAX_DEPTH = 32;

/**
 * The directives of one file (latin1), in order. A backslash before the newline continues a line, in comments too;
 * lines end in LF or CRLF. A quote that is not closed ends with its line, a section that is not closed with the file;
 * a closing mark closes the innermost section of its name and those within, one without any is passed over.
 * Never throws; linear in the text.
 */
export function* directives(text: string): Generator<Directive> {
  let open: readonly Section[] = [];
  let deeper = 0;
  for (const whole of wholeLines(text)) {
    if (whole.text.startsWith('</')) {
      if (deeper > 0) deeper--;
      else open = closed(open, whole.text.slice(2));
    } else if (whole.text.startsWith('<')) {
      if (open.length < MAX_DEPTH) open = [...open, readSection(whole.text)];
      else deeper++;
    } else {
      const [name = '', ...words] = splitWords(whole.text);
      yield { name, words, ...whole, sections: open };
    }
  }
}

interface WholeLine {
  readonly text: string;
  readonly firstLine: number;
  readonly line: number;
}

/** Lines with those that continue them, without empty ones and comments. */
function* wholeLines(text: string): Generator<WholeLine> {
  let parts: string[] = [];
  let firstLine = 1;
  let number = 0;
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, newline > start && text[newline - 1] === '\r' ? newline - 1 : end);
    start = end + 1;
    number++;
    if (parts.length === 0) firstLine = number;
    if (newline >= 0 && line.endsWith('\\')) {
      parts.push(line.slice(0, -1));
      continue;
    }
    const whole = (parts.length === 0 ? line : parts.join('') + line).trim();
    parts = [];
    if (whole !== '' && !whole.startsWith('#')) yield { text: whole, firstLine, line: number };
  }
}

/** A word in quotes, whose closing quote may be lost, or one without. */
const WORD = /\s*(?:"([^"\\]*(?:\\[^][^"\\]*)*)\\?"?|'([^'\\]*(?:\\[^][^'\\]*)*)\\?'?|([^\s"'][^\s]*))/y;

/** Apache's words: split at blanks; quotes hold blanks; a backslash keeps a backslash, in quotes the quote too. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  WORD.lastIndex = 0;
  for (let match = WORD.exec(text); match !== null; match = WORD.exec(text)) {
    if (match[1] !== undefined) words.push(unescape(match[1], /\\(["\\])/g));
    else if (match[2] !== undefined) words.push(unescape(match[2], /\\(['\\])/g));
    else words.push(unescape(match[3] ?? '', /\\(\\)/g));
  }
  return words;
}

function unescape(word: string, escape: RegExp): string {
  return word.includes('\\') ? word.replace(escape, '$1') : word;
}

function readSection(text: string): Section {
  const inner = text.endsWith('>') ? text.slice(1, -1) : text.slice(1);
  const [name = '', ...words] = splitWords(inner);
  return { name, argument: words.join(' ') };
}

/** What is still open after a closing mark (its text after `</`). */
function closed(open: readonly Section[], mark: string): readonly Section[] {
  const name = mark.replace(/[>\s][^]*$/, '').toLowerCase();
  const at = open.findLastIndex((section) => section.name.toLowerCase() === name);
  return at < 0 ? open : open.slice(0, at);
}
