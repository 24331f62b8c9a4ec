// A short hash of a text, for ids that must come out the same whenever a line is read. Not against forgery.

const PRIME = 0x01000193;
const SEEDS = [0x811c9dc5, 0x9747b28c];

/** Sixteen hex digits (two FNV-1a sums of 32 bits, each from its own seed) of a text's UTF-16 units. */
export function stableHash(text: string): string {
  return SEEDS.map((seed) => {
    let sum = seed;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      sum = Math.imul(sum ^ (unit & 0xff), PRIME);
      sum = Math.imul(sum ^ (unit >> 8), PRIME);
    }
    return (sum >>> 0).toString(16).padStart(8, '0');
  }).join('');
}
