// The text of one rule.

export interface RuleText {
  readonly title: string;
  /** Stands before the words of the family. */
  readonly words?: string;
}
