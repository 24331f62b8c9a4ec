// Checks an exclusion before anything is written: everything that Apache's own test lets pass although it does nothing,
// or does too much, is refused or warned about here, with what works instead.
import type { EpochMs } from '../model.ts';
import type { EngineKind, Exclusion, ExclusionForm, ExclusionScope, RuleInfo } from '../model-rules.ts';
import { OWN_IDS } from './exclusion-render.ts';
import { checkAddingUp, checkEffects, checkPhase, hasPhaseOne, taggedRules } from './lint-rules.ts';
import { checkTarget, isNamed, partsOf } from './lint-target.ts';
import { matchesPath } from './path-scope.ts';
import { scopeKey } from './scope-key.ts';

/** One thing that was checked. */
export interface Check {
  readonly level: 'refuse' | 'warn' | 'ok';
  readonly code: string;
  readonly text: string;
}

export interface LintInput {
  readonly scope: ExclusionScope;
  /** Definitions of the rule's id: the active ones, or all where none is. Empty without a rule. */
  readonly rules: readonly RuleInfo[];
  /** All active rules. */
  readonly allRules: readonly RuleInfo[];
  readonly expiresAt: EpochMs | null;
  readonly now: EpochMs;
  /** What is in force on the vhost. */
  readonly active: readonly Exclusion[];
  readonly aliases: readonly string[];
  readonly engine: EngineKind | null;
}

export interface Linted {
  readonly form: ExclusionForm;
  readonly checks: readonly Check[];
  /** False when a check refuses it. */
  readonly allowed: boolean;
  /** The narrowest that works where this one cannot. */
  readonly offer: ExclusionScope | null;
}

const HOUR_MS = 3_600_000;
/** TIME_EPOCH is compared as a signed 32-bit number. */
const LATEST = 2_147_483_647_000;
const SHOWN_ALIASES = 10;

/** Checks a scope; the form says how it is written. */
export function lintScope(input: LintInput): Linted {
  const { scope, rules, allRules } = input;
  const touched = scope.tag === null ? rules : taggedRules(allRules, scope.tag);
  const form: ExclusionForm = scope.kind !== 'engine-off' && hasPhaseOne(touched) ? 'directive' : 'ctl';
  const checks = [
    ...checkEngine(input.engine),
    ...checkKnown(scope, touched),
    ...checkAddingUp(scope, scope.tag === null ? [] : touched, allRules.length),
    ...checkPhase(scope, touched),
    ...checkTarget(scope, rules),
    ...checkPath(scope),
    ...checkEnd(input, form),
    ...checkOthers(input),
    ...(scope.target === null ? checkEffects(touched, allRules) : []),
    ...checkOwnIds(allRules),
    ...checkAliases(scope, input.aliases),
  ];
  const refused = checks.filter(({ level }) => level === 'refuse').map(({ code }) => code);
  return { form, checks, allowed: refused.length === 0, offer: offerFor(scope, rules, refused) };
}

const ENGINES: Readonly<Record<Exclude<EngineKind, 'modsecurity-2'>, string>> = {
  'modsecurity-3':
    "This server runs ModSecurity 3, which passes over such a block in silence. Whyblocked writes nothing here. The lines below are those for ModSecurity 2.9 on Apache: here each directive goes into modsecurity_rules '…', which was not tried.",
  litespeed:
    'LiteSpeed is installed here, and that it honours these lines is not proved. Whyblocked writes nothing here; the lines below show what is meant.',
  nginx:
    "nginx runs ModSecurity here and reads no include files of Apache. Whyblocked writes nothing here. The lines below are those for ModSecurity 2.9 on Apache: in nginx each directive goes into modsecurity_rules '…'; in the vhost’s server block, which was not tried.",
};

function checkEngine(engine: EngineKind | null): Check[] {
  if (engine === null || engine === 'modsecurity-2') return [];
  return [{ level: 'refuse', code: 'engine', text: ENGINES[engine] }];
}

function checkKnown({ ruleId, tag }: ExclusionScope, touched: readonly RuleInfo[]): Check[] {
  if (ruleId !== null && Number(ruleId) >= OWN_IDS.from && Number(ruleId) <= OWN_IDS.to)
    return [
      {
        level: 'refuse',
        code: 'own-id',
        text: `${ruleId} is an exclusion of Whyblocked: take it back instead.`,
      },
    ];
  if (touched.length > 0) return [];
  if (ruleId !== null)
    return [
      {
        level: 'refuse',
        code: 'unknown-id',
        text: `No installed rule has the id ${ruleId}: the exclusion would do nothing. Look at the id again, or at the page Rules.`,
      },
    ];
  return tag === null
    ? []
    : [
        {
          level: 'refuse',
          code: 'unknown-tag',
          text: `No active rule has the tag ${tag}: the exclusion would do nothing.`,
        },
      ];
}

function checkPath({ path }: ExclusionScope): Check[] {
  if (path === null) return [];
  if (path.kind === 'prefix' && path.text === '/')
    return [
      { level: 'refuse', code: 'whole-vhost', text: '/* is the whole vhost: then exclude it for the vhost.' },
    ];
  return [
    {
      level: 'ok',
      code: 'path-as-sent',
      text: 'The path is compared as the browser sends it: encoded forms of it and doubled slashes stay checked.',
    },
  ];
}

function checkEnd({ scope, expiresAt, now }: LintInput, form: ExclusionForm): Check[] {
  const refuse = (code: string, text: string): Check[] => [{ level: 'refuse', code, text }];
  if (scope.kind === 'engine-off' && (expiresAt === null || expiresAt - now > HOUR_MS))
    return refuse('engine-hour', 'The engine can be off for at most an hour: say when it ends.');
  if (expiresAt === null)
    return scope.target === null
      ? [
          {
            level: 'warn',
            code: 'no-end',
            text: 'A whole rule is switched off without an end. 30 days are usual.',
          },
        ]
      : [];
  if (expiresAt <= now) return refuse('past', 'The end lies in the past.');
  if (expiresAt >= LATEST)
    return refuse(
      'too-late',
      'The end must lie before 19 January 2038: ModSecurity counts seconds no further.',
    );
  if (form === 'directive')
    return [
      {
        level: 'warn',
        code: 'ends-by-service',
        text: 'Written as a removal it has no end of its own: Whyblocked’s service takes it out when its time is over. While the service does not run, it stays.',
      },
    ];
  return [
    {
      level: 'ok',
      code: 'ends-itself',
      text: 'The end stands in the rule: it ends even if Whyblocked does not run.',
    },
  ];
}

function checkOthers({ scope, active, allRules, now }: LintInput): Check[] {
  // Those whose end has passed hold no more, although nobody has taken them out yet.
  const inForce = active.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  const wider = inForce.find((one) => covers(one.scope, scope) || takesTagged(one, scope, allRules));
  if (wider !== undefined)
    return [
      {
        level: 'refuse',
        code: 'duplicate',
        text: `Exclusion ${wider.id} does this already. Change its end or reason instead.`,
      },
    ];
  const narrower = inForce.filter((one) => covers(scope, one.scope)).map(({ id }) => id);
  return narrower.length === 0
    ? []
    : [
        {
          level: 'warn',
          code: 'makes-needless',
          text: `Exclusion ${narrower.slice(0, 10).join(', ')} will not be needed any more.`,
        },
      ];
}

/** Whether one scope takes in all of another of the same vhost. */
function covers(wide: ExclusionScope, narrow: ExclusionScope): boolean {
  if (scopeKey(wide) === scopeKey(narrow)) return true;
  if (wide.kind === 'engine-off' || wide.kind === 'tag-vhost' || wide.ruleId !== narrow.ruleId) return false;
  if (wide.ruleId === null) return false;
  return coversTarget(wide.target, narrow.target) && coversPath(wide, narrow);
}

/** Whether an exclusion by tag takes in the rule of another; one written as a rule of ours does not reach phase 1. */
function takesTagged({ scope, form }: Exclusion, narrow: ExclusionScope, all: readonly RuleInfo[]): boolean {
  const { tag } = scope;
  const rules = all.filter(({ id }) => id === narrow.ruleId);
  if (tag === null || rules.length === 0) return false;
  return rules.every(({ tags }) => tags.includes(tag)) && (form === 'directive' || !hasPhaseOne(rules));
}

function coversTarget(wide: string | null, narrow: string | null): boolean {
  if (wide === null) return true;
  if (narrow === null) return false;
  const [collection, name] = partsOf(wide);
  const [other, member] = partsOf(narrow);
  return collection === other && (name === null || name.toLowerCase() === member?.toLowerCase());
}

function coversPath({ path: wide }: ExclusionScope, { path: narrow }: ExclusionScope): boolean {
  if (wide === null) return true;
  if (narrow === null) return false;
  if (narrow.kind === 'exact') return matchesPath(wide, narrow.text);
  if (wide.kind === narrow.kind && wide.text === narrow.text) return true;
  return wide.kind === 'prefix' && narrow.text.startsWith(wide.text);
}

function checkOwnIds(rules: readonly RuleInfo[]): Check[] {
  const taken = rules.find(({ id }) => Number(id) >= OWN_IDS.from && Number(id) <= OWN_IDS.to);
  if (taken === undefined)
    return [{ level: 'ok', code: 'id-free', text: 'The id of the new rule is free on this server.' }];
  return [
    {
      level: 'refuse',
      code: 'id-taken',
      text: `A rule of this server uses ${taken.id} (${taken.file}), which lies in Whyblocked’s own range ${OWN_IDS.from} to ${OWN_IDS.to}. Give that rule another id first.`,
    },
  ];
}

function checkAliases({ vhost }: ExclusionScope, aliases: readonly string[]): Check[] {
  if (aliases.length === 0) return [];
  const more = aliases.length > SHOWN_ALIASES ? ` and ${aliases.length - SHOWN_ALIASES} more` : '';
  return [
    {
      level: 'ok',
      code: 'aliases',
      text: `It is for all names of ${vhost}: ${aliases.slice(0, SHOWN_ALIASES).join(', ')}${more}.`,
    },
  ];
}

/** What works in place of a refused scope. */
function offerFor(
  scope: ExclusionScope,
  rules: readonly RuleInfo[],
  refused: readonly string[],
): ExclusionScope | null {
  const has = (...codes: readonly string[]): boolean => refused.some((code) => codes.includes(code));
  if (has('adds-up', 'unknown-id', 'unknown-tag', 'engine', 'tag-adds-up', 'tag-too-wide', 'own-id'))
    return null;
  if (has('phase-1', 'no-phase')) return { ...scope, kind: 'rule-vhost', target: null, path: null };
  if (has('xml-path', 'no-members', 'regex-target', 'unwritable-name', 'many-names', 'expansion'))
    return wholeCollection(scope, rules);
  if (has('chained-target', 'collection')) return otherTarget(scope, rules, has('chained-target'));
  if (has('inner-variable')) return withoutTarget(scope);
  if (has('whole-vhost'))
    return { ...scope, kind: scope.target === null ? 'rule-vhost' : 'target-vhost', path: null };
  return null;
}

/** The collection of a member that cannot be written, if the rule names it; else the rule itself. */
function wholeCollection(scope: ExclusionScope, rules: readonly RuleInfo[]): ExclusionScope {
  const [collection] = partsOf(scope.target ?? '');
  const isOne = rules.length > 0 && rules.every(({ targets }) => isNamed(targets, collection));
  return isOne ? { ...scope, target: collection } : withoutTarget(scope);
}

function withoutTarget(scope: ExclusionScope): ExclusionScope {
  return { ...scope, kind: scope.path === null ? 'rule-vhost' : 'rule-path', target: null };
}

/** The one target that the first part of a chain names, else the rule itself. */
function otherTarget(scope: ExclusionScope, rules: readonly RuleInfo[], inChain: boolean): ExclusionScope {
  const named = [...new Set(rules.flatMap(({ targets }) => targets))].filter((one) => /^[A-Z]/.test(one));
  const [only] = named;
  return inChain && named.length === 1 && only !== undefined
    ? { ...scope, target: only }
    : withoutTarget(scope);
}

/** The widths that the known parts of a scope allow, narrowest first. */
export function ladderOf(scope: ExclusionScope, rules: readonly RuleInfo[]): ExclusionScope[] {
  if (scope.ruleId === null || rules.length === 0) return [scope];
  const { target, path } = scope;
  const base = { ...scope, tag: null };
  return [
    ...(target !== null && path !== null ? [{ ...base, kind: 'target-path' as const }] : []),
    ...(target !== null ? [{ ...base, kind: 'target-vhost' as const, path: null }] : []),
    ...(path !== null ? [{ ...base, kind: 'rule-path' as const, target: null }] : []),
    { ...base, kind: 'rule-vhost' as const, target: null, path: null },
  ];
}
