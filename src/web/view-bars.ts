// A chart of stacked bars: positions for the partial `bars`, in percent across and px upwards, with its twin table.
import { percent, whole } from './view-text.ts';

/** Height of the plot and of what lies above it, in px; labels stand below the axis. */
const HIGH = 80;
const TOP = 14;
const AXIS = TOP + HIGH;
/** Least height of a part that is not empty. */
const LOW = 2;
/** Share of a bar's place that is drawn. */
const FILLED = 0.72;
/** Most gridlines above the axis, and most labels below it. */
const MOST_LINES = 4;
const MOST_LABELS = 4;
/** Width of one digit of the axis, in px. */
const DIGIT = 7;

export type PartTone = 'attack' | 'fp' | 'unclear' | 'accent' | 'soft';

/** One bar: its name for labels, and its parts from the axis upwards. */
export interface BarInput {
  readonly name: string;
  readonly parts: readonly { readonly tone: PartTone; readonly value: number }[];
}

export interface ChartInput {
  /** Begins the ids of the chart's elements. */
  readonly id: string;
  /** What it shows, as a sentence: the picture's name. */
  readonly title: string;
  readonly bars: readonly BarInput[];
  /** Where counting begins, so that one bar in so many has a label; the last one has one for sure. */
  readonly labelsFrom: 'start' | 'end';
  readonly legend: readonly { readonly tone: PartTone; readonly text: string }[];
  /** A line between the bars: how many bars lie left of it (a fraction cuts one), and its words. */
  readonly limit: { readonly at: number; readonly text: string } | null;
  /** The twin table: names of columns, the first one of text, and rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly tableName: string;
}

type Anchor = 'start' | 'middle' | 'end';

/** What the partial `bars` draws. */
export interface ChartView {
  readonly id: string;
  readonly title: string;
  readonly height: number;
  readonly axis: number;
  readonly axisWidth: number;
  readonly ticks: readonly { readonly y: number; readonly text: string }[];
  readonly parts: readonly {
    readonly tone: PartTone;
    readonly x: string;
    readonly width: string;
    readonly y: number;
    readonly height: number;
  }[];
  readonly labels: readonly { readonly x: string; readonly anchor: Anchor; readonly text: string }[];
  readonly limit: { readonly x: string; readonly anchor: Anchor; readonly text: string } | null;
  readonly legend: ChartInput['legend'];
  readonly columns: ChartInput['columns'];
  readonly rows: ChartInput['rows'];
  readonly tableName: string;
}

function heightOf({ parts }: BarInput): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

/** A round step (1, 2 or 5 times a power of ten) with which a scale up to `most` has few lines. */
function stepFor(most: number): number {
  for (let power = 1; ; power *= 10)
    for (const factor of [1, 2, 5]) if (most / (factor * power) <= MOST_LINES) return factor * power;
}

function anchorAt(x: number): Anchor {
  if (x < 5) return 'start';
  return x > 95 ? 'end' : 'middle';
}

function labelled(count: number, from: ChartInput['labelsFrom']): (index: number) => boolean {
  const step = Math.max(1, Math.ceil(count / MOST_LABELS));
  const last = count - 1;
  if (from === 'end') return (index) => (last - index) % step === 0;
  return (index) => index === last || (index % step === 0 && last - index > step / 2);
}

/** The parts of one bar, stacked. */
function stack(
  bar: BarInput,
  top: number,
): readonly Pick<ChartView['parts'][number], 'tone' | 'y' | 'height'>[] {
  let y = AXIS;
  return bar.parts.flatMap(({ tone, value }) => {
    if (value <= 0) return [];
    const height = Math.max(LOW, Math.round((value / top) * HIGH * 10) / 10);
    y = Math.round((y - height) * 10) / 10;
    return [{ tone, y, height }];
  });
}

/** Draws bars; values below zero count as none. Null when there is no bar or all are empty. */
export function chartView(input: ChartInput): ChartView | null {
  const { bars, limit } = input;
  const most = Math.max(0, ...bars.map(heightOf));
  if (!Number.isFinite(most) || most <= 0) return null;
  const step = stepFor(most);
  const lines = Math.ceil(most / step);
  const top = lines * step;
  const place = 100 / bars.length;
  const hasLabel = labelled(bars.length, input.labelsFrom);
  const limitAt = limit === null ? null : Math.min(100, Math.max(0, limit.at * place));
  return {
    id: input.id,
    title: input.title,
    height: AXIS + 24,
    axis: AXIS,
    axisWidth: whole(top).length * DIGIT + 8,
    ticks: Array.from({ length: lines + 1 }, (_, index) => ({
      y: AXIS - Math.round((index / lines) * HIGH),
      text: whole(index * step),
    })),
    parts: bars.flatMap((bar, index) =>
      stack(bar, top).map((part) => ({
        ...part,
        x: percent((index + (1 - FILLED) / 2) * place),
        width: percent(place * FILLED),
      })),
    ),
    labels: bars.flatMap(({ name }, index) => {
      const x = (index + 0.5) * place;
      return hasLabel(index) ? [{ x: percent(x), anchor: anchorAt(x), text: name }] : [];
    }),
    limit:
      limit === null || limitAt === null
        ? null
        : { x: percent(limitAt), anchor: limitAt > 80 ? 'end' : 'start', text: limit.text },
    legend: input.legend,
    columns: input.columns,
    rows: input.rows,
    tableName: input.tableName,
  };
}
