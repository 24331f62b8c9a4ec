// What a mail is made of, before it has words: plain data for whoever writes it.
import type { Notice } from '../model-firewall.ts';
import type { EpochMs, VerdictLabel } from '../model.ts';
import type { Explanation, IsoTime, ServerView, Statement } from './explanation.ts';
import type { FirewallPlan } from './firewall-view.ts';

/** How a mail is addressed, and where its links lead. */
export interface LetterHead {
  /** Names the mail: the same key gives the same Message-ID. */
  readonly key: string;
  /** Names this database among all: part of the Message-ID. */
  readonly tag: string;
  readonly from: string;
  readonly to: readonly string[];
  /** The server's name as an address may have it. */
  readonly host: string;
  readonly at: EpochMs;
  /** Minutes east of UTC of the server's clock at that moment. */
  readonly offsetMinutes: number;
  /** Where WHM answers; null: links are commands. */
  readonly whm: string | null;
  /** What was set, as a sentence for the foot. */
  readonly policy: string;
}

/** The mail about one block. */
export interface BlockLetter {
  readonly head: LetterHead;
  /** Mails with the same thread belong together. */
  readonly thread: string;
  readonly notice: Notice;
  /** Null where it could not be explained: `problem` says why. */
  readonly explanation: Explanation | null;
  readonly problem: string | null;
  /** The fix that should come before an unblock. */
  readonly fix: FirewallPlan['fix'];
  /** What happens when the same request comes again. */
  readonly again: readonly Statement[];
  /** Why it was mailed. */
  readonly why: string;
  readonly server: ServerView;
}

/** A block in a mail about several. */
export interface SummaryRow {
  readonly address: string;
  readonly at: IsoTime;
  readonly label: VerdictLabel | null;
  /** It may be ModSecurity's, and nobody judged it: nothing says that it needs nobody. */
  readonly isUnjudged: boolean;
  /** The verdict as a sentence, or what is known without one. */
  readonly words: string;
  /** What it did; empty where nothing is known. */
  readonly what: string;
  readonly vhosts: readonly string[];
  /** `permanent`, `until 18:41`, `not blocked`, `not known`. */
  readonly firewall: string;
  /** Start of its incident, for the link; null without one. */
  readonly from: IsoTime | null;
}

/** A mail about several blocks, or about none. */
export interface SummaryLetter {
  readonly head: LetterHead;
  /** `daily`: at its hour; `quiet`: after quiet hours; `flood`: where single mails became too many. */
  readonly kind: 'daily' | 'quiet' | 'flood';
  readonly from: IsoTime;
  readonly to: IsoTime;
  /** Blocks that need somebody, likely false alarms first, then the newest; then attacks. */
  readonly rows: readonly SummaryRow[];
  readonly counts: {
    readonly all: number;
    readonly falsePositive: number;
    readonly unclear: number;
    readonly attack: number;
    /** Blocks that may be ModSecurity's and that nobody judged: their requests are not in the logs that were read. */
    readonly unjudged: number;
    /** No matter of ModSecurity, shared proxies, the server itself. */
    readonly other: number;
  };
  /** Blocks of the time that were mailed one by one, and those that were not mailed by what was set. */
  readonly mailed: number;
  readonly skipped: number;
  /** Mails of which nobody knows whether they arrived, and those that were given up: when, about what, and why. */
  readonly lost: readonly { readonly at: IsoTime; readonly subject: string; readonly why: string }[];
  /** What stops the reading of logs. */
  readonly problems: readonly string[];
  readonly server: ServerView;
}

/** A mail that shows whether mails arrive. */
export interface TrialLetter {
  readonly head: LetterHead;
  readonly server: ServerView;
}

/** A mail as it is sent. */
export interface WrittenMail {
  readonly subject: string;
  /** All its bytes, with CR LF at every line's end. */
  readonly raw: Uint8Array;
}

/** Whoever puts letters into words. */
export interface Writer {
  block(letter: BlockLetter): Promise<WrittenMail>;
  summary(letter: SummaryLetter): Promise<WrittenMail>;
  trial(letter: TrialLetter): Promise<WrittenMail>;
}
