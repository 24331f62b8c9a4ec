// A report as plain data: what the renderers, the page and `--json` share. It crosses a worker boundary.
import type { VerdictLabel } from '../model.ts';
import type { IsoTime, ServerView } from './explanation.ts';

/** A piece of a sentence: words of our own, or a value from a log, a list or the server's files, which is never trusted. */
export type Span = string | { readonly value: string };

export type Spans = readonly Span[];

export type ReportBlock =
  | { readonly kind: 'text'; readonly spans: Spans }
  /** Something that a person has to confirm. */
  | { readonly kind: 'task'; readonly spans: Spans }
  | { readonly kind: 'list'; readonly items: readonly Spans[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Spans[])[] }
  /** Lines as they are; all of it is untrusted. */
  | { readonly kind: 'code'; readonly text: string };

export interface ReportSection {
  readonly heading: string;
  readonly blocks: readonly ReportBlock[];
}

/** `customer`: for the owner of one vhost; `crs`: a false alarm for the makers of the Core Rule Set. */
export type ReportKind = 'customer' | 'crs';

export interface Report {
  readonly kind: ReportKind;
  readonly title: Spans;
  /** The address as the report shows it, with the incident's time; null for a block without requests. */
  readonly incident: { readonly ip: string; readonly from: IsoTime; readonly to: IsoTime } | null;
  /** Null where the requests named no vhost of this server. */
  readonly vhost: string | null;
  readonly verdict: VerdictLabel | null;
  readonly sections: readonly ReportSection[];
  /** Texts in which the scanner of the finished report masked something. */
  readonly masked: number;
}

/** A vhost that the incident touched. `vhost` is its servername. */
export interface TouchedVhost {
  readonly vhost: string;
  /** Null where no account of this server owns it. */
  readonly account: string | null;
  readonly requests: number;
}

export interface ReportRequest {
  readonly address: string;
  /** A time of the incident, best its start; null for the one nearest the block, else the newest. */
  readonly from: IsoTime | null;
  /** Any name of the vhost; null where only one account was touched. */
  readonly vhost: string | null;
  readonly kind: ReportKind;
  /** Shows the net (/24, /48) instead of the address. */
  readonly hideAddress: boolean;
  /** Names this server in the report. */
  readonly nameServer: boolean;
}

export type ReportAnswer = {
  /** All vhosts that the incident touched, most requests first: for the admin, never for the report. */
  readonly touched: readonly TouchedVhost[];
  /** Start of the incident; null without one. */
  readonly from: IsoTime | null;
  readonly server: ServerView;
} & (
  | { readonly state: 'made'; readonly report: Report }
  /** Several accounts were touched: each gets a report of its own. */
  | { readonly state: 'choose' }
  | { readonly state: 'refused'; readonly why: string }
  /** no-trace: the logs cover the time and hold nothing; gap: nothing found, and the logs have a gap. */
  | { readonly state: 'no-trace' | 'gap'; readonly why: string }
);
