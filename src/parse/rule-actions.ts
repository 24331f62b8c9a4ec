// The action list of a SecRule or SecAction, as far as it says what a rule is and does.
// Grammar and names: the ModSecurity 2.9 reference ("Actions").
import type { Severity } from '../model.ts';
import type { Disruptive } from '../model-rules.ts';
import { SEVERITIES } from './severity.ts';
import { decodeBytes } from './text.ts';

const PHASES: ReadonlyMap<string, number> = new Map([
  ['request', 2],
  ['response', 4],
  ['logging', 5],
]);
const DEFAULT_PHASE = 2;

const DISRUPTIVE: ReadonlySet<string> = new Set<Disruptive>([
  'deny',
  'block',
  'drop',
  'redirect',
  'proxy',
  'allow',
  'pass',
]);

/** What an action list says. Lists keep their order; of what stands twice the last counts. */
export interface RuleActions {
  /** As written, not checked; empty when the list names none. */
  readonly id: string;
  readonly phase: number | null;
  readonly severity: Severity | null;
  readonly message: string | null;
  readonly version: string | null;
  readonly tags: readonly string[];
  readonly disruptive: Disruptive | null;
  readonly ctl: readonly string[];
  readonly setvars: readonly string[];
  readonly skips: boolean;
  readonly silent: boolean;
  /** True when the next rule belongs to this one. */
  readonly chains: boolean;
}

/** Reads an action list (latin1, out of Apache's quotes). What cannot be read is passed over; never throws. */
export function readActions(text: string): RuleActions {
  const values = new Map<string, string>();
  const tags: string[] = [];
  const ctl: string[] = [];
  const setvars: string[] = [];
  let disruptive: Disruptive | null = null;
  let silent = false;
  for (const { name, value } of splitActions(text)) {
    if (name === 'tag') tags.push(decodeBytes(value));
    else if (name === 'ctl') ctl.push(decodeBytes(value));
    else if (name === 'setvar') setvars.push(decodeBytes(value));
    else if (name === 'log' || name === 'nolog') silent = name === 'nolog';
    else if (isDisruptive(name)) disruptive = name;
    else values.set(name, value);
  }
  return {
    id: values.get('id')?.trim() ?? '',
    phase: readPhase(values.get('phase')),
    severity: readSeverity(values.get('severity')),
    message: decoded(values.get('msg')),
    version: decoded(values.get('ver')),
    tags,
    disruptive,
    ctl,
    setvars,
    skips: values.has('skip') || values.has('skipafter'),
    silent,
    chains: values.has('chain'),
  };
}

function isDisruptive(name: string): name is Disruptive {
  return DISRUPTIVE.has(name);
}

const ACTION = /\s*([A-Za-z]+)(?::(?:'([^'\\]*(?:\\[^][^'\\]*)*)'|([^,]*)))?[^,]*(?:,|$)/y;

/** `name:value` pairs split at commas; a value in single quotes may hold commas and `\'`. */
function* splitActions(text: string): Generator<{ readonly name: string; readonly value: string }> {
  ACTION.lastIndex = 0;
  for (;;) {
    const match = ACTION.exec(text);
    if (match?.[1] === undefined) return;
    const next = ACTION.lastIndex;
    yield { name: match[1].toLowerCase(), value: match[2]?.replaceAll("\\'", "'") ?? match[3] ?? '' };
    if (next >= text.length) return;
    ACTION.lastIndex = next;
  }
}

function decoded(value: string | undefined): string | null {
  return value === undefined ? null : decodeBytes(value);
}

function readPhase(value: string | undefined): number | null {
  if (value === undefined) return DEFAULT_PHASE;
  const text = value.trim().toLowerCase();
  if (/^[1-5]$/.test(text)) return Number(text);
  return PHASES.get(text) ?? null;
}

function readSeverity(value: string | undefined): Severity | null {
  if (value === undefined) return null;
  const text = value.trim().toUpperCase();
  if (/^[0-7]$/.test(text)) return SEVERITIES[Number(text)] ?? null;
  return SEVERITIES.find((name) => name === text) ?? null;
}
