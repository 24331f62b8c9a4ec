// What an admin should know about lines that others left: what they do beyond what they seem to, and what they do not.
import type { ExclusionLine, RulesNamed } from '../parse/exclusion-lines.ts';
import type { Reach, ReachNote } from './exclusion-reach.ts';
import { isIgnoredTarget, requestSections } from './exclusion-reach.ts';
import { idWords, switchedOffWords } from './found-words.ts';
import { count, joinAnd } from './sentences.ts';
import type { InstalledRules, TakeOver } from './take-over.ts';
import { excludes, installedIn, isEverywhere, reaches } from './take-over.ts';

/** A line with what it reaches in its place, and what it would become. */
export interface JudgedLine {
  readonly line: ExclusionLine;
  readonly reach: Reach;
  readonly taken: TakeOver;
}

/** Rules that compare the sum with the limit: without them nothing is refused by points. */
const BLOCKING: readonly string[] = ['949110', '949111', '959100'];
/** Ranges up to this size need no word. */
const SMALL_RANGE = 20;
const MOST_NAMED = 8;

/** Warnings about lines that stand together, most serious first, each text once. */
export function foundWarnings(lines: readonly JudgedLine[], rules: InstalledRules): ReachNote[] {
  const working = lines.filter(({ reach }) => reach.from !== null);
  const notes = [
    ...working.flatMap(engineNote),
    ...working.flatMap(markersNote),
    ...working.flatMap((one) => blockingNote(one, rules)),
    ...unknownIds(working, rules),
    ...working.flatMap((one) => rangeNotes(one, rules)),
    ...working.flatMap((one) => missedRules(one, rules)),
    ...working.flatMap((one) => missedTargets(one, rules)),
    ...lines.flatMap(({ line, reach }) =>
      reach.notes.filter((note) => note.code !== 'section' || !namesIds(line)).map((note) => at(line, note)),
    ),
  ];
  return [...new Map(notes.map((note) => [note.text, note])).values()];
}

/** What to know when lines are taken over: what stays where it is, with the reason, and what becomes narrower. */
export function takingNotes(lines: readonly JudgedLine[]): ReachNote[] {
  const notes = lines.flatMap(({ line, taken }): ReachNote[] => {
    if (taken.kind === 'stays')
      return [{ code: 'stays', text: `${short(line.text)} stays as it is. ${taken.why}` }];
    const inSection = taken.kind === 'scopes' && taken.scopes.some(({ path }) => path !== null);
    return inSection && requestSections(line).length > 0 ? [PATH_AS_SENT] : [];
  });
  return [...new Map(notes.map((note) => [note.text, note])).values()];
}

const PATH_AS_SENT: ReachNote = {
  code: 'path-as-sent',
  text: 'A section of Apache compares the decoded path; an exclusion of ours compares the path as it was sent: requests that write it in another way, such as %70 for p, are refused again.',
};

/** Lines by the kind of vhost that takes them. */
export interface Trees {
  readonly std: readonly JudgedLine[];
  readonly ssl: readonly JudgedLine[];
}

/**
 * How what these lines do for plain HTTP differs from what they do for HTTPS; null when it does not. `all` are the lines
 * of the whole folder: what another file does counts too. Lists, ranges and single ids compare by what they name.
 */
export function treesDiffer(these: Trees, all: Trees): ReachNote | null {
  const [onlyStd, onlySsl] = [missingIn(all.ssl, these.std), missingIn(all.std, these.ssl)];
  if (onlyStd.length === 0 && onlySsl.length === 0) return null;
  const parts = [
    ...(onlyStd.length === 0 ? [] : [`only for plain HTTP: ${switchedOffWords(onlyStd)}`]),
    ...(onlySsl.length === 0 ? [] : [`only for HTTPS: ${switchedOffWords(onlySsl)}`]),
  ];
  return { code: 'trees-differ', text: `Plain HTTP and HTTPS differ. Switched off ${parts.join('; ')}.` };
}

/** Lines of `these` that have an effect of which `others` has none, cut down to that effect. */
function missingIn(others: readonly JudgedLine[], these: readonly JudgedLine[]): ExclusionLine[] {
  const known = new Set(others.flatMap(effects).map(({ key }) => key));
  return these.flatMap((one) =>
    effects(one)
      .filter(({ key }) => !known.has(key))
      .map(({ line }) => line),
  );
}

/** One effect a line: of a list of ids one each. */
function effects({ line, reach }: JudgedLine): { readonly key: string; readonly line: ExclusionLine }[] {
  if (reach.from === null) return [];
  const { kind, rules, targets, value, rule } = line;
  const place = requestSections(line).filter((section) => !isEverywhere(section));
  const key = (named: unknown): string =>
    JSON.stringify([kind, named, targets, value, rule?.conditions ?? [], place]);
  if (rules?.by !== 'id') return [{ key: key([rules?.by, rules?.pattern]), line }];
  const one = (ranges: RulesNamed['ranges'], markers: boolean): ExclusionLine => ({
    ...line,
    rules: { ...rules, ranges, markers },
  });
  const ids = rules.ranges.map((range) => ({ key: key(range), line: one([range], false) }));
  return rules.markers ? [...ids, { key: key('markers'), line: one([], true) }] : ids;
}

function engineNote({ line }: JudgedLine): ReachNote[] {
  if (line.kind === 'inheritance')
    return [{ code: 'engine-off', text: 'No rule of the server looks at these requests any more.' }];
  if (line.kind !== 'engine') return [];
  const text =
    line.value === 'Off'
      ? 'The whole engine is off: no rule looks at these requests, and no log tells of attacks.'
      : 'The engine only reports: no rule refuses these requests.';
  return [{ code: 'engine-off', text }];
}

function markersNote({ line }: JudgedLine): ReachNote[] {
  if (line.rules?.markers !== true) return [];
  return [
    {
      code: 'markers',
      text: `${short(line.text)} takes out all markers, because a word of it is read as id 0: rules jump past the end of their phase and no request is refused by its points any more.`,
    },
  ];
}

function blockingNote({ line, reach }: JudgedLine, rules: InstalledRules): ReachNote[] {
  if (line.kind !== 'rules' || line.rules === null) return [];
  const { by, ranges, pattern } = line.rules;
  const tag = by === 'tag' && /^[\w/-]+$/.test(pattern ?? '') ? pattern : null;
  const taken = BLOCKING.filter(
    (id) =>
      ranges.some(({ from, to }) => Number(id) >= from && Number(id) <= to) ||
      (tag !== null && rules.get(id)?.some(({ tags }) => tags.some((one) => one.includes(tag))) === true),
  ).filter((id) => reaches(rules.get(id), reach.from ?? 1) && (rules.size === 0 || rules.has(id)));
  if (taken.length === 0) return [];
  const direction = taken.every((id) => id === '959100') ? 'response' : 'request';
  return [
    {
      code: 'blocking-rule',
      text: `${short(line.text)} takes out ${joinAnd(taken)}, which ${taken.length === 1 ? 'compares' : 'compare'} the points with the limit: no ${direction} is refused by its points any more, other rules only report.`,
    },
  ];
}

/** Single ids of lines that no installed rule has. */
function unknownIds(lines: readonly JudgedLine[], rules: InstalledRules): ReachNote[] {
  if (rules.size === 0) return [];
  const ranges = lines
    .flatMap(({ line }) => line.rules?.ranges ?? [])
    .filter((range) => installedIn(range, rules).length === 0);
  if (ranges.length === 0) return [];
  return [
    { code: 'unknown-id', text: `Not installed: ${idWords(ranges)}. Nothing is switched off by that.` },
  ];
}

function rangeNotes({ line }: JudgedLine, rules: InstalledRules): ReachNote[] {
  return (line.rules?.ranges ?? []).flatMap((range) => {
    const held = range.from === range.to ? 0 : installedIn(range, rules).length;
    if (held <= SMALL_RANGE) return [];
    return [
      { code: 'wide-range', text: `${range.from}-${range.to} holds ${count(held, 'installed rule')}.` },
    ];
  });
}

/** Rules that have run before the line counts. */
function missedRules({ line, reach }: JudgedLine, rules: InstalledRules): ReachNote[] {
  const { from } = reach;
  if (from === null || from === 1 || !namesIds(line)) return [];
  const missed = (line.rules?.ranges ?? [])
    .flatMap((range) => installedIn(range, rules))
    .filter((id) => !reaches(rules.get(id), from));
  if (missed.length === 0) return [];
  const named = [...new Set(missed)];
  const more = named.length > MOST_NAMED ? ` and ${named.length - MOST_NAMED} more` : '';
  const [rule, still] = named.length === 1 ? ['Rule', 'runs'] : ['Rules', 'run'];
  return [
    {
      code: 'phase',
      text: `${rule} ${named.slice(0, MOST_NAMED).join(', ')}${more} still ${still}: ${short(line.text)} only counts from phase ${from} on.`,
    },
  ];
}

/** Targets that the rule does not look at. */
function missedTargets({ line }: JudgedLine, rules: InstalledRules): ReachNote[] {
  if (line.kind !== 'targets' || !namesIds(line)) return [];
  const ids = (line.rules?.ranges ?? []).flatMap((range) =>
    range.from === range.to ? [String(range.from)] : [],
  );
  return ids.flatMap((id) =>
    line.targets
      .filter((target) => rules.has(id) && !isIgnoredTarget(target) && !excludes(rules.get(id), target))
      .map((target) => ({
        code: 'other-target',
        text: `Rule ${id} does not name ${short(target.replace(/:[^]*$/, ''))}, so leaving ${short(target)} out does nothing.`,
      })),
  );
}

function namesIds({ rules, kind }: ExclusionLine): boolean {
  return rules?.by === 'id' && (kind === 'rules' || kind === 'targets');
}

function at(line: ExclusionLine, { code, text }: ReachNote): ReachNote {
  return { code, text: `${short(line.text)}: ${text}` };
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
