// What the judgement of an address needs beside its requests, ready for many addresses.
import { hasVeto, type AddressLook } from '../analyse/judge.ts';
import { clientKind, sharedWords } from '../analyse/proxies.ts';
import type { AddressFacts } from '../model-evidence.ts';
import type { EpochMs } from '../model.ts';
import { addressFacts, readFactSources } from './address-facts.ts';
import type { Context } from './context.ts';
import { readFirewall } from './firewall.ts';
import { restsOf } from './keep-judged.ts';

const DAY_MS = 86_400_000;

interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Answers about single addresses, from lists that were read once. */
export interface AddressLooker {
  facts(client: string, span: Span): AddressFacts;
  look(client: string, span: Span): AddressLook;
}

/** Reads the firewall's lists and the server's own addresses once, for the judgement of many addresses. */
export async function lookAtAddresses(ctx: Context): Promise<AddressLooker> {
  const own = ctx.host.ownAddresses();
  const proxies = ctx.proxies();
  const sources = await readFactSources(ctx, await readFirewall(ctx));
  return {
    facts: (client, span) => addressFacts(ctx, sources, client, span),
    look: (client, span) => {
      const kind = clientKind(client, own, proxies);
      const shared = kind === 'proxy' ? sharedWords(client, proxies) : null;
      return { client: kind, shared, dayVeto: hasDayVeto(ctx, client, span) };
    },
  };
}

/** Whether another incident of the address within a day, of the same program as far as that is known, holds a veto. */
function hasDayVeto(ctx: Context, client: string, span: Span): boolean {
  const near = ctx.store.incidents
    .labelsOf(client)
    .filter(({ from, to }) => from <= span.to + DAY_MS && to >= span.from - DAY_MS);
  if (near.length < 2) return false;
  const records = ctx.store.incidents.ofClient(client);
  const own = records.find(({ from }) => Math.abs(from - span.from) < 1);
  const agents = restsOf(own?.judgement ?? null)?.agents ?? [];
  return records.some((other) => {
    if (other === own || other.judgement === null) return false;
    if (other.from > span.to + DAY_MS || other.to < span.from - DAY_MS) return false;
    const others = restsOf(other.judgement)?.agents ?? [];
    return hasVeto(other.judgement.evidence) && shareAgent(agents, others);
  });
}

function shareAgent(own: readonly string[], others: readonly string[]): boolean {
  if (own.length === 0 || others.length === 0) return true;
  return own.some((agent) => others.includes(agent));
}
