// Where an address or a net stands in the firewall at this moment, with all that was read for that.
import type { Context } from './context.ts';
import { whereIs } from './firewall-places.ts';
import type { WhereView } from './firewall-view.ts';
import { presentMoment, readZone, type ServerClock } from './server.ts';
import { readWhereFacts, type WhereFacts } from './where-facts.ts';

export interface WhereNow {
  readonly clock: ServerClock;
  readonly facts: WhereFacts;
  readonly where: WhereView;
}

/** Reads csf's files anew. `target`: a normalised address or net. Logs are read as far as they are kept. Never throws for them. */
export async function whereNow(ctx: Context, target: string): Promise<WhereNow> {
  const zone = await readZone(ctx);
  const clock: ServerClock = { zone, basis: zone.basis, now: await presentMoment(ctx) };
  const facts = await readWhereFacts(ctx, clock, target);
  return { clock, facts, where: whereIs(facts, target, clock) };
}
