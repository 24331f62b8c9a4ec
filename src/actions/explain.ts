// From a target to an explanation: reads what is new, finds the block, the incident and its evidence, says it.
import type { EpochMs, TransactionParts } from '../model.ts';
import type { LfdMail } from '../parse/lfd-mail.ts';
import type { Explanation, IsoTime } from './explanation.ts';
import { ActiveMarks } from './active-marks.ts';
import type { Context } from './context.ts';
import { explainAddress } from './explain-address.ts';
import { explainMany } from './explain-many.ts';
import { readFirewall } from './firewall.ts';
import { readPasted } from './pasted.ts';
import { type Fresh, refresh } from './refresh.ts';
import { withWord } from './admin-word.ts';
import type { Desk } from './desk.ts';
import { indexVhosts } from './vhosts.ts';
import { readTarget, type Target } from './target.ts';

/** What of an explanation is wanted. */
export interface Wanted {
  /** Start of the incident, where an address has several. */
  readonly from?: IsoTime | null;
  /** Transactions to show of an incident. */
  readonly most?: number;
  /** False where nobody looks at the raw lines (the terminal and JSON). */
  readonly raw?: boolean;
}

/**
 * Explains what a user typed or pasted (see `readTarget`); reads new log lines first. Throws BadInput for text that
 * is no target.
 */
export async function explain(
  ctx: Context,
  text: string,
  { from = null, most = Infinity, raw = true }: Wanted = {},
): Promise<Explanation> {
  const target = readTarget(text);
  const desk = await openDesk(ctx, await refresh(ctx), { most, raw });
  const explanation = await explainTarget(desk, target, from === null ? null : Date.parse(from));
  return withWord(desk, explanation);
}

/** What answers work with, after the logs were read: firewall, marks and vhosts as they are now. */
export async function openDesk(
  ctx: Context,
  { clock, report }: Fresh,
  { most, raw }: Pick<Desk, 'most' | 'raw'>,
): Promise<Desk> {
  const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
  const marks = new ActiveMarks(ctx);
  return { ctx, clock, report, vhosts, firewall: await readFirewall(ctx), marks, most, raw };
}

/** As `explain`, of a desk that is open. */
export async function explainAt(desk: Desk, text: string): Promise<Explanation> {
  return withWord(desk, await explainTarget(desk, readTarget(text), null));
}

function explainTarget(desk: Desk, target: Target, from: EpochMs | null): Promise<Explanation> {
  switch (target.kind) {
    case 'ip':
      return explainAddress(desk, {
        asked: { kind: 'ip', value: target.value },
        address: target.value,
        mail: null,
        uniqueId: null,
        from,
      });
    case 'uniqueId': {
      const found = desk.ctx.store.transactions.byId(target.value);
      return explainAddress(desk, {
        asked: { kind: 'uniqueId', value: target.value },
        address: found?.client ?? null,
        mail: null,
        uniqueId: target.value,
        from: null,
      });
    }
    case 'mail':
    case 'line':
      return explainPasted(desk, target);
    default:
      return explainMany(desk, { kind: target.kind, value: target.value }, null);
  }
}

function explainPasted(desk: Desk, target: Extract<Target, { kind: 'mail' | 'line' }>): Promise<Explanation> {
  const { mail } = target;
  const isNet = mail.address?.includes('/') === true;
  const many = mail.addresses.length > 1 || isNet;
  const asked = { kind: target.kind, value: mail.address };
  if (many) return explainMany(desk, asked, mail);
  const quoted = quotedTransaction(desk, mail);
  return explainAddress(desk, {
    asked,
    // Where the address was cut out, this server's own logs may still name it by the request's unique_id.
    address: mail.address ?? quoted?.client ?? null,
    mail,
    uniqueId: quoted?.uniqueId ?? null,
    from: null,
  });
}

/** The first request that the text quotes and that is kept here; null when none is. */
function quotedTransaction(desk: Desk, mail: LfdMail): TransactionParts | null {
  for (const { uniqueId } of readPasted(desk.ctx, desk.clock, mail.lines, mail.offsetMinutes).transactions) {
    const kept = desk.ctx.store.transactions.byId(uniqueId);
    if (kept !== null && (mail.address === null || kept.client === mail.address)) return kept;
  }
  return null;
}
