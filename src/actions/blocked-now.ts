// Which of many addresses the firewall blocks now: the lists are taken apart once.
import { netCovers } from '../parse/address.ts';
import type { EpochMs } from '../model.ts';
import type { Firewall } from './firewall.ts';

/** A question for single addresses (IPs), as `findEntry` answers it with the entry. */
export function blockedNow({ deny, tempbans }: Firewall, now: EpochMs): (address: string) => boolean {
  const single = new Set<string>();
  const nets: string[] = [];
  for (const { target } of deny) {
    if (target.address === null || (target.kind !== 'cidr' && target.direction === 'out')) continue;
    if (target.kind === 'cidr') nets.push(target.address);
    single.add(target.address);
  }
  for (const { target, sinceEpoch, ttlSeconds } of tempbans)
    if (target.address !== null && (sinceEpoch ?? 0) + (ttlSeconds ?? 0) * 1000 > now)
      single.add(target.address);
  return (address) => single.has(address) || nets.some((net) => netCovers(net, address));
}
