// The catalogue of this server's rules, made anew when a rule file or the configuration that loads it changes.
import { buildCatalogue, type Catalogue } from '../analyse/catalogue.ts';
import type { RuleFile } from '../host/rule-files.ts';
import type { Context } from './context.ts';
import { parsedFile } from './rules.ts';

interface Kept {
  readonly files: readonly RuleFile[];
  readonly entries: readonly string[];
  readonly catalogue: Catalogue;
}

const kept = new WeakMap<Context['host'], Kept>();

/** All installed rules with what loads them and what switched them off. */
export function ruleCatalogue(ctx: Pick<Context, 'host'>): Catalogue {
  const { files: config, entries } = ctx.host.modsecConfig();
  const rules = ctx.host.ruleFiles();
  // The user's and cPanel's files lie in a rule folder too.
  const own = new Set(rules.map(({ path }) => path));
  const files = [...config.filter(({ path }) => !own.has(path)), ...rules];
  const before = kept.get(ctx.host);
  if (before !== undefined && isSame(before, files, entries)) return before.catalogue;
  const catalogue = buildCatalogue(
    files.map((file) => parsedFile(ctx, file)),
    entries,
  );
  kept.set(ctx.host, { files, entries, catalogue });
  return catalogue;
}

function isSame(before: Kept, files: readonly RuleFile[], entries: readonly string[]): boolean {
  return (
    before.files.length === files.length &&
    before.entries.join('\n') === entries.join('\n') &&
    files.every(({ path, text }, at) => {
      const one = before.files[at];
      return one?.path === path && one.text === text;
    })
  );
}
