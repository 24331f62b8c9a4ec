// How large a net is, in words.

const V4_BITS = 32;
const V6_BITS = 128;
/** What a provider gives one household or one server, as a rule. */
const CUSTOMER_BITS = 64;

/**
 * Addresses of a normalised net in words: `256 addresses`; of IPv6 in nets of /64, since one visitor has a whole one:
 * `one /64`, `65,536 nets of /64`. An address is `1 address`.
 */
export function netSize(net: string): string {
  const [address = '', width] = net.split('/');
  const isV6 = address.includes(':');
  const bits = Number(width ?? (isV6 ? V6_BITS : V4_BITS));
  if (!isV6 || bits > CUSTOMER_BITS) return sized(2n ** BigInt((isV6 ? V6_BITS : V4_BITS) - bits));
  return bits === CUSTOMER_BITS
    ? 'one /64, as a single visitor has it'
    : `${grouped(2n ** BigInt(CUSTOMER_BITS - bits))} nets of /64`;
}

function sized(number: bigint): string {
  return number === 1n ? '1 address' : `${grouped(number)} addresses`;
}

/** `65,536`; from a million million on `about 2.8e14`. */
function grouped(number: bigint): string {
  const text = number.toString();
  return text.length > 12 ? `about ${Number(number).toExponential(1).replace('e+', 'e')}` : withCommas(text);
}

function withCommas(digits: string): string {
  return digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
