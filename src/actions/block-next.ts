// What happens when the same comes again after an unblock, beside the explanation of a block.
import { actTarget, isBlocked } from './act-target.ts';
import { againStatements } from './again.ts';
import type { Context } from './context.ts';
import type { Explanation } from './explanation.ts';
import { presentMoment, readZone } from './server.ts';
import { readWhereFacts } from './where-facts.ts';

/** The explanation with what happens when the same requests come again after an unblock; as it is where nothing is blocked. */
export async function withAgain(ctx: Context, explanation: Explanation): Promise<Explanation> {
  const { block } = explanation;
  const target = actTarget(explanation);
  if (block === null || target === null || target.includes('/') || !isBlocked(explanation))
    return explanation;
  const zone = await readZone(ctx);
  const clock = { zone, basis: zone.basis, now: await presentMoment(ctx) };
  const facts = await readWhereFacts(ctx, clock, target);
  return { ...explanation, block: { ...block, again: againStatements(ctx, { facts }, target, explanation) } };
}
