// The installed rules, parsed once a process: only some answers need them.
import type { RuleInfo } from '../model.ts';
import { parseRuleFile } from '../parse/crs-rule.ts';
import type { Context } from './context.ts';

const parsed = new WeakMap<Context['host'], ReadonlyMap<string, readonly RuleInfo[]>>();

/** Installed rules by id; several where vendors or versions share one. Reads the rule files at the first call. */
export function installedRules(ctx: Context): ReadonlyMap<string, readonly RuleInfo[]> {
  const known = parsed.get(ctx.host);
  if (known !== undefined) return known;
  const rules = ctx.host.ruleFiles().flatMap((file) => parseRuleFile(file.text, file.path));
  const byId = Map.groupBy(rules, (rule) => rule.id);
  parsed.set(ctx.host, byId);
  return byId;
}
