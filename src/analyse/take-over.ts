// What a line of somebody else's would become as exclusions of our own: the same rules, nothing wider.
import type { ExclusionScope, PathScope, RuleInfo } from '../model-rules.ts';
import type { Section } from '../parse/apache-directives.ts';
import type { ExclusionLine, RulesNamed } from '../parse/exclusion-lines.ts';
import { looksAt } from './coverage-of-target.ts';
import type { Reach } from './exclusion-reach.ts';
import { isIgnoredTarget, requestSections } from './exclusion-reach.ts';
import { onlyAddsUp } from './score.ts';

/** Installed rules that Apache loads, by id; empty when none could be read. */
export type InstalledRules = ReadonlyMap<string, readonly RuleInfo[]>;

/** A scope before it is known for which vhosts. */
export type OpenScope = Omit<ExclusionScope, 'vhost'>;

/**
 * `scopes`: it becomes these; `nothing`: it has no effect, so that nothing is lost without it; `stays`: an exclusion of
 * ours cannot say the same, and `why` is a sentence.
 */
export type TakeOver =
  | { readonly kind: 'scopes'; readonly scopes: readonly OpenScope[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'stays'; readonly why: string };

/** A line may become at most so many exclusions. */
export const MOST_SCOPES = 200;

const NOTHING: TakeOver = { kind: 'nothing' };

/** What one line becomes in the place where it has this reach. Never throws. */
export function takeOver(line: ExclusionLine, reach: Reach, rules: InstalledRules): TakeOver {
  const { from } = reach;
  if (from === null) return NOTHING;
  const depends = reach.notes.find(({ code }) => code === 'depends');
  if (depends !== undefined) return stays(depends.text);
  if (line.rules === null || line.kind === 'actions') return stays(WHY[line.kind] ?? OTHER);
  if (line.rules.markers)
    return stays('A word of it is read as id 0, which takes out all markers: mend the line first.');
  if (line.rule?.plain === false) return stays('The rule does more than this, and would have to be split.');
  const path = pathOf(line);
  if (path === undefined) return stays('It holds for requests that an exclusion of ours cannot name.');
  const named = { ...line, rules: line.rules, from, path };
  return line.kind === 'rules' ? rulesTaken(named, rules) : targetsTaken(named, rules);
}

const OTHER = 'There is no exclusion of ours that does this.';
const WHY: Readonly<Partial<Record<ExclusionLine['kind'], string>>> = {
  engine:
    'An exclusion of ours switches the whole engine off for one hour at most: switch off the rules that are in the way instead.',
  body: 'An exclusion of ours cannot keep ModSecurity from reading bodies: exclude the targets that are in the way instead.',
  inheritance:
    'An exclusion of ours cannot take all rules away: switch off those that are in the way instead.',
  allow:
    'An exclusion of ours cannot let a client pass all rules: allow its address in csf, or exclude rules.',
  setting: 'It changes a limit and switches no rule off.',
};

function stays(why: string): TakeOver {
  return { kind: 'stays', why };
}

interface Named {
  readonly rules: RulesNamed;
  readonly targets: readonly string[];
  readonly from: number;
  /** Null: the whole vhost. */
  readonly path: PathScope | null;
}

function rulesTaken(line: Named, rules: InstalledRules): TakeOver {
  const { path, rules: named, from } = line;
  if (named.by === 'tag') return path === null ? tagTaken(named.pattern ?? '', from, rules) : stays(OTHER);
  const found = namedIds(line, rules);
  if (found.kind !== 'ids') return found;
  return {
    kind: 'scopes',
    scopes: found.ids.map((ruleId) => ({
      kind: path === null ? 'rule-vhost' : 'rule-path',
      ruleId,
      tag: null,
      target: null,
      path,
    })),
  };
}

function targetsTaken(line: Named, rules: InstalledRules): TakeOver {
  const found = namedIds(line, rules);
  if (found.kind !== 'ids') return found;
  const unsafe = line.targets.find((target) => !isIgnoredTarget(target) && !TARGET.test(target));
  if (unsafe !== undefined) return stays('It names a target that an exclusion of ours cannot.');
  const scopes = found.ids.flatMap((ruleId) =>
    line.targets
      .filter((target) => excludes(rules.get(ruleId), target))
      .map((target): OpenScope => {
        const kind = line.path === null ? 'target-vhost' : 'target-path';
        return { kind, ruleId, tag: null, target, path: line.path };
      }),
  );
  return scopes.length === 0 ? NOTHING : { kind: 'scopes', scopes };
}

/**
 * Whether an exclusion of this target changes what a rule sees: some forms are passed over, and the
 * collection must be one that the rule names (`ARGS_GET` is nothing to a rule for `ARGS`). True of a rule that is not
 * known.
 */
export function excludes(definitions: readonly RuleInfo[] | undefined, target: string): boolean {
  if (isIgnoredTarget(target)) return false;
  const collection = collectionOf(target);
  const named = (targets: readonly string[]): boolean =>
    targets.some((one) => collectionOf(one) === collection) && looksAt(targets, target) !== 'no';
  return definitions?.some(({ targets }) => named(targets)) ?? true;
}

/** A collection, or one value of it by a name without letters that mean something in a rule. */
const TARGET = /^[A-Z_]{1,40}(?::[\w.[\]/*-]{1,200})?$/i;

/** `!ARGS:x` and `&ARGS` are no look at ARGS: they keep their mark. */
function collectionOf(target: string): string {
  return target.replace(/:[^]*$/, '').toUpperCase();
}

type Ids = { readonly kind: 'ids'; readonly ids: readonly string[] } | TakeOver;

/** The installed ids that a line names and reaches. */
function namedIds({ rules: named, from }: Named, rules: InstalledRules): Ids {
  if (named.by !== 'id')
    return stays(`It names rules by ${named.by}; an exclusion of ours names them by id.`);
  const ids = new Set<string>();
  for (const range of named.ranges) {
    if (rules.size === 0 && range.from !== range.to)
      return stays('Which rules the range holds is not known: no rule file could be read.');
    for (const id of installedIn(range, rules)) {
      if (!reaches(rules.get(id), from)) continue;
      if (onlyAddsUp(id)) return stays(`Rule ${id} only adds up: it has no switch here.`);
      ids.add(id);
    }
  }
  if (ids.size > MOST_SCOPES)
    return stays(`It names ${ids.size} installed rules; at most ${MOST_SCOPES} are taken over at once.`);
  return ids.size === 0 ? NOTHING : { kind: 'ids', ids: [...ids] };
}

/** Ids of installed rules in a range; the id itself when no rule is known. */
export function installedIn(
  { from, to }: { readonly from: number; readonly to: number },
  rules: InstalledRules,
): string[] {
  if (from === to) return rules.size === 0 || rules.has(String(from)) ? [String(from)] : [];
  return [...rules.keys()].filter((id) => Number(id) >= from && Number(id) <= to);
}

/** Whether a line reaches a rule; one of unknown phase counts as reached. */
export function reaches(definitions: readonly RuleInfo[] | undefined, from: number): boolean {
  return definitions?.some(({ phase }) => phase === null || phase >= from) ?? true;
}

/** A tag is a regular expression for ModSecurity: it must name one tag, and no rule more. */
function tagTaken(pattern: string, from: number, rules: InstalledRules): TakeOver {
  if (!/^[\w/-]{1,100}$/.test(pattern))
    return stays('It names tags by a regular expression; an exclusion of ours names one tag.');
  const all = [...rules.values()].flat();
  const matched = all.filter(({ tags }) => tags.some((tag) => tag.includes(pattern)));
  if (matched.length === 0) return rules.size === 0 ? stays('No rule file could be read.') : NOTHING;
  if (matched.some(({ tags }) => !tags.includes(pattern)))
    return stays(`“${pattern}” is a part of several tags; an exclusion of ours names one whole tag.`);
  const blocking = matched.find(({ id }) => onlyAddsUp(id));
  if (blocking !== undefined) return stays(`The tag is one of rule ${blocking.id} too, which only adds up.`);
  if (matched.some(({ phase }) => phase !== null && phase < from))
    return stays('An exclusion of ours by tag would reach rules of phase 1 too, which this line does not.');
  return {
    kind: 'scopes',
    scopes: [{ kind: 'tag-vhost', ruleId: null, tag: pattern, target: null, path: null }],
  };
}

/** The paths that a line holds for; null: all; undefined: they cannot be said as a path. */
function pathOf(line: ExclusionLine): PathScope | null | undefined {
  const sections = requestSections(line).filter((section) => !isEverywhere(section));
  const conditions = line.rule?.conditions ?? [];
  const [section, condition] = [sections[0], conditions[0]];
  if (sections.length + conditions.length > 1) return undefined;
  if (section !== undefined) return sectionPath(section);
  return condition === undefined ? null : conditionPath(condition);
}

/** Whether a container holds for all requests, as CMC's `<LocationMatch .*>` does. */
export function isEverywhere({ name, argument }: Section): boolean {
  if (/^Location$/i.test(name)) return argument === '/';
  return /^LocationMatch$/i.test(name) && /^\^?\/?(?:\.\*\$?)?$/.test(argument);
}

/** Letters that mean themselves in a path and in a regular expression, with `\` before those that would not. */
const LITERAL = /^\^(\/(?:[\w/~-]|\\[.+-])*)(\$?)$/;
const PLAIN_PATH = /^\/[\w/.~+-]*$/;

function sectionPath({ name, argument }: Section): PathScope | undefined {
  if (!/^LocationMatch$/i.test(name)) return undefined;
  const [, path = '', end] = LITERAL.exec(argument) ?? [];
  const text = path.replaceAll('\\', '');
  if (text === '') return undefined;
  if (end === '$') return { kind: 'exact', text };
  return text.endsWith('/') ? { kind: 'prefix', text } : undefined;
}

function conditionPath(condition: string): PathScope | undefined {
  const [, variable, operator, text = ''] =
    /^(REQUEST_FILENAME|REQUEST_URI) @(streq|beginsWith) (\S+)$/i.exec(condition) ?? [];
  if (!PLAIN_PATH.test(text) || variable === undefined) return undefined;
  if (operator?.toLowerCase() === 'streq')
    return variable.toUpperCase() === 'REQUEST_FILENAME' ? { kind: 'exact', text } : undefined;
  return text.endsWith('/') ? { kind: 'prefix', text } : undefined;
}
