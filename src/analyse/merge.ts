// What error_log and audit log told of one request, put together; the same result in any order of reading.
import type {
  EngineError,
  LineRef,
  PlacedHit,
  SourceKind,
  StoredHit,
  Transaction,
  TransactionParts,
} from '../model.ts';

/**
 * Joins two partial records of the same unique_id. Commutative, associative and idempotent: lines are told apart
 * by their place. The audit record wins for client, request and findings; the earliest time is the transaction's.
 */
export function mergeParts(a: TransactionParts, b: TransactionParts): TransactionParts {
  const audited = pickAudited(a, b);
  const other = audited === a ? b : a;
  const named = earlier(a, b);
  return {
    uniqueId: a.uniqueId,
    at: Math.min(a.at, b.at),
    client: audited.auditRef !== null ? audited.client : named.client,
    vhost: named.vhost ?? (named === a ? b : a).vhost,
    path: errorPath(a, b) ?? audited.path ?? other.path,
    errorHits: unionHits(a.errorHits, b.errorHits),
    auditHits: audited.auditHits ?? other.auditHits,
    request: audited.request ?? other.request,
    findings:
      audited.findings.length > 0 || audited.auditRef !== null ? audited.findings : unionFindings(a, b),
    engineErrors: unionErrors(a.engineErrors, b.engineErrors),
    auditRef: audited.auditRef,
    ambiguous: a.ambiguous || b.ambiguous,
  };
}

// Two audit records of one id do not happen; should they, the one that stands first wins on both sides.
function pickAudited(a: TransactionParts, b: TransactionParts): TransactionParts {
  if (a.auditRef === null) return b.auditRef === null ? earlier(a, b) : b;
  if (b.auditRef === null) return a;
  return placeKey(a.auditRef) <= placeKey(b.auditRef) ? a : b;
}

function earlier(a: TransactionParts, b: TransactionParts): TransactionParts {
  if (a.at !== b.at) return a.at < b.at ? a : b;
  return JSON.stringify(a) <= JSON.stringify(b) ? a : b;
}

/** Path of the first error_log line that is not the error page's (980xxx lines name where Apache redirected to). */
function errorPath(a: TransactionParts, b: TransactionParts): string | null {
  const first = earlier(a, b);
  const second = first === a ? b : a;
  const scored = [first, second].find((part) => part.errorHits.some((hit) => !reportsOnly(hit.ruleId)));
  return (scored ?? first).path;
}

/** Whether a rule only writes the summary after the response (980xxx), so that its uri is the error page's. */
export function reportsOnly(ruleId: string): boolean {
  return /^980\d{3}$/.test(ruleId);
}

function placeKey(ref: LineRef): string {
  return `${ref.head ?? ref.file}@${String(ref.offset).padStart(16, '0')}`;
}

function unionHits(a: readonly PlacedHit[], b: readonly PlacedHit[]): readonly PlacedHit[] {
  // The store knows by identity that a list is as it was read.
  if (b.length === 0) return a;
  if (a.length === 0) return b;
  const byPlace = new Map<string, PlacedHit>();
  for (const hit of [...a, ...b]) byPlace.set(placeKey(hit.ref), hit);
  return [...byPlace].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, hit]) => hit);
}

function unionErrors(a: readonly EngineError[], b: readonly EngineError[]): EngineError[] {
  const byText = new Map<string, EngineError>();
  for (const error of [...a, ...b]) {
    const known = byText.get(error.text);
    const refs = new Map([...(known?.refs ?? []), ...error.refs].map((ref) => [placeKey(ref), ref]));
    byText.set(error.text, { ...error, refs: [...refs.keys()].sort().flatMap((key) => refs.get(key) ?? []) });
  }
  return [...byText.values()].sort((left, right) => (left.text < right.text ? -1 : 1));
}

function unionFindings(a: TransactionParts, b: TransactionParts): TransactionParts['findings'] {
  const byKey = new Map(
    [...a.findings, ...b.findings].map((finding) => [`${finding.field} ${finding.hash}`, finding]),
  );
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
}

/**
 * The transaction as everybody else sees it: hits of both logs matched by rule and occurrence, in log order.
 * With an audit record, ambiguous error_log lines that it does not confirm are left out.
 */
export function toTransaction(parts: TransactionParts): Transaction {
  const hits =
    parts.auditHits === null ? errorOnly(parts.errorHits) : joined(parts.auditHits, parts.errorHits);
  const sources: SourceKind[] = [];
  if (parts.errorHits.length > 0 || hits.length === 0) sources.push('error_log');
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

function errorOnly(hits: readonly PlacedHit[]): StoredHit[] {
  return withNth(hits).map(({ hit, nth }) => stored(hit, nth, ['error_log'], [hit.ref]));
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
  return audit.severity === null && error.severity !== null ? error : audit;
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
