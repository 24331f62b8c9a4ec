// What the pages of exclusions show: one page of one list, one exclusion, one that somebody else left.
import type { ChangeView, ExclusionsView, ExclusionView, FoundView, Writable } from './exclusion-view.ts';
import type { ServerView } from './explanation.ts';

export type ExclusionTab = 'active' | 'ended' | 'found' | 'drift' | 'changes';

/** Which list, and what is looked for in it: nothing for empty texts. Pages begin with 1. */
export interface ExclusionsFilter {
  readonly show: ExclusionTab;
  readonly vhost: string;
  readonly text: string;
  readonly page: number;
}

/** Rows of a list that pass the filter, of all of them. */
export interface ListCount {
  readonly matching: number;
  readonly all: number;
}

/** One page of one list, with the counts of all; of the lists that are not shown no rows. */
export interface ExclusionsSlice extends ExclusionsView {
  readonly changes: readonly ChangeView[];
  readonly counts: Readonly<Record<ExclusionTab, ListCount>>;
  /** Vhosts with an exclusion in force. */
  readonly activeVhosts: number;
  readonly page: number;
  readonly pages: number;
}

/** One exclusion with the changes that it was part of, newest first. */
export interface ExclusionDetail {
  readonly exclusion: ExclusionView;
  readonly changes: readonly ChangeView[];
  readonly writable: Writable;
  readonly server: ServerView;
}

/** One exclusion that somebody else left. */
export interface FoundDetail {
  readonly found: FoundView;
  readonly writable: Writable;
  readonly server: ServerView;
}
