// What a search shows: one shape behind the page, the terminal and the exports. Plain data, it crosses a thread's border.
import type { IsoTime, ServerView } from './explanation.ts';
import type { SearchQuery } from './search-query.ts';
import type { SearchKind } from '../model.ts';

/** What a word of a line leads to. */
export interface LineLink {
  readonly kind: 'ip' | 'uniqueId' | 'ruleId' | 'domain';
  readonly value: string;
}

/** A piece of a line: marked where the pattern (or the address) matched. Pieces joined are the masked line. */
export interface LinePart {
  readonly text: string;
  readonly marked: boolean;
  readonly link: LineLink | null;
}

/** A line found, secrets masked. */
export interface FoundLine {
  /** Its own time, or that of the line above it that has one; null when there is none. */
  readonly at: IsoTime | null;
  readonly file: string;
  /** Byte offset in the (unpacked) log. */
  readonly offset: number;
  readonly parts: readonly LinePart[];
  /** The lines around it, masked, as many as the query's `context` asks. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface SearchFileView {
  readonly path: string;
  readonly kind: SearchKind;
  /** Lines found in it so far. */
  readonly lines: number;
  /** `left out`: it cannot hold what was asked, or the rotated logs are not wanted; `note` says which. */
  readonly state: 'waiting' | 'reading' | 'done' | 'left out' | 'problem';
  /** A sentence: the problem, why it was left out, or from when on it can be read; null when all is well. */
  readonly note: string | null;
}

export interface HistogramView {
  /** Seconds of one bar. */
  readonly stepSeconds: number;
  /** All bars in order, empty ones too; at most 60. `at` is the start of the bar. */
  readonly bars: readonly { readonly at: IsoTime; readonly lines: number }[];
}

/** A hint about the pattern, with the change of the query that does what was probably meant. */
export interface SearchNote {
  readonly sentence: string;
  readonly change: Partial<SearchQuery> | null;
  /** What the link with that change says, e.g. `Search for a|b`; null without a change. */
  readonly offer: string | null;
}

/**
 * `waiting`: two others are running; `running`; `done`: everything was read; `enough`: the newest lines are found, the
 * rest was not counted; `stopped`: cancelled; `timeout`; `failed`: `problem` says why (lines found before it stay).
 */
export type SearchPhase = 'waiting' | 'running' | 'done' | 'enough' | 'stopped' | 'timeout' | 'failed';

/** The state of a search at one moment. */
export interface SearchView {
  readonly id: string;
  readonly query: SearchQuery;
  readonly phase: SearchPhase;
  /** Matching lines so far, in all logs. */
  readonly count: number;
  /** The newest of them, newest first, at most `query.limit`. */
  readonly lines: readonly FoundLine[];
  readonly files: readonly SearchFileView[];
  /** Bytes on disk: read so far, and all. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** The log being read. */
  readonly reading: string | null;
  /** The time window as it was understood; null ends are open. */
  readonly window: { readonly from: IsoTime | null; readonly to: IsoTime | null };
  readonly histogram: HistogramView | null;
  readonly notes: readonly SearchNote[];
  /** One sentence, when `phase` is `failed` or `timeout`. */
  readonly problem: string | null;
  readonly tookMs: number;
  /** The `before` of the next page; null when there are no older lines. */
  readonly older: string | null;
  /** False when a log begins after the window's start or could not be read: no line does not mean none was written. */
  readonly covered: boolean;
  readonly server: ServerView;
}

/** One line with its neighbours, for "surrounding lines". */
export interface SurroundingView {
  readonly file: string;
  readonly offset: number;
  readonly lines: readonly {
    readonly offset: number;
    readonly at: IsoTime | null;
    readonly parts: readonly LinePart[];
    readonly asked: boolean;
  }[];
  readonly server: ServerView;
}

/** A search that was kept under a name. */
export interface SavedSearch {
  readonly id: number;
  readonly name: string;
  readonly query: SearchQuery;
  readonly who: string;
  readonly at: IsoTime;
}
