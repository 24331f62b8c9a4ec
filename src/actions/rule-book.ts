// The installed rules by id, and severities that other hits showed, for lines whose severity is cut off.
import type { Severity, Transaction } from '../model.ts';
import type { Context } from './context.ts';
import type { RuleBook } from './request-view.ts';
import { installedRules } from './rules.ts';

/** Severities of the transactions' own hits are asked first, then the installed rules. */
export function ruleBook(ctx: Context, transactions: readonly Transaction[]): RuleBook {
  const seen = new Map<string, Severity>();
  const files = new Set<string>();
  let everywhere = false;
  for (const hit of transactions.flatMap((transaction) => transaction.hits)) {
    if (hit.severity !== null && !hit.cut) seen.set(hit.ruleId, hit.severity);
    if (hit.file === null) everywhere = true;
    else files.add(hit.file);
  }
  return {
    rules: installedRules(ctx, everywhere ? null : files),
    knownSeverity: (ruleId) => seen.get(ruleId) ?? null,
  };
}
