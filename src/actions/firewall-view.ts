// What the pages, the command line and `--json` say of the firewall. Plain data: it crosses a worker boundary.
import type { FirewallActKind, FirewallActState, FirewallStep } from '../model-firewall.ts';
import type { LineRef, VerdictLabel } from '../model.ts';
import type { IsoTime, ServerView, Statement } from './explanation.ts';

/** What kind of entries a list shows. */
export type EntryKind = 'waf' | 'logins' | 'hand' | 'nets' | 'other' | 'allowed' | 'ignored';

export interface FirewallFilter {
  /** `all`: everything that denies. */
  readonly kind: EntryKind | 'all';
  /** A piece of an address, a comment or a trigger, or an address that an entry covers; null for all. */
  readonly text: string | null;
  readonly page: number;
}

/** One entry of csf's lists. */
export interface EntryRow {
  /** The entry as csf has it: address, net or advanced filter. */
  readonly entry: string;
  readonly list: 'deny' | 'tempban' | 'allow' | 'tempallow' | 'ignore';
  /** Normalised; null for a filter without address. */
  readonly address: string | null;
  /** Addresses that a net covers, in words (`256 addresses`); null for a single one. */
  readonly size: string | null;
  readonly kind: EntryKind;
  readonly trigger: string | null;
  /** Why, in words, e.g. `10 refusals by ModSecurity within an hour`; null where the comment is not understood. */
  readonly words: string | null;
  /** The comment as written, masked. */
  readonly comment: string;
  /** `all ports, both ways`. */
  readonly covers: string;
  readonly since: IsoTime | null;
  /** End of a temporary one. */
  readonly until: IsoTime | null;
  /** Marked "do not delete". */
  readonly isKept: boolean;
  /** The file that csf.deny or csf.allow includes; null for csf's own. */
  readonly includedFrom: string | null;
  readonly ref: LineRef;
  /** The incident nearest to it. */
  readonly incident: {
    readonly client: string;
    readonly from: IsoTime;
    readonly label: VerdictLabel | null;
    /** The verdict in words; what is missing where there is none. */
    readonly words: string;
  } | null;
  /** Why there is no incident, e.g. `no logs from then`; null where there is one. */
  readonly noIncident: string | null;
  /** When it drops out of a full list at today's rate, e.g. `in about 9 days`; null where it does not. */
  readonly dropsOut: string | null;
}

export interface FirewallView {
  readonly rows: readonly EntryRow[];
  readonly counts: Readonly<Record<FirewallFilter['kind'], number>>;
  readonly permanent: number;
  readonly temporary: number;
  readonly page: number;
  readonly pages: number;
  readonly matching: number;
  /** How long "permanent" lasts here. */
  readonly rotation: Statement | null;
  /** csf's settings that govern blocks, in words, with the known misreadings. */
  readonly settings: readonly CsfSetting[];
  readonly alarm: AlarmView | null;
  /** Files that could not be read, in words. */
  readonly problems: readonly { readonly source: string; readonly why: string }[];
  readonly readAt: IsoTime;
  readonly server: ServerView;
}

/** One setting of csf.conf. */
export interface CsfSetting {
  readonly name: string;
  readonly value: string;
  /** What this value does here. */
  readonly meaning: string;
  /** What it is often taken for, and what is wrong with that; null where nothing is. */
  readonly misreading: string | null;
  readonly state: 'ok' | 'warn' | 'fail';
}

/** Why no act is done until somebody has looked. */
export interface AlarmView {
  readonly at: IsoTime;
  readonly sentence: string;
  /** What to look at, one sentence each. */
  readonly todo: readonly string[];
}

/** Where something holds or frees an address. */
export type PlaceKind =
  | 'deny'
  | 'deny-ports'
  | 'deny-kept'
  | 'deny-net'
  | 'temp-deny'
  | 'temp-deny-net'
  | 'include'
  | 'blocklist'
  | 'global-deny'
  | 'country'
  | 'cluster'
  | 'cloudflare'
  | 'allow'
  | 'temp-allow'
  /** Allowed with a net that covers it, or on some ports only: in csf.allow or csf.tempallow. */
  | 'allow-net'
  | 'allow-ports'
  | 'global-allow'
  | 'ignore';

export interface PlaceView {
  readonly kind: PlaceKind;
  /** What it is, e.g. `198.51.100.0/24 in csf.deny, permanent, all ports`. */
  readonly sentence: string;
  readonly basis: Statement['basis'];
  /** What undoes it, in words. */
  readonly way: string;
  /** The entry as csf has it; null for lists that are not csf's to change. */
  readonly entry: string | null;
  readonly ref: LineRef | null;
  /** What csf does not take out: a net that is marked "do not delete", an allow of an included file. */
  readonly isKept?: boolean;
}

/** Where an address stands: the rows of the table that says how each kind of block is undone. */
export interface WhereView {
  readonly address: string;
  readonly blocked: boolean;
  readonly places: readonly PlaceView[];
  /** Where it is not csf that blocks: what else to look at. */
  readonly elsewhere: readonly Statement[];
  /** For IPv6: the /64 and what else of it is listed or was seen. For a net: what it holds, and which entries in it stay. */
  readonly neighbours: readonly Statement[];
}

/** What is asked for. */
export interface FirewallRequest {
  readonly act: FirewallActKind;
  /** Address, net or entry. */
  readonly target: string;
  /** Length of a temporary one; null for the default of 24 hours. */
  readonly seconds: number | null;
  /** Frees or allows in another way where a net covers the address: the whole net is freed only when that is said. */
  readonly wholeNet: boolean;
  /** Allow for this many seconds after the unblock; null for not at all. */
  readonly thenAllow: number | null;
  readonly incidentFrom: IsoTime | null;
}

/** What would be done: shown before anything is. */
export interface FirewallPlan {
  readonly request: FirewallRequest;
  /** The question, e.g. `Unblock 203.0.113.9?`. */
  readonly title: string;
  readonly steps: readonly { readonly shown: string; readonly effect: string }[];
  /** Why nothing can be done, as a sentence; null when it can. */
  readonly refusal: string | null;
  readonly warnings: readonly Statement[];
  /** What must be typed to confirm; null when a button is enough. */
  readonly typed: string | null;
  /** What happens when the same request comes again. */
  readonly again: readonly Statement[];
  /** The fix that should come first; null without one. */
  readonly fix: {
    readonly sentence: string;
    /** It was done already, at least in part. */
    readonly isDone: boolean;
    /** Without this rule alone the request would not have been refused. */
    readonly frees: boolean;
    readonly ruleId: string;
    readonly vhost: string;
    readonly target: string | null;
    readonly path: string | null;
  } | null;
  readonly where: WhereView;
  readonly verdict: { readonly label: VerdictLabel; readonly words: string } | null;
}

/** An act as a page watches it. */
export interface FirewallActView {
  readonly id: string;
  readonly state: 'waiting' | FirewallActState;
  readonly act: FirewallActKind;
  readonly target: string;
  /** What it does now; empty when it has ended. */
  readonly now: string;
  readonly steps: readonly FirewallStep[];
  readonly sentence: string | null;
  /** The row of the ledger; null before it began. */
  readonly ledgerId: number | null;
}
