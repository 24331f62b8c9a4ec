// The rules in force and the limit of the configuration, as previews need them.
import { type Catalogue, isActive } from '../analyse/catalogue.ts';
import type { PreviewFacts } from '../analyse/preview.ts';
import { phaseOf } from '../analyse/scope-hits.ts';
import type { ExclusionForm, ExclusionScope, RuleInfo } from '../model-rules.ts';
import type { Context } from './context.ts';
import { ruleCatalogue } from './rule-catalogue.ts';

type Rules = Pick<PreviewFacts, 'rules' | 'defaultThreshold'>;

/** The same object while the catalogue stays: what is found out about the rules is kept by it. */
const kept = new WeakMap<Catalogue, Rules>();

/** Rules that are in force, by id; of an id without any, all definitions. */
export function previewRules(ctx: Pick<Context, 'host'>): Rules {
  const catalogue = ruleCatalogue(ctx);
  const known = kept.get(catalogue) ?? rulesOf(catalogue);
  kept.set(catalogue, known);
  return known;
}

function rulesOf({ rules, tx }: Catalogue): Rules {
  const inForce = Array.from(rules, ([id, entries]) => {
    const active = entries.filter(isActive);
    return [id, (active.length > 0 ? active : entries).map(({ rule }) => rule)] as const;
  });
  const limit = tx.get('inbound_anomaly_score_threshold')?.value ?? '';
  return {
    rules: new Map(inForce),
    ...(/^\d{1,6}$/.test(limit) ? { defaultThreshold: Number(limit) } : {}),
  };
}

/** The form that reaches what a scope names: a directive where one of its rules runs in phase 1, else a ctl rule. */
export function formFor(ctx: Pick<Context, 'host'>, { kind, ruleId, tag }: ExclusionScope): ExclusionForm {
  if (kind !== 'rule-vhost' && kind !== 'tag-vhost') return 'ctl';
  const { rules } = previewRules(ctx);
  const named: readonly RuleInfo[] =
    tag === null
      ? (rules.get(ruleId ?? '') ?? [])
      : [...rules.values()].flat().filter(({ tags }) => tags.includes(tag));
  return named.some((rule) => phaseOf(rule) === 1) ? 'directive' : 'ctl';
}
