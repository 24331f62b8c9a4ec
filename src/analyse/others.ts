// What the requests of others tell about one incident: how many ordinary visitors met the same cause, and whether
// the same payload was sent to many accounts.
import ipaddr from 'ipaddr.js';
import type { CauseKey } from '../model-evidence.ts';

/** Others at one cause (or with values of one shape): none of them from the own network. */
export interface Others {
  /** Different networks of ordinary visitors. */
  readonly ordinary: number;
  /** Different addresses that asked for probe paths, named a tool or sent a hostile text. */
  readonly hostile: number;
}

/** The identical request from several addresses to several accounts within 24 h. */
export interface Campaign {
  readonly addresses: number;
  readonly accounts: number;
}

export interface CrossFacts {
  /** Others at each cause of the incident; absent: nobody. */
  readonly causes: ReadonlyMap<string, Others>;
  /** Others whose values have the shape, by `shapeKey`. */
  readonly shapes: ReadonlyMap<string, Others>;
  readonly campaign: Campaign | null;
}

/** A cause as a key of maps. */
export function causeText({ vhost, ruleId, target, path }: CauseKey): string {
  return JSON.stringify([vhost, ruleId, target, path]);
}

/** A shape at a place as a key of maps. */
export function shapeKey(vhost: string, ruleId: string, target: string, shape: string): string {
  return JSON.stringify([vhost, ruleId, target, shape]);
}

/** The network that counts as one neighbourhood: /24, for IPv6 /48. An unreadable address is its own. */
export function networkOf(client: string): string {
  return prefixOf(client, 24, 48);
}

/** Who counts as one visitor: an IPv4 address, an IPv6 /64 (one line's addresses change by the hour). */
export function visitorOf(client: string): string {
  return prefixOf(client, 32, 64);
}

function prefixOf(client: string, v4: number, v6: number): string {
  if (!ipaddr.isValid(client)) return client;
  const address = ipaddr.process(client);
  const kind = address.kind();
  const bits = kind === 'ipv4' ? v4 : v6;
  if (kind === 'ipv4' && bits === 32) return address.toString();
  const text = `${address.toString()}/${bits}`;
  const net =
    kind === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
  return `${net.toString()}/${bits}`;
}
