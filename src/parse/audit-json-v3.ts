// The messages in ModSecurity 3's JSON audit record. They say which rules matched, but not which of them refused.
import type { RuleHit } from '../model.ts';
import type { AuditRecord } from './audit-log.ts';
import { isObject, type JsonObject, listAt, objectAt, textAt } from './json-fields.ts';
import { targetOf } from './modsec-target.ts';
import { parseSeverity } from './severity.ts';
import { decodeBytes } from './text.ts';
import { placesIn } from './v3-message.ts';

const MOST_MESSAGES = 2000;
/** Rules that refuse by the score, and those that only report it after the response. */
const BLOCKING = /^9[45]91\d\d$/;
const REPORTING = /^980\d{3}$/;
/** CRS's rules that add to a score: where they are loaded, they leave the refusal to a blocking rule. */
const SCORING = /^9[1-5]\d{4}$/;

function textOrNull(object: JsonObject, name: string): string | null {
  const text = textAt(object, name);
  return text === '' ? null : decodeBytes(text);
}

function hitOf(message: unknown): RuleHit | null {
  if (!isObject(message)) return null;
  const details = objectAt(message, 'details');
  const ruleId = textAt(details, 'ruleId');
  if (!/^\d{1,12}$/.test(ruleId)) return null;
  const operator = textAt(details, 'match');
  const data = textAt(details, 'data');
  const target = targetOf(operator, data.replaceAll('\\', '\\\\'));
  return {
    ruleId,
    action: 'warning',
    denyStatus: null,
    phase: null,
    operator: decodeBytes(operator),
    target: target === null ? null : decodeBytes(target),
    message: textOrNull(message, 'message'),
    data: textOrNull(details, 'data'),
    severity: parseSeverity(textAt(details, 'severity')),
    cut: false,
    file: textOrNull(details, 'file'),
    line: /^\d{1,9}$/.test(textAt(details, 'lineNumber')) ? Number(textAt(details, 'lineNumber')) : null,
    version: textOrNull(details, 'ver'),
    tags: listAt(details, 'tags')
      .filter((tag) => typeof tag === 'string')
      .map(decodeBytes),
    ...placesIn(textAt(details, 'reference')),
  };
}

/** Which hit refused the request: the blocking rule, else the last rule when it is none that only adds to a score. */
function refusing(hits: readonly RuleHit[]): number {
  const blocking = hits.findLastIndex(({ ruleId }) => BLOCKING.test(ruleId));
  if (blocking >= 0) return blocking;
  const last = hits.findLastIndex(({ ruleId }) => !REPORTING.test(ruleId));
  return SCORING.test(hits[last]?.ruleId ?? '') ? -1 : last;
}

/**
 * Reads the messages of one record. The form does not say which rule refused, so that is inferred where nearly nothing
 * else fits: the engine was on, the answer an error, and a rule that decides matched last. An application's own error
 * to a request that only a deciding rule warned of is taken for a refusal; the web server's error log knows better.
 */
export function messagesOf3(
  list: readonly unknown[],
  status: number | null,
  engineMode: string | null,
): AuditRecord['messages'] {
  const hits = list.slice(0, MOST_MESSAGES).map(hitOf);
  const known = hits.filter((hit) => hit !== null);
  const isRefused = engineMode === 'ENABLED' && status !== null && status >= 400;
  const refuser = isRefused ? known[refusing(known)] : undefined;
  return hits.flatMap((hit, messageIndex) => {
    if (hit === null) return [];
    const read: RuleHit = hit === refuser ? { ...hit, action: 'denied', denyStatus: status } : hit;
    return [{ hit: read, ambiguous: false, messageIndex }];
  });
}

/** The phase of the refusal; the record tells none, CRS's blocking rules run in 2 (requests) and 4 (responses). */
export function refusalOf3(messages: AuditRecord['messages']): AuditRecord['action'] {
  const ruleId = messages.find(({ hit }) => hit.action === 'denied')?.hit.ruleId;
  if (ruleId === undefined || !BLOCKING.test(ruleId)) return null;
  return { phase: ruleId.startsWith('95') ? 4 : 2 };
}
