// What pages, terminal and JSON show of exclusions: proposals, previews, what is in force, what was found, what was done.
// Plain data (it crosses a worker boundary): times are ISO 8601 texts in the server's own offset.
import type { VerdictLabel } from '../model.ts';
import type { ExclusionForm, ExclusionState, ScopeKind } from '../model-rules.ts';
import type { RuleSummary } from './domain-view.ts';
import type { IsoTime, ServerView, Statement } from './explanation.ts';

/** A scope as forms, links and JSON carry it. */
export interface ScopeFields {
  readonly kind: ScopeKind;
  readonly vhost: string;
  readonly ruleId: string | null;
  readonly tag: string | null;
  readonly target: string | null;
  /** `/cart/` exact, `/cart/*` with everything below, `/post/{n}/edit` a template; null for the whole vhost. */
  readonly path: string | null;
}

/** A scope with the sentence that says what it does. */
export interface ScopeView extends ScopeFields {
  readonly form: ExclusionForm;
  /** E.g. "Rule 942100 skips ARGS:comment on shop.example.com". */
  readonly words: string;
}

/** One thing that was checked before writing. `refuse` forbids the scope; the text says why and what works instead. */
export interface LintItem {
  readonly level: 'refuse' | 'warn' | 'ok';
  /** A stable name, e.g. `phase-1`, `regex-target`. */
  readonly code: string;
  readonly text: string;
}

export type Outcome = 'passes' | 'blocked' | 'bound';

export interface OutcomeTotals {
  readonly passes: number;
  readonly blocked: number;
  readonly bound: number;
}

/** One recorded request that was refused, tried against an exclusion. */
export interface PreviewRow {
  readonly uniqueId: string;
  readonly at: IsoTime;
  readonly ip: string;
  readonly vhost: string | null;
  readonly method: string | null;
  /** With its query where a log has it; secrets masked. */
  readonly uri: string | null;
  /** Total then, and the most it can be with the exclusion; null when no line names a total. */
  readonly before: number | null;
  readonly after: number | null;
  readonly threshold: number | null;
  readonly outcome: Outcome;
  /** Why it passes, stays blocked or is not certain, as a clause. */
  readonly reason: string;
  /** True when the exclusion takes at least one rule hit out of this request. */
  readonly touched: boolean;
  /** What the incident it belongs to was judged as; null when it is not judged. */
  readonly verdict: VerdictLabel | null;
  readonly incidentFrom: IsoTime | null;
  /** Rules that still count, with targets. */
  readonly still: readonly { readonly ruleId: string; readonly target: string | null }[];
}

/** An lfd block by ModSecurity refusals in the window, counted again without the freed ones. */
export interface BlockRecount {
  readonly address: string;
  readonly at: IsoTime;
  readonly trigger: string;
  /** Refusals lfd counted, its limit, and how many are left. */
  readonly count: number;
  readonly limit: number | null;
  readonly left: number;
  readonly happens: 'yes' | 'no' | 'uncertain';
}

/** The numbers of a preview, for one rung of the ladder. */
export interface PreviewSummary {
  readonly totals: OutcomeTotals;
  /** Keys: verdict labels, and `unjudged`. */
  readonly byVerdict: Readonly<Record<string, OutcomeTotals>>;
  /** Refused requests on the vhost in the window, and those of them that the exclusion touches. */
  readonly refused: number;
  readonly touched: number;
  /** Distinct addresses among the freed requests of incidents that are no attack. */
  readonly visitors: number;
  /** Freed requests of attack incidents, of so many refused requests of attack incidents. */
  readonly attacksPassing: number;
  readonly attacks: number;
  /** Touched requests whose points give exactly the stated total. */
  readonly reconciled: number;
  /** Requests refused in this time that the exclusions in force free already: in none of the other numbers. */
  readonly freedBefore: number;
  /** "This frees 58 requests of 10 visitors and lets no known attack request through." */
  readonly sentence: string;
}

export interface Preview extends PreviewSummary {
  readonly exclusion: ScopeView;
  readonly window: { readonly from: IsoTime; readonly to: IsoTime };
  readonly transactions: readonly PreviewRow[];
  /** Rows beyond those given (pages show at most some hundred). */
  readonly more: number;
  readonly blocks: readonly BlockRecount[];
  readonly caveats: readonly Statement[];
}

/** One rung of the ladder. */
export interface Rung {
  readonly scope: ScopeView;
  readonly lint: readonly LintItem[];
  /** False when a check refuses it. */
  readonly allowed: boolean;
  readonly summary: PreviewSummary;
  readonly suggested: boolean;
  /** One line: why this width, or why not. */
  readonly note: string;
}

/** A file that would be written. */
export interface FileView {
  readonly paths: readonly string[];
  readonly before: string | null;
  readonly after: string;
}

/** Whether this server's exclusions can be written, and if not, why and what to do. */
export interface Writable {
  readonly ok: boolean;
  readonly why: string | null;
}

export interface VhostView {
  readonly vhost: string;
  readonly account: string;
  /** All other names that this vhost answers to: a change is for all of them. */
  readonly aliases: readonly string[];
}

/** The page between a finding and its exclusion. */
export interface Proposal {
  readonly vhost: VhostView;
  readonly rule: RuleSummary | null;
  /** Narrowest first; `engine-off` is never among them unless it was asked for. */
  readonly ladder: readonly Rung[];
  /** Index of the rung that is shown below. */
  readonly chosen: number;
  /** The rung that works where the chosen one cannot; null when the chosen one can, or nothing does. */
  readonly instead: number | null;
  readonly preview: Preview;
  readonly file: FileView;
  /** Rule-wide scopes want the vhost's name typed. */
  readonly typedConfirm: boolean;
  /** Days until it ends unless chosen otherwise; null: until it is taken back. */
  readonly defaultDays: number | null;
  /** For `engine-off`: minutes at most. */
  readonly mostMinutes: number | null;
  readonly writable: Writable;
  /** How long the config test and the reload took last time, ms; null when never measured. */
  readonly lastTestMs: number | null;
  readonly lastReloadMs: number | null;
  readonly server: ServerView;
}

/** An exclusion that Whyblocked wrote. */
export interface ExclusionView {
  readonly id: number;
  readonly scope: ScopeView;
  readonly reason: string;
  readonly author: string;
  readonly createdAt: IsoTime;
  readonly expiresAt: IsoTime | null;
  readonly state: ExclusionState;
  readonly endedAt: IsoTime | null;
  /** Requests since it is in force that the rule would have looked at, as far as other logs tell; null when it cannot be known. */
  readonly uses: number | null;
  readonly lastUse: IsoTime | null;
  /** Requests since it is in force that still show the excluded hit: it should be 0. Null when not counted. */
  readonly furtherHits: number | null;
  /** Of so many requests with rule hits on the vhost ("0 of 12 further"). */
  readonly furtherRequests: number | null;
  /** E.g. unused for 90 days, the rule's id is gone, the file was changed by hand, the vhost is gone. */
  readonly warnings: readonly LintItem[];
}

/** An exclusion that somebody else left: CMC's files, hand-made lines, rules switched off in WHM. */
export interface FoundView {
  /** Names it in forms: stable as long as the file says the same. */
  readonly key: string;
  readonly maker: 'cmc' | 'whm' | 'hand';
  /** Servername, or null for the whole server. */
  readonly vhost: string | null;
  readonly account: string | null;
  readonly places: readonly { readonly file: string; readonly line: number; readonly text: string }[];
  /** What it switches off, in words. */
  readonly words: string;
  readonly warnings: readonly LintItem[];
  /** The managed scopes it would become; empty when it cannot be adopted, and `adoptWhy` says why. */
  readonly scopes: readonly ScopeView[];
  readonly adoptWhy: string | null;
}

/** A file of ours that was changed by hand. */
export interface DriftView {
  readonly vhost: string;
  readonly account: string;
  readonly kind: 'edited' | 'missing' | 'foreign' | 'not-included' | 'orphaned';
  readonly paths: readonly string[];
  readonly text: string;
  /** Unified diff, empty when there is none. */
  readonly diff: string;
  readonly adoptable: boolean;
}

/** All exclusions of the server. */
export interface ExclusionsView {
  readonly active: readonly ExclusionView[];
  readonly ended: readonly ExclusionView[];
  readonly found: readonly FoundView[];
  readonly drift: readonly DriftView[];
  readonly writable: Writable;
  readonly server: ServerView;
}

/** One change of files, from the ledger. */
export interface ChangeView {
  readonly id: number;
  readonly at: IsoTime;
  readonly who: string;
  readonly vhosts: readonly string[];
  readonly act: 'apply' | 'revert' | 'expire' | 'edit' | 'adopt';
  readonly reason: string;
  /** `running` of a process that is alive, `interrupted` of one that is not (the next act or start mends it). */
  readonly state: 'running' | 'done' | 'rolled-back' | 'interrupted' | 'failed';
  /** What happened, step by step, oldest first. */
  readonly steps: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly text: string;
    readonly ms: number;
  }[];
  readonly files: readonly {
    readonly path: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
  readonly exclusions: readonly number[];
  /** How to undo it, as a sentence. */
  readonly undo: string;
}

/** An act while it runs; polled. */
export interface ActView {
  /** Names it for polling. */
  readonly id: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** E.g. "Waiting for the reload that runs (one in 10 s)". */
  readonly now: string;
  readonly change: ChangeView | null;
  /** The outcome as one sentence once it has ended. */
  readonly sentence: string | null;
  readonly exclusionIds: readonly number[];
}

/** What a form or the command line asks for. */
export interface ExcludeRequest {
  readonly scope: ScopeFields;
  readonly reason: string;
  readonly author: string;
  /** Epoch ms; null: until it is taken back. */
  readonly expiresAt: number | null;
  /** What was typed to confirm; null when nothing was. */
  readonly typed: string | null;
}
