// PAYLOAD: what the requests carried.
import type { Evidence, Transaction } from '../../model.ts';
import { pathOf } from '../access-context.ts';
import { targetTemplate } from '../causes.ts';
import { shapeKey } from '../others.ts';
import { count, joinAnd } from '../sentences.ts';
import { contents, distinctValues, isContentSeen, type Content } from './content.ts';
import { flagged, flaggedInDay, linesOf, type EvidenceInput } from './evidence-input.ts';
import { isProvedAuthor } from './logins.ts';
import { absent, present, unknown } from './statement.ts';

const notSeen = (what: string): string => `Whether ${what}: what it sent is in none of these lines.`;
const AIMS: ReadonlyMap<string, string> = new Map([
  ['sqli', 'attack a database'],
  ['xss', 'run script in the browsers of others'],
  ['lfi', 'read files of the server'],
  ['rce', 'run commands on the server'],
  ['php', 'run PHP code on the server'],
  ['java', 'run Java code on the server'],
  ['exploit', 'use a published hole'],
]);

/** Y1, Y1b: one or two, or three and more, different values with grammar of hostile texts. */
export function hostileValues(input: EvidenceInput): Evidence {
  const hostile = distinctValues(contents(input).filter(({ finding }) => finding.outcome === 'hostile'));
  const first = hostile[0];
  if (first === undefined) {
    if (!isContentSeen(input)) return unknown('Y1', notSeen('a text was written to attack'));
    return absent('Y1', mentionsOf(input) ?? 'No text written to attack was found in what it sent.');
  }
  const aims = [...new Set(hostile.flatMap(({ finding }) => finding.families))].slice(0, 3);
  const aim = joinAnd(aims.map((family) => AIMS.get(family) ?? 'attack'));
  const shown = `${first.finding.excerpt} in ${first.finding.field}`;
  const sentence =
    hostile.length === 1
      ? `The text it sent is written to ${aim}: ${shown}.`
      : `${count(hostile.length, 'different text')} it sent are written to ${aim}, e.g. ${shown}.`;
  return present(hostile.length >= 3 ? 'Y1b' : 'Y1', sentence, linesIn(hostile));
}

function mentionsOf(input: EvidenceInput): string | null {
  const prose = contents(input).find(({ finding }) => finding.outcome === 'sentence');
  if (prose === undefined) return null;
  return `The text in ${prose.finding.field} mentions commands or SQL inside ordinary sentences.`;
}

/** Y1c: code in a field whose job is such text, without a proved login of an author. */
export function authoredCode(input: EvidenceInput): Evidence {
  const authored = distinctValues(contents(input).filter(({ finding }) => finding.outcome === 'author'));
  const open = authored.filter((content) => !isAuthors(input, content));
  const fields = [...new Set(open.map(({ finding }) => finding.field))];
  if (fields.length === 0) {
    if (!isContentSeen(input)) return unknown('Y1c', notSeen('it saved code in a field made for it'));
    if (authored.length > 0) return absent('Y1c', 'The code it saved came from an author who had logged in.');
    return absent('Y1c', 'No code was sent into fields for posts, products or SQL.');
  }
  const sentence = `It saved code in ${joinAnd(fields.slice(0, 3))}. Authors do that; no login is in the logs.`;
  return present('Y1c', sentence, linesIn(open));
}

/** Whether a proved login of an author explains a value. */
function isAuthors(input: EvidenceInput, { finding, vhost }: Content): boolean {
  return finding.author !== undefined && isProvedAuthor(input, finding.author, vhost);
}

/** Values that a rule reacted to and that neither grammar nor anything about the request explains. */
export function unexplained(input: EvidenceInput): readonly Content[] {
  return distinctValues(
    contents(input).filter(({ finding }) => finding.outcome === 'none' && !finding.explained),
  ).filter((content) => !isAuthors(input, content));
}

/** So many ordinary visitors of other networks that send values of one shape show that the shape is harmless. */
const SHARED_SHAPE = 3;

function isShared(input: EvidenceInput, { finding, vhost }: Content): boolean {
  const { shape } = finding;
  if (shape === undefined || input.cross === null) return false;
  const target = targetTemplate(finding.field);
  return finding.ruleIds.some((ruleId) => {
    const others = input.cross?.shapes.get(shapeKey(input.causeVhost(vhost), ruleId, target, shape));
    return others !== undefined && others.ordinary >= SHARED_SHAPE && others.hostile <= others.ordinary;
  });
}

/** Y6: an attack rule reacted to a value that nothing innocent explains (a veto without weight). */
export function unexplainedValues(input: EvidenceInput): Evidence {
  const all = unexplained(input);
  const open = all.filter((content) => !isShared(input, content));
  const first = open[0];
  const quoted = quotedErrors(input);
  if (first === undefined && quoted.length > 0)
    return present(
      'Y6',
      'The site answered a request that holds a quote with a database error, and nothing here explains that.',
      linesOf(quoted),
    );
  if (first === undefined) {
    if (!isContentSeen(input)) return unknown('Y6', notSeen('a rule reacted to an ordinary text'));
    return absent(
      'Y6',
      all.length > 0
        ? 'The values that a rule reacted to have a form that other ordinary visitors send there too.'
        : 'Every value that a rule reacted to is known to be hostile or has an ordinary explanation.',
    );
  }
  const rule = first.finding.ruleIds[0] ?? 'unknown';
  const sentence = `Rule ${rule} reacted to ${first.finding.excerpt}, and nothing here explains that text.`;
  return present('Y6', sentence, linesIn(open));
}

const ADDS_UP = /^(?:901|949|980)\d{3}$/;
const OUTBOUND = /^95\d{4}$/;

/**
 * Y7: only rules about the site's answers (95xxxx) matched. An answer with a database error (951xxx) may be what a quote
 * in the request brought about: then the request must be seen, and hold none.
 */
export function onlyOutbound(input: EvidenceInput): Evidence {
  const all = flagged(input);
  const ids = all.flatMap((transaction) => transaction.hits.map((hit) => hit.ruleId));
  const own = ids.filter((id) => !ADDS_UP.test(id));
  if (own.length === 0) return unknown('Y7', 'Which rules scored is in none of these lines.');
  const inbound = own.filter((id) => !OUTBOUND.test(id));
  if (inbound.length > 0 || ids.some((id) => id.startsWith('949')))
    return absent('Y7', "The rules looked at the visitor's requests, not only at the site's answers.");
  const provoked = all.map((transaction) => mayBeProvoked(input, transaction));
  if (provoked.includes(true))
    return absent(
      'Y7',
      'The answer held a database error, and the request a quote or text that may have caused it.',
    );
  if (provoked.includes(null))
    return unknown('Y7', 'Whether the request caused the database error: no line shows all that it sent.');
  const sentence = "Only rules about the site's answer matched; they do not look at the visitor's request.";
  return present('Y7', sentence, linesOf(all));
}

const DATABASE_ERROR = /^951\d{3}$/;
const QUOTE = /['"\\`]|%(?:25)?(?:27|22|5c|60)/i;

/** Requests with a quote in their address whose answer held a database error: the oldest test for a hole. */
function quotedErrors(input: EvidenceInput): Transaction[] {
  return flaggedInDay(input).filter(
    (transaction) =>
      transaction.hits.some(({ ruleId }) => DATABASE_ERROR.test(ruleId)) &&
      urisOf(input, transaction).some((uri) => QUOTE.test(uri)),
  );
}

/** The address as sent: of the record, else of the access lines of that moment. */
function urisOf(input: EvidenceInput, { request, path, at }: Transaction): string[] {
  if (request?.uri != null) return [request.uri];
  const hits = input.context?.hits ?? [];
  return hits
    .filter((hit) => Math.abs(hit.at + 500 - at) <= 2000 && pathOf(hit.uri) === path)
    .map(({ uri }) => uri);
}

/** Whether a request may have caused a database error: a quote in its address, or a body; null when it is not seen. */
function mayBeProvoked(input: EvidenceInput, { hits, request, path, at }: Transaction): boolean | null {
  if (!hits.some(({ ruleId }) => DATABASE_ERROR.test(ruleId))) return false;
  if (request !== null)
    return request.method !== 'GET' && request.method !== 'HEAD' ? true : QUOTE.test(request.uri ?? '');
  const lines = (input.context?.hits ?? []).filter(
    (hit) => Math.abs(hit.at + 500 - at) <= 2000 && pathOf(hit.uri) === path,
  );
  if (lines.length === 0) return null;
  return lines.some(({ method, uri }) => (method !== 'GET' && method !== 'HEAD') || QUOTE.test(uri));
}

function linesIn(list: readonly Content[]): Content['lines'][number][] {
  return list.flatMap((content) => content.lines).slice(0, 20);
}
