// The histogram of a search: bars in percent of the drawing's width, its finding as a sentence, and the twin table.
import type { IsoTime } from '../actions/explanation.ts';
import type { HistogramView } from '../actions/search-view.ts';
import { counted, percent, whole } from './view-text.ts';
import { clockTime, epochOf, isoAt, offsetOf, shortTime } from './view-time.ts';

/** Height of the highest bar and the least of one that is not empty, and where the axis lies, in px. */
const HIGH = 40;
const LOW = 3;
const AXIS = 54;
/** Share of a bar's place that is drawn. */
const FILLED = 0.8;

/** What the partial `histogram` draws. */
export interface HistogramPicture {
  readonly title: string;
  readonly bars: readonly {
    readonly x: string;
    readonly width: string;
    readonly y: number;
    readonly height: number;
  }[];
  readonly most: { readonly x: string; readonly anchor: 'start' | 'middle' | 'end'; readonly text: string };
  readonly labels: readonly [string, string, string];
  readonly unit: string;
  /** The bars that are not empty. */
  readonly rows: readonly { readonly time: string; readonly lines: string }[];
}

const UNITS = [
  { seconds: 86_400, one: 'a day', many: 'days', head: 'Day' },
  { seconds: 3600, one: 'an hour', many: 'hours', head: 'Hour' },
  { seconds: 60, one: 'a minute', many: 'minutes', head: 'Minute' },
  { seconds: 1, one: 'a second', many: 'seconds', head: 'Second' },
] as const;

/** `a minute`, `in 5 minutes`: the time of one bar in words. */
function stepWords(seconds: number): { readonly words: string; readonly head: string } {
  const unit = UNITS.find((one) => seconds >= one.seconds && seconds % one.seconds === 0);
  if (unit === undefined) return { words: `in ${seconds} seconds`, head: 'From' };
  const count = seconds / unit.seconds;
  if (count === 1) return { words: unit.one, head: unit.head };
  return { words: `in ${whole(count)} ${unit.many}`, head: 'From' };
}

function barTime(iso: IsoTime, stepSeconds: number, now: IsoTime): string {
  const short = shortTime(iso, now);
  return stepSeconds < 60 ? `${short}${clockTime(iso).slice(5)}` : short;
}

function anchorAt(x: number): 'start' | 'middle' | 'end' {
  if (x < 4) return 'start';
  return x > 96 ? 'end' : 'middle';
}

/** Draws a histogram; null when there is none or no line in it. `now` is the server's time, for short times. */
export function histogramPicture(view: HistogramView | null, now: IsoTime): HistogramPicture | null {
  const [first] = view?.bars ?? [];
  if (view === null || first === undefined) return null;
  const { bars, stepSeconds } = view;
  const highest = bars.reduce((best, bar) => (bar.lines > best.lines ? bar : best), first);
  if (highest.lines === 0) return null;
  const place = 100 / bars.length;
  const left = (index: number): number => (index + (1 - FILLED) / 2) * place;
  const time = (iso: IsoTime): string => barTime(iso, stepSeconds, now);
  const last = bars.at(-1) ?? first;
  const end = isoAt((epochOf(last.at) ?? 0) + stepSeconds * 1000, offsetOf(last.at));
  const middle = bars[Math.floor(bars.length / 2)] ?? first;
  const labels = [time(first.at), bars.length % 2 === 0 ? time(middle.at) : '', time(end)] as const;
  const mostAt = (bars.indexOf(highest) + 0.5) * place;
  const step = stepWords(stepSeconds);
  return {
    title: `Lines found ${step.words}, ${labels[0]} to ${labels[2]}. Most, ${whole(highest.lines)}, at ${time(highest.at)}.`,
    bars: bars.flatMap((bar, index) => {
      if (bar.lines === 0) return [];
      const height = Math.max(LOW, Math.round((bar.lines / highest.lines) * HIGH));
      return [{ x: percent(left(index)), width: percent(place * FILLED), y: AXIS - height, height }];
    }),
    most: { x: percent(mostAt), anchor: anchorAt(mostAt), text: whole(highest.lines) },
    labels,
    unit: step.head,
    rows: bars
      .filter((bar) => bar.lines > 0)
      .map((bar) => ({ time: time(bar.at), lines: counted(bar.lines, 'line') })),
  };
}
