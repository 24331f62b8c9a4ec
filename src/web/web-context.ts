// What the page needs from outside: the engine, the activity record, the session mode. All slow work is behind `engine`.
import type {
  CauseChange,
  CausePageView,
  CauseRow,
  CausesFilter,
  CausesView,
  ScoreHistogram,
} from '../actions/causes-view.ts';
import type { WhmLook } from '../actions/doctor-seen.ts';
import type { DoctorReport } from '../actions/doctor-view.ts';
import type { DomainsView, DomainView, RuleRow, RuleView } from '../actions/domain-view.ts';
import type {
  ExclusionDetail,
  ExclusionsFilter,
  ExclusionsSlice,
  FoundDetail,
} from '../actions/exclusion-list-view.ts';
import type {
  ActView,
  ChangeView,
  ExcludeRequest,
  Proposal,
  ScopeFields,
} from '../actions/exclusion-view.ts';
import type { ActivityRow, Explanation, IsoTime } from '../actions/explanation.ts';
import type { FirewallActRow, FirewallList, FirewallPreview } from '../actions/firewall-ledger.ts';
import type { Confirmation } from '../actions/firewall-plan.ts';
import type { FirewallActView, FirewallFilter, FirewallRequest } from '../actions/firewall-view.ts';
import type { Inbox, InboxFilter } from '../actions/inbox-view.ts';
import type { MarkRequest, MarksFilter, MarksView } from '../actions/marks-view.ts';
import type { ReportAnswer, ReportRequest } from '../actions/report-view.ts';
import type { SearchQuery } from '../actions/search-query.ts';
import type { SavedSearch, SearchView, SurroundingView } from '../actions/search-view.ts';
import type { CauseKey } from '../model-evidence.ts';
import type { SearchLog } from '../model.ts';
import type { LoginSessions } from './sessions.ts';

/** Who acts, for the activity. */
export interface Actor {
  readonly who: string;
  readonly address: string | null;
}

/** Searching the logs. A search nobody looks at for 10 s is stopped; what it found is kept for 2 minutes after the last look. */
export interface SearchEngine {
  /**
   * Starts a search and gives its state once there is something to show, at most `waitMs` later. Rejects with BadInput
   * for fields that cannot be understood; its `field`, where set, is the name of that field in SearchQuery. Of the lines
   * only the newest `most` come along; all when it is not given.
   */
  start(query: SearchQuery, waitMs: number, most?: number): Promise<SearchView>;
  /** The state of a search, at most `waitMs` (up to 1000) later when nothing is new; null when it is gone. */
  look(id: string, waitMs: number, most?: number): Promise<SearchView | null>;
  /** Stops a search and gives its last state; null when it is gone. */
  stop(id: string): Promise<SearchView | null>;
  /** The line at a byte offset with up to `lines` neighbours on each side. BadInput when log or line are not there. */
  around(file: string, offset: number, lines: number): Promise<SurroundingView>;
  /** The same without masks, recorded before it is given. Rejects with Refused when it cannot be recorded. */
  reveal(file: string, offset: number, lines: number, by: Actor): Promise<SurroundingView>;
  /** All logs that can be searched. */
  logs(): Promise<readonly SearchLog[]>;
  saved(): Promise<readonly SavedSearch[]>;
  save(name: string, query: SearchQuery, by: Actor): Promise<void>;
  forget(id: number, by: Actor): Promise<void>;
}

/**
 * Rules, what fired where, and exclusions. What cannot be understood rejects with BadInput, whose `field`, where set, is
 * the name of that field in ScopeFields or ExcludeRequest; what is right but refused rejects with Refused.
 */
export interface ExclusionEngine {
  domains(): Promise<DomainsView>;
  /** The vhost of any of its domains; null when no vhost of this server has that name. */
  domain(vhost: string): Promise<DomainView | null>;
  rules(filter: { readonly vhost: string | null; readonly text: string | null }): Promise<readonly RuleRow[]>;
  rule(id: string): Promise<RuleView | null>;
  propose(fields: ScopeFields): Promise<Proposal>;
  /** The acts start and are then looked at with `act`. */
  exclude(request: ExcludeRequest): Promise<ActView>;
  revert(id: number, reason: string, author: string): Promise<ActView>;
  /** `expiresAt` in epoch ms, null: until it is taken back. */
  edit(
    id: number,
    change: { readonly reason: string; readonly expiresAt: number | null },
    author: string,
  ): Promise<ActView>;
  /** Takes over an exclusion that somebody else left, by its key. */
  adopt(key: string, reason: string, author: string): Promise<ActView>;
  /** For a file of ours that was changed by hand: takes over what it says, or keeps it as it is. */
  settle(vhost: string, how: 'adopt' | 'keep', reason: string, author: string): Promise<ActView>;
  /** The state of an act, at most `waitMs` later when nothing is new; null when it is unknown. */
  act(id: string, waitMs: number): Promise<ActView | null>;
  /** One page of one list. */
  exclusions(filter: ExclusionsFilter): Promise<ExclusionsSlice>;
  /** Null when none has this number. */
  exclusion(id: number): Promise<ExclusionDetail | null>;
  /** What somebody else left, by its key; null when the files say something else by now. */
  found(key: string): Promise<FoundDetail | null>;
  change(id: number): Promise<ChangeView | null>;
  causes(filter: CausesFilter): Promise<CausesView>;
  /** Null when none has this number. */
  cause(id: number): Promise<CausePageView | null>;
  /** The same by names as logs and links have them; the vhost by any of its domains. */
  causeByKey(names: CauseKey): Promise<CausePageView | null>;
  /** Gives the cause as it is then. BadInput's fields are those of CauseChange. */
  setCauseState(id: number, change: CauseChange, by: Actor): Promise<CauseRow>;
  /** Requests of the vhost of a domain by score; null when no vhost of this server has that name. */
  histogram(vhost: string): Promise<ScoreHistogram | null>;
}

/** The self-test: what works on this server, and what only requests through WHM can show. */
export interface DoctorEngine {
  /** Looks at everything anew: some seconds on a live server. */
  report(): Promise<DoctorReport>;
  /** The same as a text without names of hosts, accounts and addresses. */
  text(): Promise<string>;
  /** Keeps what a request through WHM showed. */
  saw(look: WhmLook): Promise<void>;
  /** Keeps that a trial began (null), or what it came to. */
  trial(id: string, result: string | null): Promise<void>;
}

/** What an admin says of addresses and causes. What cannot be read rejects with BadInput, what is refused with Refused. */
export interface MarkEngine {
  list(filter: MarksFilter): Promise<MarksView>;
  mark(request: MarkRequest, by: Actor): Promise<void>;
  unmark(id: number, by: Actor): Promise<void>;
}

/**
 * csf's lists, and what is done with them. What cannot be read rejects with BadInput, whose `field`, where set, is `target`,
 * `seconds`, `thenAllow`, `reason` or `typed`; what is refused rejects with Refused.
 */
export interface FirewallEngine {
  list(filter: FirewallFilter): Promise<FirewallList>;
  /** What would be done. `by`: from where the admin is connected, null where that is not known. */
  plan(request: FirewallRequest, by: string | null): Promise<FirewallPreview>;
  /** The act starts and is then looked at with `run`. */
  order(request: FirewallRequest, confirmation: Confirmation): Promise<FirewallActView>;
  /** The state of an act that was started, at most `waitMs` later when nothing is new; null when it is unknown. */
  run(id: string, waitMs: number): Promise<FirewallActView | null>;
  /** An act of the ledger; null when none has this number. */
  act(id: number): Promise<FirewallActRow | null>;
  /** Somebody has looked at what went wrong: acts are done again. */
  endAlarm(reason: string, by: Actor): Promise<string>;
}

/** Reports for tickets. BadInput's fields are those of ReportRequest. */
export interface ReportEngine {
  make(request: ReportRequest): Promise<ReportAnswer>;
}

/**
 * The questions a page asks. An error whose `name` is `BadInput` says in `message`, in words for the user,
 * why a text cannot be explained; it becomes a 400 page. Every other error becomes a 500 page.
 */
export interface WebEngine {
  /** Explains a text (target, log lines or mail). `from` names the start of the incident wanted, where it is known. */
  explain(text: string, from?: IsoTime): Promise<Explanation>;
  inbox(filter: InboxFilter): Promise<Inbox>;
  activity(): Promise<readonly ActivityRow[]>;
  readonly search: SearchEngine;
  readonly exclusions: ExclusionEngine;
  readonly doctor: DoctorEngine;
  readonly marks: MarkEngine;
  readonly reports: ReportEngine;
  readonly firewall: FirewallEngine;
}

/** Outside WHM: links, each used once, open sessions in a browser. */
export interface LoginMode {
  readonly mode: 'login';
  /** Whoever starts the app offers tokens to it; `loginLink` builds their links. */
  readonly sessions: LoginSessions;
  /** How to get a new link, as a sentence or two; a default fits `npm start` and `whyblocked serve`. */
  readonly renew?: string;
}

/**
 * Behind the WHM bridge: a root-only socket, whose peer names the signed-in user in X-WB-User, X-WB-Addr and X-WB-Token,
 * and says with X-WB-Root that WHM gave him root's rights.
 */
interface BridgeMode {
  readonly mode: 'bridge';
}

export type SessionMode = LoginMode | BridgeMode;

/** One act for the activity record. */
export interface ActRecord {
  readonly who: string;
  readonly address: string | null;
  readonly act: string;
  readonly detail: string;
  readonly result: string;
}

/** A failure with the id that the user sees. */
export interface Failure {
  readonly id: string;
  /** Method and page, e.g. `GET /explain`. */
  readonly where: string;
  readonly error: unknown;
}

export interface WebContext {
  readonly engine: WebEngine;
  readonly record: (row: ActRecord) => void;
  readonly log: (failure: Failure) => void;
  readonly session: SessionMode;
  /** Users who may look, but not change anything; nobody when not given. */
  readonly readOnly?: readonly string[];
  /** Costly pages that one user may ask for in a minute; no limit when not given. */
  readonly costlyPerMinute?: number;
  readonly version: string;
  /** The bytes of a file of views/assets. */
  readonly asset: (name: string) => Buffer;
  /** Key of the CSRF tokens, at least 32 bytes. */
  readonly secret: Buffer;
  /** Epoch ms. */
  readonly clock: () => number;
}
