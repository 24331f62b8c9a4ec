// Where a mark stands in a text, as far as it is worth looking.

/** The places of `mark` in `text`, in order, `most` of them at most. */
export function firstIndices(text: string, mark: string, most: number): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(mark); at >= 0 && found.length < most; at = text.indexOf(mark, at + 1)) {
    found.push(at);
  }
  return found;
}
