// Patterns of the basic grep that csf's search runs, and what the same characters mean to ripgrep and PCRE2.

/** A sentence about a pattern, and the pattern in the form that was probably meant. */
export interface PatternHint {
  readonly sentence: string;
  readonly pattern: string;
}

/** What basic grep takes as operators behind a backslash, and as plain characters without one. */
const OPERATORS = '|(){}+?';
const BARE = '|(){+?';
const LONGEST = 100_000;

/** A pattern's pieces: an escape with its backslash, a whole bracket expression, or one character. */
function piecesOf(pattern: string): string[] {
  const pieces: string[] = [];
  let hasBrackets = true;
  for (let at = 0; at < pattern.length;) {
    const bracket: number = pattern[at] === '[' && hasBrackets ? bracketEnd(pattern, at) : at;
    // One that is never closed is a character, and so is every one behind it: nothing is scanned twice.
    if (bracket < 0) hasBrackets = false;
    const end = bracket > at ? bracket : at + (pattern[at] === '\\' ? 2 : 1);
    pieces.push(pattern.slice(at, end));
    at = end;
  }
  return pieces;
}

/** The index behind the `]` of a bracket expression; -1 when none closes it. A `]` at its front is a member. */
function bracketEnd(pattern: string, start: number): number {
  let at = start + (pattern[start + 1] === '^' ? 2 : 1);
  if (pattern[at] === ']') at++;
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern[at] === '[' && ':.='.includes(pattern.charAt(at + 1) || 'x')) {
      const close = pattern.slice(at, at + 40).indexOf(']');
      if (close > 0) at += close;
    } else if (pattern[at] === '\\') at++;
    at++;
  }
  return at < pattern.length ? at + 1 : -1;
}

function isBasicOperator(piece: string): boolean {
  return piece.length === 2 && piece.startsWith('\\') && OPERATORS.includes(piece.charAt(1));
}

/**
 * A pattern in basic grep's syntax, such as `a\|b`, `\(a\)`, `a\{2,3\}`, `a\+`: what it means here, and the same
 * in this syntax. Null when it holds no such form (an escaped backslash and `[\|]` are none).
 */
export function basicGrepHint(pattern: string): PatternHint | null {
  if (pattern.length > LONGEST) return null;
  const pieces = piecesOf(pattern);
  const first = pieces.find(isBasicOperator);
  if (first === undefined) return null;
  const changed = pieces.map(fromBasic).join('');
  const bare = first.slice(1);
  return {
    sentence: `Here ${first} is a plain ${bare}, not the operator it is in csf's search: write ${bare} without the backslash.`,
    pattern: changed,
  };
}

/** `\|` is an operator in basic grep and loses its backslash; a bare `|` is a character and gets one. */
function fromBasic(piece: string): string {
  if (isBasicOperator(piece)) return piece.slice(1);
  return piece.length === 1 && BARE.includes(piece) ? `\\${piece}` : piece;
}

/**
 * For a pattern that found nothing: its bare `+ ? ( ) {` are operators here, and a URL's `?` or `+` was probably
 * meant as the character. Gives the pattern with these escaped; null when it has none.
 */
export function bareHint(pattern: string): PatternHint | null {
  if (pattern.length > LONGEST) return null;
  const pieces = piecesOf(pattern);
  const found = [...new Set(pieces.filter((piece) => '+?(){'.includes(piece)))];
  if (found.length === 0) return null;
  const names = found.join(' ');
  return {
    sentence: `${names} ${found.length === 1 ? 'is an operator' : 'are operators'} here: put a backslash in front for the character itself.`,
    pattern: pieces.map((piece) => ('+?(){}'.includes(piece) ? `\\${piece}` : piece)).join(''),
  };
}

const META = /[\x00-\x1f\x7f\\.+*?()|[\]{}^$]/g;

/**
 * The regular expression, for ripgrep and PCRE2 in bytes, that finds exactly these characters: operators with a
 * backslash, control characters as `\xNN`, the others as they are. Text over several lines stands in no line:
 * its pattern finds nothing.
 */
export function literalPattern(text: string): string {
  if (text.includes('\n')) return '[^\\x00-\\xff]';
  return text.replace(META, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x20 || code === 0x7f ? hexEscape(code) : `\\${char}`;
  });
}

function hexEscape(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** The same pattern without NUL, which no argument of a program can hold: written as `\x00`. */
export function argumentSafe(pattern: string): string {
  let safe = '';
  let escaped = false;
  for (const char of pattern) {
    if (char === '\x00') safe += escaped ? 'x00' : '\\x00';
    else safe += char;
    escaped = char === '\\' && !escaped;
  }
  return safe;
}
