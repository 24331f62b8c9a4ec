// All innocent texts, with the places where each may stand.
import { CODE_POSTS } from './code-posts.ts';
import { CODES, DOCUMENTS, MAILS, NUMBERS, SIGNS, URLS } from './machine-values.ts';
import { CZECH, POLISH, RUSSIAN, SLOVAK } from './prose-slavic.ts';
import { ENGLISH, FRENCH, GERMAN, HUNGARIAN, OTHERS } from './prose-west.ts';
import { ADDRESSES, NAMES, PASSWORDS, SEARCHES } from './shop-words.ts';

/** Innocent in any field. */
export const ANYWHERE: Readonly<Record<string, readonly string[]>> = {
  SLOVAK,
  CZECH,
  POLISH,
  RUSSIAN,
  GERMAN,
  HUNGARIAN,
  FRENCH,
  ENGLISH,
  OTHERS,
  SEARCHES,
  NAMES,
  ADDRESSES,
  PASSWORDS,
  CODES,
  URLS,
  NUMBERS,
  SIGNS,
  MAILS,
  DOCUMENTS,
};

/** Innocent in a text that somebody writes. */
export const IN_TEXTS: readonly string[] = CODE_POSTS;
