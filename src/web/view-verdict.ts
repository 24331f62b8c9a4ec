// The verdict mark (shape and word), its degree of certainty, and the scale "How the verdict adds up".
import type { Verdict, VerdictLabel } from '../model.ts';
import { percent, signed, whole } from './view-text.ts';

type MarkShape = 'octagon' | 'person' | 'question' | 'house' | 'discs';

/** What the partial `verdict-mark` draws. */
export interface VerdictMark {
  readonly tone: 'attack' | 'fp' | 'unclear' | 'other';
  readonly shape: MarkShape;
  readonly word: string;
  readonly small: string;
}

const MARKS: Readonly<Record<VerdictLabel, Omit<VerdictMark, 'small'>>> = {
  attack: { tone: 'attack', shape: 'octagon', word: 'Attack' },
  'false-positive': { tone: 'fp', shape: 'person', word: 'False positive' },
  unclear: { tone: 'unclear', shape: 'question', word: 'Unclear' },
  local: { tone: 'other', shape: 'house', word: 'Local' },
  'not-attributable': { tone: 'other', shape: 'discs', word: 'Not attributable' },
};

/** How sure, in the words of the scale; empty where the scale says nothing (unclear, local, proxy). */
function certainty(verdict: Verdict): string {
  if (verdict.label === 'attack') return verdict.logOdds >= 6 ? 'almost certain' : 'very likely';
  if (verdict.label === 'false-positive') return verdict.logOdds <= -5 ? 'very probably' : 'probably';
  return '';
}

/** The mark of a verdict; `withCertainty` adds how sure it is after the sub-label. */
export function verdictMark(verdict: Verdict, withCertainty: boolean): VerdictMark {
  const small = [verdict.sub ?? '', withCertainty ? certainty(verdict) : ''].filter((text) => text !== '');
  return { ...MARKS[verdict.label], small: small.join(' \u00b7 ') };
}

/** The scale from −10 to +10 with its marker and the sum in words. */
export interface ScaleView {
  readonly label: string;
  readonly marker: string;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly sum: string;
  readonly words: string;
}

function anchorAt(position: number): 'start' | 'middle' | 'end' {
  if (position < 12) return 'start';
  return position > 88 ? 'end' : 'middle';
}

/** Draws the sum on the scale; null when no group adds anything to show. Sums beyond ±10 stand at its end. */
export function verdictScale(verdict: Verdict): ScaleView | null {
  if (verdict.groups.length === 0) return null;
  const position = ((Math.max(-10, Math.min(10, verdict.logOdds)) + 10) / 20) * 100;
  const parts = verdict.groups.map((group) => `${group.group.toLowerCase()} ${signed(group.sum)}`);
  const sum = signed(verdict.logOdds);
  return {
    label: `Sum of evidence ${sum} on a scale from \u221210 to +10. Below \u22125 a false alarm is very probable, above +6 an attack is almost certain.`,
    marker: percent(position),
    anchor: anchorAt(position),
    sum: `sum ${sum}`,
    words: `Together ${sum}: ${parts.join(', ')}.`,
  };
}

const SHORT_NAMES = [
  ['false-positive', 'false alarm', 'false alarms'],
  ['unclear', 'unclear', 'unclear'],
  ['attack', 'attack', 'attack'],
  ['local', 'local', 'local'],
  ['not-attributable', 'proxy', 'proxy'],
  ['unjudged', 'not judged', 'not judged'],
] as const;

/** Numbers by verdict in words, e.g. `10 false alarms, 2 attack`; a dash for none. */
export function verdictVisitors(byVerdict: Readonly<Record<string, number>>): string {
  const parts = SHORT_NAMES.flatMap(([key, one, many]) => {
    const value = byVerdict[key] ?? 0;
    return value === 0 ? [] : [`${whole(value)} ${value === 1 ? one : many}`];
  });
  return parts.length === 0 ? '\u2014' : parts.join(', ');
}

/** The mark of a label alone, e.g. of a preview's row. */
export function labelMark(label: VerdictLabel): VerdictMark {
  return { ...MARKS[label], small: '' };
}
