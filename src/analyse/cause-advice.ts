// What is advised for a cause: the narrowest thing that helps the people it hits, with what that risks.
import type { ScopeKind } from '../model-rules.ts';
import type { PackageState } from './crs-packages.ts';
import { attackShare, NOISE } from './noise.ts';
import { onlyAddsUp } from './score.ts';

/** Where an advice changes. */
export const ADVICE = {
  /** More of its requests than this belong to attacks: it does its work. */
  attacks: 0.5,
  /** So much of what it refused lies at one target, or on one path. */
  oneTarget: 0.9,
  onePath: 0.9,
  /** A path is stable when there are at most so many of them. */
  fewPaths: 2,
  /** From so many on, targets and paths are many. */
  many: 3,
  /** A whole rule goes only when so many ordinary visitors met it. */
  people: 10,
  /** So many rules above paranoia level 1 that are noisy on one vhost speak against the level. */
  levelRules: 5,
} as const;

const MOST_BESIDE = 5;

/** The protocol rules of CRS: what they stop is rarely an attack by itself. */
const PROTOCOL = /^92[01]\d{3}$/;
/** Back offices that ask for a login before they do anything. WordPress's admin-ajax and admin-post do not. */
const BEHIND_LOGIN =
  /\/(?:wp-admin\/(?!admin-(?:ajax|post)\.php)|administrator\/index\.php|typo3\/|adm\/index\.php)/;

export interface AdviceFacts {
  /** Empty text: names that nobody here owns. */
  readonly vhost: string;
  readonly ruleId: string;
  /** As the logs name them; null: they do not. */
  readonly target: string | null;
  readonly path: string | null;
  readonly score: number;
  readonly hits: number;
  readonly attackHits: number;
  readonly refused: number;
  readonly decisive: number;
  readonly ordinary: number;
  /** See CauseSpread of the store. */
  readonly twoPaths: number;
  readonly targetShare: number;
  readonly pathShare: number;
  readonly targets: number;
  readonly paths: number;
  readonly pathTargets: number;
  /** Of the rule; null: unknown. */
  readonly phase: number | null;
  readonly paranoiaLevel: number | null;
  /** The application's package of CRS that covers the path; null for none. */
  readonly package: { readonly name: string; readonly app: string; readonly state: PackageState } | null;
  /** Other rules that hit the same target on the same path. */
  readonly beside: readonly string[];
  /** Rules that still look at the target when this one does not; null: not known. */
  readonly otherRules: number | null;
  /** Rules above paranoia level 1 that are noisy on the vhost. */
  readonly levelRules: number;
}

export interface CauseAdvice {
  readonly kind:
    'leave' | 'watch' | 'package' | 'target-path' | 'target-vhost' | 'rule-path' | 'rule-vhost' | 'paranoia';
  readonly words: string;
  /** Empty for none. */
  readonly risk: string;
  /** The width of the exclusion that would help; null where nothing is to be excluded. */
  readonly scope: ScopeKind | null;
}

/** The advice. Pure: the same facts give the same advice, and more attacks among the hits never a wider one. */
export function adviceOf(facts: AdviceFacts): CauseAdvice {
  const why = leaveWhy(facts);
  if (why !== null) return { kind: 'leave', words: why, risk: attackRisk(facts), scope: null };
  if (facts.score < NOISE.noisy)
    return {
      kind: 'watch',
      words: 'Watch it: some ordinary visitors meet it, too few to call it noisy.',
      risk: '',
      scope: null,
    };
  const advice = excluding(facts);
  const pack = facts.package;
  if (pack === null || pack.state === 'on' || advice.scope === null) return advice;
  return packageAdvice(facts, pack, advice);
}

function leaveWhy(facts: AdviceFacts): string | null {
  const { vhost, ruleId, decisive, refused, score } = facts;
  if (onlyAddsUp(ruleId))
    return `Leave it: rule ${ruleId} only adds up what others found. Without it nothing would be refused on the site.`;
  if (vhost === '')
    return 'Leave it: these requests went to names that nobody here owns, so there is no site to help.';
  if (attackShare(facts) > ADVICE.attacks)
    return `Leave it: ${facts.attackHits} of its ${facts.hits} requests belong to attacks.`;
  if (decisive === 0)
    return refused === 0 ? 'Leave it: no request that it hit was refused.' : togetherWords(facts);
  return score < NOISE.watch ? 'Leave it: hardly any ordinary visitor meets it.' : null;
}

/** Of a rule without which others would have refused the same requests. */
function togetherWords({ score, beside }: AdviceFacts): string {
  const alone = 'Leave it alone: without it other rules would still have refused the same requests.';
  if (score < NOISE.noisy || beside.length === 0) return `${alone} Look at what else scored in them.`;
  const rules = beside.length === 1 ? `Rule ${beside[0] ?? ''} hits` : `Rules ${listed(beside)} hit`;
  return `${alone} ${rules} the same field there: only excluded together, one after the other, they let these visitors pass.`;
}

function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, MOST_BESIDE);
  const rest = ids.length - shown.length;
  const last = rest > 0 ? `${rest} more` : shown.pop();
  return `${shown.join(', ')} and ${last ?? ''}`;
}

function attackRisk({ attackHits, decisive }: AdviceFacts): string {
  if (decisive === 0 || attackHits === 0) return '';
  return `Excluding it would have let up to ${counted(attackHits, 'attack request')} through in 14 days.`;
}

/** What would be excluded, narrowest first where it is enough. */
function excluding(facts: AdviceFacts): CauseAdvice {
  if (isSpread(facts)) return wholeRule(facts);
  if (facts.phase === 1)
    return {
      kind: 'watch',
      words: `Watch it: rule ${facts.ruleId} runs in phase 1, where an exclusion for one field or path does not reach it.`,
      risk: 'Only the whole rule could be switched off on the site.',
      scope: null,
    };
  if (isOneForm(facts)) return rulePath(facts, facts.path ?? '');
  if (facts.target === null)
    return {
      kind: 'watch',
      words: 'Watch it: the logs do not name the field, so nothing narrow can be excluded.',
      risk: '',
      scope: null,
    };
  return onlyTarget(facts, facts.target);
}

/** Many targets on many paths, many people, and a rule that is strict by nature. */
function isSpread({ paths, targets, ordinary, paranoiaLevel, ruleId }: AdviceFacts): boolean {
  const isStrict = (paranoiaLevel ?? 1) >= 2 || PROTOCOL.test(ruleId);
  return paths >= ADVICE.many && targets >= ADVICE.many && ordinary >= ADVICE.people && isStrict;
}

/** Many targets of one path that needs a login: an editor or builder. */
function isOneForm({ pathTargets, pathShare, path }: AdviceFacts): boolean {
  return (
    pathTargets >= ADVICE.many && pathShare >= ADVICE.onePath && path !== null && BEHIND_LOGIN.test(path)
  );
}

function wholeRule(facts: AdviceFacts): CauseAdvice {
  const { vhost, ruleId, attackHits, levelRules, paranoiaLevel } = facts;
  const risk = `The whole site loses rule ${ruleId}; in 14 days it also hit ${counted(attackHits, 'attack request')} there.`;
  if (levelRules >= ADVICE.levelRules && (paranoiaLevel ?? 1) >= 2)
    return {
      kind: 'paranoia',
      words: `${levelRules} rules above paranoia level 1 are noisy on ${vhost}: the level is too high for it. Lower it in crs-setup.conf, or switch rule ${ruleId} off on ${vhost}.`,
      risk: `A lower level is for the whole server. ${risk}`,
      scope: 'rule-vhost',
    };
  return {
    kind: 'rule-vhost',
    words: `Switch rule ${ruleId} off on ${vhost}: it hits ordinary visitors in many fields on many paths.`,
    risk,
    scope: 'rule-vhost',
  };
}

function rulePath({ vhost, ruleId }: AdviceFacts, path: string): CauseAdvice {
  return {
    kind: 'rule-path',
    words: `Switch rule ${ruleId} off for ${path} on ${vhost}: it hits many fields of that one form.`,
    risk: `Anyone who can reach ${path} may send it anything rule ${ruleId} would have caught; safe only because ${path} needs a login.`,
    scope: 'rule-path',
  };
}

function onlyTarget(facts: AdviceFacts, target: string): CauseAdvice {
  const { vhost, ruleId, path, otherRules } = facts;
  const rest =
    otherRules === null
      ? 'which other rules look at it is not known'
      : `${counted(otherRules, 'other rule')} still look${otherRules === 1 ? 's' : ''} at it`;
  const isStable =
    path !== null && (facts.paths <= ADVICE.fewPaths || facts.twoPaths >= NOISE.fewPaths.least);
  const main =
    facts.targetShare >= ADVICE.oneTarget ? '' : ` Its other fields on ${vhost} have causes of their own.`;
  if (isStable)
    return {
      kind: 'target-path',
      words: `Let rule ${ruleId} skip ${target} for ${path} on ${vhost}.${main}`,
      risk: `Rule ${ruleId} stops looking at ${target} on ${vhost}, only at ${path}; all other fields, paths and sites stay checked. An attack placed in ${target} there would pass this rule; ${rest}.`,
      scope: 'target-path',
    };
  return {
    kind: 'target-vhost',
    words: `Let rule ${ruleId} skip ${target} on ${vhost}: it is hit on many paths.${main}`,
    risk: `Rule ${ruleId} stops looking at ${target} on ${vhost}; all other fields and sites stay checked. An attack placed in ${target} would pass this rule; ${rest}.`,
    scope: 'target-vhost',
  };
}

function packageAdvice(
  { vhost }: AdviceFacts,
  { name, app, state }: NonNullable<AdviceFacts['package']>,
  { words, scope }: CauseAdvice,
): CauseAdvice {
  const known: Readonly<Record<PackageState, string>> = {
    on: '',
    off: 'It is off here.',
    some: 'It is on for some requests only; see whether this site is among them.',
    unknown: 'Whether it is on is not known: no configuration of CRS was found.',
  };
  return {
    kind: 'package',
    words: `CRS has exclusions for ${app} that cover this path (tx.crs_exclusions_${name}, in CRS 4 the plugin ${name}-rule-exclusions). ${known[state]} Set it for the host ${vhost} alone, before CRS is loaded. Where it does not help: ${lowerFirst(words)}`,
    risk: `Maintained by the CRS team; it knows ${app} alone, not what was added to it.`,
    scope,
  };
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
