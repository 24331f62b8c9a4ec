// All grammar entries in one list.
//
// They grew from a table of 28 that was measured on attack tools and on ordinary traffic. Where they differ from it on
// purpose: `union select` at the start of a value wants what it selects, a bare <script> wants code behind it, and
// after a bracket or a quote `and`, `or` want an operator with an operand of SQL: people write such words after
// brackets, too. Operators of document stores count alone, not inside a filter; powershell only when it hides or
// loads something; a style sheet or a page's own cookie is no attack. All else only adds.
import { CODE_GRAMMAR } from './grammar-code.ts';
import { COMMAND_GRAMMAR } from './grammar-command.ts';
import type { GrammarEntry } from './grammar-entry.ts';
import { FILE_GRAMMAR } from './grammar-file.ts';
import { QUERY_GRAMMAR } from './grammar-query.ts';
import { SCRIPT_GRAMMAR } from './grammar-script.ts';
import { SQL_GRAMMAR } from './grammar-sql.ts';
import { TEMPLATE_GRAMMAR } from './grammar-template.ts';

export const GRAMMAR: readonly GrammarEntry[] = [
  ...SQL_GRAMMAR,
  ...SCRIPT_GRAMMAR,
  ...FILE_GRAMMAR,
  ...COMMAND_GRAMMAR,
  ...CODE_GRAMMAR,
  ...TEMPLATE_GRAMMAR,
  ...QUERY_GRAMMAR,
];
