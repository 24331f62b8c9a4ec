// Addresses that no single visitor stands behind: the server itself and shared proxies.
import ipaddr from 'ipaddr.js';
import { netCovers, normalizeAddress } from '../parse/address.ts';

/** Cloudflare's published ranges (cloudflare.com/ips-v4 and ips-v6), as of 2025-09. */
const CLOUDFLARE = [
  '173.245.48.0/20',
  '103.21.244.0/22',
  '103.22.200.0/22',
  '103.31.4.0/22',
  '141.101.64.0/18',
  '108.162.192.0/18',
  '190.93.240.0/20',
  '188.114.96.0/20',
  '197.234.240.0/22',
  '198.41.128.0/17',
  '162.158.0.0/15',
  '104.16.0.0/13',
  '104.24.0.0/14',
  '172.64.0.0/13',
  '131.0.72.0/22',
  '2400:cb00::/32',
  '2606:4700::/32',
  '2803:f800::/32',
  '2405:b500::/32',
  '2405:8100::/32',
  '2a06:98c0::/29',
  '2c0f:f248::/32',
];

export type ClientKind = 'normal' | 'local' | 'proxy';

/**
 * What kind of client an address is. local: loopback or one of the server's own addresses; proxy: a range of a large
 * content network, or one of `proxies` (nets or addresses of this server's own load balancers). Unreadable addresses
 * are normal.
 */
export function clientKind(
  client: string,
  ownAddresses: readonly string[],
  proxies: readonly string[] = [],
): ClientKind {
  const address = normalizeAddress(client);
  if (address === null) return 'normal';
  if (ipaddr.parse(address).range() === 'loopback') return 'local';
  if (ownAddresses.some((own) => normalizeAddress(own) === address)) return 'local';
  const isProxy = [...CLOUDFLARE, ...proxies].some((net) =>
    net.includes('/') ? netCovers(net, address) : normalizeAddress(net) === address,
  );
  return isProxy ? 'proxy' : 'normal';
}
