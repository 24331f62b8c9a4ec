// The nouns of Whyblocked as readonly types: what logs hold, what is stored, what an explanation says.
// No code here. Words: see "Words" in CONTRIBUTING.md.

/** Milliseconds since 1970 UTC; a fraction holds microseconds where a log has them. */
export type EpochMs = number;

/**
 * Wall-clock milliseconds: a local time without zone, counted as if it were UTC.
 * `Clock.toEpoch` turns it into EpochMs once the server's zone is known.
 */
export type WallMs = number;

/** How sure a statement is: a line shows it; arithmetic or absence in a covered time; the source is not there. */
export type Basis = 'known' | 'inferred' | 'missing';

/** A place in a log: the path as the server sees it and the byte offset of the line (in the unpacked file). */
export interface LineRef {
  readonly file: string;
  readonly offset: number;
  /** Fingerprint of the file's first KiB, so that the place is found again after rotation. */
  readonly head?: string;
}

/** `audit_file`: one record in a file of its own, told of as of the audit log; `hits_db`: rows of WHM's hits list. */
type LogSource =
  'error_log' | 'audit_log' | 'audit_file' | 'access_log' | 'lfd_log' | 'login_log' | 'hits_db';
export type SourceKind = LogSource | 'csf' | 'rules' | 'mail';

export type Severity = 'EMERGENCY' | 'ALERT' | 'CRITICAL' | 'ERROR' | 'WARNING' | 'NOTICE' | 'INFO' | 'DEBUG';

// ---- What ModSecurity writes -------------------------------------------------------------------

/** One rule that matched, as one log line (or one audit Message) tells it. Texts are decoded, not masked. */
export interface RuleHit {
  readonly ruleId: string;
  /** `denied`: the line says "Access denied"; `warning`: it only says that the rule matched. */
  readonly action: 'warning' | 'denied';
  readonly denyStatus: number | null;
  readonly phase: number | null;
  /** The operator text after Warning./Access denied, e.g. `Pattern match "…" at ARGS:id.` */
  readonly operator: string;
  /** The variable that matched, e.g. `ARGS:comment`; null when the text names none. */
  readonly target: string | null;
  readonly message: string | null;
  readonly data: string | null;
  readonly severity: Severity | null;
  /** True when the line was cut in the middle of its fields, so that a missing severity says nothing. */
  readonly cut: boolean;
  /** The rule's own file and line, as the server sees them. */
  readonly file: string | null;
  readonly line: number | null;
  readonly version: string | null;
  readonly tags: readonly string[];
  /** ModSecurity 3: how many places its [ref] names, where more than one: it may have scored for each, in one line. */
  readonly places?: number;
}

/** Headers and request line of one transaction, from the audit record (unmasked until `maskRequest`). */
export interface RequestFacts {
  readonly method: string | null;
  /** Request target with its query, as sent. */
  readonly uri: string | null;
  readonly protocol: string | null;
  readonly host: string | null;
  readonly userAgent: string | null;
  readonly referer: string | null;
  readonly contentType: string | null;
  readonly status: number | null;
  /** Lower-case names of all request headers, in order; values of the rest are not kept. */
  readonly headerNames: readonly string[];
  /** Sec-Fetch-Site, one of its four words; null when it was not sent (or the record is older than this field). */
  readonly fetchSite?: 'same-origin' | 'same-site' | 'cross-site' | 'none' | null;
  /** The method of an XML-RPC call, e.g. `wp.newPost`; null for any other request. */
  readonly rpcMethod?: string | null;
  /** Sec-CH-UA as sent, at most 200 characters; null when it was not sent. */
  readonly clientHints?: string | null;
  /** Names of the cookies sent; values are never kept. */
  readonly cookieNames: readonly string[];
}

/** How a value that a rule looked at reads, computed on the raw value when it was read (TRIAGE grammar). */
export interface ValueFinding {
  /** Where the value stood, e.g. `ARGS:id`, `REQUEST_URI`. */
  readonly field: string;
  readonly path: string;
  /** Ids of the grammar expressions that match, e.g. `sql-bool`. */
  readonly grammar: readonly string[];
  readonly families: readonly string[];
  /** hostile, sentence (prose that mentions), author (field made for code), or none (no grammar at all). */
  readonly outcome: 'hostile' | 'sentence' | 'author' | 'none';
  /** Masked, at most 120 characters. */
  readonly excerpt: string;
  /** Keyed hash of the normalised value: equal values compare equal, the value cannot be read back. */
  readonly hash: string;
  readonly length: number;
  /** Whether something innocent explains a flagged value without grammar (Y6 fires when false). */
  readonly explained: boolean;
  readonly ruleIds: readonly string[];
  /** Keyed hash of the value's shape (runs of letters and digits are one sign); only where nothing explains it. */
  readonly shape?: string;
  /** content: a text for a page (long, or with markup or JSON, in a field for texts); tracking: a code of advertising. */
  readonly reads?: 'content' | 'tracking';
  /** The application whose authors write such a field, where a proved login of one explains it. */
  readonly author?: string;
}

/** A stored rule hit: masked, merged from both logs. */
export interface StoredHit extends RuleHit {
  /** Which occurrence of this rule in its transaction, from 0, in log order. */
  readonly nth: number;
  readonly sources: readonly SourceKind[];
  readonly refs: readonly LineRef[];
  /** A line that could be read in two ways (forged fields); the audit record or the rule files decided. */
  readonly ambiguous: boolean;
}

/** An engine or parser error that ModSecurity logged for a request; not a rule hit. */
export interface EngineError {
  readonly kind: 'parser' | 'limit' | 'execution' | 'internal';
  readonly text: string;
  readonly ruleId: string | null;
  readonly refs: readonly LineRef[];
}

/** One request as ModSecurity saw it, merged from error_log and audit log by unique_id, masked. */
export interface Transaction {
  readonly uniqueId: string;
  readonly at: EpochMs;
  readonly client: string;
  /** Host name without port, lower case; null when no line names it. */
  readonly vhost: string | null;
  /** Path as error_log has it (no query); null when only context is known. */
  readonly path: string | null;
  readonly request: RequestFacts | null;
  readonly hits: readonly StoredHit[];
  readonly engineErrors: readonly EngineError[];
  readonly findings: readonly ValueFinding[];
  readonly sources: readonly SourceKind[];
  /** Place of the audit record, null without one. */
  readonly auditRef: LineRef | null;
  readonly ambiguous: boolean;
}

/** A masked rule hit with the place of its line (an audit Message: the record's place). */
export interface PlacedHit extends RuleHit {
  readonly ref: LineRef;
  readonly ambiguous: boolean;
}

/** A transaction as it is kept: what each log told, side by side, so that any order of reading gives the same. */
export interface TransactionParts extends Omit<Transaction, 'hits' | 'sources'> {
  readonly errorHits: readonly PlacedHit[];
  /** Null when no audit record was read. */
  readonly auditHits: readonly PlacedHit[] | null;
}

// ---- What Apache writes ------------------------------------------------------------------------

/** One access-log line. */
export interface AccessEntry {
  readonly at: EpochMs;
  readonly offsetMinutes: number;
  readonly client: string;
  /** From a vhost prefix, or set by the reader from the log's own name; null when unknown. */
  readonly vhost: string | null;
  readonly method: string | null;
  readonly uri: string;
  readonly status: number;
  readonly bytes: number | null;
  readonly referer: string | null;
  readonly userAgent: string | null;
}

/** An access-log line with its place. */
export interface AccessHit extends AccessEntry {
  readonly ref: LineRef;
}

// ---- Judgement ---------------------------------------------------------------------------------

export type EvidenceStatus = 'present' | 'absent' | 'unknown';

export interface Evidence {
  readonly id: string;
  readonly group: string;
  /** Log-odds this item adds; 0 unless present. */
  readonly weight: number;
  readonly direction: 'for' | 'against' | 'neutral';
  readonly status: EvidenceStatus;
  readonly basis: Basis;
  readonly sentence: string;
  readonly lines: readonly LineRef[];
}

export type VerdictLabel = 'attack' | 'false-positive' | 'unclear' | 'local' | 'not-attributable';

export interface Verdict {
  readonly label: VerdictLabel;
  readonly sub: string | null;
  readonly logOdds: number;
  /** The answer as a sentence. */
  readonly words: string;
  /** Sum per group after its cap, for "how the verdict adds up". */
  readonly groups: readonly { readonly group: string; readonly sum: number }[];
  /** What would decide an unclear case. */
  readonly wouldDecide: string | null;
}

// ---- The server --------------------------------------------------------------------------------

/** A log file that was found. `path` is the server's own path, also when it is read below another root. */
export interface LogFile {
  readonly kind: SourceKind;
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: EpochMs;
  readonly compressed: boolean;
  readonly rotated: boolean;
  /** The vhost whose own log this is; null for a shared one. */
  readonly vhost: string | null;
  /** Null when readable, else the problem, e.g. `permission denied`. */
  readonly problem: string | null;
  /** Which text in the file is meant, and what it must still be when it is read; without it the whole file as it is. */
  readonly text?: LogText;
}

/**
 * A log's text as somebody has looked at it: a plain file, or the part of an archive that was a log of its own. Offsets count
 * from its beginning. When it begins with something else now, or other bytes stand before the cursor, nothing is read.
 */
export interface LogText {
  /** Where its gzip member begins in the file; 0 for a plain file. */
  readonly packedAt: number;
  /** Bytes of a part of an archive; null for a plain file, which may grow. */
  readonly length: number | null;
  /** Head as in a fingerprint. */
  readonly head: string;
  /** Up to where it was read, and what the bytes before that are known by (see `tailOf`); null when that is not known. */
  readonly cursor: number;
  readonly tail: string | null;
  /** Whether nothing more will come behind what it holds. */
  readonly whole: boolean;
}

/** What a log is about, as a search chooses it. */
export type SearchKind = 'access' | 'error' | 'audit' | 'lfd' | 'mail' | 'system';

/** A log that a search may read. Fields as in LogFile. */
export interface SearchLog extends Omit<LogFile, 'kind'> {
  readonly kind: SearchKind;
  /** The account whose vhost it belongs to; null for a shared one. */
  readonly account: string | null;
}

/** What one source covers, for "Read for this page". */
export interface Coverage {
  readonly source: string;
  readonly kind: SourceKind;
  readonly state: 'ok' | 'gap' | 'missing' | 'unreadable';
  readonly from: EpochMs | null;
  readonly to: EpochMs | null;
  readonly lines: number;
  readonly sentence: string;
  /** Set where it is there and was not looked through for this question. */
  readonly skipped?: true;
}

/** One vhost as userdatadomains tells it. */
export interface Vhost {
  readonly domain: string;
  readonly account: string;
  readonly owner: string;
  readonly kind: 'main' | 'addon' | 'parked' | 'sub' | 'other';
  /** Servername of the Apache vhost that serves it. */
  readonly vhost: string;
  readonly documentRoot: string;
}
