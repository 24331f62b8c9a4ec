// The acts that faults strike: one exclusion of a vhost made, changed or taken back.
import { carryOut } from '../../src/actions/act.ts';
import type { ActHooks } from '../../src/actions/act-steps.ts';
import type { Context } from '../../src/actions/context.ts';
import { editOrder, excludeOrder, revertOrder } from '../../src/actions/orders.ts';

/** What is to be done on a vhost; `edit` and `revert` name the exclusions in force there. */
export interface Task {
  readonly vhost: string;
  readonly act: 'apply' | 'edit' | 'revert';
  readonly ids: readonly number[];
  readonly reason: string;
}

/** Carries it out; gives the state of the change, or `refused: why` when nothing was begun. */
export async function carryOutTask(ctx: Context, task: Task, hooks: ActHooks = {}): Promise<string> {
  try {
    const { head, intents } = await orderOf(ctx, task);
    return (await carryOut(ctx, head, intents, hooks)).state;
  } catch (error) {
    if (error instanceof Error && error.name === 'Refused') return `refused: ${error.message}`;
    throw error;
  }
}

/** Makes an exclusion on each of these vhosts, all in one change, for edits and reverts to work on. */
export async function applyOnAll(ctx: Context, vhosts: readonly string[]): Promise<string> {
  const orders = await Promise.all(
    vhosts.map((vhost) => orderOf(ctx, { vhost, act: 'apply', ids: [], reason: 'before the faults' })),
  );
  const [first] = orders;
  if (first === undefined) return 'done';
  const made = await carryOut(
    ctx,
    first.head,
    orders.flatMap(({ intents }) => intents),
  );
  return made.state;
}

function orderOf(ctx: Context, { vhost, act, ids, reason }: Task): ReturnType<typeof excludeOrder> {
  const who = { author: 'root', reason };
  const [first = 0] = ids;
  if (act === 'edit') return Promise.resolve(editOrder(ctx, first, { ...who, expiresAt: null }));
  if (act === 'revert') return Promise.resolve(revertOrder(ctx, ids, who));
  return excludeOrder(ctx, {
    scope: { kind: 'target-vhost', vhost, ruleId: '942100', tag: null, target: 'ARGS:id', path: null },
    ...who,
    expiresAt: null,
    typed: null,
  });
}
