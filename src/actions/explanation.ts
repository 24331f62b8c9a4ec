// What an explanation says: the one shape behind the page, the terminal text and `explain --json`.
// Plain data (it crosses a worker boundary): times are ISO 8601 texts in the server's own offset.
import type { MarkKind } from '../model-evidence.ts';
import type { Basis, Coverage, Evidence, LineRef, Severity, SourceKind, Verdict } from '../model.ts';
import type { AdminWord } from './marks-view.ts';
import type { ReadNotice } from './read-state.ts';

/** ISO 8601 with the server's offset and up to microseconds, e.g. `2026-11-22T13:01:33.972399+01:00`. */
export type IsoTime = string;

export type TargetKind = 'ip' | 'cidr' | 'domain' | 'uniqueId' | 'ruleId' | 'line' | 'mail';

/** What was asked. `value` is null when a mail's address was cut out. */
export interface Asked {
  readonly kind: TargetKind;
  readonly value: string | null;
}

/** A sentence with its standing and its place. */
export interface Statement {
  readonly basis: Basis;
  readonly sentence: string;
  readonly lines: readonly LineRef[];
}

/** One of the three separate answers. */
export interface Answer {
  readonly short: string;
  readonly long: string;
}

export interface BlockView {
  readonly state: 'permanent' | 'temporary' | 'none' | 'unknown';
  readonly source: 'csf.deny' | 'tempban' | 'cidr' | 'include' | 'blocklist' | 'mail' | 'lfd.log' | null;
  /** The address or net of the entry; null when none is known. */
  readonly address: string | null;
  readonly since: IsoTime | null;
  readonly until: IsoTime | null;
  readonly trigger: string | null;
  /** The trigger in words, e.g. "10 refusals by ModSecurity within an hour". */
  readonly triggerWords: string | null;
  readonly count: number | null;
  readonly intervalSeconds: number | null;
  /** Text of the csf.deny or csf.tempban line. */
  readonly line: string | null;
  readonly ref: LineRef | null;
  readonly covers: string | null;
  /** csf.conf values behind it, e.g. `LF_MODSEC = "5"`, with what they mean and what they are often taken for. */
  readonly settings: readonly {
    readonly name: string;
    readonly value: string;
    readonly meaning: string;
    readonly misreading?: string | null;
  }[];
  /** True for triggers that are no matter of the WAF (mail logins, sshd, connections). */
  readonly notWaf: boolean;
  /** For those: which log lfd read, and what the visitor should change. */
  readonly advice: readonly Statement[];
  /** E.g. the mail says permanent but csf.deny has lost it; the address is in csf.allow. */
  readonly contradictions: readonly Statement[];
  /** What happens when the same requests come again after an unblock; absent where nobody asked. */
  readonly again?: readonly Statement[];
}

export interface HitView {
  readonly ruleId: string;
  readonly severity: Severity | null;
  /** Points that count towards the total; 0 for rules that only add up or report. */
  readonly points: number;
  readonly pointsInferred: boolean;
  readonly target: string | null;
  readonly data: string | null;
  readonly message: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly phase: number | null;
  readonly paranoiaLevel: number | null;
  readonly action: 'warning' | 'denied';
  readonly ambiguous: boolean;
  readonly sources: readonly SourceKind[];
  readonly refs: readonly LineRef[];
}

export interface ScoreView {
  readonly total: number | null;
  readonly threshold: number | null;
  readonly computed: number;
  readonly reconciled: boolean;
  readonly inferred: boolean;
  readonly how: 'sum' | 'loaded-twice' | 'short' | 'over' | 'no-total';
  readonly blockedBy: string | null;
  /** Point sets that fit where rules are missing; most likely first. */
  readonly sets: readonly (readonly number[])[];
  readonly sentence: string;
}

export interface RequestView {
  readonly uniqueId: string;
  readonly at: IsoTime;
  /** Milliseconds since the incident's first request, with fraction. */
  readonly sinceStartMs: number;
  readonly vhost: string | null;
  readonly account: string | null;
  readonly method: string | null;
  /** With its query where a log has it; values of secret fields masked. */
  readonly uri: string | null;
  readonly status: number | null;
  readonly denied: boolean;
  readonly userAgent: string | null;
  readonly referer: string | null;
  readonly contentType: string | null;
  readonly score: ScoreView;
  readonly hits: readonly HitView[];
  readonly engineErrors: readonly Statement[];
  readonly sources: readonly SourceKind[];
  readonly auditRef: LineRef | null;
  readonly accessRef: LineRef | null;
  readonly ambiguous: boolean;
}

/** A line of the access log around the incident that ModSecurity said nothing about. */
export interface ContextLine {
  readonly at: IsoTime;
  readonly sinceStartMs: number;
  readonly vhost: string | null;
  readonly method: string | null;
  readonly uri: string;
  readonly status: number;
  readonly ref: LineRef;
}

export interface IncidentView {
  readonly client: string;
  readonly from: IsoTime;
  readonly to: IsoTime;
  readonly spanSeconds: number;
  readonly requests: number;
  readonly denied: number;
  /** What lfd counted (lines), when known: one request can give two denied lines. */
  readonly lfdCount: number | null;
  /** Requests per second over the span; null for a single request. */
  readonly rate: number | null;
  readonly vhosts: readonly {
    readonly name: string;
    readonly account: string | null;
    readonly requests: number;
  }[];
  readonly transactions: readonly RequestView[];
  /** Transactions beyond those shown (the page shows at most 200). */
  readonly more: number;
  readonly context: readonly ContextLine[];
  readonly contextTotal: number;
  /** The firewall block after the first request, in ms; null when unknown. */
  readonly blockAfterMs: number | null;
}

/** Contributing rules over the whole incident, for the ledger: one row a (rule, target). */
export interface LedgerRow {
  readonly ruleId: string;
  readonly message: string | null;
  readonly target: string | null;
  readonly data: string | null;
  readonly severity: Severity | null;
  readonly points: number;
  readonly inferred: boolean;
  readonly file: string | null;
  readonly line: number | null;
  readonly phase: number | null;
  readonly paranoiaLevel: number | null;
  readonly requests: number;
  /** Running total of the request shown, before and after this row. */
  readonly before: number;
  readonly after: number;
}

export interface Ledger {
  /** unique_id of the request whose arithmetic is shown: the most common sum. */
  readonly uniqueId: string;
  readonly rows: readonly LedgerRow[];
  readonly total: number | null;
  readonly threshold: number | null;
  readonly blockedBy: string | null;
  readonly score: ScoreView;
  /** Requests of the incident with the same arithmetic. */
  readonly same: number;
  readonly of: number;
  /** What the blocking rule is, in two lines. */
  readonly meaning: string;
}

export interface IncidentRow {
  readonly client: string;
  readonly from: IsoTime;
  readonly to: IsoTime;
  readonly spanSeconds: number;
  readonly requests: number;
  readonly denied: number;
  readonly vhosts: readonly string[];
  readonly ruleIds: readonly string[];
  readonly blocked: boolean;
  /** `permanent`, `until 18:41` or `not blocked`, for the list. */
  readonly firewall: string;
  readonly verdict: Verdict;
  readonly what: string;
  /** What the admin said last of its address, among what holds; null for nothing. */
  readonly mark: MarkKind | null;
}

/** What a pasted mail says by itself. */
export interface MailView {
  readonly host: string | null;
  /** True when the mail names another server than this one. */
  readonly foreign: boolean;
  readonly at: IsoTime | null;
  readonly addresses: readonly string[];
  readonly trigger: string | null;
  readonly count: number | null;
  readonly intervalSeconds: number | null;
  readonly permanent: boolean | null;
  readonly temporarySeconds: number | null;
  readonly lines: readonly string[];
}

/** A raw line behind a statement, masked, for "The lines behind it". */
export interface RawLine {
  readonly source: SourceKind;
  readonly ref: LineRef;
  readonly text: string;
}

/** One of several visitors behind an address. */
export interface ActorView {
  /** User-Agents, masked; empty for programs without a name. */
  readonly agents: readonly string[];
  readonly requests: number;
  readonly verdict: Verdict;
  readonly evidence: readonly Evidence[];
}

export interface Explanation {
  readonly asked: Asked;
  /** answered; no-trace: logs cover the time and hold nothing; gap: nothing found, and the logs have a gap. */
  readonly outcome: 'answered' | 'no-trace' | 'gap';
  readonly headline: string;
  readonly lead: string;
  readonly answers: { readonly who: Answer; readonly unblock: Answer; readonly rule: Answer } | null;
  readonly block: BlockView | null;
  readonly mail: MailView | null;
  readonly incident: IncidentView | null;
  readonly incidents: readonly IncidentRow[];
  readonly ledger: Ledger | null;
  readonly evidence: readonly Evidence[];
  readonly verdict: Verdict | null;
  /** The visitors behind the address, the worst judged first; empty where they cannot be told apart. */
  readonly actors: readonly ActorView[];
  readonly statements: readonly Statement[];
  readonly coverage: readonly Coverage[];
  readonly missing: readonly { readonly source: string; readonly why: string }[];
  readonly raw: readonly RawLine[];
  readonly ticket: string;
  /** What the admin said of the address or net that this is about; absent where it is about none. */
  readonly word?: AdminWord;
  readonly server: ServerView;
}

export interface ServerView {
  readonly hostname: string | null;
  /** e.g. `+01:00`. */
  readonly offset: string;
  readonly offsetBasis: Basis;
  readonly now: IsoTime;
  readonly version: string;
  /** Set when the reading of logs has stopped: what is told rests on what was kept before. */
  readonly notice: ReadNotice | null;
}

export interface ActivityRow {
  readonly at: IsoTime;
  readonly who: string;
  readonly address: string | null;
  readonly act: string;
  readonly detail: string;
  readonly result: string;
}
