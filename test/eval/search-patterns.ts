// Random patterns of the syntax that ripgrep (with --no-unicode) and `grep -P` in the C locale read the same way.
import type { Random } from '../bench/random.ts';

/** How a pattern is applied; `literal`: its characters stand for themselves. */
export interface PatternFlags {
  readonly ignoreCase: boolean;
  readonly invert: boolean;
  readonly literal: boolean;
}

export interface RandomPattern extends PatternFlags {
  readonly text: string;
}

/** Pieces of the lines that randomLog writes, so that patterns find something. */
export const FRAGMENTS: readonly string[] = [
  'GET',
  'POST',
  '/wp-login.php',
  '/xmlrpc.php',
  'wp-content/uploads',
  'HTTP/1.1',
  '" 200 ',
  '" 403 ',
  '" 500 ',
  '203.0.113.5',
  '203.0.113.52',
  '2001:db8::5',
  'Mozilla/5.0 (X11; Linux x86_64)',
  'Firefox',
  'id=1+union+select',
  'sleep(5)',
  '?s=caf%C3%A9&page=2',
  'ModSecurity: Access denied',
  '[id "949110"]',
  '[client 198.51.100.9:443]',
  'https://shop.example.com/',
  '"-" "-"',
  'C:\\temp\\x',
  'a|b',
  '$1',
  '^top',
  '{x}',
  '\\x22',
];

/** A pattern and a text (one character a byte) over which its class shows whether the two differ. */
export interface Probe {
  readonly pattern: string;
  readonly text: string;
  readonly why: string;
}

/** What is left out of the patterns, because the two read it differently: each probe shows its class. */
export const NOT_SHARED: readonly Probe[] = [
  {
    pattern: 'a++a',
    text: 'aaa',
    why: 'a++ gives nothing back in PCRE, is (a+)+ in ripgrep; *+ ?+ {2}+ likewise',
  },
  { pattern: 'a**', text: 'aa', why: 'a repeated repeat: an error in PCRE' },
  { pattern: 'a{2}{2}', text: 'aaaa', why: 'likewise' },
  { pattern: '^*a', text: 'ba', why: 'a repeated place: an error in PCRE' },
  { pattern: '\\b+a', text: 'a', why: 'a repeated place: an error in PCRE' },
  { pattern: 'a{,2}b', text: 'a{,2}b', why: 'literal in PCRE2 10.42, an error in ripgrep' },
  { pattern: 'a{x', text: 'a{x', why: 'a brace that begins no repeat: literal in PCRE, an error in ripgrep' },
  {
    pattern: '\\<GET',
    text: 'x GET',
    why: 'a literal < in PCRE, the begin of a word in ripgrep; \\> likewise',
  },
  { pattern: 'T\\b{end}', text: 'GET', why: 'a word end in ripgrep, an error in PCRE; \\b{start} likewise' },
  { pattern: '[[:<:]]a', text: 'a', why: 'the begin of a word in PCRE, a class with a class in ripgrep' },
  { pattern: '[a&&b]', text: '&', why: 'a set of characters in PCRE, an intersection in ripgrep' },
  {
    pattern: '[b--b]',
    text: 'b',
    why: 'a set of characters or a wrong range in PCRE, a difference in ripgrep',
  },
  { pattern: '[a~~b]', text: '~', why: 'a set of characters in PCRE, a symmetric difference in ripgrep' },
  { pattern: '[[ab]c]', text: 'c', why: 'the class ends at the first ] in PCRE; ripgrep nests classes' },
  { pattern: '[[a]', text: '[', why: 'a [ needs no backslash in a class in PCRE, does in ripgrep' },
  { pattern: '[\\b]', text: '\b', why: 'a backspace in PCRE, an error in ripgrep' },
  { pattern: '\\v', text: '\x0c', why: 'any vertical space in PCRE, the vertical tab alone in ripgrep' },
  { pattern: '\\h', text: 'a b', why: 'PCRE only; \\H \\R \\K \\G \\N \\X \\Z \\e \\cA \\o{1} likewise' },
  { pattern: '\\0a', text: '\0a', why: 'octal in PCRE, an error in ripgrep' },
  { pattern: '\\x4', text: '\x04', why: 'one hexadecimal digit is enough in PCRE' },
  { pattern: '\\x{e9}', text: '\xe9', why: 'the byte E9 in PCRE, the UTF-8 bytes of U+00E9 in ripgrep' },
  { pattern: '\\u0041', text: 'A', why: 'ripgrep only; \\U likewise' },
  { pattern: '\\p{L}', text: 'a', why: 'Unicode properties: an error in ripgrep with --no-unicode' },
  { pattern: '\\Qa.b\\E', text: 'a.b', why: 'quoting is PCRE only' },
  { pattern: '(?=a)a', text: 'a', why: 'lookaround is PCRE only' },
  { pattern: '(a)\\1', text: 'aa', why: 'backreferences are PCRE only' },
  {
    pattern: '(?>a+)b',
    text: 'aab',
    why: 'atomic groups, conditionals, recursion, verbs and (?# comments) are PCRE only',
  },
  { pattern: "(?'n'a)", text: 'a', why: 'this way to name a group is PCRE only' },
  {
    pattern: '\xe9+$',
    text: '\xc3\xa9\xa9',
    why: 'PCRE repeats the last byte of the character, ripgrep the whole',
  },
  {
    pattern: '[\xe9]$',
    text: '\xa9',
    why: 'a set of two bytes in PCRE, an error in ripgrep with --no-unicode',
  },
  { pattern: 'a\\nb', text: 'a', why: 'finds nothing in grep, which sees single lines; refused by ripgrep' },
  { pattern: '[\\n]', text: 'a', why: 'likewise' },
];

/** Classes that look doubtful and are shared: their probes must show no difference. */
export const SHARED: readonly Probe[] = [
  { pattern: '\\xe9', text: '\xe9', why: 'a byte by its number' },
  { pattern: '\xe9$', text: '\xc3\xa9', why: 'a character of several bytes, not repeated' },
  { pattern: '(?i)\xc9', text: '\xc3\xa9', why: 'no case beyond ASCII' },
  { pattern: '\\w\\W', text: 'a\xe9', why: 'bytes above 7F are no part of a word' },
  { pattern: '\\w\\b', text: 'a\xe9', why: 'and end one' },
  { pattern: '\\s', text: 'a\x0bb', why: 'the vertical tab is a space' },
  { pattern: '\\s', text: 'a\xa0b\x85', why: 'bytes A0 and 85 are none' },
  { pattern: '\\s$', text: 'a\nb\r\nc', why: '\\s does not reach the line feed' },
  { pattern: 'a[^b]*c', text: 'a\nc', why: 'nor does [^b]' },
  { pattern: 'a.b', text: 'a\rb', why: '. finds a carriage return' },
  { pattern: 'a$', text: 'a\r\na', why: '$ stands only before the line feed' },
  { pattern: 'a.b', text: 'a\0b', why: '. finds a NUL' },
  { pattern: 'a.b', text: 'a\xffb', why: '. finds any byte' },
  { pattern: '\\Ab', text: 'a\nb', why: '\\A is the begin of each line' },
  { pattern: 'a\\z', text: 'a\nb', why: '\\z is the end of each line' },
  { pattern: '(?s)a.*b', text: 'a\nb', why: '. stays on the line with (?s)' },
  { pattern: '(?-m)^b', text: 'a\nb', why: '^ is the begin of each line also without (?m)' },
  { pattern: '^$', text: 'a\n\nb', why: 'empty lines' },
  { pattern: '$^', text: 'a\n\nb', why: 'empty lines' },
  { pattern: '', text: 'a\n\nb', why: 'the empty pattern' },
  { pattern: 'a|', text: 'b', why: 'an empty branch' },
  { pattern: '()', text: 'b', why: 'an empty group' },
  { pattern: '(?x)a b', text: 'ab', why: 'spaces left out' },
  { pattern: '(?U)a+b', text: 'aab', why: 'turned greed finds the same lines' },
  { pattern: '(x(?i)b|c)', text: 'C', why: 'a flag within a branch' },
  { pattern: '(?<n>a)', text: 'a', why: 'a named group' },
  { pattern: 'x{1000}', text: 'x'.repeat(1000), why: 'a long repeat' },
  { pattern: '[[:word:]]', text: '_', why: 'a class by its name' },
  { pattern: '[^[:^alpha:]]', text: 'a\n1', why: 'a turned class by its name' },
  { pattern: '[]a]', text: ']', why: 'a ] in first place' },
  { pattern: '[^]a]', text: ']', why: 'a ] in first place' },
  { pattern: '[a-]', text: '-', why: 'a - in last place' },
  { pattern: '\\ \\%\\_\\~\\@\\#\\&', text: ' %_~@#&', why: 'a backslash that is not needed' },
  { pattern: '\\a\\f\\t', text: '\x07\x0c\t', why: 'control characters by letter' },
  { pattern: '[a', text: 'a', why: 'an error in both' },
];

const CLASSES: readonly string[] = [
  '\\d',
  '\\w',
  '\\s',
  '\\D',
  '\\W',
  '\\S',
  '.',
  '[0-9]',
  '[a-z]',
  '[A-Za-z_]',
  '[^"]',
  '[^ ]',
  '[^a-z0-9]',
  '[.:/-]',
  '[\\d.]',
  '[\\w%+]',
  '[^\\s"]',
  '[[:alpha:]]',
  '[[:digit:]]',
  '[[:xdigit:]:]',
  '[^[:space:]]',
  '[[:^punct:]]',
  '[]x]',
  '\\t',
  '\\r',
  '\\x00',
  '\\xff',
  '[\\x80-\\xff]',
];
const BOUNDED: readonly string[] = ['?', '{2}', '{1,3}', '{0,4}', '{3}', '??', '{1,2}?'];
const UNBOUNDED: readonly string[] = ['*', '+', '*?', '+?', '{2,}', '{1,}'];

/** How much may still be built; unbounded repeats are few, because PCRE gives up on many of them. */
interface Budget {
  unbounded: number;
  groups: number;
}

/** A pattern with its flags. About one in twelve is a literal text; a pattern may find the empty string. */
export function randomPattern(rng: Random): RandomPattern {
  const ignoreCase = rng.chance(0.3);
  const invert = rng.chance(0.1);
  if (rng.chance(0.08)) {
    const text = swapCase(rng, cut(rng, rng.pick(FRAGMENTS)), ignoreCase);
    return { text, ignoreCase, invert, literal: true };
  }
  const text = sequence(rng, rng.int(1, 4), { unbounded: 3, groups: 3 });
  const front = rng.chance(0.12) ? '^' : '';
  const back = rng.chance(0.12) ? '$' : '';
  return { text: `${front}${text}${back}`, ignoreCase, invert, literal: false };
}

function sequence(rng: Random, length: number, budget: Budget): string {
  return Array.from({ length }, () => item(rng, budget)).join('');
}

function item(rng: Random, budget: Budget): string {
  const kind = rng.next();
  if (kind < 0.4) return literal(rng);
  if (kind < 0.55) return repeated(rng, rng.pick(CLASSES), budget);
  if (kind < 0.65 && budget.unbounded > 0) {
    budget.unbounded--;
    return rng.pick(['.*', '.+', '.*?', '[^"]*', '\\S+', '\\s*']);
  }
  if (kind < 0.72) return rng.pick(['\\b', '\\B', '\\b']);
  if (kind < 0.76) return `.{${rng.int(0, 3)},${rng.int(4, 40)}}`;
  if (kind < 0.92 && budget.groups > 0) return group(rng, budget);
  if (kind < 0.94) return rng.pick(['^', '$']);
  return rng.pick(CLASSES);
}

/**
 * A group, repeated only a few times, and only when nothing in it repeats without bound: PCRE gives up on `(.*a){3}`
 * over long lines ("exceeded PCRE's backtracking limit"), which is a matter of limits and not of equality.
 */
function group(rng: Random, budget: Budget): string {
  const own = budget.groups--;
  const unbounded = budget.unbounded;
  const branches = Array.from({ length: rng.int(1, 3) }, () => sequence(rng, rng.int(1, 2), budget));
  if (rng.chance(0.08)) branches.push('');
  const open = rng.pick(['(', '(', '(?:', '(?i:', '(?P<n']);
  // A name may be given once.
  const unique = open === '(?P<n' ? `(?P<n${own}>` : open;
  const repeat =
    rng.chance(0.25) && budget.unbounded === unbounded ? rng.pick(['?', '{2}', '{1,2}', '{0,3}']) : '';
  return `${unique}${branches.join('|')})${repeat}`;
}

function repeated(rng: Random, atom: string, budget: Budget): string {
  if (rng.chance(0.4)) return atom;
  if (budget.unbounded > 0 && rng.chance(0.5)) {
    budget.unbounded--;
    return atom + rng.pick(UNBOUNDED);
  }
  return atom + rng.pick(BOUNDED);
}

/** A piece of a fragment with its special characters escaped; a dot is sometimes left to mean any character. */
function literal(rng: Random): string {
  const text = cut(rng, rng.pick(FRAGMENTS));
  const dots = rng.chance(0.5);
  const escaped = text.replaceAll(/[\\^$.|?*+()[\]{}]/g, (mark) =>
    mark === '.' && dots ? mark : `\\${mark}`,
  );
  // Some that need no backslash and may have one.
  return rng.chance(0.15) ? escaped.replaceAll(/["/-]/g, (mark) => `\\${mark}`) : escaped;
}

function cut(rng: Random, text: string): string {
  if (rng.chance(0.5)) return text;
  const start = rng.int(0, text.length - 1);
  return text.slice(start, start + rng.int(1, 8));
}

function swapCase(rng: Random, text: string, swap: boolean): string {
  if (!swap) return text;
  return text.replaceAll(/[a-z]/gi, (mark) => (rng.chance(0.5) ? mark.toUpperCase() : mark.toLowerCase()));
}
