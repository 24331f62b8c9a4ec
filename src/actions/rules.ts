// The installed rules, parsed once a process and only as far as an answer needs them.
import type { RuleFile } from '../host/rule-files.ts';
import type { RuleInfo } from '../model-rules.ts';
import { readRuleFile, type RuleFileParts } from '../parse/crs-rule.ts';
import type { Context } from './context.ts';

interface Parsed {
  readonly text: string;
  readonly parts: RuleFileParts;
}

const parsed = new WeakMap<Context['host'], Map<string, Parsed>>();

/** A file taken apart; again only when its text is another one than before. */
export function parsedFile({ host }: Pick<Context, 'host'>, { path, text }: RuleFile): RuleFileParts {
  const known = parsed.get(host) ?? new Map<string, Parsed>();
  parsed.set(host, known);
  const before = known.get(path);
  // The host gives the very same text while a file stays as it is.
  if (before?.text === text) return before.parts;
  const parts = readRuleFile(text, path);
  known.set(path, { text, parts });
  return parts;
}

/**
 * Installed rules by id; several where vendors or versions share one. `files` narrows to rule files of these server
 * paths (an answer about ten hits need not parse thirty files); a file name that is not installed adds nothing.
 */
export function installedRules(
  ctx: Context,
  files: ReadonlySet<string> | null = null,
): ReadonlyMap<string, readonly RuleInfo[]> {
  const rules = ctx.host.ruleFiles(files).flatMap((file) => parsedFile(ctx, file).rules);
  return Map.groupBy(rules, (rule) => rule.id);
}
