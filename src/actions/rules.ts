// The installed rules, parsed once a process and only as far as an answer needs them.
import type { RuleInfo } from '../model.ts';
import { parseRuleFile } from '../parse/crs-rule.ts';
import type { Context } from './context.ts';

const parsed = new WeakMap<Context['host'], Map<string, readonly RuleInfo[]>>();

/**
 * Installed rules by id; several where vendors or versions share one. `files` narrows to rule files of these server
 * paths (an answer about ten hits need not parse thirty files); a file name that is not installed adds nothing.
 */
export function installedRules(
  ctx: Context,
  files: ReadonlySet<string> | null = null,
): ReadonlyMap<string, readonly RuleInfo[]> {
  const known = parsed.get(ctx.host) ?? new Map<string, readonly RuleInfo[]>();
  parsed.set(ctx.host, known);
  const rules = ctx.host.ruleFiles(files).flatMap((file) => {
    const before = known.get(file.path);
    if (before !== undefined) return before;
    const found = parseRuleFile(file.text, file.path);
    known.set(file.path, found);
    return found;
  });
  return Map.groupBy(rules, (rule) => rule.id);
}
