// The ledger of acts on the firewall as pages and JSON show it, and what the pages ask beside the lists.
import type { FirewallAct } from '../model-firewall.ts';
import { normalizeAddress, normalizeNet } from '../parse/address.ts';
import { csfShown } from '../parse/csf-argv.ts';
import type { Context } from './context.ts';
import { BadInput } from './errors.ts';
import type { IsoTime, ServerView } from './explanation.ts';
import { planFirewall } from './firewall-plan.ts';
import type { FirewallPlan, FirewallRequest, FirewallView, WhereView } from './firewall-view.ts';
import { whereNow } from './firewall-where.ts';
import { isoTime } from './iso-time.ts';
import { presentMoment, readZone, serverView } from './server.ts';

/** An act of the ledger. */
export interface FirewallActRow extends Omit<FirewallAct, 'at' | 'incident' | 'commands'> {
  readonly at: IsoTime;
  readonly incident: { readonly client: string; readonly from: IsoTime } | null;
  /** As an admin would type them. */
  readonly commands: readonly string[];
}

/** One page of csf's lists, with the newest acts. */
export interface FirewallList extends FirewallView {
  readonly acts: readonly FirewallActRow[];
  /** Why nothing can be done with csf from here, as a sentence; null where it can. */
  readonly cannot: string | null;
}

/** What an act would do; `byHand`: csf cannot be run from here, so the commands are for a terminal of that server. */
export interface FirewallPreview {
  readonly plan: FirewallPlan;
  readonly byHand: boolean;
  readonly server: ServerView;
}

/** What an act would do, for its page. Throws as planFirewall. */
export async function firewallPreview(
  ctx: Context,
  request: FirewallRequest,
  by: string | null,
): Promise<FirewallPreview> {
  const plan = await planFirewall(ctx, request, by);
  const zone = await readZone(ctx);
  const server = serverView(ctx, { zone, basis: zone.basis, now: await presentMoment(ctx) });
  return { plan, byHand: plan.refusal !== null && plan.refusal === ctx.host.csf.refusal, server };
}

/** The newest acts first, at most `limit`; times in the server's offset. */
export async function firewallActs(ctx: Context, limit: number): Promise<FirewallActRow[]> {
  const zone = await readZone(ctx);
  return ctx.store.firewall.acts.newest(limit).map((act) => actRow(act, zone));
}

/** The act of this number; null when there is none. */
export async function firewallActRow(ctx: Context, id: number): Promise<FirewallActRow | null> {
  const act = ctx.store.firewall.acts.byId(id);
  return act === null ? null : actRow(act, await readZone(ctx));
}

function actRow(
  { at, incident, commands, ...act }: FirewallAct,
  zone: Awaited<ReturnType<typeof readZone>>,
): FirewallActRow {
  return {
    ...act,
    at: isoTime(zone, at),
    incident: incident === null ? null : { ...incident, from: isoTime(zone, incident.from) },
    commands: commands.map(csfShown),
  };
}

/** Where an address or a net stands, as somebody typed it. Throws BadInput for anything else. */
export async function whereTyped(ctx: Context, text: string): Promise<WhereView> {
  const word = text.trim();
  const target = normalizeAddress(word) ?? normalizeNet(word);
  if (target === null)
    throw new BadInput(
      `“${word.slice(0, 60)}” is no address and no net. Give one such as 203.0.113.9 or 198.51.100.0/24.`,
      'target',
    );
  return (await whereNow(ctx, target)).where;
}
