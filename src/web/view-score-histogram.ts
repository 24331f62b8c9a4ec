// How the requests of one vhost scored, as bars with the limit between those below it and those that reach it.
import type { ScoreHistogram } from '../actions/causes-view.ts';
import type { ChartView } from './view-bars.ts';
import { chartView } from './view-bars.ts';
import { counted, whole } from './view-text.ts';

/** Bars that are drawn; scores above the last one's are counted with it. */
const MOST_BARS = 40;
/** Scores that nearly all requests stay below; the rest stand in the last bar. */
const NEARLY_ALL = 0.98;

/** What views/domain.ejs shows of scores. */
export interface ScoresView {
  readonly title: string;
  readonly sentence: string;
  readonly chart: ChartView;
}

type Bar = ScoreHistogram['bars'][number];

interface Bin {
  readonly from: number;
  readonly to: number | null;
  readonly requests: number;
  readonly ordinary: number;
  readonly attacks: number;
}

function sum(bars: readonly Pick<Bar, 'requests' | 'ordinary' | 'attacks'>[], of: keyof Bar): number {
  return bars.reduce((total, bar) => total + (of === 'score' ? 0 : bar[of]), 0);
}

/** The score that nearly all requests stay below or reach. */
function nearlyAll(bars: readonly Bar[]): number {
  const all = sum(bars, 'requests');
  let seen = 0;
  for (const bar of bars) {
    seen += bar.requests;
    if (seen >= all * NEARLY_ALL) return bar.score;
  }
  return bars.at(-1)?.score ?? 0;
}

/** Scores taken together in equal steps; the last bin is open where something lies above it. */
function binsOf(
  bars: readonly Bar[],
  threshold: number | null,
): { readonly step: number; readonly bins: readonly Bin[] } {
  const highest = bars.at(-1)?.score ?? 0;
  const end = Math.min(highest, Math.max(nearlyAll(bars), 3 * (threshold ?? 5)));
  const step = Math.max(1, Math.ceil((end + 1) / MOST_BARS));
  const count = Math.floor(end / step) + 1;
  const bins = Array.from({ length: count }, (_, index): Bin => {
    const isLast = index === count - 1;
    const own = bars.filter(({ score }) => score >= index * step && (isLast || score < (index + 1) * step));
    return {
      from: index * step,
      to: isLast && highest >= count * step ? null : (index + 1) * step - 1,
      requests: sum(own, 'requests'),
      ordinary: sum(own, 'ordinary'),
      attacks: sum(own, 'attacks'),
    };
  });
  return { step, bins };
}

function binName({ from, to }: Bin): string {
  if (to === null) return `${whole(from)}+`;
  return from === to ? whole(from) : `${whole(from)}\u2013${whole(to)}`;
}

function rest({ requests, ordinary, attacks }: Bin): number {
  return Math.max(0, requests - ordinary - attacks);
}

function sentenceOf({ bars, threshold }: ScoreHistogram): string {
  const all = sum(bars, 'requests');
  if (threshold === null) return `${counted(all, 'request')} had a score. The limit is not known.`;
  const over = bars.filter(({ score }) => score >= threshold);
  const ordinary = sum(bars, 'ordinary');
  const people =
    ordinary === 0 ? '' : ` Of ordinary visitors: ${whole(sum(over, 'ordinary'))} of ${whole(ordinary)}.`;
  return `${whole(sum(over, 'requests'))} of ${counted(all, 'request')} with a score reached the limit of ${whole(threshold)}.${people}`;
}

/** The histogram; null when no request had a score. Bars may come in any order. */
export function scoresView(view: ScoreHistogram): ScoresView | null {
  const bars = view.bars
    .filter(({ score, requests }) => score >= 0 && requests > 0)
    .toSorted((a, b) => a.score - b.score);
  if (bars.length === 0) return null;
  const { threshold } = view;
  const { step, bins } = binsOf(bars, threshold);
  const title = `Scores, ${counted(view.days, 'day')}`;
  const sentence = sentenceOf({ ...view, bars });
  const chart = chartView({
    id: 'scores',
    title: `Requests by their score. ${sentence}`,
    bars: bins.map((bin) => ({
      name: binName(bin),
      parts: [
        { tone: 'fp', value: bin.ordinary },
        { tone: 'soft', value: rest(bin) },
        { tone: 'attack', value: bin.attacks },
      ],
    })),
    labelsFrom: 'start',
    legend: [
      { tone: 'fp', text: 'ordinary visitors' },
      { tone: 'soft', text: 'not decided' },
      { tone: 'attack', text: 'attacks' },
    ],
    limit: threshold === null ? null : { at: threshold / step, text: `limit ${whole(threshold)}` },
    columns: ['Score', 'Requests', 'Ordinary', 'Not decided', 'Attacks'],
    rows: bins
      .filter(({ requests }) => requests > 0)
      .map((bin) => [
        binName(bin),
        whole(bin.requests),
        whole(bin.ordinary),
        whole(rest(bin)),
        whole(bin.attacks),
      ]),
    tableName: 'Table of requests by their score',
  });
  return chart === null ? null : { title, sentence, chart };
}
