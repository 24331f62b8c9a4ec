// Answers that took long are given again for a while: a count over a million rows must not be made for every page.

/** An answer is given again for this many times the time that it took. */
const TIMES = 20;
/** What is quicker than this is always asked anew. */
const QUICK_MS = 20;
const MOST = 50;

/** Remembers slow answers; quick ones are always fresh. */
export class SlowAnswers {
  readonly #answers = new Map<string, { readonly value: unknown; readonly until: number }>();

  /** The answer for a key, made anew unless a slow one is remembered. `ask` must give the same type for the same key. */
  ask<Answer>(key: string, ask: () => Answer): Answer {
    const before = this.#answers.get(key);
    const began = performance.now();
    if (before !== undefined && began < before.until) return before.value as Answer;
    const value = ask();
    const took = performance.now() - began;
    this.#answers.delete(key);
    if (took < QUICK_MS) return value;
    if (this.#answers.size >= MOST) this.#answers.clear();
    this.#answers.set(key, { value, until: began + took * (TIMES + 1) });
    return value;
  }
}
