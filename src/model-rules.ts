// The nouns of rules and exclusions as readonly types. No code here.
import type { EpochMs, Severity } from './model.ts';

/** What a matching rule does with the request; null when its file does not say (then SecDefaultAction does). */
export type Disruptive = 'deny' | 'block' | 'drop' | 'redirect' | 'proxy' | 'allow' | 'pass';

/** A further rule of a chain; it has no id of its own, and ctl actions that name the chain's id do not reach its targets. */
export interface ChainedRule {
  readonly line: number;
  readonly targets: readonly string[];
  readonly operator: string;
  readonly ctl: readonly string[];
  readonly setvars: readonly string[];
}

/** A rule as its file defines it. */
export interface RuleInfo {
  readonly id: string;
  readonly file: string;
  /** The last line of the directive, which is what ModSecurity 2.9 logs as `[line "…"]`. */
  readonly line: number;
  readonly phase: number | null;
  readonly severity: Severity | null;
  readonly message: string | null;
  readonly tags: readonly string[];
  /** As written, e.g. `REQUEST_COOKIES`, `!REQUEST_COOKIES:/__utm/`, `ARGS`, `XML:/*`; empty for SecAction. */
  readonly targets: readonly string[];
  readonly paranoiaLevel: number | null;
  readonly kind: 'rule' | 'action';
  /** With its name and a leading `!` where it has one, e.g. `@rx ^a`, `!@within %{tx.x}`; empty for SecAction. */
  readonly operator: string;
  readonly version: string | null;
  readonly disruptive: Disruptive | null;
  /** Values of `ctl:` actions, e.g. `ruleRemoveTargetById=942100;ARGS:x`. */
  readonly ctl: readonly string[];
  /** Values of `setvar:` actions, e.g. `tx.anomaly_score_pl1=+%{tx.critical_anomaly_score}`. */
  readonly setvars: readonly string[];
  /** True with `skip` or `skipAfter`. */
  readonly skips: boolean;
  /** True when the rule says `nolog`. */
  readonly silent: boolean;
  readonly chain: readonly ChainedRule[];
}

// ---- Exclusions --------------------------------------------------------------------------------

/** How wide an exclusion is, narrowest first. */
export type ScopeKind =
  'target-path' | 'target-vhost' | 'rule-path' | 'rule-vhost' | 'tag-vhost' | 'engine-off';

/** Which request paths (without query, as the client sent them) a scope covers. In a template `{n}` stands for a number, hex run or UUID. */
export interface PathScope {
  readonly kind: 'exact' | 'prefix' | 'template';
  readonly text: string;
}

/** What is switched off, and where. Fields that the kind has no use for are null. */
export interface ExclusionScope {
  readonly kind: ScopeKind;
  /** Servername of the Apache vhost. */
  readonly vhost: string;
  readonly ruleId: string | null;
  readonly tag: string | null;
  /** `ARGS:comment`, or a whole collection, `ARGS`. */
  readonly target: string | null;
  readonly path: PathScope | null;
}

/**
 * How a scope is written: `ctl` = a phase-1 rule of ours with a ctl action (holds its own end, cannot reach phase-1
 * rules), `directive` = SecRuleRemoveById/ByTag in the vhost (reaches every phase, ends only when it is taken out).
 */
export type ExclusionForm = 'ctl' | 'directive';

/** What looks at the requests of a server. */
export type EngineKind = 'modsecurity-2' | 'modsecurity-3' | 'litespeed' | 'nginx';

export type ExclusionState = 'active' | 'expired' | 'reverted';

/** A rule switched off for a scope. */
export interface Exclusion {
  /** Our own number; the id of the written rule comes from it. */
  readonly id: number;
  readonly scope: ExclusionScope;
  readonly form: ExclusionForm;
  readonly reason: string;
  readonly author: string;
  readonly createdAt: EpochMs;
  /** Null: until it is taken back. */
  readonly expiresAt: EpochMs | null;
  readonly state: ExclusionState;
  /** When it stopped being active; null while it is. */
  readonly endedAt: EpochMs | null;
}
