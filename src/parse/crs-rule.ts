// ModSecurity rule files as far as an explanation needs them: which rule stands where, and what it looks at.
// Grammar of directives and quoting: Apache's configuration syntax; of SecRule: the ModSecurity 2.9 reference.
import type { RuleInfo, Severity } from '../model.ts';
import { SEVERITIES } from './severity.ts';
import { decodeBytes } from './text.ts';

const PHASES: Readonly<Record<string, number>> = { request: 2, response: 4, logging: 5 };
const DEFAULT_PHASE = 2;

/**
 * Reads the rules with an id out of one file (latin1). `path` is the file as the server sees it.
 * `line` is the last line of the directive, which is what ModSecurity 2.9 logs as `[line "…"]`; chained rules
 * carry no id and are left out (a hit names the chain's first rule). Directives that cannot be read are skipped.
 */
export function parseRuleFile(text: string, path: string): RuleInfo[] {
  const rules: RuleInfo[] = [];
  for (const directive of directives(text)) {
    const rule = readRule(directive, path);
    if (rule !== null) rules.push(rule);
  }
  return rules;
}

interface Directive {
  readonly text: string;
  /** Number of its last line, from 1. */
  readonly line: number;
}

/** Whole directives: a backslash before the newline continues a line, in comments too. */
function* directives(text: string): Generator<Directive> {
  let parts: string[] = [];
  const lines = text.split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.endsWith('\\') && index + 1 < lines.length) {
      parts.push(line.slice(0, -1));
      continue;
    }
    parts.push(line);
    const whole = parts.join('').trim();
    parts = [];
    if (whole !== '' && !whole.startsWith('#')) yield { text: whole, line: index + 1 };
  }
}

function readRule(directive: Directive, path: string): RuleInfo | null {
  const kind = /^Sec(Rule|Action)(?=\s)/i.exec(directive.text);
  if (kind === null) return null;
  const words = splitWords(directive.text, kind[0].length);
  const isRule = kind[1]?.toLowerCase() === 'rule';
  const actions = isRule ? words[2] : words[0];
  if (actions === undefined) return null;
  const found = readActions(actions);
  if (!/^\d{1,18}$/.test(found.id)) return null;
  return {
    id: found.id,
    file: path,
    line: directive.line,
    phase: readPhase(found.phase),
    severity: readSeverity(found.severity),
    message: found.message === null ? null : decodeBytes(found.message),
    tags: found.tags.map(decodeBytes),
    targets: isRule ? splitTargets(words[0] ?? '') : [],
    paranoiaLevel: paranoiaLevel(found.tags),
  };
}

/** A word in quotes (its closing quote may be lost at the end of a damaged file), or one without. */
const WORD = /\s*(?:"([^"\\]*(?:\\[^][^"\\]*)*)"?|'([^'\\]*(?:\\[^][^'\\]*)*)'?|([^\s"'][^\s]*))/y;

/** Apache's words: split at blanks; quotes hold blanks, a backslash in them keeps a quote or a backslash. */
function splitWords(text: string, from: number): string[] {
  const words: string[] = [];
  WORD.lastIndex = from;
  for (let match = WORD.exec(text); match !== null; match = WORD.exec(text)) {
    if (match[1] !== undefined) words.push(match[1].replace(/\\(["\\])/g, '$1'));
    else if (match[2] !== undefined) words.push(match[2].replace(/\\(['\\])/g, '$1'));
    else words.push(match[3] ?? '');
  }
  return words;
}

interface Actions {
  id: string;
  phase: string | null;
  severity: string | null;
  message: string | null;
  tags: string[];
}

function readActions(text: string): Actions {
  const found: Actions = { id: '', phase: null, severity: null, message: null, tags: [] };
  for (const { name, value } of splitActions(text)) {
    if (name === 'id') found.id = value.trim();
    else if (name === 'phase') found.phase = value.trim().toLowerCase();
    else if (name === 'severity') found.severity = value.trim().toUpperCase();
    else if (name === 'msg') found.message = value;
    else if (name === 'tag') found.tags.push(value);
  }
  return found;
}

/** `name:value` pairs split at commas; a value in single quotes may hold commas and `\'`. */
function* splitActions(text: string): Generator<{ readonly name: string; readonly value: string }> {
  const action = /\s*([A-Za-z]+)(?::(?:'((?:[^'\\]|\\.)*)'|([^,]*)))?[^,]*(?:,|$)/sy;
  for (
    let match = action.exec(text);
    match?.[1] !== undefined && match[0] !== '';
    match = action.exec(text)
  ) {
    const quoted = match[2]?.replaceAll("\\'", "'");
    yield { name: match[1].toLowerCase(), value: quoted ?? match[3] ?? '' };
    if (action.lastIndex >= text.length) return;
  }
}

function readPhase(text: string | null): number | null {
  if (text === null) return DEFAULT_PHASE;
  if (/^[1-5]$/.test(text)) return Number(text);
  return PHASES[text] ?? null;
}

function readSeverity(text: string | null): Severity | null {
  if (text === null) return null;
  if (/^[0-7]$/.test(text)) return SEVERITIES[Number(text)] ?? null;
  return SEVERITIES.find((name) => name === text) ?? null;
}

function paranoiaLevel(tags: readonly string[]): number | null {
  for (const tag of tags) {
    const level = /^paranoia-level\/([1-4])$/.exec(tag)?.[1];
    if (level !== undefined) return Number(level);
  }
  return null;
}

/** Targets split at `|`, which may also stand inside a selector's quotes or slashes (`ARGS:/a|b/`). */
function splitTargets(text: string): string[] {
  const targets: string[] = [];
  const target = /(?:[^|:]+)(?::(?:'?\/(?:[^/\\]|\\.)*\/'?(?=\||$)|'[^']*'|[^|]*))?/gs;
  for (const match of text.matchAll(target)) {
    const name = match[0].trim();
    if (name !== '') targets.push(decodeBytes(name));
  }
  return targets;
}
