// Looks at a block that may be mailed: explains it, and gathers what its mail is made of.
import { maskUri } from '../analyse/mask.ts';
import type { Notice } from '../model-firewall.ts';
import type { EpochMs } from '../model.ts';
import { againStatements } from './again.ts';
import type { Context } from './context.ts';
import type { Desk } from './desk.ts';
import { explainAt } from './explain.ts';
import type { Explanation, Statement } from './explanation.ts';
import { fixFor } from './firewall-fix.ts';
import { dayOf } from './mail-clock.ts';
import type { BlockLetter, LetterHead } from './mail-letter.ts';
import type { BlockSeen } from './mail-policy.ts';
import { mailHost, type MailSettings } from './mail-settings.ts';
import { policyWords } from './mail-words.ts';
import { failureOf } from './read-state.ts';
import { serverView } from './server.ts';
import { triggerInfo } from './triggers.ts';
import { readWhereFacts } from './where-facts.ts';

/** Causes count visitors for so long. */
const CAUSE_MS = 14 * 86_400_000;

/** What was found out. */
export interface BlockLook {
  readonly seen: BlockSeen;
  /** Null where it could not be explained: `problem` says why. */
  readonly explanation: Explanation | null;
  readonly problem: string | null;
  /** Key of its mail. */
  readonly key: string;
}

/** Explains the block. Throws what the database reports; what else goes wrong is a part of the answer. */
export async function lookAt(desk: Desk, notice: Notice, settings: MailSettings): Promise<BlockLook> {
  const own = `notice-${notice.id}`;
  try {
    const explanation = await explainAt(desk, notice.address ?? '');
    const isWaf = isOfWaf(notice, explanation);
    const cause = isWaf ? causeOf(desk, explanation) : null;
    const key = `cause-${cause?.cause ?? 0}-${dayOf(desk.clock.zone, desk.clock.now)}`;
    const isMailed = cause !== null && desk.ctx.store.firewall.mails.byKey(key) !== null;
    return {
      seen: {
        // What it did on the web says nothing of a block for something else.
        label: isWaf ? (explanation.verdict?.label ?? null) : null,
        isWaf,
        cause: cause === null ? null : { networks: cause.networks, isMailed },
      },
      explanation,
      problem: null,
      key: settings.policy === 'networks' && cause !== null ? key : own,
    };
  } catch (error) {
    const { failure, detail } = failureOf(error);
    // A database that is locked or full is met again later.
    if (failure !== 'other') throw error;
    const seen = { label: null, isWaf: true, cause: null };
    return { seen, explanation: null, problem: maskUri(detail), key: own };
  }
}

/** Whether ModSecurity is behind the block: by what lfd said, else by what is known of the address. */
function isOfWaf({ trigger }: Notice, { block, incident }: Explanation): boolean {
  const info = triggerInfo(trigger);
  if (info === null) return block?.notWaf !== true;
  // A refused request is a line about a forbidden page too.
  return info.waf || (incident !== null && /^LF_APACHE_40\d$/.test(trigger ?? ''));
}

function causeOf(
  { ctx, clock }: Desk,
  { incident }: Explanation,
): { cause: number; networks: number } | null {
  if (incident === null) return null;
  const key = { client: incident.client, from: Date.parse(incident.from) };
  return ctx.store.causeHits.widest(key, clock.now - CAUSE_MS);
}

/** How a mail of this server is addressed. */
export function headOf({ ctx, clock }: Desk, settings: MailSettings, key: string, at: EpochMs): LetterHead {
  return {
    key,
    tag: ctx.hash('mails'),
    from: settings.from,
    to: settings.to,
    host: mailHost(ctx.host.hostname()),
    at,
    offsetMinutes: clock.zone.offsetMinutesAt(at),
    whm: settings.whm,
    policy: policyWords(settings),
  };
}

/** What the mail about a block is made of. */
export async function letterOf(
  desk: Desk,
  notice: Notice,
  { explanation, problem }: Pick<BlockLook, 'explanation' | 'problem'>,
  { head, why }: Pick<BlockLetter, 'head' | 'why'>,
): Promise<BlockLetter> {
  const { ctx } = desk;
  return {
    head,
    thread: `address-${ctx.hash(`mails ${notice.address ?? ''}`)}`,
    notice,
    explanation,
    problem,
    fix: explanation === null ? null : fixFor(ctx, explanation),
    again: explanation === null ? [] : await againFor(ctx, desk, notice.address, explanation),
    why,
    server: serverView(ctx, desk.clock),
  };
}

async function againFor(
  ctx: Context,
  { clock }: Desk,
  address: string | null,
  explanation: Explanation,
): Promise<Statement[]> {
  if (address === null || address.includes('/')) return [];
  const facts = await readWhereFacts(ctx, clock, address);
  return againStatements(ctx, { facts }, address, explanation);
}
