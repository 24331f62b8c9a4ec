// Nets as ranges: what lies in one, and between which texts a database finds it.
import ipaddr from 'ipaddr.js';
import { netCovers, normalizeNet } from './address.ts';

/** Two texts: all normalised addresses of a net lie between them (`from` may be one, `to` is none). Others may, too. */
export interface TextRange {
  readonly from: string;
  readonly to: string;
}

/** No address is behind this. */
const END = '\uffff';

/**
 * The narrowest range of texts that has one beginning in common, for a normalised address or net; everything for what is
 * neither. Short IPv6 forms leave groups of zeros out, so what stands before the first such group is common.
 */
export function textRange(net: string): TextRange {
  const [address = '', width] = net.split('/');
  if (!ipaddr.isValid(address)) return { from: '', to: END };
  if (width === undefined) return { from: address, to: `${address}\0` };
  const parsed = ipaddr.parse(address);
  const isV6 = parsed instanceof ipaddr.IPv6;
  const parts = isV6 ? parsed.parts.map((part) => part.toString(16)) : parsed.octets.map(String);
  const whole = parts.slice(0, Math.floor(Number(width) / (isV6 ? 16 : 8)));
  const zero = isV6 ? whole.indexOf('0') : -1;
  const fixed = zero < 0 ? whole : whole.slice(0, zero);
  if (fixed.length === parts.length) return { from: address, to: `${address}\0` };
  if (fixed.length === 0) return { from: '', to: END };
  const mark = isV6 ? ':' : '.';
  const begin = fixed.join(mark);
  return { from: `${begin}${mark}`, to: `${begin}${isV6 ? ';' : '/'}` };
}

/** Whether a normalised net holds all of a normalised address or net: itself too. */
export function netHolds(net: string, other: string): boolean {
  const [address = '', bits] = other.split('/');
  if (!netCovers(net, address)) return false;
  return bits === undefined || Number(bits) >= Number(net.split('/')[1]);
}

/** `netHolds` for one net and many addresses: most are known by their text. */
export function netHolder(net: string): (other: string) => boolean {
  const { from, to } = textRange(net);
  return (other) => other >= from && other < to && netHolds(net, other);
}

/** The net of so many bits around a normalised address, e.g. its /64; null for another family's bits or bad input. */
export function netAround(address: string, bits: number): string | null {
  return normalizeNet(`${address}/${bits}`);
}

/** First and last address of a normalised net; null for anything else. */
export function netEnds(net: string): { readonly first: string; readonly last: string } | null {
  try {
    const isV6 = net.includes(':');
    const last = isV6 ? lastOfV6(net) : ipaddr.IPv4.broadcastAddressFromCIDR(net).toString();
    return { first: net.split('/')[0] ?? '', last };
  } catch {
    return null;
  }
}

function lastOfV6(net: string): string {
  const [address, bits] = ipaddr.IPv6.parseCIDR(net);
  const parts = address.parts.map((part, index) => {
    const free = Math.min(16, Math.max(0, (index + 1) * 16 - bits));
    return part | (2 ** free - 1);
  });
  return new ipaddr.IPv6(parts).toString();
}
