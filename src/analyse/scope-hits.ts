// Which rule hits of a recorded request an exclusion takes out. How ModSecurity 2.9 does it was tried on Apache 2.4.
import type { StoredHit, Transaction } from '../model.ts';
import type { ExclusionForm, ExclusionScope, RuleInfo } from '../model-rules.ts';
import { looksAt } from './coverage-of-target.ts';
import { coversRequest, type Sure } from './path-scope.ts';
import type { RulesById } from './rule-effects.ts';

/** What is tried: a scope as it is written. */
export interface Tried {
  readonly scope: ExclusionScope;
  readonly form: ExclusionForm;
}

export interface Fate {
  readonly goes: Sure;
  /** Why it is not certain, or why a hit that the scope names stays, as a clause; else null. */
  readonly why: string | null;
}

const STAYS: Fate = { goes: 'no', why: null };
const GOES: Fate = { goes: 'yes', why: null };

export interface Fates {
  /** Whether the scope's path covers the request. */
  readonly covered: Sure;
  /** What becomes of each hit, in their order. */
  readonly hits: readonly Fate[];
}

/** What an exclusion takes out of a request. The caller sees to it that the request went to the scope's vhost. */
export function fatesOf({ scope, form }: Tried, transaction: Transaction, rules: RulesById): Fates {
  const covered = scope.path === null ? 'yes' : coversRequest(scope.path, transaction);
  const hits = transaction.hits.map((hit) => {
    if (covered === 'no') return STAYS;
    const rule = ruleOf(hit, rules);
    const fate = reached(named(scope, hit, rule), hit, rule, isLate(scope, form));
    if (fate.goes !== 'yes') return fate;
    if (covered === 'maybe') return maybe('its path is known only as Apache decoded it');
    const isDoubtful = hit.ambiguous && !hit.sources.includes('audit_log');
    return isDoubtful ? maybe(`its line of rule ${hit.ruleId} can be read in two ways`) : fate;
  });
  return { covered, hits };
}

/** A request that the scope does not reach at all. */
export function untouched(transaction: Transaction): Fates {
  return { covered: 'no', hits: transaction.hits.map(() => STAYS) };
}

/** An exclusion with what it takes out of one request. */
export interface TriedFates {
  readonly tried: Tried;
  readonly fates: Fates;
}

/** Several exclusions on the same request: a hit goes when one of them takes it out. There must be at least one. */
export function together(all: readonly Fates[]): Fates {
  const [first] = all;
  if (first === undefined) throw new Error('there is no exclusion to put together');
  if (all.length === 1) return first;
  const covered = all.some((one) => one.covered === 'yes');
  return {
    covered: covered ? 'yes' : all.some((one) => one.covered === 'maybe') ? 'maybe' : 'no',
    hits: first.hits.map((fate, index) => {
      const fates = all.map(({ hits }) => hits[index] ?? fate);
      const of = (goes: Sure): Fate | undefined => fates.find((one) => one.goes === goes);
      return of('yes') ?? of('maybe') ?? fates.find(({ why }) => why !== null) ?? fate;
    }),
  };
}

/** Written as a rule of the vhost, it acts after the server's own rules of phase 1 have run. */
export function isLate({ kind }: ExclusionScope, form: ExclusionForm): boolean {
  return form === 'ctl' || kind === 'engine-off';
}

/** The definition that made a hit; null when it is not installed, or several share the id and the line names none. */
export function ruleOf(hit: StoredHit, rules: RulesById): RuleInfo | null {
  const all = rules.get(hit.ruleId) ?? [];
  const inFile = all.filter(({ file }) => file === hit.file);
  return (
    inFile.find(({ line }) => line === hit.line) ?? inFile[0] ?? (all.length === 1 ? all[0] : null) ?? null
  );
}

/** ModSecurity's own default where a rule names no phase is 2. */
export function phaseOf(rule: Pick<RuleInfo, 'phase'>): number {
  return rule.phase ?? 2;
}

function maybe(why: string): Fate {
  return { goes: 'maybe', why };
}

function reached(fate: Fate, hit: StoredHit, rule: RuleInfo | null, late: boolean): Fate {
  if (fate.goes === 'no' || !late) return fate;
  const phase = hit.phase ?? (rule === null ? null : phaseOf(rule));
  if (phase === null) return maybe(`the phase of rule ${hit.ruleId} is not known`);
  if (phase > 1) return fate;
  return { goes: 'no', why: `rule ${hit.ruleId} runs in phase 1, before the exclusion acts` };
}

function named(scope: ExclusionScope, hit: StoredHit, rule: RuleInfo | null): Fate {
  switch (scope.kind) {
    case 'engine-off':
      return GOES;
    case 'tag-vhost':
      return tagged(scope.tag ?? '', hit, rule);
    case 'rule-path':
    case 'rule-vhost':
      return hit.ruleId === scope.ruleId ? GOES : STAYS;
    default:
      return hit.ruleId === scope.ruleId ? onTarget(scope.target ?? '', hit, rule) : STAYS;
  }
}

function tagged(tag: string, hit: StoredHit, rule: RuleInfo | null): Fate {
  if (hit.tags.includes(tag)) return GOES;
  if (!hit.cut) return STAYS;
  if (rule === null) return maybe(`the tags of rule ${hit.ruleId} are cut off in its line`);
  return rule.tags.includes(tag) ? GOES : STAYS;
}

function onTarget(target: string, hit: StoredHit, rule: RuleInfo | null): Fate {
  const looks = rule === null ? 'may' : looksAt(rule.targets, target);
  if (rule !== null && rule.chain.length > 0) {
    if (looks === 'no')
      return { goes: 'no', why: `the first part of rule ${rule.id}’s chain does not look at ${target}` };
    if (!logsFirstVariable(rule)) return onStarter(target, rule);
  }
  if (hit.target === null)
    return looks === 'no' ? STAYS : maybe(`its line of rule ${hit.ruleId} names no target`);
  // A rule that counts variables names them in its line, but no exclusion takes out a count.
  const isCount = looks === 'no' && rule?.targets.some((one) => one.startsWith('&')) === true;
  return !isCount && takesIn(target, hit.target) ? GOES : STAYS;
}

/** The line of a chain names the variable of its last part, which is the first one's where it looks at MATCHED_VARS. */
function logsFirstVariable({ chain }: RuleInfo): boolean {
  return chain.every(
    ({ targets }) => targets.length > 0 && targets.every((one) => /^MATCHED_VARS$/i.test(one)),
  );
}

/** Only the first part of a chain lets a target go; which of its variables matched is not in the log. */
function onStarter(target: string, { id, targets }: RuleInfo): Fate {
  const looked = targets.filter((one) => !one.startsWith('!'));
  if (looked.every((one) => takesIn(target, one))) return GOES;
  return maybe(`the line of rule ${id} does not tell which target began its chain`);
}

/** Whether a target (a collection, or one name in it) takes in a variable. ModSecurity does not look at case. */
function takesIn(target: string, variable: string): boolean {
  const [wanted, given] = [lower(target), lower(variable)];
  if (wanted.includes(':')) return wanted === given;
  return given === wanted || given.startsWith(`${wanted}:`);
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
