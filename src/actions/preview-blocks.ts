// Blocks by lfd for ModSecurity's refusals, counted again without the refusals that an exclusion would have freed.
import { toTransaction } from '../analyse/merge.ts';
import { type PreviewFacts, scoredRequest, tryOn } from '../analyse/preview.ts';
import type { Tried } from '../analyse/scope-hits.ts';
import type { LfdMessage } from '../model-csf.ts';
import type { EpochMs, StoredHit } from '../model.ts';
import type { Context } from './context.ts';
import type { BlockRecount } from './exclusion-view.ts';
import { entryTime, type Firewall } from './firewall.ts';
import type { KeptLfdEvent } from './ingest-lfd.ts';
import { isoTime } from './iso-time.ts';
import type { ServerClock } from './server.ts';

export interface RecountInput {
  readonly ctx: Context;
  readonly clock: ServerClock;
  readonly firewall: Firewall;
  readonly tried: Tried;
  readonly facts: PreviewFacts;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

interface Block {
  readonly address: string;
  readonly at: EpochMs;
  readonly message: LfdMessage;
}

const TRIGGER = 'LF_MODSEC';
const DEFAULT_INTERVAL = 3600;
/** lfd.log and csf.deny tell of the same block, seconds apart. */
const SAME_MS = 120_000;
/** lfd's times have whole seconds. */
const SLACK_MS = 1000;
const MOST = 200;

/** Recounts the blocks of these addresses in the window, newest first, at most 200. */
export function recountBlocks(input: RecountInput, clients: Iterable<string>): BlockRecount[] {
  const blocks = [...clients].flatMap((client) => blocksOf(input, client));
  return blocks
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST)
    .map((block) => recount(input, block));
}

function blocksOf({ ctx, clock, firewall, from, to }: RecountInput, address: string): Block[] {
  const logged = ctx.store
    .lfdEventsOf<KeptLfdEvent>(address)
    .flatMap(({ at, event }) =>
      event.kind === 'blocked' && event.message ? [{ address, at, message: event.message }] : [],
    );
  const entries = [...firewall.deny, ...firewall.tempbans].flatMap((entry) => {
    const at = entry.target.address === address ? entryTime(entry, clock) : null;
    return at === null || entry.message === null ? [] : [{ address, at, message: entry.message }];
  });
  const unlogged = entries.filter(({ at }) => !logged.some((one) => Math.abs(one.at - at) < SAME_MS));
  return [...logged, ...unlogged].filter(
    ({ at, message }) => message.trigger === TRIGGER && at >= from && at <= to + SLACK_MS,
  );
}

/**
 * lfd counts lines, not requests: each that says "Access denied", from any vhost. Lines it counted and that are not
 * kept may be freed or not.
 */
function recount({ ctx, clock, firewall, tried, facts }: RecountInput, block: Block): BlockRecount {
  const { address, at, message } = block;
  const interval = message.intervalSeconds ?? numberOf(firewall, 'LF_INTERVAL') ?? DEFAULT_INTERVAL;
  const kept = ctx.store.transactions.ofClient(address, at - interval * 1000, at + SLACK_MS);
  const lines = { all: 0, freed: 0, doubtful: 0 };
  for (const transaction of kept.map(toTransaction)) {
    const denied = transaction.hits.reduce((sum, hit) => sum + deniedLines(hit), 0);
    if (denied === 0) continue;
    lines.all += denied;
    const { outcome } = tryOn(scoredRequest(transaction, facts), tried, facts);
    if (outcome === 'passes') lines.freed += denied;
    if (outcome === 'bound') lines.doubtful += denied;
  }
  const count = Math.max(message.count ?? 0, lines.all);
  const left = count - lines.freed;
  const least = left - lines.doubtful - (count - lines.all);
  const set = numberOf(firewall, TRIGGER);
  const limit = set === 0 ? null : set;
  return {
    address,
    at: isoTime(clock.zone, at),
    trigger: TRIGGER,
    count,
    limit,
    left,
    happens: happens(limit ?? message.count, left, least),
  };
}

function happens(limit: number | null, left: number, least: number): BlockRecount['happens'] {
  if (limit === null) return 'uncertain';
  if (left < limit) return 'no';
  return least >= limit ? 'yes' : 'uncertain';
}

/** Lines of the error log that say "Access denied" for a rule hit: those are what lfd counts. */
export function deniedLines(hit: StoredHit): number {
  return hit.action === 'denied' && hit.sources.includes('error_log') ? 1 : 0;
}

function numberOf({ conf }: Firewall, key: string): number | null {
  const text = conf.get(key) ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}
