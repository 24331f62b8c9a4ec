// Decides about blocks that wait, and writes their mails: a decision and its mail are one commit.
import { maskUri } from '../analyse/mask.ts';
import type { Notice } from '../model-firewall.ts';
import type { EpochMs } from '../model.ts';
import type { Context } from './context.ts';
import type { Desk } from './desk.ts';
import type { Writer, WrittenMail } from './mail-letter.ts';
import { type BlockLook, headOf, letterOf, lookAt } from './mail-look.ts';
import type { Transport } from './mail-outbox.ts';
import { type BlockCase, decide, decideUnseen, type Moment, type Settled } from './mail-policy.ts';
import type { MailSettings } from './mail-settings.ts';
import { failureOf } from './read-state.ts';
import type { Fresh } from './refresh.ts';

const HOUR_MS = 3_600_000;
/** The audit log's record of a refused request is there soon after lfd's line. */
const SETTLE_MS = 2000;
/** Blocks that one round decides about, those of them whose mails it writes, and how long it goes on. */
const AT_ONCE = 100;
const LOOKS = 4;
const LOOKS_MS = 1500;

/** What is loaded when the first mail is written. */
export interface MailTools {
  readonly writer: Writer;
  readonly transport: Transport;
}

/** A round's work with all that it needs. */
export interface MailRound {
  readonly ctx: Context;
  readonly settings: MailSettings;
  readonly now: EpochMs;
  /** Opened when it is needed first. */
  readonly desk: () => Promise<Desk>;
  readonly tools: () => Promise<MailTools>;
  /** Since when mails are sent. */
  readonly since: EpochMs;
}

/** Decides about blocks that nobody has decided about. */
export async function decideWaiting(work: MailRound, { clock }: Fresh): Promise<void> {
  const { ctx, settings, now } = work;
  const waiting = ctx.store.firewall.notices
    .open('waiting', AT_ONCE)
    .filter(({ at }) => Math.abs(now - at) >= SETTLE_MS);
  const moment = momentOf(work, clock);
  const quick: [Notice, Settled][] = [];
  const rest: Notice[] = [];
  for (const notice of waiting) {
    const decision = decideUnseen(caseOf(notice, false), settings, moment);
    if (decision === 'look') rest.push(notice);
    else quick.push([notice, decision]);
  }
  if (quick.length > 0)
    ctx.store.write(() => {
      for (const [{ id }, decision] of quick) settle(ctx, id, decision);
    });
  await lookAndDecide(work, { clock }, rest, false);
}

/** Looks at some of the blocks and decides about them; the others come in the next round. */
export async function lookAndDecide(
  work: MailRound,
  { clock }: Pick<Fresh, 'clock'>,
  notices: readonly Notice[],
  wasHeld: boolean,
): Promise<void> {
  const { ctx, settings } = work;
  const end = performance.now() + LOOKS_MS;
  for (const notice of notices.slice(0, LOOKS)) {
    if (performance.now() > end) return;
    const look = await lookAt(await work.desk(), notice, settings);
    const decision = decide(caseOf(notice, wasHeld), look.seen, settings, momentOf(work, clock));
    if (decision.do === 'mail') await mailBlock(work, notice, look, decision.why);
    else
      ctx.store.write(() => {
        settle(ctx, notice.id, decision);
      });
  }
}

function caseOf({ address, at }: Notice, wasHeld: boolean): BlockCase {
  return { hasAddress: address !== null, at, wasHeld };
}

/** The moment with the mails of the last hour. */
function momentOf({ ctx, now }: MailRound, { zone }: Fresh['clock']): Moment {
  return { now, zone, inHour: ctx.store.firewall.mails.countBetween('block', now - HOUR_MS, now) };
}

/** Call inside a write. What was decided meanwhile stays. */
function settle({ store: { firewall } }: Context, id: number, { do: what, why }: Settled): void {
  if (firewall.notices.isOpen(id)) firewall.notices.decide(id, what === 'hold' ? 'held' : 'skipped', why);
}

async function mailBlock(work: MailRound, notice: Notice, look: BlockLook, why: string): Promise<void> {
  const { ctx } = work;
  const written = await writtenBlock(work, notice, look, why);
  ctx.store.write(() => {
    if (!ctx.store.firewall.notices.isOpen(notice.id)) return;
    if (post(work, { key: look.key, kind: 'block' }, written))
      ctx.store.firewall.notices.decide(notice.id, 'mailed', why);
    else ctx.store.firewall.notices.decide(notice.id, 'skipped', 'Its mail was written before.');
  });
}

/** The mail; where it cannot be written whole, one that says so: no block may stand in the way of the others. */
async function writtenBlock(
  work: MailRound,
  notice: Notice,
  look: BlockLook,
  why: string,
): Promise<WrittenMail> {
  const desk = await work.desk();
  const { writer } = await work.tools();
  const head = headOf(desk, work.settings, look.key, work.now);
  try {
    return await writer.block(await letterOf(desk, notice, look, { head, why }));
  } catch (error) {
    const { failure, detail } = failureOf(error);
    if (failure !== 'other') throw error;
    const without = { explanation: null, problem: maskUri(detail) };
    return writer.block(await letterOf(desk, notice, without, { head, why }));
  }
}

/** Puts a mail into the outbox; false when there is one of its key. Call inside a write. */
export function post(
  { ctx, settings, now }: Pick<MailRound, 'ctx' | 'settings' | 'now'>,
  { key, kind }: { readonly key: string; readonly kind: 'block' | 'digest' },
  { subject, raw }: WrittenMail,
): boolean {
  return ctx.store.firewall.mails.add({
    key,
    kind,
    madeAt: now,
    dueAt: now,
    sender: settings.from,
    recipients: settings.to,
    subject,
    raw,
  });
}
