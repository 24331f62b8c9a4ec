// What is done with csf: its commands, what it said to one, an act of several of them, and a block that somebody is told about.
import type { EpochMs } from './model.ts';

/** One command of csf that changes its lists. `target` is an address or net in csf's own form. */
export type CsfCommand =
  /** `-d` and `-a`: written into csf.deny or csf.allow. */
  | { readonly kind: 'deny' | 'allow'; readonly target: string; readonly comment: string }
  /** `-td` and `-ta`, for so many seconds. `ports` as csf lists them, e.g. `80,443`; null for all. */
  | {
      readonly kind: 'temp-deny' | 'temp-allow';
      readonly target: string;
      readonly seconds: number;
      readonly ports: string | null;
      readonly comment: string;
    }
  /** `-dr`, `-ar`, `-trd`, `-tra`, `-tr` (both temporary lists, and Cloudflare), `-cr` (the cluster). */
  | {
      readonly kind:
        | 'remove-deny'
        | 'remove-allow'
        | 'remove-temp-deny'
        | 'remove-temp-allow'
        | 'remove-temp'
        | 'remove-cluster';
      readonly target: string;
    };

/** What csf's words about a command come to. Its exit code says nothing: it is 0 for a refusal too. */
export type CsfAnswer =
  | 'done'
  /** In the list already. */
  | 'already'
  | 'not-found'
  /** Marked "do not delete". */
  | 'kept'
  | 'in-allow'
  | 'in-ignore'
  | 'invalid'
  | 'own-address'
  | 'no-ipv6'
  /** csf.disable or csf.error is there, or it gave up in the middle. */
  | 'off'
  /** It is restarting. */
  | 'busy'
  /** Nothing of what is known. */
  | 'unclear';

export interface CsfSaid {
  readonly answer: CsfAnswer;
  /** The line that says so, cleaned; the last line where nothing is known; empty where it said nothing. */
  readonly line: string;
  /** It said that it is in testing mode: nothing was done in the firewall. */
  readonly testing: boolean;
  readonly warnings: readonly string[];
  /** Entries that DENY_IP_LIMIT pushed out of csf.deny for this one, as lines. */
  readonly dropped: readonly string[];
}

/** What an admin asks of the firewall. */
export type FirewallActKind = 'unblock' | 'temp-allow' | 'allow' | 'disallow' | 'temp-block' | 'block';

/** One command of an act that was carried out. */
export interface FirewallStep {
  /** As it was run, e.g. `csf -dr 203.0.113.9`; or what was looked at. */
  readonly shown: string;
  readonly ok: boolean;
  /** What csf said and what its files show, as sentences. */
  readonly text: string;
  readonly ms: number;
}

/**
 * `running` until its end is known; `done`: csf's files show it; `refused`: nothing was changed, and why; `failed`: csf's files show
 * something else than was asked for.
 */
export type FirewallActState = 'running' | 'done' | 'refused' | 'failed';

export interface NewFirewallAct {
  readonly at: EpochMs;
  readonly who: string;
  readonly act: FirewallActKind;
  readonly target: string;
  readonly reason: string;
  /** The incident that it is about; null for none. */
  readonly incident: { readonly client: string; readonly from: EpochMs } | null;
  readonly commands: readonly CsfCommand[];
}

/** A row of the ledger of acts on the firewall. */
export interface FirewallAct extends NewFirewallAct {
  readonly id: number;
  readonly state: FirewallActState;
  readonly steps: readonly FirewallStep[];
  /** How it ended; null while it runs. */
  readonly sentence: string | null;
}

/** Where a block was heard of. */
export type NoticeSource = 'lfd.log' | 'hook' | 'csf.deny' | 'csf.tempban';

/** A block that somebody may be told about by mail. */
export interface NewNotice {
  /** Address or net; null for a hook call that names none. */
  readonly address: string | null;
  readonly at: EpochMs;
  readonly trigger: string | null;
  readonly permanent: boolean | null;
  readonly seconds: number | null;
  /** As csf lists them; null for all. */
  readonly ports: string | null;
  /** lfd's words, e.g. `(mod_security) mod_security (id:949110) triggered by …`; masked. */
  readonly message: string;
  readonly source: NoticeSource;
  /** The log lines that the hook was given, masked; null without. */
  readonly lines: string | null;
}

/** `waiting`: nobody has decided; `held`: for the digest or a later hour; `mailed`, `skipped`: by the policy. */
export type NoticeState = 'waiting' | 'held' | 'mailed' | 'skipped';

export interface Notice extends Omit<NewNotice, 'source'> {
  readonly id: number;
  readonly sources: readonly NoticeSource[];
  readonly state: NoticeState;
  /** Why it was held or skipped. */
  readonly why: string | null;
}
