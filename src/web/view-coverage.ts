// What each source covers: the short list "Read for this page" and the bars of "What is missing".
import type { Explanation } from '../actions/explanation.ts';
import type { Coverage } from '../model.ts';
import { counted, percent } from './view-text.ts';
import { clockTime, epochOf, isoAt, shortTime } from './view-time.ts';

type StateTone = 'ok' | 'warn' | 'bad' | 'off';

export interface ReadItem {
  readonly name: string;
  readonly tone: StateTone;
  readonly text: string;
}

interface CoverageRow {
  readonly name: string;
  readonly tone: StateTone;
  readonly bar: { readonly x: string; readonly width: string; readonly tone: 'fp' | 'soft' } | null;
  readonly sentence: string;
}

export interface CoverageView {
  /** The span of the drawing, e.g. `Sat 12:00 – Sun 18:00`; empty when nothing can be drawn. */
  readonly span: string;
  readonly moment: { readonly x: string; readonly text: string } | null;
  readonly rows: readonly CoverageRow[];
  readonly missing: readonly { readonly source: string; readonly why: string }[];
  readonly wouldDecide: string | null;
}

const TONES: Readonly<Record<Coverage['state'], StateTone>> = {
  ok: 'ok',
  gap: 'warn',
  missing: 'bad',
  unreadable: 'bad',
};
const WORDS: Readonly<Record<Coverage['state'], string>> = {
  ok: '',
  gap: 'with a gap',
  missing: 'not there',
  unreadable: 'cannot be read',
};

/** The list of the sources read, one line each. */
export function readList(coverage: readonly Coverage[]): readonly ReadItem[] {
  return coverage.map((one) => ({
    name: one.source,
    tone: one.skipped === true ? 'off' : TONES[one.state],
    text: [
      one.skipped === true ? 'not looked through' : WORDS[one.state],
      one.lines > 0 ? counted(one.lines, 'line') : '',
    ]
      .filter((text) => text !== '')
      .join(', '),
  }));
}

/** The moment the question is about: the block, else the mail, else the incident's start; epoch ms and its text. */
function askedMoment(explanation: Explanation): { readonly at: number; readonly iso: string } | null {
  const iso = explanation.block?.since ?? explanation.mail?.at ?? explanation.incident?.from ?? null;
  const at = iso === null ? null : epochOf(iso);
  return iso === null || at === null ? null : { at, iso };
}

function barOf(one: Coverage, low: number, high: number): CoverageRow['bar'] {
  if (one.from === null || one.to === null || one.to < low || high <= low) return null;
  const share = (ms: number): number => (ms / (high - low)) * 100;
  const from = Math.max(one.from, low);
  return {
    x: percent(share(from - low)),
    width: percent(Math.max(0.5, share(one.to - from))),
    tone: one.state === 'ok' ? 'fp' : 'soft',
  };
}

function rowOf(one: Coverage, low: number, high: number): CoverageRow {
  return { name: one.source, tone: TONES[one.state], bar: barOf(one, low, high), sentence: one.sentence };
}

/** `09:00 – 18:02` within today, `Sat 12:00 – today 18:02` from another day. */
function spanText(from: string, to: string): string {
  return `${from} \u2013 ${to.length === 5 && from.length > 5 ? `today ${to}` : to}`;
}

/** How much time before the moment is drawn, so that years of old logs do not squeeze it to the edge. */
function leadBefore(afterMs: number): number {
  return Math.max(3_600_000, afterMs * 0.3);
}

/** The section "What is missing"; null when every source covers the time and nothing is named as missing. */
export function coverageView(explanation: Explanation): CoverageView | null {
  const { coverage, missing, server } = explanation;
  if (missing.length === 0 && coverage.every((one) => one.state === 'ok')) return null;
  const moment = askedMoment(explanation);
  const times = coverage.flatMap((one) => (one.from === null || one.to === null ? [] : [one.from, one.to]));
  const all = moment === null ? times : [...times, moment.at];
  const first = all.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const high = all.reduce((most, at) => Math.max(most, at), Number.NEGATIVE_INFINITY);
  const low = moment === null ? first : Math.max(first, moment.at - leadBefore(high - moment.at));
  const drawable = times.length > 0 && high > low;
  const short = (at: number): string => shortTime(isoAt(at, server.offset), server.now);
  const named = new Set(coverage.map((one) => one.source));
  return {
    span: drawable ? spanText(short(low), short(high)) : '',
    moment:
      moment === null || !drawable
        ? null
        : {
            x: percent(((moment.at - low) / (high - low)) * 100),
            text: `dashed line: ${shortTime(moment.iso, server.now)}${clockTime(moment.iso).slice(5)}`,
          },
    rows: coverage.map((one) => rowOf(one, low, high)),
    missing: missing.filter((one) => !named.has(one.source)),
    wouldDecide: explanation.verdict?.wouldDecide ?? null,
  };
}
