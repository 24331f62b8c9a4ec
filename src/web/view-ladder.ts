// The ladder of a proposal: each width with its numbers, its strip and its reasons.
import type { PreviewSummary, Rung } from '../actions/exclusion-view.ts';
import { proposeLink } from './links.ts';
import { KIND_NAMES, scopeParams } from './scope-query.ts';
import type { LintView } from './view-exclusion-rows.ts';
import { lintViews } from './view-exclusion-rows.ts';
import type { LongText } from './view-text.ts';
import { longText, percent, whole } from './view-text.ts';

interface StripPart {
  readonly tone: 'fp' | 'attack' | 'unclear' | 'line';
  readonly x: string;
  readonly width: string;
}

/** What partials/ladder.ejs needs of one rung. */
export interface RungView {
  /** The scope as one text, as the radio sends it. */
  readonly value: string;
  readonly href: string;
  readonly kind: string;
  readonly words: LongText;
  readonly note: string;
  readonly isChosen: boolean;
  readonly isSuggested: boolean;
  readonly isAllowed: boolean;
  readonly refusals: readonly LintView[];
  readonly passes: string;
  readonly blocked: string;
  readonly bound: string;
  readonly attacks: string;
  readonly hasAttacks: boolean;
  readonly strip: readonly StripPart[];
}

/** Freed ordinary requests, freed ones of attacks, uncertain ones and the rest, as parts of the whole. */
function strip({ totals, attacksPassing }: PreviewSummary): readonly StripPart[] {
  const all = totals.passes + totals.blocked + totals.bound;
  if (all === 0) return [];
  const sizes = [
    ['fp', totals.passes - attacksPassing],
    ['attack', attacksPassing],
    ['unclear', totals.bound],
    ['line', totals.blocked],
  ] as const;
  let start = 0;
  return sizes.flatMap(([tone, size]) => {
    if (size <= 0) return [];
    const part = { tone, x: percent((start / all) * 100), width: percent((size / all) * 100) };
    start += size;
    return [part];
  });
}

/** A scope as one text: the query of its address. */
function scopeText(rung: Rung): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(scopeParams(rung.scope)))
    if (value !== null) params.set(name, String(value));
  return params.toString();
}

/** With another engine the lines are still what is meant; refused for other reasons they would do nothing, or harm. */
export function worksSomewhere(rung: Rung | undefined): boolean {
  return rung?.lint.every(({ level, code }) => level !== 'refuse' || code === 'engine') ?? false;
}

/** The rungs, narrowest first. */
export function rungViews(ladder: readonly Rung[], chosen: number): readonly RungView[] {
  return ladder.map((rung, index) => {
    const { scope, summary } = rung;
    // Numbers of what would do nothing mean nothing, and the page says the reason of the chosen one already.
    const works = worksSomewhere(rung);
    const number = (value: number): string => (works ? whole(value) : '\u2013');
    const isChosen = index === chosen;
    return {
      value: scopeText(rung),
      href: proposeLink(scope),
      kind: KIND_NAMES[scope.kind],
      words: longText(scope.words, 200),
      note: rung.allowed ? rung.note : '',
      isChosen,
      isSuggested: rung.suggested,
      isAllowed: rung.allowed,
      refusals: isChosen ? [] : lintViews(rung.lint.filter(({ level }) => level === 'refuse')),
      passes: number(summary.totals.passes),
      blocked: number(summary.totals.blocked),
      bound: number(summary.totals.bound),
      attacks: number(summary.attacksPassing),
      hasAttacks: works && summary.attacksPassing > 0,
      strip: works ? strip(summary) : [],
    };
  });
}
