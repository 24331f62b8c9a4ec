// All that is known about an address beyond its requests, gathered from the server's files and the database.
import type { BlockList } from '../host/block-lists.ts';
import type { EpochMs } from '../model.ts';
import type { AddressFacts, Listing } from '../model-evidence.ts';
import type { Context } from './context.ts';
import type { Firewall } from './firewall.ts';
import { knownClients } from './known-clients.ts';
import { lfdCatches, lfdNameOf, pastBlocks, type PastBlocks } from './lfd-catches.ts';
import { ownerLogins } from './owner-logins.ts';
import { nameOf } from './reverse-names.ts';

/** What was read once, for many addresses. */
export interface FactSources {
  readonly firewall: Firewall;
  readonly lists: readonly BlockList[];
  readonly past: PastBlocks;
}

/** Reads csf's block lists and csf.tempip; the other lists come with the firewall. Never throws. */
export async function readFactSources(ctx: Context, firewall: Firewall): Promise<FactSources> {
  const [lists, tempip] = await Promise.all([ctx.host.blockLists(), ctx.host.csfFile('tempip')]);
  return { firewall, lists, past: pastBlocks(tempip) };
}

/**
 * The facts about a normalised address as of the end of an incident. Asks nobody: host names are those that DNS gave
 * before (`askNames`), block lists and csf's lists are as they are now.
 */
export function addressFacts(
  ctx: Context,
  { firewall, lists, past }: FactSources,
  address: string,
  { to }: { readonly from: EpochMs; readonly to: EpochMs },
): AddressFacts {
  return {
    logins: ownerLogins(ctx, address, to),
    caught: lfdCatches(ctx, past, address, to),
    listings: lists.length === 0 ? null : lists.flatMap((list) => listingsIn(list, address)),
    known: knownClients(ctx, firewall, address),
    knownAsked: firewall.readable,
    reverse: nameOf(ctx, address),
    lfdName: lfdNameOf(ctx, firewall, address),
  };
}

function listingsIn(list: BlockList, address: string): Listing[] {
  const found = list.find(address);
  if (found === null) return [];
  return [{ list: list.name, entry: found.entry, ref: { file: list.path, offset: found.offset } }];
}
