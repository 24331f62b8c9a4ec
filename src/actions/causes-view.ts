// What pages, terminal and JSON show of causes. Plain data (it crosses a worker boundary): times are ISO 8601 texts.
import type { CauseState, Mark } from '../model-evidence.ts';
import type { LineRef, VerdictLabel } from '../model.ts';
import type { ScopeKind } from '../model-rules.ts';
import type { IsoTime, ServerView } from './explanation.ts';

/** What is advised for a cause. */
export interface Advice {
  readonly kind:
    'leave' | 'watch' | 'package' | 'target-path' | 'target-vhost' | 'rule-path' | 'rule-vhost' | 'paranoia';
  /** One sentence: what to do. */
  readonly words: string;
  /** One sentence: what it risks; empty for none. */
  readonly risk: string;
  /** The width that the preview opens with; null where nothing is to be excluded. */
  readonly scope: ScopeKind | null;
}

/** Whose requests a cause mostly is: the tint and letters of the matrix. */
export type CauseTone = 'false-alarms' | 'some' | 'unclear' | 'attacks';

/** One cause with its numbers over the window. */
export interface CauseRow {
  readonly id: number;
  /** Empty text: host names that nobody here owns. */
  readonly vhost: string;
  readonly account: string | null;
  readonly ruleId: string;
  readonly title: string;
  /** Null where the logs do not name it. */
  readonly target: string | null;
  readonly path: string | null;
  /** Different requests: all, refused, and refused ones that would have passed without this rule's points here. */
  readonly hits: number;
  readonly refused: number;
  readonly decisive: number;
  /** Different addresses. */
  readonly visitors: number;
  /** Different networks (/24, /48) of ordinary visitors. */
  readonly ordinary: number;
  /** Different networks of all visitors. */
  readonly networks: number;
  /** Requests that belong to attack incidents, and their share of all, 0 to 1. */
  readonly attackHits: number;
  readonly attackShare: number;
  /** Share of the requests to its path that it flags, 0 to 1; null while it is not counted. */
  readonly share: number | null;
  /** The noise score N, and its parts in words. */
  readonly score: number;
  readonly scoreParts: readonly { readonly words: string; readonly value: number }[];
  readonly band: 'noisy' | 'watch' | 'leave';
  readonly tone: CauseTone;
  readonly advice: Advice;
  /** It only matters together with others: which rules scored beside it is on its page. */
  readonly state: CauseState;
  /** E.g. `ignored until 3 more visitors`, `fixed by exclusion 12`, `came back after exclusion 12`. */
  readonly stateWords: string;
  readonly stateAt: IsoTime | null;
  readonly stateBy: string | null;
  readonly marks: readonly Mark[];
  readonly firstAt: IsoTime;
  readonly lastAt: IsoTime;
  /** Addresses among its visitors that csf blocks now. */
  readonly blockedNow: number;
}

/** Cell of the noise matrix: different visitors of one rule on one vhost, over all its causes. */
export interface MatrixCell {
  readonly ruleId: string;
  readonly visitors: number;
  readonly tone: CauseTone;
  /** The cause with the highest score in it. */
  readonly causeId: number;
}

export interface NoiseMatrix {
  readonly rules: readonly { readonly id: string; readonly title: string }[];
  readonly rows: readonly { readonly vhost: string; readonly cells: readonly (MatrixCell | null)[] }[];
  /** Vhosts and rules with hits that are not shown. */
  readonly moreVhosts: number;
  readonly moreRules: number;
}

/** A failure of the engine itself: never an attack, never a cause. */
export interface EngineErrorRow {
  readonly kind: 'parser' | 'limit' | 'execution' | 'internal';
  readonly vhost: string;
  /** Digits and values left out, so that equal errors are one row. */
  readonly text: string;
  readonly ruleId: string | null;
  readonly requests: number;
  readonly visitors: number;
  readonly lastAt: IsoTime;
  /** The directive to raise with its value now, e.g. `SecPcreMatchLimit (now 1000)`; null where none would help. */
  readonly limit: string | null;
  readonly words: string;
  readonly lines: readonly LineRef[];
}

/** Filters of the list, as they stand in the URL. */
export interface CausesFilter {
  readonly vhost: string | null;
  readonly ruleId: string | null;
  readonly state: 'open' | 'all' | CauseState;
  readonly text: string;
  readonly days: number;
  readonly page: number;
}

export interface CausesView {
  readonly days: number;
  readonly rows: readonly CauseRow[];
  readonly matching: number;
  readonly page: number;
  readonly pages: number;
  readonly counts: Readonly<Record<'open' | 'all' | CauseState, number>>;
  /** Causes in the band "noisy" whose state is open. */
  readonly noisy: number;
  readonly matrix: NoiseMatrix;
  readonly errors: readonly EngineErrorRow[];
  /** Incidents that are not judged yet: their hits are not counted. */
  readonly waiting: number;
  /** When the numbers were counted; null when they never were. */
  readonly countedAt: IsoTime | null;
  readonly server: ServerView;
}

/** One visitor whom a cause hit. */
export interface CauseVisitor {
  readonly client: string;
  /** Start of the incident, for a link. */
  readonly from: IsoTime;
  readonly label: VerdictLabel;
  readonly sub: string | null;
  readonly ordinary: boolean;
  readonly refused: number;
  readonly hits: number;
  /** `permanent`, `until 18:41`, `not blocked` or `not known`. */
  readonly firewall: string;
  readonly lastAt: IsoTime;
}

/** The page of one cause. */
export interface CausePageView {
  readonly cause: CauseRow;
  readonly days: number;
  readonly visitors: readonly CauseVisitor[];
  readonly moreVisitors: number;
  /** One entry a day of the window, oldest first; `day` as `2026-11-22`. */
  readonly trend: readonly {
    readonly day: string;
    readonly hits: number;
    readonly refused: number;
    readonly attacks: number;
  }[];
  /** Causes of the same rule on the same vhost, highest score first. */
  readonly others: readonly CauseRow[];
  /** Causes of other rules at the same target on the same path, most refused first: they may only matter together. */
  readonly beside: readonly CauseRow[];
  /** What was done: state changes, marks, exclusions, newest first. */
  readonly history: readonly { readonly at: IsoTime; readonly who: string; readonly words: string }[];
  /** Exclusions in force that cover it. */
  readonly covered: readonly number[];
  readonly server: ServerView;
}

/** Requests of one vhost by their score, with the limit. */
export interface ScoreHistogram {
  readonly vhost: string;
  readonly threshold: number | null;
  readonly bars: readonly {
    readonly score: number;
    readonly requests: number;
    readonly ordinary: number;
    readonly attacks: number;
  }[];
  readonly days: number;
}

/** What an admin makes of a cause. */
export interface CauseChange {
  /** `new` opens it again. */
  readonly state: Exclude<CauseState, 'reopened'>;
  /** For `ignored`: until so many more ordinary visitors; null: until somebody opens it. Else null. */
  readonly until: number | null;
  /** Why; required for `fixed` and `ignored`, at most 500 characters. */
  readonly note: string;
}
