// csf's advanced filters: `proto|dir|s/d=ports|s/d=address|u/g=id`, also with `:` between the parts.
import type { CsfTarget } from '../model-csf.ts';
import { normalizeTarget } from './lfd-message.ts';

interface Parts {
  proto: string;
  direction: 'in' | 'out';
  address: string | null;
  ports: string | null;
}

/**
 * Reads one advanced filter, e.g. `tcp|in|d=443|s=203.0.113.7`. Defaults are csf's: tcp, in.
 * `ports` is the list as written; other protocols follow it after `;` (`53;udp`, `*;udp` for all ports).
 * Null when no part is a port, an address or an owner.
 */
export function parseAdvancedFilter(word: string): CsfTarget | null {
  const lower = word.toLowerCase();
  const parts: Parts = { proto: 'tcp', direction: 'in', address: null, ports: null };
  let known = false;
  for (const part of lower.split(lower.includes('|') ? '|' : ':')) known = readPart(part, parts) || known;
  if (!known) return null;
  const all = parts.ports === null && parts.proto === 'tcp' ? null : (parts.ports ?? '*');
  const ports = all === null || parts.proto === 'tcp' ? all : `${all};${parts.proto}`;
  return { kind: 'advanced', address: parts.address, ports, direction: parts.direction };
}

/** Notes one part; true when it says what the filter is about. */
function readPart(part: string, parts: Parts): boolean {
  if (part === 'tcp' || part === 'udp' || part === 'icmp') parts.proto = part;
  if (part === 'in' || part === 'out') parts.direction = part;
  const value = /^([sdug])=(\S{1,200})$/.exec(part);
  if (value === null) return false;
  const text = value[2] ?? '';
  if (value[1] === 'u' || value[1] === 'g') return true;
  const address = normalizeTarget(text);
  if (address !== null) parts.address = address;
  else if (/^[\w,-]{1,200}$/.test(text)) parts.ports = text;
  else return false;
  return true;
}
