// The rules that can fire on this server, for checks that need whole definitions.
import { type Catalogue, isActive } from '../analyse/catalogue.ts';
import type { RuleInfo } from '../model-rules.ts';
import type { Context } from './context.ts';
import { previewRules } from './preview-rules.ts';
import { ruleCatalogue } from './rule-catalogue.ts';

export interface ActiveRules {
  /** Definitions by id: those that are loaded and not switched off, or all where none is. */
  readonly byId: ReadonlyMap<string, readonly RuleInfo[]>;
  /** Loaded and not switched off. */
  readonly active: readonly RuleInfo[];
}

const made = new WeakMap<Catalogue, readonly RuleInfo[]>();

/** The catalogue as plain rules; made once a catalogue. */
export function activeRules(ctx: Pick<Context, 'host'>): ActiveRules {
  const catalogue = ruleCatalogue(ctx);
  const active =
    made.get(catalogue) ??
    [...catalogue.rules.values()]
      .flat()
      .filter(isActive)
      .map(({ rule }) => rule);
  made.set(catalogue, active);
  return { byId: previewRules(ctx).rules, active };
}
