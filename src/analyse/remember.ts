// Answers of pure functions that are asked about the same texts again and again: a scanner's requests differ little, and
// browsers send the same headers with each.

/** Texts that are remembered at once; then all are forgotten, which bounds the memory. */
const MOST = 500;
/** Longer texts rarely come again. */
const LONGEST = 400;

/** The same function with a memory. Its answers are shared: they must not be changed. */
export function remembering<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, Answer>();
  return (text) => {
    if (text.length > LONGEST) return ask(text);
    const before = answers.get(text);
    if (before !== undefined) return before;
    const answer = ask(text);
    if (answers.size >= MOST) answers.clear();
    answers.set(text, answer);
    return answer;
  };
}
