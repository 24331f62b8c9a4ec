// What pages, terminal and JSON show of marks. Plain data (it crosses a worker boundary): times are ISO 8601 texts.
import type { CauseKey, Mark, MarkKind } from '../model-evidence.ts';
import type { IsoTime, ServerView } from './explanation.ts';

/** What is to be marked: an address or net, or a cause by its number. */
export interface MarkRequest {
  readonly subject: Mark['subject'];
  /** As it was typed. */
  readonly about: string;
  readonly kind: string;
  readonly note: string;
}

/** One mark. */
export interface MarkView {
  readonly id: number;
  readonly kind: MarkKind;
  readonly subject: Mark['subject'];
  readonly about: string;
  readonly note: string;
  readonly author: string;
  readonly at: IsoTime;
  /** Null while it holds. */
  readonly endedAt: IsoTime | null;
  readonly endedBy: string | null;
}

/** One mark in the list of all. */
export interface MarkRow extends MarkView {
  /** Incidents of that address, net or cause that ended after it was said. */
  readonly incidentsSince: number;
  /** For a mark of a cause: what it is; null for addresses, and for a cause that is not kept any more. */
  readonly cause: CauseKey | null;
}

/** How many marks of a kind hold, and how many were ever made: counted and shown, nothing learns from them. */
export interface MarkCountView {
  readonly subject: Mark['subject'];
  readonly kind: MarkKind;
  readonly active: number;
  readonly ever: number;
}

/** Marks that hold, or those that were taken back. */
export interface MarksFilter {
  readonly show: 'active' | 'ended';
  readonly page: number;
}

export interface MarksView {
  readonly rows: readonly MarkRow[];
  readonly counts: readonly MarkCountView[];
  readonly active: number;
  readonly ended: number;
  readonly page: number;
  readonly pages: number;
  readonly server: ServerView;
}

/** The admin's word on the address or net that an answer is about. */
export interface AdminWord {
  /** Marks that hold for it, newest first. */
  readonly marks: readonly MarkView[];
  /** What was said, and what the model says beside it; empty where nothing was said. */
  readonly sentences: readonly string[];
  /** What a new mark would be about; null where none can be made. */
  readonly markable: string | null;
}
