// The shape of a grammar entry.

/** sqli: database; xss: browser; lfi: files; rce: shell; php, java, exploit: code. */
export type GrammarFamily = 'sqli' | 'xss' | 'lfi' | 'rce' | 'php' | 'java' | 'exploit';

/**
 * `break` leaves the value's own context, `active` runs by itself, `mention` is a word that prose and code samples
 * hold too.
 */
type GrammarClass = 'break' | 'active' | 'mention';

export interface GrammarEntry {
  readonly id: string;
  readonly family: GrammarFamily;
  readonly cls: GrammarClass;
  readonly re: RegExp;
  /** Texts that must match (as they are, or decoded once more). */
  readonly hostile: readonly string[];
  /** Texts that must not match. */
  readonly innocent: readonly string[];
}
