// Which rules Apache loads, in order, and which of them it takes out again: follows Include lines and removals.
// Rows on removals: tried on mod_security 2.9.7; a removal reaches only what was loaded before it.
import type { RuleInfo } from '../model-rules.ts';
import type { Directive, Section } from '../parse/apache-directives.ts';
import type { RuleFileParts } from '../parse/crs-rule.ts';
import { type IdRange, readIdList } from '../parse/rule-id-list.ts';
import { IncludeFinder } from './include-path.ts';
import { plainMatcher } from './plain-pattern.ts';

/** A line with its file. */
export interface FileLine {
  readonly file: string;
  readonly line: number;
}

/** A rule that was loaded; `removed`: the line that takes it out for the whole server. */
export interface LoadedRule {
  readonly rule: RuleInfo;
  readonly removed: FileLine | null;
}

/** A directive that holds for the whole server, with its file. */
export interface LoadedDirective {
  readonly directive: Directive;
  readonly file: string;
}

export interface LoadOrder {
  /** In the order of loading; a file that is included twice is here once. */
  readonly rules: readonly LoadedRule[];
  /** All other directives that are not for single vhosts, paths or folders. */
  readonly directives: readonly LoadedDirective[];
}

const MAX_DEPTH = 16;
/** Containers that narrow to some requests. */
const NARROW =
  /^(?:virtualhost|(?:location|directory|files|proxy)(?:match)?|if|elseif|else|limit|limitexcept)$/i;
/** ModSecurity 2 has two names as a module; `!` asks for its absence. */
const WITHOUT_ENGINE = /^!\s*(?:security[23]_module|mod_security[23]\.c)$/i;

/**
 * Follows the configuration from its `entries` (server paths, in Apache's order) through the files given. Include
 * lines to files that are not given lead nowhere. Bounded: each file once, 16 levels deep.
 */
export function loadOrder(files: readonly RuleFileParts[], entries: readonly string[]): LoadOrder {
  const walk: Walk = {
    files: new Map(files.map((file) => [file.path, file])),
    finder: new IncludeFinder(files.map((file) => file.path)),
    seen: new Set(),
    rules: [],
    directives: [],
  };
  for (const entry of entries) loadFile(walk, entry, 0);
  return { rules: walk.rules, directives: walk.directives };
}

interface Walk {
  readonly files: ReadonlyMap<string, RuleFileParts>;
  readonly finder: IncludeFinder;
  readonly seen: Set<string>;
  readonly rules: { rule: RuleInfo; removed: FileLine | null }[];
  readonly directives: LoadedDirective[];
}

function loadFile(walk: Walk, path: string, depth: number): void {
  const file = walk.files.get(path);
  if (file === undefined || walk.seen.has(path) || depth > MAX_DEPTH) return;
  walk.seen.add(path);
  let next = 0;
  const loadRules = (before: number): void => {
    for (let rule = file.rules[next]; rule !== undefined && rule.line < before; rule = file.rules[++next])
      walk.rules.push({ rule, removed: null });
  };
  for (const directive of file.others) {
    if (!isForAll(directive.sections)) continue;
    loadRules(directive.line);
    const name = directive.name.toLowerCase();
    if (/^(?:include|includeoptional|modsecurity_rules_file)$/.test(name)) {
      for (const included of walk.finder.find(directive.words[0] ?? '')) loadFile(walk, included, depth + 1);
    } else if (name.startsWith('secruleremoveby')) {
      remove(walk.rules, directive, { file: path, line: directive.line });
    } else walk.directives.push({ directive, file: path });
  }
  loadRules(Number.POSITIVE_INFINITY);
}

/** `<LocationMatch .*>` is what CMC wraps its list for the whole server in. */
function isForAll(sections: readonly Section[]): boolean {
  return sections.every(({ name, argument }) => {
    if (/^ifmodule$/i.test(name)) return !WITHOUT_ENGINE.test(argument);
    return !NARROW.test(name) || (/^locationmatch$/i.test(name) && /^\^?(?:\.\*)\$?$/.test(argument));
  });
}

function remove(rules: Walk['rules'], { name, words }: Directive, place: FileLine): void {
  const by = name.slice('SecRuleRemoveBy'.length).toLowerCase();
  const isMeant = by === 'id' ? meantById(words) : meantByText(by, words);
  if (isMeant === null) return;
  for (const loaded of rules) if (loaded.removed === null && isMeant(loaded.rule)) loaded.removed = place;
}

type Test = (rule: RuleInfo) => boolean;

function meantById(words: readonly string[]): Test {
  const ranges: IdRange[] = words.flatMap(readIdList);
  return ({ id }) => {
    const number = Number(id);
    return ranges.some(({ from, to }) => number >= from && number <= to);
  };
}

/** Null when the pattern is none that can be judged by its letters. */
function meantByText(by: string, words: readonly string[]): Test | null {
  const test = plainMatcher(words[0] ?? '');
  if (test === null) return null;
  if (by === 'tag') return ({ tags }) => tags.some(test);
  if (by === 'msg') return ({ message }) => message !== null && test(message);
  return null;
}
