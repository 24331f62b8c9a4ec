// An exclusion tried on one recorded request: would it have been refused all the same?
import type { EpochMs, Severity, Transaction } from '../model.ts';
import type { ExclusionForm, ExclusionScope, RuleInfo } from '../model-rules.ts';
import { type RulesById, type SideEffect, sideEffect } from './rule-effects.ts';
import { type Score, scoreTransaction } from './score.ts';
import { withCopies } from './rule-copies.ts';
import { type ScoreRange, scoreRange } from './score-range.ts';
import {
  type Fates,
  fatesOf,
  isLate,
  phaseOf,
  ruleOf,
  together,
  type Tried,
  type TriedFates,
  untouched,
} from './scope-hits.ts';

/** What the server's configuration says, beside the request. */
export interface PreviewFacts {
  /** All installed rules by id: also those that did not fire may read what an excluded one sets. */
  readonly rules: ReadonlyMap<string, readonly RuleInfo[]>;
  /** All host names of the scope's vhost, lower case. */
  readonly names: ReadonlySet<string>;
  /** See ScoreInput. */
  readonly knownSeverity?: (ruleId: string) => Severity | null;
  readonly defaultThreshold?: number;
  readonly paranoiaLevel?: number;
  /** Exclusions of the vhost that are in force beside the one that is tried. */
  readonly inForce?: readonly StandingExclusion[];
}

/** An exclusion in force with the time at which it was made. */
export interface StandingExclusion extends Tried {
  readonly since: EpochMs;
}

/** What would have become of the request. */
export interface TriedRequest {
  /** Total then, and the most it can be with the exclusion; null when no line names a total. */
  readonly before: number | null;
  readonly after: number | null;
  readonly threshold: number | null;
  readonly outcome: 'passes' | 'blocked' | 'bound';
  /** As a clause. */
  readonly reason: string;
  /** True when at least one rule hit goes, or may go. */
  readonly touched: boolean;
  /** Hits that still count, with their targets. */
  readonly still: readonly { readonly ruleId: string; readonly target: string | null }[];
  /** True when its points give exactly the stated total. */
  readonly reconciled: boolean;
}

/** A recorded request with its points: what several exclusions are tried on. */
export interface ScoredRequest {
  readonly transaction: Transaction;
  readonly score: Score;
  /** What the exclusions in force take out of it; of those that take nothing out, nothing. */
  readonly standing: readonly TriedFates[];
}

interface Work extends ScoredRequest {
  /** All exclusions that act on it, the tried one first. */
  readonly tries: readonly TriedFates[];
  readonly rules: RulesById;
  /** Of all of them together. */
  readonly fates: Fates;
  readonly touched: boolean;
  readonly range: ScoreRange | null;
}

type Decision = Pick<TriedRequest, 'outcome' | 'reason'>;

const ADDING_UP = /^(?:94911[01]|95910[01])$/;
/** Of the rules that refuse at a total those that do so before all rules have run, with what they cut off. */
const EARLY: ReadonlyMap<string | null, string> = new Map([
  ['949111', 'phase 2 never ran'],
  ['959101', 'phase 4 never ran'],
]);

/** Adds up a request's points once, and what is taken out of it already, for any number of `tryOn`. */
export function scoredRequest(transaction: Transaction, facts: PreviewFacts): ScoredRequest {
  const { names, rules, inForce = [] } = facts;
  const isHere = transaction.vhost !== null && names.has(transaction.vhost);
  // What was refused under an exclusion shows it already; in the moments before the reload its rules still fired.
  const standing = (isHere ? inForce : [])
    .map((tried) => ({ tried, fates: fatesOf(tried, transaction, rules), since: tried.since }))
    .filter(({ fates, since }) =>
      transaction.at < since ? fates.covered !== 'no' : fates.hits.some(({ goes }) => goes !== 'no'),
    );
  return { transaction, score: scoreTransaction({ ...facts, hits: transaction.hits }), standing };
}

/**
 * Whether what is in force frees a recorded request for certain: it was refused before that was so, and says nothing
 * about another exclusion.
 */
export function isFreed(request: ScoredRequest, facts: PreviewFacts): boolean {
  const { standing } = request;
  if (standing.length === 0) return false;
  return tried(request, standing, facts, true).outcome === 'passes';
}

/** `tryOn` for a single exclusion: a scope in the form in which it is written. */
export function previewTransaction(
  transaction: Transaction,
  scope: ExclusionScope,
  form: ExclusionForm,
  facts: PreviewFacts,
): TriedRequest {
  return tryOn(scoredRequest(transaction, facts), { scope, form }, facts);
}

/**
 * Tries one exclusion on one recorded request. `passes` and `blocked` are said only where they are certain: the total
 * with the exclusion lies between two numbers, and both are below the limit, or neither is. Everything else is
 * `bound`, with the reason. Of a request that was refused before the response nobody knows whether response rules
 * would have refused it: that is for the caller to say.
 */
export function tryOn(request: ScoredRequest, exclusion: Tried, facts: PreviewFacts): TriedRequest {
  const { transaction, standing } = request;
  const isHere = transaction.vhost !== null && facts.names.has(transaction.vhost);
  const fates = isHere ? fatesOf(exclusion, transaction, facts.rules) : untouched(transaction);
  const result = tried(request, [{ tried: exclusion, fates }, ...standing], facts, isHere);
  return { ...result, touched: fates.hits.some(({ goes }) => goes !== 'no') };
}

/** Several exclusions together. */
function tried(
  request: ScoredRequest,
  tries: readonly TriedFates[],
  { rules }: PreviewFacts,
  isHere: boolean,
): TriedRequest {
  const { transaction, score } = request;
  const fates = withCopies(together(tries.map((one) => one.fates)), transaction.hits, score);
  const complete =
    transaction.auditRef !== null && transaction.hits.some(({ sources }) => sources.includes('audit_log'));
  const range = scoreRange({ score, hits: transaction.hits, fates, tries, rules, complete });
  const touched = fates.hits.some(({ goes }) => goes !== 'no');
  return {
    before: score.total,
    after: range?.high ?? null,
    threshold: score.threshold,
    ...decide({ ...request, tries, rules, fates, touched, range }, isHere),
    touched,
    still: stillCounting(request, fates),
    reconciled: score.reconciled,
  };
}

function stillCounting({ transaction, score }: ScoredRequest, fates: Fates): TriedRequest['still'] {
  const refuses = score.blockedBy !== null && !ADDING_UP.test(score.blockedBy);
  const indexes = refuses
    ? [...transaction.hits.keys()].filter((index) => transaction.hits[index]?.ruleId === score.blockedBy)
    : score.parts.map(({ hit }) => hit);
  return indexes.flatMap((index) => {
    const hit = transaction.hits[index];
    if (hit === undefined || fates.hits[index]?.goes === 'yes') return [];
    return [{ ruleId: hit.ruleId, target: hit.target }];
  });
}

function decide(work: Work, isHere: boolean): Decision {
  const { blockedBy } = work.score;
  if (blockedBy === null) {
    if (work.transaction.hits.some(({ ruleId }) => ADDING_UP.test(ruleId)))
      return bound('the engine only reported then: nothing was refused');
    return { outcome: 'passes', reason: 'nothing refused it' };
  }
  if (!isHere) return blocked('it went to another vhost');
  const off = refuserGoes(work, blockedBy);
  if (off !== null) return off;
  const seen = ADDING_UP.test(blockedBy) ? byScore(work) : blocked(whyStays(work));
  const effect = seen.outcome === 'bound' ? null : unseenEffect(work);
  return effect !== null && (effect.mayFree || seen.outcome === 'passes') ? bound(effect.words) : seen;
}

/** The rule that refused is taken out itself, certainly or perhaps; null when it stays. */
function refuserGoes({ transaction, fates, tries }: Work, blockedBy: string): Decision | null {
  const refusing = [...transaction.hits.keys()].filter((index) => {
    const hit = transaction.hits[index];
    return hit?.ruleId === blockedBy && hit.action === 'denied';
  });
  const its = refusing.map((index) => fates.hits[index] ?? { goes: 'no', why: null });
  const isEngineOff = tries.some(
    (one) => one.fates.covered !== 'no' && one.tried.scope.kind === 'engine-off',
  );
  const stays = its.find(({ goes }) => goes === 'no');
  if (stays !== undefined) return isEngineOff && stays.why !== null ? blocked(stays.why) : null;
  const doubt = its.find(({ goes }) => goes === 'maybe');
  if (doubt !== undefined) return bound(doubt.why ?? `whether rule ${blockedBy} goes is not certain`);
  if (isEngineOff) return { outcome: 'passes', reason: 'no rule looks at it from phase 2 on' };
  // What adds up points at the end of its phase is the last to refuse there.
  if (ADDING_UP.test(blockedBy) && !EARLY.has(blockedBy))
    return { outcome: 'passes', reason: `rule ${blockedBy}, which refused it, is off` };
  return bound(`the rules behind ${blockedBy} never ran`);
}

function byScore(work: Work): Decision {
  const { score, range, touched } = work;
  if (range === null) return touched ? bound('no line names its total') : blocked(whyStays(work));
  if (!touched && range.why === null) return blocked(whyStays(work));
  if (score.threshold === null) return bound('no line names the limit');
  if (range.high < score.threshold) return unlessMore(work) ?? { outcome: 'passes', reason: sumWords(work) };
  return range.low < score.threshold
    ? bound(range.why ?? 'its points are not certain')
    : blocked(sumWords(work));
}

/** E.g. `8 falls to 3, below 5`. */
function sumWords({ score, range, fates, tries }: Work): string {
  const [before, limit] = [score.total ?? 0, score.threshold ?? 0];
  const { low, high } = range ?? { low: before, high: before };
  const falls = high < before ? `falls to ${low < high ? 'at most ' : ''}${high}` : 'stays';
  const beside = tries.slice(1).some((one) => one.fates.hits.some(({ goes }) => goes !== 'no'));
  if (high < limit) return `${before} ${falls}, below ${limit}${beside ? ', with what is in force' : ''}`;
  const why = whyNamed(fates);
  return `${before} ${falls}, the limit is ${limit}${why === null ? '' : `; ${why}`}`;
}

/** Why a hit that the scope names stays; null without such a hit. */
function whyNamed({ hits }: Fates): string | null {
  return hits.find(({ goes, why }) => goes === 'no' && why !== null)?.why ?? null;
}

/** Why a total below the limit is not the whole story; null when it is. */
function unlessMore(work: Work): Decision | null {
  const { transaction, fates, score, rules, tries } = work;
  const cut = EARLY.get(score.blockedBy);
  if (cut !== undefined) return bound(`rule ${score.blockedBy ?? ''} refused it early, ${cut}`);
  const stays = new Set(
    transaction.hits.flatMap(({ ruleId }, index) => (fates.hits[index]?.goes === 'no' ? [ruleId] : [])),
  );
  for (const hit of transaction.hits) {
    const rule = stays.has(hit.ruleId) ? null : ruleOf(hit, rules);
    const effect = rule === null ? null : sideEffect(rule, rules, isOff(tries));
    if (effect !== null) return bound(effect.words);
  }
  return null;
}

/** Rules that log nothing and are switched off: what they did to other rules shows in no line. */
function unseenEffect({ tries, rules }: Work): SideEffect | null {
  const acting = tries.filter(
    ({ fates, tried: { scope } }) => fates.covered !== 'no' && scope.kind !== 'engine-off',
  );
  if (acting.length === 0) return null;
  const known = unseen.get(rules) ?? new Map<string, SideEffect | null>();
  unseen.set(rules, known);
  const key = acting.map(offKey).join(', ');
  const before = known.get(key);
  if (before !== undefined) return before;
  const off = isOff(acting);
  const effects = acting
    .flatMap(({ tried: { scope } }) =>
      scope.tag === null ? (rules.get(scope.ruleId ?? '') ?? []) : [...rules.values()].flat(),
    )
    .filter((rule) => rule.silent && off(rule))
    .map((rule) => sideEffect(rule, rules, off));
  const effect = effects.find((one) => one?.mayFree === true) ?? effects.find((one) => one !== null) ?? null;
  known.set(key, effect);
  return effect;
}

/** What of an exclusion `isOff` looks at. */
function offKey({ tried: { scope, form } }: TriedFates): string {
  return `${isLate(scope, form) ? 'late' : 'early'} ${scope.kind} ${scope.tag ?? scope.ruleId ?? ''}`;
}

const unseen = new WeakMap<RulesById, Map<string, SideEffect | null>>();

/** Which rules exclusions switch off, at least for a target. */
function isOff(tries: readonly TriedFates[]): (rule: RuleInfo) => boolean {
  const named = tries.map(({ tried: { scope, form } }) => ({ ...scope, late: isLate(scope, form) }));
  return (rule) =>
    named.some(({ late, tag, ruleId }) => {
      if (late && phaseOf(rule) === 1) return false;
      return tag === null ? rule.id === ruleId : rule.tags.includes(tag);
    });
}

function whyStays({ tries, fates, touched, score }: Work): string {
  if (!touched && tries[0]?.fates.covered === 'no') return 'it asked for another path';
  const why = whyNamed(fates);
  if (why !== null) return why;
  return touched
    ? `rule ${score.blockedBy ?? ''} refuses by itself`
    : 'the exclusion takes nothing out of it';
}

function blocked(reason: string): Decision {
  return { outcome: 'blocked', reason };
}

function bound(reason: string): Decision {
  return { outcome: 'bound', reason };
}
