// Seeded random numbers for generated logs: the same seed and name give the same numbers on every machine.

/** One stream of random numbers. */
export interface Random {
  /** At least 0, below 1, in steps of 2^-32. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** One item of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** True with this probability. */
  chance(probability: number): boolean;
}

/**
 * xoshiro128** (Blackman and Vigna, 2018). Its four words come from splitmix32 over the seed mixed with an FNV-1a
 * hash of `name`, so that each name is a stream of its own and adding one does not change the others.
 */
export function random(seed: number, name: string): Random {
  let state = (seed ^ fnv1a(name)) | 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  let [a, b, c, d] = [word(), word(), word(), word() | 1];
  const next = (): number => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return (result >>> 0) / 4294967296;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    int,
    pick: <T>(list: readonly T[]): T => list[int(0, list.length - 1)]!,
    chance: (probability) => next() < probability,
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

const SLOTS = 1 << 16;

/**
 * Draws ranks 0 to `count` - 1 with weights 1 / (rank + flat): the larger `flat`, the more even the first ranks are.
 * Answers from a table of 65,536 places, so a rank lighter than that is rounded to one place or none.
 */
export function ranks(count: number, flat: number): (rng: Random) => number {
  const weights = Array.from({ length: count }, (_, rank) => 1 / (rank + flat));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(SLOTS);
  let slot = 0;
  let sum = 0;
  for (const [rank, weight] of weights.entries()) {
    sum += weight / total;
    while (slot < Math.min(SLOTS, sum * SLOTS)) table[slot++] = rank;
  }
  while (slot < SLOTS) table[slot++] = count - 1;
  return (rng) => table[rng.int(0, SLOTS - 1)]!;
}
