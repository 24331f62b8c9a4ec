// Blocks that are held: what is due of them, and the daily mail.
import type { EpochMs } from '../model.ts';
import type { HeldNotice } from '../store/notices.ts';
import { dayOf } from './mail-clock.ts';
import { lookAndDecide, type MailRound, post } from './mail-decide.ts';
import type { SummaryLetter } from './mail-letter.ts';
import { headOf } from './mail-look.ts';
import { dailyDue, dueOfHeld, heldFor } from './mail-policy.ts';
import { summaryLetter } from './mail-summary.ts';
import type { Fresh } from './refresh.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Held blocks that one mail tells of; more wait for the next. */
const MOST_HELD = 5000;

/** Writes the mail of the day and the summaries that are due, and decides anew about those that were held for an hour that is over. */
export async function heldRound(work: MailRound, { clock }: Pick<Fresh, 'clock'>): Promise<void> {
  const { ctx, settings, now } = work;
  const held = ctx.store.firewall.notices.held(MOST_HELD);
  if (await daily(work, clock, held)) return;
  const cases = held.map((notice) => ({ notice, at: notice.at, held: heldFor(notice.why) }));
  const summaries = ctx.store.firewall.mails.countBetween('digest', now - HOUR_MS, now);
  const due = dueOfHeld(cases, settings, { now, zone: clock.zone }, summaries);
  if (due === null) return;
  const ones = cases.filter((one) => one.held === due.held).map(({ notice }) => notice);
  if (due.how === 'summary') {
    const [first] = ones;
    const kind = due.held === 'quiet' ? 'quiet' : 'flood';
    const from = Math.min(...ones.map(({ at }) => at));
    await summarize(work, { key: `${kind}-${first?.id ?? 0}`, kind, blocks: ones, from });
    return;
  }
  const notices = ones.flatMap(({ id }) => ctx.store.firewall.notices.byId(id) ?? []);
  await lookAndDecide(work, { clock }, notices, true);
}

/** Writes the mail of the day where it is due; gives whether it did. */
async function daily(
  work: MailRound,
  { zone }: Fresh['clock'],
  held: readonly HeldNotice[],
): Promise<boolean> {
  const { ctx, settings, now, since } = work;
  const at = dailyDue(held, settings, { now, zone }, since);
  if (at === null) return false;
  const key = `digest-${dayOf(zone, at)}`;
  if (ctx.store.firewall.mails.byKey(key) !== null) return false;
  const before = ctx.store.firewall.mails.byKey(`digest-${dayOf(zone, at - DAY_MS)}`);
  const from = Math.max(since, before?.madeAt ?? at - DAY_MS);
  await summarize(work, { key, kind: 'daily', blocks: held, from });
  return true;
}

interface Summary {
  readonly key: string;
  readonly kind: SummaryLetter['kind'];
  readonly blocks: readonly HeldNotice[];
  readonly from: EpochMs;
}

/** Puts the mail into the outbox, and its blocks are told of: one commit. */
async function summarize(work: MailRound, { key, kind, blocks, from }: Summary): Promise<void> {
  const { ctx, settings, now } = work;
  const desk = await work.desk();
  const { writer } = await work.tools();
  const head = headOf(desk, settings, key, now);
  const written = await writer.summary(summaryLetter(desk, { head, kind, blocks, from, to: now }));
  const { notices } = ctx.store.firewall;
  ctx.store.write(() => {
    if (!post(work, { key, kind: 'digest' }, written)) return;
    for (const { id } of blocks)
      if (notices.isOpen(id)) notices.decide(id, 'mailed', `Told in the mail “${written.subject}”.`);
  });
}
