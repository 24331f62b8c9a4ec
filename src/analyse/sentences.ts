// Small pieces of sentences: lists, plurals, lengths of time.

/** `a`, `a or b`, `a, b or c`. Empty text for an empty list. */
export function joinOr(parts: readonly string[]): string {
  return join(parts, 'or');
}

/** `a`, `a and b`, `a, b and c`. Empty text for an empty list. */
export function joinAnd(parts: readonly string[]): string {
  return join(parts, 'and');
}

function join(parts: readonly string[], word: string): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** `1 request`, `3 requests`; `many` for nouns whose plural is not the noun with an s. */
export function count(number: number, noun: string, many = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : many}`;
}

/** A span in the largest fitting unit: `0.4 s`, `12 s`, `5 min`, `3 h`. Takes milliseconds. */
export function span(ms: number): string {
  if (ms < 10_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
