// The inbox as pages show it. Plain data (it crosses a worker boundary): times are ISO 8601 texts.
import type { IncidentRow, IsoTime, ServerView } from './explanation.ts';

/** One entry of the log-health strip. */
export interface HealthItem {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'bad' | 'off';
  readonly text: string;
  /** The check of the self-test that tells more: its id; null when none does. */
  readonly check: string | null;
}

/** The inbox. */
export interface Inbox {
  readonly rows: readonly IncidentRow[];
  readonly counts: {
    readonly all: number;
    readonly falsePositive: number;
    readonly unclear: number;
    readonly attack: number;
    readonly other: number;
  };
  readonly page: number;
  readonly pages: number;
  readonly shown: number;
  readonly matching: number;
  readonly health: readonly HealthItem[];
  /** Set when nothing can be shown because a log cannot be read. */
  readonly unreadable: { readonly path: string; readonly problem: string } | null;
  readonly lastLine: IsoTime | null;
  /** Addresses and nets, and causes, that an admin's mark holds for. */
  readonly marked: { readonly addresses: number; readonly causes: number };
  readonly server: ServerView;
}

/** Filters of the inbox, as they stand in the URL. */
export interface InboxFilter {
  readonly verdict: 'all' | 'false-positive' | 'unclear' | 'attack' | 'other';
  readonly sinceHours: number | null;
  readonly vhost: string | null;
  readonly blockedOnly: boolean;
  readonly page: number;
}
