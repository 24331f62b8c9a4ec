// How the mails stand: what the service is set to, what waits, what left, what did not arrive.
import type { EpochMs } from '../model.ts';
import type { Mail } from '../store/mails.ts';
import type { Context } from './context.ts';
import { keptSetup, type MailSetup } from './mail-words.ts';

const MOST = 20;

/** A mail as it is named. */
export interface MailLine {
  readonly at: EpochMs;
  readonly subject: string;
  /** What went wrong; null for nothing. */
  readonly problem: string | null;
}

export interface MailStatus {
  /** What the service does; null: it sends no mails, or has not run yet. */
  readonly setup: MailSetup | null;
  /** Blocks that nobody has decided about, and those that are held. */
  readonly undecided: number;
  readonly held: number;
  /** Mails by their state. */
  readonly waiting: number;
  readonly sent: number;
  readonly failed: number;
  readonly unknown: number;
  readonly lastSent: MailLine | null;
  /** The mail that waits longest, with what went wrong with it and when it is tried again. */
  readonly stuck: (MailLine & { readonly again: EpochMs }) | null;
  /** Those that were given up, and those of which nobody knows whether they arrived; the newest first. */
  readonly lost: readonly MailLine[];
}

/** Reads it from the database. */
export function mailStatus({ store }: Pick<Context, 'store'>): MailStatus {
  const { mails, notices } = store.firewall;
  const counts = mails.counts();
  const blocks = notices.counts(0);
  const stuck = mails.inState('waiting', MOST).findLast(({ problem }) => problem !== null);
  const last = mails.inState('sent', 1)[0];
  return {
    setup: keptSetup(store),
    undecided: blocks.get('waiting') ?? 0,
    held: blocks.get('held') ?? 0,
    waiting: (counts.get('waiting') ?? 0) + (counts.get('sending') ?? 0),
    sent: counts.get('sent') ?? 0,
    failed: counts.get('failed') ?? 0,
    unknown: counts.get('unknown') ?? 0,
    lastSent: last === undefined ? null : { ...lineOf(last), at: last.endedAt ?? last.madeAt },
    stuck: stuck === undefined ? null : { ...lineOf(stuck), again: stuck.dueAt },
    lost: [...mails.inState('failed', MOST), ...mails.inState('unknown', MOST)]
      .toSorted((a, b) => b.madeAt - a.madeAt)
      .map(lineOf),
  };
}

function lineOf({ madeAt, subject, problem, state }: Mail): MailLine {
  const why = state === 'unknown' ? 'nobody knows whether it arrived' : null;
  return { at: madeAt, subject, problem: [why, problem].filter((part) => part !== null).join(': ') || null };
}
