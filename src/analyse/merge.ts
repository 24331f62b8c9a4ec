// What error_log and audit log told of one request, put together; the same result in any order of reading.
import type {
  EngineError,
  LineRef,
  PlacedHit,
  SourceKind,
  StoredHit,
  Transaction,
  TransactionParts,
  ValueFinding,
} from '../model.ts';

/**
 * Joins two partial records of the same unique_id. Commutative, associative and idempotent (lists in order of place
 * or key): lines are told apart by their place, and no choice rests on which was read first. The audit record wins
 * for client, request and findings; the earliest time is the transaction's.
 */
export function mergeParts(a: TransactionParts, b: TransactionParts): TransactionParts {
  const audited = pickAudited(a, b);
  return {
    uniqueId: a.uniqueId,
    at: Math.min(a.at, b.at),
    client: audited?.client ?? (a.client <= b.client ? a.client : b.client),
    vhost: least(a.vhost, b.vhost),
    path: pathOf(a, b, audited),
    errorHits: unionHits(a.errorHits, b.errorHits),
    auditHits: audited?.auditHits ?? null,
    request: audited?.request ?? null,
    findings: audited?.findings ?? unionFindings(a.findings, b.findings),
    engineErrors: unionErrors(a.engineErrors, b.engineErrors),
    auditRef: audited?.auditRef ?? null,
    ambiguous: a.ambiguous || b.ambiguous,
  };
}

// Two audit records of one id do not happen; should they, the one that stands first wins on both sides.
function pickAudited(a: TransactionParts, b: TransactionParts): TransactionParts | null {
  if (a.auditRef === null) return b.auditRef === null ? null : b;
  if (b.auditRef === null) return a;
  return placeKey(a.auditRef) <= placeKey(b.auditRef) ? a : b;
}

function least(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a <= b ? a : b;
}

/** Path of error_log lines that are not the error page's (980xxx lines name where Apache redirected to). */
function pathOf(a: TransactionParts, b: TransactionParts, audited: TransactionParts | null): string | null {
  const scored = [a, b].filter((part) => part.errorHits.some((hit) => !reportsOnly(hit.ruleId)));
  if (scored.length > 0) return scored.map((part) => part.path).reduce(least);
  return audited === null ? least(a.path, b.path) : audited.path;
}

/** Whether a rule only writes the summary after the response (980xxx, Comodo's too), so that its uri is the error page's. */
export function reportsOnly(ruleId: string): boolean {
  return /^(?:980\d{3}|2149[34]0)$/.test(ruleId);
}

function placeKey(ref: LineRef): string {
  return `${ref.head ?? ref.file}@${String(ref.offset).padStart(16, '0')}`;
}

function unionHits(a: readonly PlacedHit[], b: readonly PlacedHit[]): readonly PlacedHit[] {
  // The store knows by identity that a list is as it was read.
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const byPlace = new Map<string, PlacedHit>();
  for (const hit of [...a, ...b]) {
    const key = placeKey(hit.ref);
    const known = byPlace.get(key);
    if (known === undefined || JSON.stringify(hit) < JSON.stringify(known)) byPlace.set(key, hit);
  }
  return [...byPlace].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, hit]) => hit);
}

/** Errors of one transaction from two readings: the same text is one error with the places of both. */
export function unionErrors(a: readonly EngineError[], b: readonly EngineError[]): EngineError[] {
  const byText = new Map<string, EngineError>();
  for (const error of [...a, ...b]) {
    const key = `${error.text}\u0000${error.kind} ${error.ruleId ?? ''}`;
    const known = byText.get(key);
    const refs = new Map([...(known?.refs ?? []), ...error.refs].map((ref) => [placeKey(ref), ref]));
    byText.set(key, { ...error, refs: [...refs.keys()].sort().flatMap((place) => refs.get(place) ?? []) });
  }
  return [...byText].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, error]) => error);
}

/** Lines of one request that were read apart may speak of the same value: then their rules are put together. */
function unionFindings(a: readonly ValueFinding[], b: readonly ValueFinding[]): ValueFinding[] {
  const byKey = new Map<string, ValueFinding>();
  for (const finding of [...a, ...b]) {
    const { ruleIds, ...rest } = finding;
    const key = JSON.stringify([finding.field, finding.hash, rest]);
    const known = byKey.get(key)?.ruleIds ?? [];
    byKey.set(key, { ...finding, ruleIds: [...new Set([...known, ...ruleIds])].sort() });
  }
  return [...byKey].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, finding]) => finding);
}

/**
 * The transaction as everybody else sees it: hits of both logs matched by rule and occurrence, in log order.
 * With an audit record, ambiguous error_log lines that it does not confirm are left out.
 */
export function toTransaction(parts: TransactionParts): Transaction {
  const hits =
    parts.auditHits === null
      ? errorOnly(parts.errorHits, originOf(parts.uniqueId))
      : joined(parts.auditHits, parts.errorHits);
  const sources: SourceKind[] = [];
  if (parts.errorHits.length > 0 || hits.length === 0) sources.push(originOf(parts.uniqueId));
  if (parts.auditRef !== null) sources.push('audit_log');
  return {
    uniqueId: parts.uniqueId,
    at: parts.at,
    client: parts.client,
    vhost: parts.vhost,
    path: parts.path,
    request: parts.request,
    hits,
    engineErrors: parts.engineErrors,
    findings: parts.findings,
    sources: parts.errorHits.length === 0 && parts.auditRef !== null ? ['audit_log'] : sources,
    auditRef: parts.auditRef,
    ambiguous: parts.ambiguous,
  };
}

function withNth(hits: readonly PlacedHit[]): { hit: PlacedHit; key: string; nth: number }[] {
  const seen = new Map<string, number>();
  return hits.map((hit) => {
    const nth = seen.get(hit.ruleId) ?? 0;
    seen.set(hit.ruleId, nth + 1);
    return { hit, nth, key: `${hit.ruleId}#${nth}` };
  });
}

/** How ids begin that were made for rows of WHM's hits list, which has none; no web server makes such ones. */
export const HITS_LIST_ID = 'whm-';

function originOf(uniqueId: string): SourceKind {
  return uniqueId.startsWith(HITS_LIST_ID) ? 'hits_db' : 'error_log';
}

function errorOnly(hits: readonly PlacedHit[], source: SourceKind): StoredHit[] {
  return withNth(hits).map(({ hit, nth }) => stored(hit, nth, [source], [hit.ref]));
}

function joined(audit: readonly PlacedHit[], error: readonly PlacedHit[]): StoredHit[] {
  const certain = withNth(error.filter((hit) => !hit.ambiguous));
  const doubtful = withNth(error.filter((hit) => hit.ambiguous));
  const byKey = new Map(certain.map((entry) => [entry.key, entry.hit]));
  const used = new Set<string>();
  const first = withNth(audit).map(({ hit, key, nth }) => {
    const twin = byKey.get(key);
    if (twin !== undefined) used.add(key);
    return twin === undefined
      ? stored(hit, nth, ['audit_log'], [hit.ref])
      : stored(fuller(hit, twin), nth, ['audit_log', 'error_log'], [hit.ref, twin.ref]);
  });
  const rest = certain
    .filter(({ key }) => !used.has(key))
    .map(({ hit, nth }) => stored(hit, nth, ['error_log'], [hit.ref]));
  return attachDoubtful(first, doubtful).concat(rest);
}

/** An ambiguous line joins the audit hit of its rule that has no error_log line yet; else it is left out. */
function attachDoubtful(hits: readonly StoredHit[], doubtful: readonly { hit: PlacedHit }[]): StoredHit[] {
  const waiting = doubtful.map(({ hit }) => hit);
  return hits.map((hit) => {
    if (hit.sources.includes('error_log')) return hit;
    const index = waiting.findIndex((line) => line.ruleId === hit.ruleId);
    const [line] = index < 0 ? [] : waiting.splice(index, 1);
    return line === undefined
      ? hit
      : { ...hit, sources: [...hit.sources, 'error_log'], refs: [...hit.refs, line.ref], ambiguous: true };
  });
}

// ModSecurity shortens a message in either log; the uncut one, with its severity, tells more.
function fuller(audit: PlacedHit, error: PlacedHit): PlacedHit {
  // ModSecurity 3's JSON does not say which rule refused.
  const action = error.action === 'denied' ? error.action : audit.action;
  const telling = audit.severity === null && error.severity !== null ? error : audit;
  return telling.action === action
    ? telling
    : { ...telling, action, denyStatus: error.denyStatus, phase: error.phase };
}

function stored(
  placed: PlacedHit,
  nth: number,
  sources: readonly SourceKind[],
  refs: readonly LineRef[],
): StoredHit {
  const { ref, ...hit } = placed;
  return { ...hit, nth, sources, refs: refs.length > 0 ? refs : [ref] };
}
