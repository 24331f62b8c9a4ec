// What a search says about patterns that are refused or find nothing: one sentence, and the form that works.
import type { PatternProblem } from '../host/ripgrep.ts';
import { bareHint, basicGrepHint } from '../parse/grep-dialect.ts';
import type { SearchQuery } from './search-query.ts';
import type { SearchNote } from './search-view.ts';

/** Why a pattern was not searched (to its end), and what to write instead. */
export function patternWords({ kind, message }: PatternProblem, { syntax }: SearchQuery): string {
  switch (kind) {
    case 'pcre-needed':
      return 'The pattern uses lookaround or a backreference, which the fast engine does not know. Choose PCRE (--pcre) for it.';
    case 'too-big':
      return 'The pattern grows too large when its repetitions are written out. Use smaller counts, or * and + instead of {n,m}.';
    case 'too-hard':
      return 'PCRE gave up on a line: the pattern can match it in too many ways (nested repetitions such as (a+)+). Search with Regex instead of PCRE, which always ends, or simplify it.';
    case 'line-break':
      return 'The pattern asks for a line break, and a line of a log holds none. Search for one line at a time.';
    case 'syntax':
      return `The pattern is not a valid ${syntax === 'pcre' ? 'PCRE' : 'regular expression'}: ${message}. To search for these very characters choose Literal (--literal).`;
    default:
      return `The pattern could not be searched: ${message}.`;
  }
}

/** What a pattern in csf's basic syntax means here, and the form that works. */
export function basicGrepNotes({ pattern, syntax }: SearchQuery): readonly SearchNote[] {
  const hint = syntax === 'literal' ? null : basicGrepHint(pattern);
  if (hint === null) return [];
  const shown = hint.pattern.length > 80 ? `${hint.pattern.slice(0, 80)}…` : hint.pattern;
  return [{ sentence: hint.sentence, change: { pattern: hint.pattern }, offer: `Search for ${shown}` }];
}

/** Signs that nobody types who means plain characters. */
const REGEX = /[\\[|^$]|\.[*+?]|\)[*+?{]/;

/** Hints when nothing was found: signs of the pattern that may have been meant otherwise. */
export function noteWhenNothing(query: SearchQuery): readonly SearchNote[] {
  const basic = basicGrepNotes(query);
  const isMeant = query.syntax === 'literal' || basic.length > 0 || REGEX.test(query.pattern);
  const hint = isMeant ? null : bareHint(query.pattern);
  if (hint === null) return basic;
  return [
    {
      sentence: hint.sentence,
      change: { syntax: 'literal' },
      offer: 'Search for these very characters',
    },
  ];
}
