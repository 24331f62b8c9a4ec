// What a rule looks for, in plain words of our own: by its id, else by the family its id belongs to.
import { CONTENT_RULES } from './rule-texts/content-rules.ts';
import { FAMILIES, type RuleFamily } from './rule-texts/families.ts';
import { PROTOCOL_RULES } from './rule-texts/protocol-rules.ts';
import type { RuleText } from './rule-texts/rule-text.ts';

export interface RuleWords {
  /** A few words, e.g. `Text read as SQL`. */
  readonly title: string;
  /** One to four sentences. */
  readonly words: string;
}

/** The rules that are met most, by id. */
export const SINGLE_RULES: ReadonlyMap<string, RuleText> = new Map([...PROTOCOL_RULES, ...CONTENT_RULES]);

/**
 * Words for a rule id. `vendor` (the folder of its file) stands in for rules of ids that nothing is known of; null
 * for the server's own files.
 */
export function ruleWords(id: string, vendor: string | null): RuleWords {
  const number = Number(id);
  const family = FAMILIES.find(({ from, to }) => number >= from && number <= to) ?? unknownFamily(vendor);
  const single = SINGLE_RULES.get(id);
  if (single === undefined) return { title: family.title, words: family.words };
  const words = single.words === undefined ? family.words : `${single.words} ${family.words}`;
  return { title: single.title, words };
}

function unknownFamily(vendor: string | null): Pick<RuleFamily, 'title' | 'words'> {
  if (vendor === null)
    return {
      title: 'A rule of this server',
      words: 'It is not one of the Core Rule Set; what it looks for is in its text below.',
    };
  return {
    title: `A rule of ${vendor}`,
    words: `It comes with the rules of ${vendor}; what it looks for is in its text below.`,
  };
}
