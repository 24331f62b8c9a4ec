// Orders: acts that were checked and can be carried out, now by the command line or in turn by the service.
import type { EpochMs } from '../model.ts';
import type { KeptExclusion } from '../store/exclusions.ts';
import type { Order } from './act-desk.ts';
import type { Intent } from './act-plan.ts';
import type { Context } from './context.ts';
import { adoptOwnFile } from './drift.ts';
import { BadInput, Refused } from './errors.ts';
import { actTime, checkScope, ENGINE_MINUTES, prepare, readReason } from './exclude.ts';
import type { ExcludeRequest } from './exclusion-view.ts';
import { adoptPlan } from './found.ts';
import { vhostNamed } from './scope-request.ts';

/** TIME_EPOCH is compared as a 32-bit number. */
const LATEST_END = 2_147_483_647_000;
/** Checks that a file which is in force already need not pass again. */
const OF_ITS_TIME: ReadonlySet<string> = new Set(['past', 'too-late', 'engine-hour', 'duplicate']);

/** What is to be carried out for a request. Throws BadInput and Refused. */
export async function excludeOrder(ctx: Context, request: ExcludeRequest): Promise<Order> {
  const { exclusion } = await prepare(ctx, request);
  return {
    head: { act: 'apply', who: request.author, reason: exclusion.reason },
    intents: [{ kind: 'add', exclusion }],
  };
}

/** Who takes something back or changes it, and why. */
export interface ActWho {
  readonly author: string;
  readonly reason: string;
}

/** The order that takes exclusions back. Throws BadInput without a reason, Refused when one is not in force. */
export function revertOrder(ctx: Context, ids: readonly number[], { author, reason }: ActWho): Order {
  for (const id of ids) activeNumbered(ctx, id);
  return {
    head: { act: 'revert', who: author, reason: readReason(reason) },
    intents: ids.map((id) => ({ kind: 'end', id, state: 'reverted' })),
  };
}

function activeNumbered(ctx: Context, id: number): KeptExclusion {
  const kept = ctx.store.exclusions.byId(id);
  if (kept === null) throw new Refused(`There is no exclusion ${id}.`);
  if (kept.state !== 'active') throw new Refused(`Exclusion ${id} is not in force any more (${kept.state}).`);
  return kept;
}

/** The order that gives an exclusion another reason and end. Throws BadInput and Refused. */
export function editOrder(
  ctx: Context,
  id: number,
  { reason, expiresAt, author }: ActWho & { readonly expiresAt: EpochMs | null },
): Order {
  const { scope } = activeNumbered(ctx, id);
  const now = actTime(ctx);
  if (expiresAt !== null && expiresAt <= now) throw new BadInput('The end lies in the past.', 'expires');
  if (expiresAt !== null && expiresAt >= LATEST_END)
    throw new BadInput(
      'The end must lie before 19 January 2038: Apache’s module counts no further.',
      'expires',
    );
  if (scope.kind === 'engine-off' && (expiresAt === null || expiresAt > now + ENGINE_MINUTES * 60_000))
    throw new BadInput('The engine can be off for at most an hour.', 'expires');
  const text = readReason(reason);
  return {
    head: { act: 'edit', who: author, reason: text },
    intents: [{ kind: 'edit', id, reason: text, expiresAt }],
  };
}

/** The order that takes over what others left. Throws Refused when it is not there any more or cannot be taken over. */
export async function adoptOrder(ctx: Context, key: string, { author, reason }: ActWho): Promise<Order> {
  const plan = await adoptPlan(ctx, key);
  if (plan === null)
    throw new Refused('The files say something else by now. Look at the list again; nothing was changed.');
  if (plan.scopes.length === 0)
    throw new Refused(plan.view.adoptWhy ?? 'It cannot be taken over; nothing was changed.');
  const text = readReason(reason);
  const intents: Intent[] = [];
  for (const scope of plan.scopes) {
    const { account } = vhostNamed(ctx, scope.vhost);
    const { form } = await checkScope(ctx, scope, null);
    const base = { scope, account, reason: text, author, createdAt: Date.now(), expiresAt: null };
    intents.push({ kind: 'add', exclusion: { ...base, form } });
  }
  return {
    head: { act: 'adopt', who: author, reason: text },
    intents: [...intents, ...plan.edits.map((edit): Intent => ({ kind: 'foreign', edit }))],
  };
}

/** The order that makes a hand-changed file of ours ours again, as it stands. */
export async function adoptOwnOrder(ctx: Context, name: string, { author, reason }: ActWho): Promise<Order> {
  const { vhost, account } = vhostNamed(ctx, name);
  const intents: Intent[] = [];
  for (const intent of adoptOwnFile(ctx, vhost, account, author))
    intents.push(intent.kind === 'add' ? await checkedAgain(ctx, intent) : intent);
  return { head: { act: 'adopt', who: author, reason: readReason(reason) }, intents };
}

/** What a file says is checked like what is asked for, but for its time and what else is in force. */
async function checkedAgain(
  ctx: Context,
  intent: Extract<Intent, { kind: 'add' }>,
): Promise<Extract<Intent, { kind: 'add' }>> {
  const { exclusion } = intent;
  const { form, checks } = await checkScope(ctx, exclusion.scope, exclusion.expiresAt);
  const harm = checks.find(({ level, code }) => level === 'refuse' && !OF_ITS_TIME.has(code));
  if (harm !== undefined) throw new Refused(`It cannot be adopted; nothing was changed. ${harm.text}`);
  return { ...intent, exclusion: { ...exclusion, form } };
}
