// What the rules themselves say to an exclusion: they only add up, their phase, their tags, what else they do.
import type { ExclusionScope, RuleInfo } from '../model-rules.ts';
import type { Check } from './exclusion-lint.ts';
import { type RulesById, sideEffect } from './rule-effects.ts';
import { onlyAddsUp } from './score.ts';

/** Rules that carry a tag, as an anchored pattern finds them. */
export function taggedRules(rules: readonly RuleInfo[], tag: string): RuleInfo[] {
  return rules.filter(({ tags }) => tags.includes(tag));
}

/** Blocking, initialising and reporting rules have no switch. */
export function checkAddingUp(scope: ExclusionScope, tagged: readonly RuleInfo[], all: number): Check[] {
  const { ruleId, tag } = scope;
  if (ruleId !== null && onlyAddsUp(ruleId))
    return [
      {
        level: 'refuse',
        code: 'adds-up',
        text: `${ruleId} only adds up. Switching it off would switch off every refusal of this vhost. Exclude one of the rules that scored: the incident and the page of the domain list them.`,
      },
    ];
  if (tag === null) return [];
  const blocking = tagged.filter(({ id }) => onlyAddsUp(id)).map(({ id }) => id);
  if (blocking.length > 0)
    return [
      {
        level: 'refuse',
        code: 'tag-adds-up',
        text: `The tag ${tag} also stands at ${[...new Set(blocking)].slice(0, 5).join(', ')}, which only add up: without them nothing is refused on this vhost any more. Exclude a narrower tag or single rules.`,
      },
    ];
  if (tagged.length * 2 > all)
    return [
      {
        level: 'refuse',
        code: 'tag-too-wide',
        text: `The tag ${tag} stands at ${tagged.length} of ${all} rules: that leaves next to nothing of the protection. Exclude a narrower tag or single rules.`,
      },
    ];
  return [{ level: 'ok', code: 'tag', text: `The tag stands at ${tagged.length} of ${all} rules.` }];
}

/** Whether any of the rules runs in phase 1, before the rules of a vhost do. */
export function hasPhaseOne(rules: readonly RuleInfo[]): boolean {
  return rules.some(({ phase }) => phase === 1 || phase === null);
}

/** What a rule of phase 1 cannot do; otherwise which phase is reached. */
export function checkPhase(scope: ExclusionScope, rules: readonly RuleInfo[]): Check[] {
  if (rules.length === 0) return [];
  const what = scope.ruleId === null ? `A rule with the tag ${scope.tag ?? ''}` : `Rule ${scope.ruleId}`;
  if (!hasPhaseOne(rules)) {
    const phases = [...new Set(rules.map(({ phase }) => phase ?? 2))].sort();
    return [
      {
        level: 'ok',
        code: 'phase',
        text: `It runs in phase ${phases.join(', ')}: an exclusion of the vhost comes before it.`,
      },
    ];
  }
  const isUnknown = !rules.some(({ phase }) => phase === 1);
  if (isUnknown && (scope.target !== null || scope.path !== null))
    return [
      {
        level: 'refuse',
        code: 'no-phase',
        text: `${what} names a phase that is not known, so that nothing of the vhost surely comes before it: neither a path nor a target can be excluded for it. What works is the whole rule on the vhost.`,
      },
    ];
  if (scope.target !== null || scope.path !== null)
    return [
      {
        level: 'refuse',
        code: 'phase-1',
        text: `${what} runs in phase 1, before anything of the vhost does: neither a path nor a target can be excluded for it. What works is the whole rule on the vhost.`,
      },
    ];
  return [
    {
      level: 'ok',
      code: 'phase',
      text: `${what} ${isUnknown ? 'names a phase that is not known' : 'runs in phase 1'}: only its removal from the vhost surely reaches it, and that is what is written.`,
    },
  ];
}

const byId = new WeakMap<readonly RuleInfo[], RulesById>();

/** Rules that do more than score: what stands in other rules' way, or what they read. */
export function checkEffects(rules: readonly RuleInfo[], all: readonly RuleInfo[]): Check[] {
  const known = byId.get(all) ?? Map.groupBy(all, ({ id }) => id);
  byId.set(all, known);
  const off = new Set(rules.map(({ id }) => id));
  for (const rule of rules) {
    const effect = sideEffect(rule, known, ({ id }) => off.has(id));
    if (effect === null) continue;
    const words = `${effect.words.slice(0, 1).toUpperCase()}${effect.words.slice(1)}`;
    return [
      { level: 'warn', code: 'side-effects', text: `${words}: without it others may run differently.` },
    ];
  }
  return [];
}
