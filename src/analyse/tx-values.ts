// What the TX variables that set CRS up are when a request begins: setup actions first, then CRS's own defaults.
import type { RuleInfo } from '../model-rules.ts';
import type { FileLine } from './load-order.ts';

export interface TxValue {
  readonly value: string;
  /** The rule that gave it. */
  readonly place: FileLine;
  /** True when it is the default of CRS, as nothing before set the variable. */
  readonly byDefault: boolean;
  /** Rules that set the variable for some requests only, so that it may differ there. */
  readonly elsewhere: readonly RuleInfo[];
}

interface State {
  readonly values: Map<string, Omit<TxValue, 'elsewhere'>>;
  /** What rules on certain requests set; an action that sets the variable later takes that back. */
  readonly elsewhere: Map<string, readonly RuleInfo[]>;
}

/**
 * Follows the phase-1 rules in their order of loading. Names in lower case without `tx.`. A rule that fires on
 * certain requests only counts as `elsewhere`; what adds (`=+1`) or cannot be known (`%{…}` of the request) is left
 * out. Variables that nothing sets for all requests are not there.
 */
export function startValues(rules: readonly RuleInfo[]): ReadonlyMap<string, TxValue> {
  const state: State = { values: new Map(), elsewhere: new Map() };
  for (const rule of rules) {
    if (rule.phase !== 1) continue;
    const missing = askedMissing(rule);
    if (rule.kind === 'action' && rule.chain.length === 0) assign(state, rule, false);
    else if (missing === null) note(state, rule);
    else if (!state.values.has(missing)) assign(state, rule, true);
  }
  const { values, elsewhere } = state;
  return new Map(
    Array.from(values, ([name, value]) => [name, { ...value, elsewhere: elsewhere.get(name) ?? [] }]),
  );
}

/** The variable of `SecRule &TX:name "@eq 0"`, CRS's question whether it still needs a default. */
function askedMissing({ targets, operator, chain }: RuleInfo): string | null {
  const [target] = targets;
  if (targets.length !== 1 || chain.length > 0 || !/^@eq\s+0$/.test(operator)) return null;
  return /^&tx:([\w.-]{1,100})$/i.exec(target ?? '')?.[1]?.toLowerCase() ?? null;
}

function assign({ values, elsewhere }: State, rule: RuleInfo, byDefault: boolean): void {
  const place = { file: rule.file, line: rule.line };
  for (const { name, text } of settings(rule)) {
    const value = resolve(values, text);
    if (value !== null) values.set(name, { value, place, byDefault });
    // A default leaves alone what is set already.
    if (!byDefault) elsewhere.delete(name);
  }
}

function note({ elsewhere }: State, rule: RuleInfo): void {
  for (const { name } of [rule, ...rule.chain].flatMap(settings)) {
    const known = elsewhere.get(name) ?? [];
    if (!known.includes(rule)) elsewhere.set(name, [...known, rule]);
  }
}

function settings({ setvars }: Pick<RuleInfo, 'setvars'>): { name: string; text: string }[] {
  return setvars.flatMap((setvar) => {
    const [, name, text] = /^tx\.([\w.-]{1,100})=([^+-][^]*)$/i.exec(setvar) ?? [];
    return name === undefined || text === undefined ? [] : [{ name: name.toLowerCase(), text: text.trim() }];
  });
}

/** A plain value, or another variable's (`%{TX.PARANOIA_LEVEL}`). */
function resolve(values: State['values'], text: string): string | null {
  if (!text.includes('%{')) return text;
  const name = /^%\{tx\.([\w.-]{1,100})\}$/i.exec(text)?.[1];
  return name === undefined ? null : (values.get(name.toLowerCase())?.value ?? null);
}
