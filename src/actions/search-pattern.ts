// The pattern of one search: compiled when it is used first, and what is said when ripgrep refuses it.
import { checkPattern, type Pattern, PatternProblem } from '../host/ripgrep.ts';
import { BadInput } from './errors.ts';
import type { SearchQuery } from './search-query.ts';
import { patternWords } from './search-words.ts';

/** Holds the pattern; it may turn into one with Unicode's classes when ripgrep reads it only so. */
export class SearchPattern {
  /** Null when every line is wanted. */
  value: Pattern | null;
  /** True once ripgrep has taken it. */
  isCompiled: boolean;
  readonly #query: SearchQuery;

  constructor(value: Pattern | null, query: SearchQuery) {
    this.value = value;
    this.isCompiled = value === null;
    this.#query = query;
  }

  /** Lets ripgrep compile it without searching, once. Throws PatternProblem. */
  async compile(): Promise<void> {
    if (this.isCompiled || this.value === null) return;
    this.value = await checkPattern(this.value);
    this.isCompiled = true;
  }

  /** As `compile`; throws BadInput with the form that works where there is one. */
  async check(): Promise<void> {
    try {
      await this.compile();
    } catch (error) {
      throw this.refusal(error) ?? error;
    }
  }

  /** The refusal behind a failure; null when it is not the pattern's fault. */
  refusal(error: unknown): BadInput | null {
    if (!(error instanceof PatternProblem) || error.kind === 'too-hard' || error.kind === 'other')
      return null;
    return new BadInput(patternWords(error, this.#query), 'pattern');
  }

  /** A failure of the search in a sentence. */
  words(error: unknown): string {
    if (error instanceof PatternProblem) return patternWords(error, this.#query);
    return `The search failed: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
