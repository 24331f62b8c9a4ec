// Which rules look at a variable, by the targets they name: what is left when one rule is switched off for it.
// Grammar of targets and their regular expressions (case does not count): ModSecurity 2.9, msre_parse_targets.
import type { Disruptive, RuleInfo } from '../model-rules.ts';
import { type CatalogueRule, isActive } from './catalogue.ts';
import { plainMatcher } from './plain-pattern.ts';

/** `may`: only for some names of a collection, or for those that match an expression. */
export type LooksAt = 'yes' | 'may' | 'no';

export interface TargetCoverage {
  readonly sure: readonly CatalogueRule[];
  readonly may: readonly CatalogueRule[];
}

export interface CoverageInput {
  /** `ARGS:comment`, or a whole collection or variable, `ARGS`, `REQUEST_URI`. */
  readonly target: string;
  readonly rules: Iterable<CatalogueRule>;
  /** Blocking paranoia level; rules above it do not count. Null: unknown, all count. */
  readonly blockingLevel: number | null;
  /** The rule that the others are to stand in for. */
  readonly without: string;
}

/** Collections that hold others. */
const WITHIN: ReadonlyMap<string, string> = new Map([
  ['args_get', 'args'],
  ['args_post', 'args'],
  ['args_get_names', 'args_names'],
  ['args_post_names', 'args_names'],
]);
const REFUSES: ReadonlySet<Disruptive> = new Set<Disruptive>(['block', 'deny', 'drop', 'redirect', 'proxy']);

/** Active rules that look at the target and score or refuse by themselves, those of the same family first, then by id. */
export function coverageOfTarget({ target, rules, blockingLevel, without }: CoverageInput): TargetCoverage {
  const sure: CatalogueRule[] = [];
  const may: CatalogueRule[] = [];
  for (const entry of rules) {
    if (entry.rule.id === without || !counts(entry, blockingLevel)) continue;
    const looks = looksAt(entry.rule.targets, target);
    if (looks !== 'no') (looks === 'yes' ? sure : may).push(entry);
  }
  const order = nearest(without);
  return { sure: sure.sort(order), may: may.sort(order) };
}

function counts(entry: CatalogueRule, blockingLevel: number | null): boolean {
  const { rule, points } = entry;
  const isStrong = points !== null || (rule.disruptive !== null && REFUSES.has(rule.disruptive));
  const isLow = blockingLevel === null || (rule.paranoiaLevel ?? 1) <= blockingLevel;
  return isStrong && isLow && isActive(entry);
}

function nearest(id: string): (a: CatalogueRule, b: CatalogueRule) => number {
  const isNear = ({ rule }: CatalogueRule): number => (rule.id.slice(0, 3) === id.slice(0, 3) ? 0 : 1);
  return (a, b) => isNear(a) - isNear(b) || Number(a.rule.id) - Number(b.rule.id);
}

/**
 * Whether targets as a rule names them (`ARGS`, `ARGS:/^x/`, `!ARGS:y`) take in one variable. Counts (`&ARGS`) are no
 * look at a value. Expressions that are more than plain words are not run: they give `may`.
 */
export function looksAt(targets: RuleInfo['targets'], target: string): LooksAt {
  const wanted = split(target);
  const named = targets.filter((one) => !/^[!&]/.test(one)).map((one) => takesIn(split(one), wanted));
  const takenOut = targets
    .filter((one) => one.startsWith('!'))
    .map((one) => takesIn(split(one.slice(1)), wanted));
  if (takenOut.includes('yes') || !named.some((one) => one !== 'no')) return 'no';
  // Of a whole collection single names are always taken out: it is looked at all the same.
  const isPartlyOut = wanted.name !== null && takenOut.includes('may');
  return named.includes('yes') && !isPartlyOut ? 'yes' : 'may';
}

interface Variable {
  readonly collection: string;
  /** In lower case and out of its quotes; null for the whole of it. */
  readonly name: string | null;
}

function split(target: string): Variable {
  const colon = target.indexOf(':');
  if (colon < 0) return { collection: target.toLowerCase(), name: null };
  const name = target.slice(colon + 1).toLowerCase();
  const bare = name.length > 1 && name.startsWith("'") && name.endsWith("'") ? name.slice(1, -1) : name;
  return { collection: target.slice(0, colon).toLowerCase(), name: bare };
}

function takesIn(rule: Variable, wanted: Variable): LooksAt {
  if (rule.collection !== wanted.collection) {
    if (WITHIN.get(wanted.collection) === rule.collection) return takesName(rule.name, wanted.name);
    const isPart = WITHIN.get(rule.collection) === wanted.collection;
    return isPart && takesName(rule.name, wanted.name) !== 'no' ? 'may' : 'no';
  }
  return takesName(rule.name, wanted.name);
}

function takesName(rule: string | null, wanted: string | null): LooksAt {
  if (rule === null || rule === wanted) return 'yes';
  if (wanted === null) return 'may';
  const expression = /^\/([^]*)\/$/.exec(rule)?.[1];
  if (expression === undefined) return 'no';
  const test = plainMatcher(expression);
  if (test === null) return 'may';
  return test(wanted) ? 'yes' : 'no';
}
