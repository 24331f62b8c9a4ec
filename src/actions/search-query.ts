// What a search asks, as the URL, the form and the command line carry it: texts as they were typed.
import type { SearchKind } from '../model.ts';

export const SEARCH_KINDS: readonly SearchKind[] = ['access', 'error', 'audit', 'lfd', 'mail', 'system'];

/** Searched when no log is chosen: what tells of visitors and of lfd. */
export const DEFAULT_KINDS: readonly SearchKind[] = ['access', 'error', 'lfd'];

export const MAX_LIMIT = 10_000;
export const MAX_CONTEXT = 20;

/** How the pattern is read: ripgrep's linear-time syntax, plain characters, or PCRE2 (lookaround, backreferences). */
export type Syntax = 'regex' | 'literal' | 'pcre';

/** Whether rotated and packed logs are read too; `auto`: when the time window begins before the current log. */
export type RotatedChoice = 'auto' | 'always' | 'never';

export interface SearchQuery {
  /** Empty: every line that the other fields let through. */
  readonly pattern: string;
  readonly syntax: Syntax;
  readonly ignoreCase: boolean;
  /** Lines that the pattern does not find; the other fields are never turned around. */
  readonly invert: boolean;
  /** Kinds and server paths of logs; empty means DEFAULT_KINDS. */
  readonly logs: readonly string[];
  readonly vhost: string | null;
  readonly account: string | null;
  /** Address or net, in any spelling. */
  readonly ip: string | null;
  /** `2026-11-22 17:30`, `17:56 yesterday`, `-2h`, a mail's time, `TIME +-5 min` (which sets both ends). */
  readonly from: string | null;
  readonly to: string | null;
  /** `4xx` or `403`; access logs only. */
  readonly status: string | null;
  readonly rotated: RotatedChoice;
  /** Lines shown before and after each found line: 0 to MAX_CONTEXT. */
  readonly context: number;
  /** How many of the newest lines are given: 1 to MAX_LIMIT. */
  readonly limit: number;
  /** Where the page before ended (`older` of its SearchView); null for the newest lines. */
  readonly before: string | null;
}

export const EMPTY_QUERY: SearchQuery = {
  pattern: '',
  syntax: 'regex',
  ignoreCase: false,
  invert: false,
  logs: [],
  vhost: null,
  account: null,
  ip: null,
  from: null,
  to: null,
  status: null,
  rotated: 'auto',
  context: 0,
  limit: 200,
  before: null,
};
