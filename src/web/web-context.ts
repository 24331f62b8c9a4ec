// What the page needs from outside: the engine, the activity record, the session mode. All slow work is behind `engine`.
import type { ActivityRow, Explanation, Inbox, InboxFilter, IsoTime } from '../actions/explanation.ts';
import type { SearchQuery } from '../actions/search-query.ts';
import type { SavedSearch, SearchView, SurroundingView } from '../actions/search-view.ts';
import type { SearchLog } from '../model.ts';

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
  /** All logs that can be searched. */
  logs(): Promise<readonly SearchLog[]>;
  saved(): Promise<readonly SavedSearch[]>;
  save(name: string, query: SearchQuery, who: string): Promise<void>;
  forget(id: number, who: string): Promise<void>;
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
}

/** Outside WHM: one link, used once, opens one session in a browser. */
export interface LoginMode {
  readonly mode: 'login';
  /** At least 32 characters of randomness; `loginLink` builds the link. */
  readonly token: string;
  /** The name that activity rows carry; `root` when not given. */
  readonly who?: string;
  /** How to get a new link, as a sentence or two; a default fits `npm start` and `whyblocked serve`. */
  readonly renew?: string;
}

/** Behind the WHM bridge: a root-only socket, whose peer names the signed-in user in X-WB-User, X-WB-Addr and X-WB-Token. */
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
  readonly version: string;
  /** The bytes of a file of views/assets. */
  readonly asset: (name: string) => Buffer;
  /** Key of the CSRF tokens, at least 32 bytes. */
  readonly secret: Buffer;
  /** Epoch ms. */
  readonly clock: () => number;
}
