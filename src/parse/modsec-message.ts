// One ModSecurity message: what it says after `ModSecurity: ` in error_log or `Message: ` in the audit log.
import type { EngineError, RuleHit } from '../model.ts';
import { unescapeLevel } from './modsec-escape.ts';
import { hasForgedMarks, readMessage, type Reading } from './modsec-fields.ts';
import { targetOf, V3_OPERATOR } from './modsec-target.ts';
import { parseSeverity } from './severity.ts';
import { decodeBytes } from './text.ts';

/** An engine or parser error as its line tells it; the caller adds where it stands. */
export type EngineMessage = Omit<EngineError, 'refs'>;

const DENIED =
  /^Access denied (?:with code (\d{3})|with connection close|with redirection to .{0,2000}? using status (\d{3})|using proxy to.{0,2000}?)(?: \(phase (\d)\))?\. /s;
const ALLOWED = /^Access (?:to (?:phase|request) )?allowed(?: \(phase (\d)\))?\. /;

/** What ModSecurity did, and where the operator's text begins. */
interface Act {
  readonly action: RuleHit['action'];
  readonly denyStatus: number | null;
  readonly phase: number | null;
  readonly length: number;
}

const WARNING: Act = { action: 'warning', denyStatus: null, phase: null, length: 'Warning. '.length };

function readAct(text: string): Act | null {
  if (text.startsWith('Warning. ')) return WARNING;
  if (!text.startsWith('Access ')) return null;
  const head = text.slice(0, 2100);
  const number = (digits: string | undefined): number | null =>
    digits === undefined ? null : Number(digits);
  const denied = DENIED.exec(head);
  if (denied !== null) {
    const [whole, code, redirect, phase] = denied;
    return {
      action: 'denied',
      denyStatus: number(code ?? redirect),
      phase: number(phase),
      length: whole.length,
    };
  }
  const allowed = ALLOWED.exec(head);
  return allowed && { ...WARNING, phase: number(allowed[1]), length: allowed[0].length };
}

/** Whether the text says that a rule matched (`Warning.`, `Access denied …`), with or without its fields. */
export function saysRuleMatched(text: string): boolean {
  return readAct(text) !== null;
}

function decoded(raw: string): string {
  return decodeBytes(unescapeLevel(raw));
}

function textOrNull(raw: string | null): string | null {
  return raw === null || raw === '' ? null : decoded(raw);
}

/**
 * The rule hit of one reading of `text`; null when the text does not say that a rule matched.
 * Escapes are undone and bytes decoded in all its texts.
 */
export function hitOf(text: string, reading: Reading): RuleHit | null {
  const act = readAct(text);
  const { fields, cut } = reading;
  if (act === null || fields.id === null) return null;
  const operator = text.slice(act.length, reading.start);
  const target = targetOf(operator, fields.data);
  return {
    ruleId: fields.id,
    action: act.action,
    denyStatus: act.denyStatus,
    phase: act.phase,
    // libmodsecurity escapes neither the rule's expression nor the backslashes of the value.
    operator: operator.startsWith(V3_OPERATOR) ? decodeBytes(operator) : decoded(operator),
    target: textOrNull(target),
    message: textOrNull(fields.msg),
    data: textOrNull(fields.data),
    severity: parseSeverity(fields.severity),
    cut,
    file: textOrNull(fields.file),
    line: fields.line === null ? null : Number(fields.line),
    version: textOrNull(fields.ver),
    tags: fields.tags.map(decoded),
  };
}

/** Operator texts that hold nothing a visitor chose, up to their end. */
const OWN_OPERATORS = [
  /^Operator [A-Z]{2} matched \S{1,40} at TX:\w{1,60}\.$/,
  /^(?:Pattern match|Matched phrase|String match(?: within)?) "(?:[^"\\]|\\.)*" at [A-Z_]{1,40}\.$/s,
  /^detected XSS using libinjection\.$/,
  /^detected SQLi using libinjection with fingerprint '[^'"[\]]{1,8}'\.?$/,
  /^Found \d{1,9} byte\(s\) in [A-Z_]{1,40} outside range: [-\d, ]{1,200}\.$/,
  /^Unconditional match in SecAction\.?$/,
  /^detected SQLi using libinjection\.$/,
  /^Matched "Operator `[A-Z][A-Za-z]{1,30}' with parameter `[\w.%{}-]{0,80}' against variable `(?:TX:\w{1,60}|[A-Z_]{1,40})' \(Value: `\d{0,9}' \)$/,
];

/**
 * Whether nothing before `end` was written by the visitor, so that the fields that begin there are the
 * rule's own: the operator's text is one that ends without a name from the request.
 */
export function isOwnText(text: string, end: number): boolean {
  const act = readAct(text);
  if (act === null || end - act.length > 1100) return false;
  const operator = text.slice(act.length, end);
  return OWN_OPERATORS.some((expression) => expression.test(operator));
}

/**
 * Whether the reading may be made up: it breaks off before its data, so a long name of the visitor's could hold
 * these fields while the rule's own were cut off behind it.
 */
export function isDoubtful(text: string, { start, fields, cut }: Reading): boolean {
  return cut && fields.data === null && fields.severity === null && !isOwnText(text, start);
}

/**
 * Reads one message as the audit log has it (latin1, one level of escapes, no `[hostname …]` tail), beginning
 * with `Warning.` or `Access denied`. `ambiguous`: somebody wrote fields of his own into it and the real
 * ones cannot be told for certain (they were cut off). Null when the text is no rule hit with an id.
 */
export function parseModsecMessage(text: string): ModsecMessage | null {
  const before = known.get(text);
  if (before !== undefined) return before;
  const message = readRuleMessage(text);
  if (text.length > KNOWN_LONGEST) return message;
  if (known.size >= KNOWN_AT_MOST) known.clear();
  known.set(text, message);
  return message;
}

/** What a message says; `ambiguous`: see `parseModsecMessage`. */
interface ModsecMessage {
  readonly hit: RuleHit;
  readonly ambiguous: boolean;
}

/** Messages read before: the same rules react to the same requests again and again. */
const known = new Map<string, ModsecMessage | null>();
const KNOWN_AT_MOST = 1000;
const KNOWN_LONGEST = 1500;

function readRuleMessage(text: string): ModsecMessage | null {
  if (readAct(text) === null) return null;
  const reading = readMessage(text);
  if (reading === null) return null;
  const hit = hitOf(text, reading);
  // A run that ends with the message is the rule's own: nothing of the visitor's stands behind it.
  const forged = reading.cut && hasForgedMarks(text) && !isOwnText(text, reading.start);
  const ambiguous = forged || isDoubtful(text, reading);
  return hit && { hit, ambiguous };
}

const EXECUTION =
  /^Rule [0-9a-f]{1,32} \[id "(\d{1,12})?-?"\]\[file "[^"]{0,500}"\]\[line "\d{1,9}"\] - Execution error/;
const STARTUP =
  /^(?:for |(?:APR|PCRE2?|LUA|YAJL|LIBXML2?|SSDEEP|CURL) compiled version|Status engine |Original server signature|Loaded )/;
const KINDS: readonly (readonly [RegExp, EngineMessage['kind']])[] = [
  [/\bconfigured limit\b|\blimits? (?:reached|exceeded)\b|PCRE limits/i, 'limit'],
  [/\b(?:JSON|XML|Multipart)\b.{0,40}(?:error|failed|invalid)|^(?:Multipart|XML|JSON):? /i, 'parser'],
];

/**
 * Reads a message that is no rule hit: a body parser's error, a limit that was reached, a rule that could
 * not be run (it names the rule but did not match), or trouble inside the engine (every other text).
 * Takes the text without its tail; null for rule hits and for the notices of Apache's start.
 */
export function readEngineMessage(text: string): EngineMessage | null {
  if (text === '' || saysRuleMatched(text) || STARTUP.test(text)) return null;
  const shown = decoded(text).trim();
  const execution = EXECUTION.exec(text.slice(0, 700));
  if (execution !== null) return { kind: 'execution', text: shown, ruleId: execution[1] ?? null };
  const head = text.slice(0, 200);
  const kind = KINDS.find(([expression]) => expression.test(head))?.[1] ?? 'internal';
  return { kind, text: shown, ruleId: null };
}
