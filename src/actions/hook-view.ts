// What the command line and doctor say of the hook in csf.conf. Plain data.
import type { IsoTime } from './explanation.ts';

/**
 * `free`: nothing stands in the slot; `ours`; `taken`: another program; `odd`: the line cannot be changed safely; `none`: csf.conf
 * cannot be read.
 */
export type HookState = 'free' | 'ours' | 'taken' | 'odd' | 'none';

export interface HookView {
  readonly state: HookState;
  /** How it stands, as a sentence. */
  readonly sentence: string;
  /** csf.conf's line as it is; null without one. */
  readonly line: string | null;
  /** What stands in the slot; null for nothing. */
  readonly program: string | null;
  /** What ours calls after it; null for nothing. */
  readonly next: string | null;
  /** What to do, as sentences; empty when all is well. */
  readonly todo: readonly string[];
  /** The newest block that the hook told of. */
  readonly lastCall: IsoTime | null;
  /** Calls that wait to be read, and files that were no calls. */
  readonly waiting: number;
  readonly refused: number;
}

export type HookAct = 'install' | 'remove';

/** What an act would change, shown before it does. */
export interface HookPlan {
  readonly act: HookAct;
  /** Why it cannot be done, as a sentence; null when it can. */
  readonly refusal: string | null;
  /** The file and its line before and after; null when nothing is to be done, or nothing can be. */
  readonly change: {
    readonly file: string;
    readonly number: number;
    readonly before: string;
    readonly after: string;
    readonly from: string;
    readonly to: string;
  } | null;
  /** What ours calls afterwards; null for nothing. */
  readonly next: string | null;
  /** What it means, sentence by sentence. */
  readonly effects: readonly string[];
}
