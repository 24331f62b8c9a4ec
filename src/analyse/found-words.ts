// What lines of others switch off, in words.
import type { Section } from '../parse/apache-directives.ts';
import type { ExclusionLine, RulesNamed } from '../parse/exclusion-lines.ts';
import type { IdRange } from '../parse/rule-id-list.ts';
import { requestSections } from './exclusion-reach.ts';
import { joinAnd } from './sentences.ts';
import { isEverywhere } from './take-over.ts';

/** A page names so many ids, tags or targets; of more it gives the number. */
const MOST_NAMED = 8;
const MOST_LENGTH = 120;

/**
 * What the lines switch off together, e.g. `rules 942100 and 941160; ARGS:q of rule 942190, only where REQUEST_URI
 * @beginsWith /shop/`. What stands twice is said once. Empty text without lines.
 */
export function switchedOffWords(lines: readonly ExclusionLine[]): string {
  const byPlace = Map.groupBy(lines, placeWords);
  return Array.from(byPlace, ([place, here]) => thingsOf(here).join('; ') + place).join('; ');
}

/** For which requests a line holds beyond its file's, as the end of a sentence; empty for all. */
function placeWords(line: ExclusionLine): string {
  const sections = requestSections(line).filter((section) => !isEverywhere(section));
  const inside = sections.length === 0 ? '' : `, inside ${sections.map(sectionWords).join(' ')}`;
  const conditions = line.rule?.conditions ?? [];
  return inside + (conditions.length === 0 ? '' : `, only where ${joinAnd(conditions.map(short))}`);
}

function sectionWords({ name, argument }: Section): string {
  return `<${name} ${short(argument)}>`;
}

/** Lines of one place by what they do, in a fixed order; ids of several lines are said together. */
function thingsOf(lines: readonly ExclusionLine[]): string[] {
  const engine = lines.filter(({ kind }) => kind === 'engine').at(-1);
  const removed = lines.flatMap(({ kind, rules }) => (kind === 'rules' && rules !== null ? [rules] : []));
  const ranges = removed.flatMap((rules) => rules.ranges);
  const patterns = removed.flatMap((rules) => (rules.by === 'id' ? [] : [patternWords(rules)]));
  return unique([
    ...(engine === undefined ? [] : [engineWords(engine.value)]),
    ...lines.flatMap((line) => SIMPLE[line.kind] ?? []),
    ...(removed.some(({ markers }) => markers) ? [MARKERS] : []),
    ...(ranges.length === 0 ? [] : [idWords(ranges)]),
    ...few(unique(patterns)),
    ...few(unique(lines.flatMap(targetWords))),
    ...few(unique(lines.flatMap(changeWords))),
  ]);
}

function engineWords(value: string | null): string {
  return value === 'DetectionOnly'
    ? 'all refusals (SecRuleEngine DetectionOnly: rules only report)'
    : 'the whole rule engine (SecRuleEngine Off)';
}

const MARKERS = 'all rules behind a jump (id 0, the markers)';

const SIMPLE: Readonly<Partial<Record<ExclusionLine['kind'], string>>> = {
  inheritance: 'all rules of the server (SecRuleInheritance Off)',
  body: 'the look at request bodies (SecRequestBodyAccess Off)',
  allow: 'all rules that would follow (allow)',
};

/** `rule 942100`, `rules 942100, 941100-941199 and 3 more`; by number, each once. */
export function idWords(ranges: readonly IdRange[]): string {
  const sorted = [...ranges].sort((a, b) => a.from - b.from || a.to - b.to);
  const names = unique(sorted.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)));
  return `${names.length === 1 && !names[0]?.includes('-') ? 'rule' : 'rules'} ${joinAnd(few(names))}`;
}

function patternWords({ by, pattern }: RulesNamed): string {
  return `all rules with a ${by} that matches “${short(pattern ?? '')}”`;
}

function rulesWords(rules: RulesNamed): string {
  return rules.by === 'id' ? idWords(rules.ranges) : patternWords(rules);
}

function targetWords({ kind, rules, targets }: ExclusionLine): string[] {
  return kind === 'targets' && rules !== null
    ? [`${joinAnd(few(targets.map(short)))} of ${rulesWords(rules)}`]
    : [];
}

function changeWords({ kind, rules, value }: ExclusionLine): string[] {
  if (kind === 'setting') return [`the server’s own limit (${short(value ?? '')} instead)`];
  return kind === 'actions' && rules !== null ? [`refusals by ${rulesWords(rules)} (${value ?? ''})`] : [];
}

function few(names: readonly string[]): string[] {
  return names.length <= MOST_NAMED
    ? [...names]
    : [...names.slice(0, MOST_NAMED), `${names.length - MOST_NAMED} more`];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function short(text: string): string {
  return text.length > MOST_LENGTH ? `${text.slice(0, MOST_LENGTH - 1)}…` : text;
}
