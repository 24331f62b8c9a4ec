// A table of nets: which of them holds an address, found by one look per prefix length.
import ipaddr from 'ipaddr.js';
import { normalizeAddress, normalizeNet } from './address.ts';

/** What `netTable` gives. */
export interface NetTable<Value> {
  /** The value of the narrowest net that holds a normalised address; null when none does, or for bad input. */
  find(address: string): Value | null;
}

/**
 * Makes a table of nets and addresses, each with a value. Entries that are neither are left out; of two equal ones the
 * first counts. Nets may lie in one another.
 */
export function netTable<Value>(entries: Iterable<readonly [net: string, value: Value]>): NetTable<Value> {
  const lengths = new Map<string, { kind: 'ipv4' | 'ipv6'; bits: number; values: Map<string, Value> }>();
  for (const [text, value] of entries) {
    const net = text.includes('/') ? normalizeNet(text) : normalizeAddress(text);
    if (net === null) continue;
    const [address = '', width] = net.split('/');
    const parsed = ipaddr.parse(address);
    const kind = parsed.kind();
    const bits = width === undefined ? (kind === 'ipv4' ? 32 : 128) : Number(width);
    const id = `${kind}/${bits}`;
    let length = lengths.get(id);
    if (length === undefined) lengths.set(id, (length = { kind, bits, values: new Map() }));
    const key = prefix(wordsOf(parsed), bits);
    if (!length.values.has(key)) length.values.set(key, value);
  }
  const narrowestFirst = [...lengths.values()].sort((a, b) => b.bits - a.bits);
  return {
    find: (address) => {
      if (!ipaddr.isValid(address)) return null;
      const parsed = ipaddr.parse(address);
      const words = wordsOf(parsed);
      const kind = parsed.kind();
      for (const length of narrowestFirst) {
        if (length.kind !== kind) continue;
        const value = length.values.get(prefix(words, length.bits));
        if (value !== undefined) return value;
      }
      return null;
    },
  };
}

/** 16-bit words of an address, two or eight. */
function wordsOf(address: ipaddr.IPv4 | ipaddr.IPv6): readonly number[] {
  if (address instanceof ipaddr.IPv6) return address.parts;
  const [a = 0, b = 0, c = 0, d = 0] = address.octets;
  return [a * 256 + b, c * 256 + d];
}

/** The first bits of an address as a text that only equal prefixes have. */
function prefix(words: readonly number[], bits: number): string {
  const whole = bits >> 4;
  const rest = bits & 15;
  const start = words.slice(0, whole).join(':');
  return rest === 0 ? start : `${start}:${((words[whole] ?? 0) >> (16 - rest)) << (16 - rest)}`;
}
