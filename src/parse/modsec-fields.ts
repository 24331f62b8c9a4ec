// The bracketed fields at the end of a ModSecurity message: `[file "…"] [line "…"] [id "…"] … [unique_id "…"]`.
//
// Values have their quotes escaped, so a run of fields reads safely from its front to its back. What stands
// before the run (an argument's name) and after it (`, referer: …`) is raw text of the visitor and may hold
// a run of its own: a message is therefore read from every place where a run could begin or end.
import { firstIndices } from './first-indices.ts';
import { isEscaped } from './modsec-escape.ts';

/** Fields of one run as written (escapes not undone); null where the field is not there. */
interface RuleFields {
  readonly file: string | null;
  readonly line: string | null;
  readonly id: string | null;
  readonly msg: string | null;
  readonly data: string | null;
  readonly severity: string | null;
  readonly ver: string | null;
  readonly tags: readonly string[];
}

/** The end that error_log has and the audit log has not. `end` is the index behind its last bracket. */
export interface Tail {
  readonly start: number;
  readonly end: number;
  readonly hostname: string | null;
  readonly uri: string;
  readonly uniqueId: string;
}

/** One way to read a message: the run that begins at `start`, and its tail. */
export interface Reading {
  readonly start: number;
  readonly fields: RuleFields;
  readonly tail: Tail | null;
  readonly cut: boolean;
}

const FILE_FIELD = ' [file "';
const REFERER = ', referer: ';
/** ModSecurity 2.9 formats a message in 1,024 bytes; those it cuts were 1,013 to 1,018 long where counted. */
const MESSAGE_ROOM = 1024;
const CUT_FROM = 1010;
/** More readings than this are forgery for its own sake: the real fields stand in the first 1,024 bytes. */
const MOST_READINGS = 32;

/** The order in which ModSecurity writes a rule's fields; only `tag` repeats. */
const ORDER = ['file', 'line', 'id', 'rev', 'msg', 'data', 'severity', 'ver', 'maturity', 'accuracy', 'tag'];
const RANKS = new Map(ORDER.map((name, rank) => [name, rank]));

interface Field {
  readonly name: string;
  readonly value: string;
  readonly end: number;
  /** False when no quote and bracket close it: `value` then reaches to the next quote or the end. */
  readonly closed: boolean;
}

/** Reads ` [name "value"]` at `start`; null when no field with a name we know begins there. */
function fieldAt(text: string, start: number): Field | null {
  if (text.charCodeAt(start) !== 0x20 || text.charCodeAt(start + 1) !== 0x5b) return null;
  let nameEnd = start + 2;
  while (nameEnd < start + 14 && text.charCodeAt(nameEnd) > 0x5e) nameEnd++;
  if (text.charCodeAt(nameEnd) !== 0x20 || text.charCodeAt(nameEnd + 1) !== 0x22) return null;
  const valueStart = nameEnd + 2;
  let quote = text.indexOf('"', valueStart);
  while (quote >= 0 && isEscaped(text, quote, valueStart)) quote = text.indexOf('"', quote + 1);
  const valueEnd = quote < 0 ? text.length : quote;
  return {
    name: text.slice(start + 2, nameEnd),
    value: text.slice(valueStart, valueEnd),
    end: valueEnd + 2,
    closed: quote >= 0 && text.charCodeAt(quote + 1) === 0x5d,
  };
}

/** The fields of one run as far as they go. */
interface Run {
  readonly fields: RuleFields;
  /** Behind the last whole field. */
  readonly end: number;
  /** The field that was broken off, if one was. */
  readonly broken: Field | null;
}

/** Reads the rule's fields that begin at `start` (a blank and `[`), in the order ModSecurity writes them, as far as they go. */
export function readRun(text: string, start: number): Run {
  const values = new Map<string, string>();
  const tags: string[] = [];
  let rank = -1;
  let end = start;
  let field = fieldAt(text, end);
  while (field !== null) {
    const next = RANKS.get(field.name);
    if (next === undefined || next < rank || (next === rank && field.name !== 'tag') || !field.closed) break;
    if (field.name === 'tag') tags.push(field.value);
    else values.set(field.name, field.value);
    rank = next;
    end = field.end;
    field = fieldAt(text, end);
  }
  const get = (name: string): string | null => values.get(name) ?? null;
  const fields = {
    file: get('file'),
    line: get('line'),
    id: get('id'),
    msg: get('msg'),
    data: get('data'),
    severity: get('severity'),
    ver: get('ver'),
    tags,
  };
  return { fields, end, broken: field !== null && !field.closed ? field : null };
}

/** Only runs that name file, line and id are ModSecurity's; others are somebody's text. */
export function isRule(fields: RuleFields): boolean {
  return fields.file !== null && /^\d{1,9}$/.test(fields.line ?? '') && /^\d{1,12}$/.test(fields.id ?? '');
}

/** What stands between the run's last whole field and the message's end must be the front of one more field. */
function isFrontOfField(text: string, run: Run, end: number): boolean {
  if (run.broken !== null) return run.broken.end - 2 >= end - 1;
  return end - run.end <= 16 && /^(?: (?:\[[a-z_]* ?)?)?$/.test(text.slice(run.end, end));
}

/** A message broken off inside its data or text keeps what is left of them. */
function withRest(run: Run, end: number, text: string): RuleFields {
  const { broken, fields } = run;
  if (broken === null || (broken.name !== 'data' && broken.name !== 'msg')) return fields;
  const valueStart = run.end + broken.name.length + 4;
  const rest = text.slice(valueStart, end).replace(/\\x?[0-9a-fA-F]?$/, '');
  return broken.name === 'data' ? { ...fields, data: rest } : { ...fields, msg: rest };
}

function positions(text: string, mark: string): number[] {
  return firstIndices(text, mark, MOST_READINGS);
}

/** Reads ` [hostname "…"] [uri "…"] [unique_id "…"]`; it must close the message or stand before a referer. */
function tailAt(text: string, start: number): Tail | null {
  const host = closedField(text, start, 'hostname');
  const uri = closedField(text, host?.end ?? start, 'uri');
  const unique = uri && closedField(text, uri.end, 'unique_id');
  if (unique === null || !/^[\w@.+/=-]{1,64}$/.test(unique.value)) return null;
  if (unique.end !== text.length && !text.startsWith(REFERER, unique.end)) return null;
  return {
    start,
    end: unique.end,
    hostname: host?.value ?? null,
    uri: uri?.value ?? '',
    uniqueId: unique.value,
  };
}

function closedField(text: string, start: number, name: string): Field | null {
  const field = fieldAt(text, start);
  return field?.name === name && field.closed ? field : null;
}

/** All tails of an error_log message, in their order; a tail without host name counts only when none has one. */
export function readTails(text: string): Tail[] {
  const withHost = positions(text, ' [hostname "');
  const starts = withHost.length > 0 ? withHost : positions(text, ' [uri "');
  return starts.map((start) => tailAt(text, start)).filter((tail) => tail !== null);
}

/** The text behind `, referer: ` of this tail; null when the message ends with the tail. */
export function refererOf(text: string, tail: Tail | null): string | null {
  return tail !== null && tail.end < text.length ? text.slice(tail.end + REFERER.length) : null;
}

/**
 * Every way to read an error_log message (ModSecurity's escapes still in): the runs that name file, line and
 * id and lead to a tail, whole ones and ones that ModSecurity broke off. Best guess first: those that fit
 * ModSecurity's room, then those with more fields, then in their order.
 */
export function readLogged(text: string, tails: readonly Tail[]): Reading[] {
  const readings: Reading[] = [];
  for (const start of positions(text, FILE_FIELD)) {
    const run = readRun(text, start);
    if (!isRule(run.fields)) continue;
    // Data has its quotes escaped: the first tail mark behind the run is its own, or the run is none.
    const tailStart = nextTailMark(text, run.end, tails);
    const tail = tails.find((candidate) => candidate.start === tailStart);
    if (tail === undefined || !isFrontOfField(text, run, tail.start)) continue;
    const cut = tail.start !== run.end || tail.start >= CUT_FROM;
    readings.push({ start, fields: withRest(run, tail.start, text), tail, cut });
  }
  if (readings.length < 2) return readings;
  return readings
    .map((reading) => ({ reading, worth: worth(reading) }))
    .sort((a, b) => b.worth - a.worth)
    .map(({ reading }) => reading);
}

function nextTailMark(text: string, from: number, tails: readonly Tail[]): number {
  const mark = tails[0]?.hostname === null ? ' [uri "' : ' [hostname "';
  return text.indexOf(mark, from);
}

function worth({ fields, tail }: Reading): number {
  const fits = (tail?.start ?? 0) <= MESSAGE_ROOM ? 10 : 0;
  const present = [fields.msg, fields.severity, fields.ver].filter((value) => value !== null).length;
  return fits + present + (fields.tags.length > 0 ? 1 : 0);
}

/**
 * Reads a message of the audit log, which has no tail: the run that ends where the message ends, or is broken off
 * there, is the rule's own; there can be one at most. Null without one.
 */
export function readMessage(text: string): Reading | null {
  for (const start of positions(text, FILE_FIELD)) {
    const run = readRun(text, start);
    if (!isRule(run.fields) || !isFrontOfField(text, run, text.length)) continue;
    const whole = run.end === text.length;
    return {
      start,
      fields: withRest(run, text.length, text),
      tail: null,
      cut: !whole || text.length >= CUT_FROM,
    };
  }
  return null;
}

/**
 * The tail of a message whose rule fields were cut off: ModSecurity sets it where its room ends. `tails` as
 * `readTails` gives them; null when none stands there.
 */
export function tailOfCut(tails: readonly Tail[]): Tail | null {
  return tails.find(({ start }) => start >= CUT_FROM && start <= MESSAGE_ROOM) ?? null;
}

/** Whether the text holds more marks of a run than one message has: somebody may have written some of them. */
export function hasForgedMarks(text: string): boolean {
  return [FILE_FIELD, ' [id "', ' [hostname "', ' [unique_id "'].some((mark) => {
    const first = text.indexOf(mark);
    return first >= 0 && text.includes(mark, first + 1);
  });
}
