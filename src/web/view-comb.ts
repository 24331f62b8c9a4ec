// "Requests on the clock": positions of the comb drawing, in percent of its width.
import type { IncidentView } from '../actions/explanation.ts';
import { counted, percent } from './view-text.ts';
import { duration, roughDuration } from './view-time.ts';

const STEPS_MS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];
const UNITS = [
  { ms: 86_400_000, name: 'd' },
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
  { ms: 1000, name: 's' },
  { ms: 1, name: 'ms' },
] as const;
const MAX_TICKS = 6;
/** Context further away than this many spans is left to the table, else a burst would shrink to one stroke. */
const CONTEXT_SPANS = 6;

interface CombTick {
  readonly x: string;
  readonly label: string;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly wideOnly: boolean;
}

export interface CombView {
  readonly title: string;
  readonly headline: string;
  /** What is not drawn, or empty. */
  readonly note: string;
  readonly refused: readonly string[];
  readonly answered: readonly string[];
  readonly ticks: readonly CombTick[];
  /** The firewall's flag; `label` stands below it where the axis is broken. */
  readonly flag: { readonly x: string; readonly label: string } | null;
  /** End of the first part of the axis; null for one unbroken axis. */
  readonly breakAt: string | null;
}

interface Window {
  readonly low: number;
  readonly high: number;
}

/** The drawn window: the flagged requests and the context near them, at least one second wide. */
function drawnWindow(incident: IncidentView): Window {
  const own = incident.transactions.map((one) => one.sinceStartMs);
  const [from, to] = own.reduce(([a, b], at) => [Math.min(a, at), Math.max(b, at)], [0, 0]);
  const reach = Math.max(to - from, 1000) * CONTEXT_SPANS;
  let [low, high] = [from, to];
  for (const { sinceStartMs: at } of incident.context) {
    if (at >= from - reach && at <= to + reach) [low, high] = [Math.min(low, at), Math.max(high, at)];
  }
  return { low, high: Math.max(high, low + 1000) };
}

function tickList(window: Window, place: (ms: number) => number): readonly CombTick[] {
  const span = window.high - window.low;
  const last = STEPS_MS.at(-1) ?? 1;
  const step = STEPS_MS.find((one) => span / one <= MAX_TICKS) ?? last * Math.ceil(span / last / MAX_TICKS);
  const unit = UNITS.find((one) => step >= one.ms) ?? { ms: 1, name: 'ms' };
  const first = Math.ceil(window.low / step);
  const count = Math.floor(window.high / step) - first + 1;
  return Array.from({ length: count }, (_, index) => {
    const at = (first + index) * step;
    const text = String(at / unit.ms).replace('-', '\u2212');
    const x = place(at);
    return {
      x: percent(x),
      label: index === 0 ? `${text} ${unit.name}` : text,
      anchor: x < 4 ? ('start' as const) : ('middle' as const),
      wideOnly: index % 2 === 1,
    };
  });
}

function headline(incident: IncidentView): string {
  const span = incident.spanSeconds > 0 ? ` in ${duration(incident.spanSeconds * 1000)}` : '';
  const refused = `${whatRefused(incident)}${span}`;
  if (incident.blockAfterMs === null) return refused;
  if (incident.blockAfterMs < 0) return `${refused}; the firewall block was set before the first of them`;
  return `${refused}; the firewall block came ${roughDuration(incident.blockAfterMs)} after the first`;
}

function whatRefused(incident: IncidentView): string {
  if (incident.denied === incident.requests) return `${counted(incident.requests, 'request')} refused`;
  return `${counted(incident.denied, 'request')} of ${incident.requests} refused`;
}

/**
 * The comb of an incident: squares for refused requests, rings for answered ones, the block as a flag.
 * A block long after the last request stands behind a break of the axis. Null without requests.
 */
export function combView(incident: IncidentView): CombView | null {
  if (incident.transactions.length === 0) return null;
  const window = drawnWindow(incident);
  const block = incident.blockAfterMs !== null && incident.blockAfterMs >= 0 ? incident.blockAfterMs : null;
  const near = block !== null && block <= window.high + (window.high - window.low) * 0.35;
  const drawn = near ? { low: window.low, high: Math.max(window.high, block) } : window;
  const right = block !== null && !near ? 78 : 98;
  const place = (ms: number): number => 1 + ((ms - drawn.low) / (drawn.high - drawn.low)) * (right - 1);
  const inside = incident.context.filter(
    (one) => one.sinceStartMs >= drawn.low && one.sinceStartMs <= drawn.high,
  );
  const refused = incident.transactions.filter((one) => one.denied);
  const passed = incident.transactions.filter((one) => !one.denied);
  const answered = [...passed, ...inside].map((one) => percent(place(one.sinceStartMs)));
  const outside = incident.contextTotal - inside.length;
  const text = headline(incident);
  return {
    title: `${text}. Answered normally and drawn: ${answered.length}. The same data is in the table below.`,
    headline: text,
    note: outside > 0 ? `${counted(outside, 'more answered request')} outside this picture` : '',
    refused: refused.map((one) => percent(place(one.sinceStartMs))),
    answered,
    ticks: tickList(drawn, place),
    flag: block === null ? null : flagAt(near ? place(block) : 92, near ? '' : `+${roughDuration(block)}`),
    breakAt: block !== null && !near ? '80%' : null,
  };
}

function flagAt(x: number, label: string): CombView['flag'] {
  return { x: percent(x), label };
}
