// What pages, terminal and JSON show of rules and of what they did on the vhosts.
// Plain data (it crosses a worker boundary): times are ISO 8601 texts in the server's own offset.
import type { Disruptive, EngineKind } from '../model-rules.ts';
import type { LineRef, Severity } from '../model.ts';
import type { DriftView, ExclusionView, FoundView, VhostView, Writable } from './exclusion-view.ts';
import type { IsoTime, ServerView } from './explanation.ts';

export interface RuleSummary {
  readonly id: string;
  /** A few plain words, e.g. "Text read as SQL". */
  readonly title: string;
  readonly severity: Severity | null;
  readonly points: number | null;
  readonly paranoiaLevel: number | null;
  readonly phase: number | null;
  readonly message: string | null;
  /** 949110 and its kin: they only add up and have no switch. */
  readonly onlyAddsUp: boolean;
}

/** What fired on one vhost, for its toggle page. */
export interface DomainRule extends RuleSummary {
  readonly requests: number;
  readonly refused: number;
  /** Distinct addresses, all and by the verdict of their incidents. */
  readonly visitors: number;
  readonly byVerdict: Readonly<Record<string, number>>;
  readonly here: 'on' | 'part' | 'off' | 'locked';
  /** E.g. "Off for 1 target", "by hand, no reason given". */
  readonly note: string;
  readonly causes: readonly CauseView[];
}

/** One reason for many incidents: (vhost, rule, target, path template). */
export interface CauseView {
  readonly vhost: string;
  readonly ruleId: string;
  readonly target: string | null;
  readonly path: string | null;
  readonly requests: number;
  readonly refused: number;
  readonly visitors: number;
  readonly attackRequests: number;
  readonly lastAt: IsoTime;
}

export interface DomainView extends VhostView {
  readonly days: number;
  readonly rules: readonly DomainRule[];
  readonly exclusions: readonly ExclusionView[];
  readonly found: readonly FoundView[];
  readonly drift: readonly DriftView[];
  readonly engine: EngineFacts;
  readonly writable: Writable;
  readonly server: ServerView;
}

export interface DomainRow extends VhostView {
  readonly requests: number;
  readonly refused: number;
  readonly visitors: number;
  readonly rules: number;
  readonly exclusions: number;
  readonly found: number;
}

export interface DomainsView {
  readonly rows: readonly DomainRow[];
  readonly days: number;
  readonly server: ServerView;
}

/** A value that the configuration says and the logs show. */
export interface Setting {
  readonly name: string;
  readonly config: string | null;
  readonly logs: string | null;
  readonly warning: string | null;
  readonly lines: readonly LineRef[];
  /** Where the configuration says it, e.g. `crs-setup.conf:318`. */
  readonly source?: string;
}

export interface EngineFacts {
  readonly mode: 'On' | 'Off' | 'DetectionOnly' | null;
  readonly engine: EngineKind | null;
  readonly settings: readonly Setting[];
}

/** One rule of the catalogue, whole. */
export interface RuleView extends RuleSummary {
  /** What it looks for, in two or three plain sentences. */
  readonly words: string;
  /** Every place that defines this id: vendors, versions, disabled ones. */
  readonly definitions: readonly {
    readonly file: string;
    readonly line: number;
    readonly vendor: string | null;
    readonly version: string | null;
    readonly phase: number | null;
    readonly targets: readonly string[];
    readonly operator: string;
    readonly disruptive: Disruptive | null;
    readonly tags: readonly string[];
    readonly ctl: readonly string[];
    readonly setvars: readonly string[];
    readonly chained: readonly { readonly targets: readonly string[]; readonly operator: string }[];
    /** Loaded by the configuration; null when that cannot be told. */
    readonly active: boolean | null;
    readonly disabledBy: string | null;
  }[];
  readonly fires: readonly { readonly vhost: string; readonly requests: number; readonly visitors: number }[];
  readonly excluded: readonly {
    readonly vhost: string | null;
    readonly words: string;
    readonly id: number | null;
  }[];
  /** Other active rules that look at the same target. */
  readonly covers: readonly {
    readonly target: string;
    readonly rules: readonly RuleSummary[];
    readonly more: number;
  }[];
  readonly settings: readonly Setting[];
  readonly server: ServerView;
}

/** A row of the rule list. */
export interface RuleRow extends RuleSummary {
  readonly vendor: string | null;
  readonly file: string;
  readonly line: number;
  readonly disabled: boolean;
  readonly requests: number;
  readonly visitors: number;
  readonly vhosts: number;
}
