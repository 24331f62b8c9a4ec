// Which rules a line that switches something off really reaches, by where it stands. Apache's own test lets lines pass
// that do nothing; what is said here was tried on Apache 2.4 with ModSecurity 2.9.
import type { Section } from '../parse/apache-directives.ts';
import type { ExclusionLine } from '../parse/exclusion-lines.ts';

/** `vhost`: included inside a vhost; else the main configuration, before or after the installed rules. */
export type Position = 'vhost' | 'before-rules' | 'after-rules';

/** Something to know about a line. `code` is a stable name. */
export interface ReachNote {
  readonly code: string;
  readonly text: string;
}

export interface Reach {
  /** Rules of this phase and later are reached; null: the line has no effect. */
  readonly from: number | null;
  readonly notes: readonly ReachNote[];
}

const LAST_REQUEST_PHASE = 2;
const LAST_PHASE = 4;

/** What a line reaches; `from` is null, with a note that says why, where it does nothing. */
export function reachOf(line: ExclusionLine, position: Position): Reach {
  const places = line.sections.map(placeOf);
  const absent = places.find(({ kind }) => kind === 'absent');
  if (absent !== undefined)
    return none('not-loaded', `${absent.name} is not true here, so the line is passed over.`);
  const depends = places
    .filter(({ kind }) => kind === 'depends')
    .map(({ name }) =>
      note('depends', `It only counts where ${name} is true, which cannot be told from the files.`),
    );
  const at = places.some(({ kind }) => kind === 'vhost') ? 'vhost' : position;
  const inside = places.find(({ kind }) => kind === 'request')?.name ?? null;
  const reach = line.rule === null ? directiveReach(line, at, inside) : ruleReach(line, at, inside);
  const odd = reach.from === null ? [] : oddIds(line);
  const named = namesNothing(line) ?? reach;
  return { from: named.from, notes: [...named.notes, ...odd, ...depends] };
}

/** Whether two lines stand in the same place, so that the later one of two SecRuleEngine counts. */
export function samePlace(one: ExclusionLine, other: ExclusionLine): boolean {
  const text = (line: ExclusionLine): string =>
    JSON.stringify(line.sections.filter((section) => placeOf(section).kind !== 'open'));
  return text(one) === text(other);
}

/** The containers of a line that choose requests, as they stand in the file, e.g. `<LocationMatch ^/x$>`. */
export function requestSections(line: ExclusionLine): readonly Section[] {
  return line.sections.filter((section) => placeOf(section).kind === 'request');
}

type PlaceKind = 'open' | 'absent' | 'depends' | 'vhost' | 'request';

const THIS_MODULE = /^(?:security2_module|mod_security2\.c)$/i;
const OTHER_MODULE = /^(?:security_module|mod_security\.c|security3_module|mod_security3\.c)$/i;
const DEPENDING = /^If(?:Module|Define|Version|File|Directive|Section)$/i;

/** What a container does to the lines in it, and its name as an admin knows it. */
function placeOf({ name, argument }: Section): { readonly kind: PlaceKind; readonly name: string } {
  const shown = `<${name}${argument === '' ? '' : ` ${argument}`}>`;
  return { name: shown.length > 120 ? `${shown.slice(0, 119)}…` : shown, kind: kindOf(name, argument) };
}

function kindOf(name: string, argument: string): PlaceKind {
  if (/^IfModule$/i.test(name)) {
    const negated = argument.startsWith('!');
    const module = negated ? argument.slice(1) : argument;
    if (THIS_MODULE.test(module)) return negated ? 'absent' : 'open';
    if (OTHER_MODULE.test(module)) return negated ? 'open' : 'absent';
  }
  if (DEPENDING.test(name)) return 'depends';
  if (/^Macro$/i.test(name)) return 'depends';
  return /^VirtualHost$/i.test(name) ? 'vhost' : 'request';
}

function note(code: string, text: string): ReachNote {
  return { code, text };
}

function none(code: string, text: string): Reach {
  return { from: null, notes: [note(code, text)] };
}

const NO_TARGET_UPDATE =
  'ModSecurity accepts this line inside a vhost only beside rules of the vhost’s own, and then it does nothing.';

function directiveReach(line: ExclusionLine, at: Position, inside: string | null): Reach {
  const { kind } = line;
  if (kind === 'targets' || kind === 'actions') {
    if (at === 'vhost' || inside !== null) return none('update-in-vhost', NO_TARGET_UPDATE);
    return at === 'before-rules' ? beforeRules() : everywhere();
  }
  if (inside !== null)
    return {
      from: 2,
      notes: [
        note('section', `Inside ${inside} it reaches rules from phase 2 on; those of phase 1 still run.`),
      ],
    };
  if (kind === 'rules' && at === 'before-rules') return beforeRules();
  return everywhere();
}

function everywhere(): Reach {
  return { from: 1, notes: [] };
}

function beforeRules(): Reach {
  return none('before-rules', 'It stands before the rules are loaded, where it does nothing.');
}

function ruleReach(line: ExclusionLine, at: Position, inside: string | null): Reach {
  const { kind, targets } = line;
  const phase = line.rule?.phase ?? null;
  if (inside !== null)
    return none('rule-in-section', `Rules inside ${inside} have no effect on the rules of the server.`);
  if (phase === null) return none('no-phase', 'Its phase does not exist.');
  const ignored = targets.filter(isIgnoredTarget);
  if (ignored.length > 0 && ignored.length === targets.length)
    return none('ignored-target', ignoredWords(ignored));
  // The server's own rules of a phase run before those of a vhost.
  const from = at === 'before-rules' ? phase : phase + 1;
  const last = kind === 'setting' || kind === 'body' ? LAST_REQUEST_PHASE : LAST_PHASE;
  const notes = from > LAST_REQUEST_PHASE ? [late(phase)] : [];
  if (ignored.length > 0) notes.push(note('ignored-target', ignoredWords(ignored)));
  return { from: from > last ? null : from, notes };
}

function late(phase: number): ReachNote {
  return note(
    'late-phase',
    `It acts in phase ${phase}, after the server’s rules for requests have run: it has to say phase:1.`,
  );
}

/** Targets of ctl that ModSecurity 2.9 passes over: expressions, parts of XML, counts and negations. */
export function isIgnoredTarget(target: string): boolean {
  return /^(?:[!&]|XML:)|:\/[^]*\/$/i.test(target);
}

function ignoredWords(targets: readonly string[]): string {
  return `ModSecurity passes over ${listed(targets)} as target: it takes a whole collection or one value by its full name.`;
}

/** A list of ids that names no rule does nothing (unless it names the markers), and no test of Apache says so. */
function namesNothing({ rules }: ExclusionLine): Reach | null {
  if (rules?.by !== 'id' || rules.markers || rules.ranges.length > 0) return null;
  return none('no-id', `${listed(rules.odd)} names no rule id.`);
}

/** What is read in another way than it looks. */
function oddIds({ rules }: ExclusionLine): ReachNote[] {
  if (rules === null || rules.odd.length === 0 || rules.ranges.length === 0) return [];
  const ids = rules.ranges.slice(0, 3).map(({ from, to }) => (from === to ? from : `${from}-${to}`));
  return [
    note('odd-id', `${listed(rules.odd)} is not a plain list of ids; ModSecurity reads ${ids.join(', ')}.`),
  ];
}

function listed(words: readonly string[]): string {
  const shown = words.slice(0, 3).map((word) => `“${word.length > 40 ? `${word.slice(0, 39)}…` : word}”`);
  return shown.length === 0 ? 'The line' : shown.join(', ');
}
