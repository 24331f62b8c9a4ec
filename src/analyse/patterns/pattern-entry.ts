// The shape of an entry in the tables of words.

/** One expression with the texts it is tested with. */
export interface PatternEntry {
  readonly re: RegExp;
  /** Texts that must match. */
  readonly fits: readonly string[];
  /** Texts that must not match, though they look alike. */
  readonly fitsNot: readonly string[];
}

/** All entries as one expression: a text goes through many entries at the cost of one search. */
export function anyOf(entries: readonly PatternEntry[], flags = 'i'): RegExp {
  return new RegExp(entries.map((entry) => entry.re.source).join('|'), flags);
}
