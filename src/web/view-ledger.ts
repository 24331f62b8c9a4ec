// The score ledger (rules, points, running total against the limit) and the solver's sets, as bars in percent.
import type { Ledger, LedgerRow, RequestView, ScoreView } from '../actions/explanation.ts';
import type { Severity } from '../model.ts';
import { causeLink, proposeLink, ruleLink } from './links.ts';
import type { LongText } from './view-text.ts';
import { baseName, counted, longText, percent, points } from './view-text.ts';

type BarTone = 'attack' | 'unclear' | 'other' | 'total';

/** A bar or a part of one: position and width in percent, its tone and its text where it fits. */
interface Bar {
  readonly x: string;
  readonly width: string;
  readonly tone: BarTone;
  readonly label: string;
  readonly labelX: string;
}

interface LedgerRowView {
  readonly ruleId: string;
  readonly href: string;
  /** Where excluding what the rule looked at is tried; null where the vhost is not known. */
  readonly exclude: string | null;
  /** The page of its cause; null where the log does not tell what it is. */
  readonly cause: string | null;
  readonly message: string;
  readonly about: string;
  readonly place: string;
  readonly target: string;
  readonly data: LongText | null;
  readonly points: string;
  readonly inferred: boolean;
  readonly bar: Bar;
  readonly running: string;
}

export interface LedgerView {
  readonly title: string;
  readonly basis: 'known' | 'inferred';
  readonly same: string;
  readonly max: string;
  readonly limit: { readonly x: string; readonly label: string; readonly labelX: string } | null;
  readonly rows: readonly LedgerRowView[];
  readonly total: { readonly rule: string; readonly value: string; readonly bar: Bar } | null;
  readonly sentence: string;
  readonly meaningOf: string;
  readonly meaning: string;
}

export interface SolverView {
  readonly title: string;
  readonly max: string;
  readonly limit: LedgerView['limit'];
  readonly sets: readonly { readonly sum: string; readonly words: string; readonly bars: readonly Bar[] }[];
  readonly sentence: string;
  readonly meaningOf: string;
  readonly meaning: string;
}

/** Points of the severities as CRS sets them by default. */
const POINT_WORDS: Readonly<Record<number, string>> = {
  5: 'critical',
  4: 'error',
  3: 'warning',
  2: 'notice',
};

function severityTone(severity: Severity | null, value: number): BarTone {
  if (severity === 'WARNING') return 'unclear';
  if (severity === 'NOTICE' || severity === 'INFO' || severity === 'DEBUG') return 'other';
  return severity === null ? pointsTone(value) : 'attack';
}

function pointsTone(value: number): BarTone {
  if (value >= 4) return 'attack';
  return value === 3 ? 'unclear' : 'other';
}

/** The right end of the scale: twice the limit, or the next whole limit above the total. */
function scaleMax(total: number, threshold: number | null): number {
  const limit = threshold === null || threshold <= 0 ? Math.max(total, 5) : threshold;
  return Math.max(2 * limit, limit * Math.ceil(total / limit));
}

interface Scale {
  readonly max: number;
  readonly threshold: number | null;
}

function barOf(scale: Scale, from: number, to: number, tone: BarTone): Bar {
  const [start, end] = [Math.max(0, Math.min(from, to)), Math.max(from, to, 0)];
  const width = ((end - start) / scale.max) * 100;
  const x = (start / scale.max) * 100;
  const label = from === 0 ? String(to) : points(to - from);
  return {
    x: percent(x),
    width: percent(width),
    tone,
    label: width >= 8 ? label : '',
    labelX: percent(x + 2),
  };
}

function limitOf(scale: Scale): LedgerView['limit'] {
  if (scale.threshold === null) return null;
  const x = (scale.threshold / scale.max) * 100;
  return { x: percent(x), label: `limit ${scale.threshold}`, labelX: percent(x + 2) };
}

/** The request that the ledger adds up, as far as an exclusion needs it. */
type LedgerRequest = Pick<RequestView, 'vhost' | 'uri'>;

/** The path of a request, null where the log has it masked, cut or not at all. */
function wholePath({ uri }: LedgerRequest): string | null {
  const path = uri?.replace(/[?#].*$/s, '') ?? '';
  return path.startsWith('/') && path.length <= 1024 && !path.includes('\u2022') ? path : null;
}

/** The ways from one row: to the exclusion of its target on its path, and to its cause, where the log has both unmasked. */
function rowLinks(
  { ruleId, target }: LedgerRow,
  request: LedgerRequest | null,
): Pick<LedgerRowView, 'exclude' | 'cause'> {
  if (request?.vhost == null) return { exclude: null, cause: null };
  const path = wholePath(request);
  const parts = { vhost: request.vhost, ruleId, target, path };
  return { exclude: proposeLink(parts), cause: path === null ? null : causeLink(parts) };
}

function rowView(row: LedgerRow, scale: Scale, request: LedgerRequest | null): LedgerRowView {
  const about = [
    row.severity?.toLowerCase() ?? null,
    row.paranoiaLevel === null ? null : `PL ${row.paranoiaLevel}`,
    row.phase === null ? null : `phase ${row.phase}`,
  ].filter((text) => text !== null);
  const reached = scale.threshold !== null && row.before < scale.threshold && row.after >= scale.threshold;
  return {
    ruleId: row.ruleId,
    href: ruleLink(row.ruleId),
    ...rowLinks(row, request),
    message: row.message ?? 'no message in the logs',
    about: about.join(' \u00b7 '),
    place: row.file === null ? '' : `${baseName(row.file)}${row.line === null ? '' : `:${row.line}`}`,
    target: row.target ?? 'not in the logs',
    data: row.data === null ? null : longText(row.data, 160),
    points: points(row.points),
    inferred: row.inferred,
    bar: barOf(scale, row.before, row.after, severityTone(row.severity, row.points)),
    running: `running total ${row.after}${reached ? ', limit reached' : ''}`,
  };
}

function ledgerTitle(ledger: Ledger): string {
  const sum = ledger.rows.reduce((total, row) => total + row.points, 0);
  const limit = ledger.threshold === null ? '' : `, limit ${ledger.threshold}`;
  if (ledger.total !== null && !ledger.score.reconciled) {
    return `Which rules scored: ${sum} of ${counted(ledger.total, 'point')} found${limit}`;
  }
  const total = ledger.total ?? sum;
  if (ledger.total === null && sum === 0)
    return `Which rule refused: ${ledger.blockedBy ?? ''}, without points`;
  if (ledger.rows.length < 2 || ledger.rows.length > 5 || sum !== total) {
    return `Which rules scored: ${counted(ledger.rows.length, 'rule')}, ${counted(total, 'point')}${limit}`;
  }
  return `Which rules scored: ${ledger.rows.map((row) => row.points).join(' + ')} = ${total}${limit}`;
}

/**
 * The ledger of the request shown; null when no rule is known (then only the solver's sets can be shown). With the
 * request itself, its rows lead to exclusions.
 */
export function ledgerView(ledger: Ledger, request: LedgerRequest | null = null): LedgerView | null {
  if (ledger.rows.length === 0) return null;
  const last = ledger.rows.reduce((most, row) => Math.max(most, row.after), 0);
  const scale = {
    max: scaleMax(Math.max(ledger.total ?? 0, last), ledger.threshold),
    threshold: ledger.threshold,
  };
  const refused = ledger.blockedBy === null ? '' : ', refused';
  return {
    title: ledgerTitle(ledger),
    basis: ledger.score.inferred || ledger.score.total === null ? 'inferred' : 'known',
    same:
      ledger.of === 1
        ? 'the one request'
        : `${ledger.same} of ${counted(ledger.of, 'request')} with this sum`,
    max: String(scale.max),
    limit: limitOf(scale),
    rows: ledger.rows.map((row) => rowView(row, scale, request)),
    total:
      ledger.total === null
        ? null
        : {
            rule: ledger.blockedBy ?? 'Total',
            value: String(ledger.total),
            bar: { ...barOf(scale, 0, ledger.total, 'total'), label: `${ledger.total}${refused}` },
          },
    // The heading says a plain sum already.
    sentence: ledger.score.how === 'sum' ? '' : ledger.score.sentence,
    meaningOf: ledger.blockedBy ?? 'the total',
    meaning: ledger.meaning,
  };
}

function setWords(set: readonly number[]): string {
  const byPoints = Map.groupBy(set, (value) => value);
  return [...byPoints]
    .map(([value, all]) => {
      const word = POINT_WORDS[value];
      const noun = word === undefined ? `rule of ${value} points` : `${word} rule`;
      return counted(all.length, noun, word === undefined ? `rules of ${value} points` : `${word} rules`);
    })
    .join(' and ');
}

/** The sets of points that fit where rules are missing, in the order given (most likely first); null without sets. */
export function solverView(score: ScoreView, meaning: string): SolverView | null {
  if (score.sets.length === 0) return null;
  const total = score.total ?? 0;
  const scale = { max: scaleMax(total, score.threshold), threshold: score.threshold };
  return {
    title: score.total === null ? 'What the score can be made of' : `What a score of ${total} can be made of`,
    max: String(scale.max),
    limit: limitOf(scale),
    sets: score.sets.map((set) => {
      const starts = set.map((_, index) => set.slice(0, index).reduce((sum, value) => sum + value, 0));
      return {
        sum: set.join(' + '),
        words: setWords(set),
        bars: set.map((value, index) => {
          const from = starts[index] ?? 0;
          return { ...barOf(scale, from, from + value, pointsTone(value)), label: String(value) };
        }),
      };
    }),
    sentence: score.sentence,
    meaningOf: score.blockedBy ?? 'the total',
    meaning,
  };
}
