// All grammar entries in one list.
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
