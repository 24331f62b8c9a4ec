// What a rule does beside scoring. When it is switched off, later rules may then run in another way than they did.
import type { RuleInfo } from '../model-rules.ts';

/** Actions that change what is logged, not what is refused. */
const LOGS_ONLY = /^(?:auditLogParts|auditEngine|debugLogLevel)\b/i;
/** A sum that grows with each match. */
const ADDS_POINTS = /^tx\.[\w.%{}-]*score[\w.%{}-]*=\+/i;
/** Written for the log, or for refusing the client later: without it nothing more is refused. */
const FOR_REPORTS = /^(?:tx\.msg=|tx\.%\{(?:rule\.id|tx\.msg)\}|ip\.reput_block_(?:flag|reason)=)/i;
const READS = /\b(?:tx|ip|global|session|user|resource)(?:\.|:(\/)?\^?)([\w.-]*)/gi;
const ASSIGNS = /^tx\.[^=]+=[^+-]/i;
const READS_ALL = /^!?(?:tx|ip|global|session|user|resource)$/i;

/** Which rules read variables of this name; of an expression (`TX:/^x_/`) its first letters. */
interface Readers {
  readonly exact: ReadonlyMap<string, ReadonlySet<string>>;
  readonly starts: readonly { readonly start: string; readonly id: string }[];
}

export type RulesById = ReadonlyMap<string, readonly RuleInfo[]>;

const readersOf = new WeakMap<RulesById, Readers>();

export interface SideEffect {
  /** As a clause, e.g. `rule 910000 also skips other rules`. */
  readonly words: string;
  /** Whether without it a request may score less; without a skip it can only score more. */
  readonly mayFree: boolean;
}

/**
 * What else changes when a rule goes; null when it only scores. Variables that no staying rule reads do not count;
 * `goes` tells which rules are switched off with it.
 */
export function sideEffect(
  rule: RuleInfo,
  rules: RulesById,
  goes: (rule: RuleInfo) => boolean,
): SideEffect | null {
  const parts = [rule, ...rule.chain];
  const ctl = parts.flatMap((part) => part.ctl).find((action) => !LOGS_ONLY.test(action));
  if (ctl !== undefined) return { words: `rule ${rule.id} also does ctl:${ctl.slice(0, 60)}`, mayFree: true };
  const stays = (id: string): boolean => id !== rule.id && rules.get(id)?.some((one) => !goes(one)) === true;
  const setvar = parts
    .flatMap((part) => part.setvars)
    .filter((action) => !ADDS_POINTS.test(action) && !FOR_REPORTS.test(action))
    .find((action) => readersNamed(rules, nameOf(action)).some(stays));
  if (setvar !== undefined) {
    const words = `rule ${rule.id} also sets ${nameOf(setvar).slice(0, 60)}, which other rules read`;
    return { words, mayFree: true };
  }
  return rule.skips ? { words: `rule ${rule.id} also skips other rules`, mayFree: false } : null;
}

/** E.g. `tx.extension` of `tx.extension=.%{tx.1}/`. */
function nameOf(setvar: string): string {
  return setvar.split('=', 1)[0] ?? '';
}

/** Ids of the rules that read a variable; where the request makes up a part of its name, of any that it may be. */
function readersNamed(rules: RulesById, variable: string): string[] {
  const readers = readersOf.get(rules) ?? collect(rules);
  readersOf.set(rules, readers);
  const name = /^!?\w+\.([\w.-]*)/.exec(variable)?.[1]?.toLowerCase() ?? '';
  const isDynamic = variable.includes('%{');
  const found = readers.starts
    .filter(({ start }) => name.startsWith(start) || (isDynamic && start.startsWith(name)))
    .map(({ id }) => id);
  if (!isDynamic) return [...found, ...(readers.exact.get(name) ?? [])];
  for (const [read, ids] of readers.exact) if (read.startsWith(name)) found.push(...ids);
  return found;
}

function collect(rules: RulesById): Readers {
  const exact = new Map<string, Set<string>>();
  const starts: { start: string; id: string }[] = [];
  for (const [id, infos] of rules) {
    for (const rule of infos) {
      const parts = [rule, ...rule.chain];
      // What a rule sets for its own chain it does not need from others.
      const assigned = parts.flatMap((part) => part.setvars).filter((action) => ASSIGNS.test(action));
      const own = new Set(assigned.map((action) => nameOf(action).slice('tx.'.length).toLowerCase()));
      for (const text of parts.flatMap(readsOf)) {
        if (READS_ALL.test(text)) starts.push({ start: '', id });
        for (const [, expression, name = ''] of text.matchAll(READS)) {
          const key = name.toLowerCase();
          if (expression !== undefined) starts.push({ start: key, id });
          else if (!own.has(key)) exact.set(key, (exact.get(key) ?? new Set()).add(id));
        }
      }
    }
  }
  return { exact, starts };
}

/** Where a rule may name a variable that it reads: targets, operator, values that it sets. */
function readsOf({
  targets,
  operator,
  setvars,
}: Pick<RuleInfo, 'targets' | 'operator' | 'setvars'>): string[] {
  return [...targets, operator, ...setvars.map((setvar) => setvar.slice(setvar.indexOf('=') + 1))];
}
