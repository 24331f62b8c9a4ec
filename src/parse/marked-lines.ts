// Lines that hold one of a few texts, picked out of a big piece of a log: most lines of a log are never looked at.

/** Where a line stands in the text; `end` is that of its newline. */
interface LinePlace {
  readonly start: number;
  readonly end: number;
}

/**
 * Gives the lines of a text that hold one of the marks (none of them empty or with a newline in it), in order and each
 * once. The text ends with a newline; what follows its last one is not looked at. Each mark costs one pass.
 */
export function* markedLines(text: string, marks: readonly string[]): Generator<LinePlace> {
  const next = marks.map((mark) => place(text, mark, 0));
  for (;;) {
    const first = Math.min(...next);
    const end = first === Infinity ? -1 : text.indexOf('\n', first);
    if (end < 0) return;
    yield { start: text.lastIndexOf('\n', first) + 1, end };
    for (const [index, mark] of marks.entries())
      if ((next[index] ?? 0) < end) next[index] = place(text, mark, end + 1);
  }
}

function place(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? Infinity : at;
}
