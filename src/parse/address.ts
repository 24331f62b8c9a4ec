// IP addresses and nets in the one form everything compares: what ipaddr.js calls normalised short form.
import ipaddr from 'ipaddr.js';

const PLAIN_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV6_SHAPE = /^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/;

/**
 * Gives an IPv4 or IPv6 address in its short lower-case form; `::ffff:192.0.2.1` becomes `192.0.2.1`.
 * Null for anything else (host names, nets, octal or partial IPv4 such as `1.2`).
 */
export function normalizeAddress(text: string): string | null {
  const trimmed = text.trim();
  if (PLAIN_IPV4.test(trimmed)) return trimmed;
  if (trimmed.length > 45 || !IPV6_SHAPE.test(trimmed) || !ipaddr.IPv6.isValid(trimmed)) return null;
  const address = ipaddr.IPv6.parse(trimmed);
  // The library's own test for ::ffff:0:0/96 walks all special ranges; this runs for every log line.
  const mapped = address.parts.slice(0, 5).every((part) => part === 0) && address.parts[5] === 0xffff;
  return mapped ? address.toIPv4Address().toString() : address.toString();
}

/** Gives `address/bits` with host bits cleared, e.g. `198.51.100.0/24`; null when it is no net. */
export function normalizeNet(text: string): string | null {
  const match = /^\s*([0-9a-fA-F.:]{2,45})\/(\d{1,3})\s*$/.exec(text);
  const address = match?.[1] === undefined ? null : normalizeAddress(match[1]);
  if (address === null) return null;
  const bits = Number(match?.[2]);
  const isV4 = ipaddr.parse(address).kind() === 'ipv4';
  if (bits < 1 || bits > (isV4 ? 32 : 128)) return null;
  const net = isV4
    ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${bits}`)
    : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${bits}`);
  return `${net.toString()}/${bits}`;
}

/** Whether a normalised net covers a normalised address; false for mixed families or bad input. */
export function netCovers(net: string, address: string): boolean {
  try {
    const [range, bits] = ipaddr.parseCIDR(net);
    const parsed = ipaddr.parse(address);
    return parsed.kind() === range.kind() && parsed.match(range, bits);
  } catch {
    return false;
  }
}

const WIDEST = { ipv4: 8, ipv6: 16 } as const;

/**
 * An address or net that can be somebody's own (proxies, load balancers) in its normalised form; null for anything
 * else, and for nets wider than /8 (IPv6: /16), which would stand for everybody.
 */
export function usableNet(text: string): string | null {
  if (!text.includes('/')) return normalizeAddress(text);
  const net = normalizeNet(text);
  if (net === null) return null;
  const [address = '', bits] = net.split('/');
  return Number(bits) >= WIDEST[ipaddr.parse(address).kind()] ? net : null;
}
