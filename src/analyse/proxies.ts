// Addresses that no single visitor stands behind: the server itself and shared proxies.
import ipaddr from 'ipaddr.js';
import { normalizeAddress } from '../parse/address.ts';
import { netTable } from '../parse/net-table.ts';
import { NETWORKS } from './patterns/networks.ts';

export type ClientKind = 'normal' | 'local' | 'proxy';

/** A net that many visitors share. */
export interface SharedNet {
  /** Of a published network, e.g. `Cloudflare`; null for one that only this server's own settings name. */
  readonly name: string | null;
}

/** Which shared net an address lies in. */
export interface ProxyNets {
  find(address: string): SharedNet | null;
}

export interface ProxySettings {
  /** Nets and addresses of this server's own load balancers, besides the large networks. */
  readonly own?: readonly string[];
  /** Instead of the large networks' published lists; may be empty. */
  readonly cdnRanges?: readonly string[] | undefined;
}

/** Makes the nets ready for many questions. What is neither net nor address is left out. */
export function proxyNets({ own = [], cdnRanges }: ProxySettings = {}): ProxyNets {
  const unnamed: SharedNet = { name: null };
  const published = (): (readonly [string, SharedNet])[] =>
    NETWORKS.flatMap(({ name, nets }) => nets.split(/\s+/).map((net) => [net, { name }] as const));
  const large = cdnRanges === undefined ? published() : cdnRanges.map((net) => [net, unnamed] as const);
  return netTable([...large, ...own.map((net) => [net, unnamed] as const)]);
}

const PUBLISHED = proxyNets();

/**
 * What kind of client an address is. local: loopback or one of the server's own addresses; proxy: it lies in
 * `proxies`, which are the large networks' published ranges unless given. Unreadable addresses are normal. Private
 * addresses (10.0.0.0/8, 192.168.0.0/16, fc00::/7 …) are normal as well: they may be colleagues in the same network,
 * a VPN, another machine's program, or a load balancer, and only the server's settings tell which. A load balancer
 * has to be named, by Apache's RemoteIPTrustedProxy or `proxies` of --config.
 */
export function clientKind(
  client: string,
  ownAddresses: readonly string[],
  proxies: ProxyNets = PUBLISHED,
): ClientKind {
  const address = normalizeAddress(client);
  if (address === null) return 'normal';
  if (ipaddr.parse(address).range() === 'loopback') return 'local';
  if (ownAddresses.some((own) => normalizeAddress(own) === address)) return 'local';
  return proxies.find(address) === null ? 'normal' : 'proxy';
}

/** The first sentence about an address that is a proxy: whose it is, where a published list tells it. */
export function sharedWords(client: string, proxies: ProxyNets = PUBLISHED): string {
  const address = normalizeAddress(client);
  const name = address === null ? null : (proxies.find(address)?.name ?? null);
  return name === null
    ? 'This address is a proxy that many visitors share.'
    : `This address belongs to ${name}, which many visitors share.`;
}
