// All that is known about an address beyond its requests, gathered from the server's files and the database.
import type { BlockList } from '../host/block-lists.ts';
import type { PlacedEntry } from '../model-csf.ts';
import type { EpochMs } from '../model.ts';
import type { AddressFacts, LfdCatch, Listing } from '../model-evidence.ts';
import type { Context } from './context.ts';
import type { Firewall } from './firewall.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';
import { knownClients, type KnownLists, knownLists } from './known-clients.ts';
import { lfdCatches, type LfdHistory, lfdNameOf, pastBlocks, type PlacedBlock } from './lfd-catches.ts';
import { ownerLogins } from './owner-logins.ts';
import { nameOf } from './reverse-names.ts';

/** What was read once, ready for many addresses. */
export interface FactSources {
  /** Whether csf's lists could be read: only then an address is known to nobody. */
  readonly readable: boolean;
  readonly known: KnownLists;
  readonly lists: readonly BlockList[];
  /** Entries of csf.deny and csf.tempban by address. */
  readonly blocks: ReadonlyMap<string, readonly PlacedEntry[]>;
  readonly past: ReadonlyMap<string, readonly PlacedBlock[]>;
  /** Whether an lfd.log was ever read. */
  readonly lfdLog: boolean;
}

/** Reads csf's block lists and csf.tempip; the other lists come with the firewall. Never throws. */
export async function readFactSources(ctx: Context, firewall: Firewall): Promise<FactSources> {
  const [lists, tempip] = await Promise.all([ctx.host.blockLists(), ctx.host.csfFile('tempip')]);
  return {
    readable: firewall.readable,
    known: knownLists(firewall),
    lists,
    blocks: Map.groupBy([...firewall.deny, ...firewall.tempbans], ({ target }) => target.address ?? ''),
    past: pastBlocks(tempip),
    lfdLog: ctx.store.files('lfd_log').some(({ lines }) => lines > 0),
  };
}

/**
 * The facts about a normalised address as of the end of an incident. Asks nobody: host names are those that DNS gave
 * before (`askNames`), block lists and csf's lists are as they are now.
 */
export function addressFacts(
  ctx: Context,
  sources: FactSources,
  address: string,
  { to }: { readonly from: EpochMs; readonly to: EpochMs },
): AddressFacts {
  const { lists } = sources;
  const history = ctx.store.lfdEventsOf<KeptLfdEvent>(address);
  const printed = lfdNameOf(ctx, history, sources.blocks.get(address) ?? [], address);
  return {
    logins: ownerLogins(ctx, address, to),
    caught: caughtBy(ctx, sources, { address, history, to }),
    listings: lists.length === 0 ? null : lists.flatMap((list) => listingsIn(list, address)),
    known: knownClients(ctx, sources.known, address),
    knownAsked: sources.readable,
    reverse: nameOf(ctx, address),
    lfdName: printed?.name ?? null,
    lfdNameRef: printed?.ref ?? null,
  };
}

function caughtBy(
  ctx: Context,
  { past, lfdLog }: FactSources,
  { address, history, to }: { address: string; history: LfdHistory; to: EpochMs },
): LfdCatch[] | null {
  const caught = lfdCatches(ctx, history, past.get(address) ?? [], to);
  return caught.length === 0 && !lfdLog ? null : caught;
}

function listingsIn(list: BlockList, address: string): Listing[] {
  const found = list.find(address);
  if (found === null) return [];
  return [{ list: list.name, entry: found.entry, ref: { file: list.path, offset: found.offset } }];
}
