// The name under which DNS keeps the host names of an address (RFC 1035 3.5, RFC 3596 2.5).
import ipaddr from 'ipaddr.js';

/** `7.113.0.203.in-addr.arpa`, or the 32 hex digits under `ip6.arpa`; null for what is no address. */
export function arpaName(address: string): string | null {
  if (address.includes('%') || !ipaddr.isValid(address)) return null;
  const parsed = ipaddr.parse(address);
  const bytes = parsed.toByteArray();
  if (parsed.kind() === 'ipv4') return `${bytes.reverse().join('.')}.in-addr.arpa`;
  const digits = bytes.flatMap((byte) => [(byte >> 4).toString(16), (byte & 15).toString(16)]);
  return `${digits.reverse().join('.')}.ip6.arpa`;
}
