// The nouns of what is known about an address beyond its requests, and of what an admin said. No code here.
import type { EpochMs, LineRef } from './model.ts';

/** A service that people log in to with their own password. */
export type LoginService = 'imap' | 'pop3' | 'smtp' | 'ftp' | 'webmail' | 'cpanel' | 'whm';

/** Successful logins of one name from one address at one service: the newest one's line. */
export interface OwnerLogin {
  readonly address: string;
  readonly service: LoginService;
  /** As the log names it: `info@shop.example.com`, or an account. */
  readonly user: string;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly ref: LineRef;
}

/** lfd caught the address on something other than ModSecurity. */
export interface LfdCatch {
  readonly at: EpochMs;
  /** The lfd setting, e.g. `LF_SSHD`; null when the line does not tell it. */
  readonly trigger: string | null;
  readonly ref: LineRef;
}

/** A block list that csf has loaded holds the address. */
export interface Listing {
  /** Name of the list as csf.blocklists gives it, e.g. `SPAMDROP`. */
  readonly list: string;
  /** The entry: an address or a net. */
  readonly entry: string;
  readonly ref: LineRef;
}

/**
 * What DNS said of an address. confirmed: the name's addresses hold it; mismatch: they do not; none: it has no name;
 * unknown: nobody was asked, or no answer came.
 */
export interface ReverseName {
  readonly state: 'confirmed' | 'mismatch' | 'none' | 'unknown';
  /** Lower case, without the last dot; null where there is none. */
  readonly name: string | null;
  /** When DNS was asked; null when it was not. */
  readonly at: EpochMs | null;
}

/** Why an address is known: a csf list names it, or the admin marked it. */
export interface KnownClient {
  readonly source: 'csf.allow' | 'csf.ignore' | 'mark';
  /** For a sentence: `csf.ignore names it (our monitor)`, `You marked it as an uptime monitor`. */
  readonly words: string;
  /** Null for a mark. */
  readonly ref: LineRef | null;
}

/** What an admin says of an address or a cause. */
export type MarkKind =
  | 'monitor'
  | 'payment'
  | 'partner'
  | 'own-program'
  /** What a rule stopped was harmless; says nothing about anybody else. */
  | 'false-alarm';

/** An admin's word. Addresses: an address or a net; causes: the number of a cause. */
export interface Mark {
  readonly id: number;
  readonly kind: MarkKind;
  readonly subject: 'address' | 'cause';
  /** `203.0.113.7`, `2001:db8:1::/64`, or the cause's number. */
  readonly about: string;
  readonly note: string;
  readonly author: string;
  readonly at: EpochMs;
  /** When it was taken back; null while it holds. */
  readonly endedAt: EpochMs | null;
}

/** All that is known about one address beyond its requests. Null lists: no source could tell. */
export interface AddressFacts {
  /** Successful logins in the 7 days before the incident ended, newest first. */
  readonly logins: readonly OwnerLogin[] | null;
  /** What lfd caught it on in the 30 days before, ModSecurity left out, newest first. */
  readonly caught: readonly LfdCatch[] | null;
  readonly listings: readonly Listing[] | null;
  readonly known: readonly KnownClient[];
  /** True when csf's lists and the marks were read; without it an empty `known` says nothing. */
  readonly knownAsked?: boolean;
  readonly reverse: ReverseName;
  /** The host name that lfd printed beside the address; null when it printed none. Never forward-confirmed. */
  readonly lfdName: string | null;
  /** The line in which lfd printed it. */
  readonly lfdNameRef?: LineRef | null;
}

// ---- Causes ------------------------------------------------------------------------------------

/** new: nobody has looked; known: an admin has; ignored: until it hits more; fixed: an exclusion covers it; reopened: it came back after that. */
export type CauseState = 'new' | 'known' | 'ignored' | 'fixed' | 'reopened';

/** What makes a cause: names and numbers that vary stand as `{n}`. Empty text: not in the logs. */
export interface CauseKey {
  /** Servername of the vhost; a host name that nobody here owns stands as empty text. */
  readonly vhost: string;
  readonly ruleId: string;
  readonly target: string;
  readonly path: string;
}

/** What one incident did to one cause. */
export interface CauseHits extends CauseKey {
  /** As the logs name it, while all hits agree; else the templates. */
  readonly targetSeen: string;
  readonly pathSeen: string;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** Different requests that the rule hit there. */
  readonly hits: number;
  readonly refused: number;
  /** Refused requests that would have stayed below the limit without these points. */
  readonly decisive: number;
  /** Of the values that the rule reacted to: those that read as page content, or stood in a tracking field. */
  readonly shaped: number;
}
