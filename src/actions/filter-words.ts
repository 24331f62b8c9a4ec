// The words that a list is filtered by.

/** Whether all words (at most ten) stand somewhere in the texts; case does not count. */
export function holdsWords(texts: readonly (string | null)[], words: string): boolean {
  const all = texts.join('\n').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .slice(0, 10)
    .every((word) => all.includes(word));
}
