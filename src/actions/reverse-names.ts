// Host names of addresses: DNS is asked beforehand and within a time, judging reads what is kept.
import ipaddr from 'ipaddr.js';
import { normalizeAddress } from '../parse/address.ts';
import type { ReverseName } from '../model-evidence.ts';
import type { KeptName } from '../store/dns-names.ts';
import type { Context } from './context.ts';

const HOUR_MS = 3_600_000;
/** How long an answer is good before DNS is asked again; a try without one sooner. */
const GOOD_MS = 24 * HOUR_MS;
const TRIED_MS = HOUR_MS;
/** Answers are forgotten after this long without a new question. */
const FORGET_MS = 30 * 24 * HOUR_MS;
const LIMIT_MS = 3000;
const NOT_ASKED: ReverseName = { state: 'unknown', name: null, at: null };
/** Nobody's DNS knows names of these, and what is asked about them tells of the network here. */
const NOT_PUBLIC: ReadonlySet<string> = new Set([
  ...[
    'private',
    'loopback',
    'linkLocal',
    'uniqueLocal',
    'unspecified',
    'multicast',
    'broadcast',
    'carrierGradeNat',
  ],
]);

/**
 * Asks DNS for the names of addresses that are not kept or too old, and keeps what it says: all within `limitMs`.
 * Gives the addresses of which something else is known now, for judging them again. Does nothing where DNS is off
 * (a copied server, `dns` of --config) or paused. Never throws for what DNS does.
 */
export async function askNames(
  ctx: Context,
  addresses: readonly string[],
  limitMs: number = LIMIT_MS,
): Promise<string[]> {
  const now = Date.now();
  const wanted = [...new Set(addresses)].filter((address) => isPublic(address) && !isGood(ctx, address, now));
  if (wanted.length === 0) return [];
  const answers = await ctx.dns.ask(wanted, limitMs);
  const changed: string[] = [];
  if (answers.size === 0) return changed;
  ctx.store.write(() => {
    for (const [address, answer] of answers) {
      const before = ctx.store.dnsNames.of(address);
      const kept = keptOf(before, answer, now);
      ctx.store.dnsNames.keep(address, kept);
      if (kept.state !== (before?.state ?? 'unknown') || kept.name !== (before?.name ?? null))
        changed.push(address);
    }
    ctx.store.dnsNames.forget(now - FORGET_MS);
  });
  return changed;
}

/** A try in vain does not undo an answer: DNS may be out for an hour, the name is the same. */
function keptOf(before: KeptName | null, answer: ReverseName, now: number): KeptName {
  if (answer.state === 'unknown' && before !== null && before.state !== 'unknown')
    return { ...before, at: now - GOOD_MS + TRIED_MS };
  return { ...answer, at: answer.at ?? now };
}

function isGood(ctx: Context, address: string, now: number): boolean {
  const kept = ctx.store.dnsNames.of(address);
  if (kept === null) return false;
  const age = now - kept.at;
  return age >= 0 && age < (kept.state === 'unknown' ? TRIED_MS : GOOD_MS);
}

function isPublic(address: string): boolean {
  if (normalizeAddress(address) !== address) return false;
  return !NOT_PUBLIC.has(ipaddr.parse(address).range());
}

/**
 * What DNS last said of an address, however old (a verdict does not change because a day went by); `unknown` when it
 * was not asked. Asks nobody.
 */
export function nameOf(ctx: Pick<Context, 'store'>, address: string): ReverseName {
  return ctx.store.dnsNames.of(address) ?? NOT_ASKED;
}
