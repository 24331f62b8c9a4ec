// The JSON that `--json` prints. Field names are a promise (README, "JSON"): changed only with a CHANGELOG line.
import type { Evidence, LineRef, Verdict } from '../model.ts';
import type {
  BlockView,
  Explanation,
  IncidentRow,
  IncidentView,
  MailView,
  RequestView,
} from './explanation.ts';
import type { MarkView } from './marks-view.ts';

/** Exit code of an explanation: 0 answered, 3 no trace in logs that cover the time, 4 no trace and a gap. */
export function exitCodeOf(explanation: Pick<Explanation, 'outcome'>): 0 | 3 | 4 {
  if (explanation.outcome === 'answered') return 0;
  return explanation.outcome === 'no-trace' ? 3 : 4;
}

/** The object that `explain --json` prints. */
export function explainJson(explanation: Explanation): Record<string, unknown> {
  const { asked, block, incident, verdict } = explanation;
  return {
    target: { kind: asked.kind, value: asked.value },
    block: block === null ? null : blockJson(block),
    incident: incident === null ? null : incidentJson(incident),
    incidents: explanation.incidents.map(incidentRowJson),
    transactions: incident === null ? [] : incident.transactions.map(transactionJson),
    evidence: explanation.evidence.map(evidenceJson),
    statements: explanation.statements.map(({ basis, sentence, lines }) => ({
      basis,
      sentence,
      lines: lines.map(placeJson),
    })),
    missing: explanation.missing.map(({ source, why }) => ({ source, why })),
    verdict: verdict === null ? null : { ...verdictJson(verdict), words: verdict.words },
    answers: explanation.answers === null ? null : answersJson(explanation.answers),
    actors: explanation.actors.map((actor) => ({
      agents: actor.agents,
      requests: actor.requests,
      verdict: { ...verdictJson(actor.verdict), words: actor.verdict.words },
      evidence: actor.evidence.map(evidenceJson),
    })),
    proposals: [],
    marks: (explanation.word?.marks ?? []).map(markJson),
    mail: explanation.mail === null ? null : mailJson(explanation.mail),
  };
}

function markJson({ id, kind, about, note, author, at }: MarkView): Record<string, unknown> {
  return { id, kind, about, note, author, at };
}

/** The three answers, never merged: who it was, whether to unblock it, whether to change a rule. */
function answersJson({ who, unblock, rule }: NonNullable<Explanation['answers']>): Record<string, unknown> {
  return { visitor: who, unblock, exclude: rule };
}

function blockJson(block: BlockView): Record<string, unknown> {
  const { state, source, since, until, trigger, count, intervalSeconds, line } = block;
  return { state, source, since, until, trigger, count, intervalSeconds, line };
}

function incidentJson(incident: IncidentView): Record<string, unknown> {
  return {
    from: incident.from,
    to: incident.to,
    spanSeconds: incident.spanSeconds,
    requests: incident.requests,
    vhosts: incident.vhosts.map((vhost) => vhost.name),
  };
}

/** One line of `incidents --json`, and an element of `incidents` in `explain --json`. */
export function incidentRowJson(row: IncidentRow): Record<string, unknown> {
  return {
    ip: row.client,
    from: row.from,
    to: row.to,
    spanSeconds: row.spanSeconds,
    requests: row.requests,
    vhosts: row.vhosts,
    ruleIds: row.ruleIds,
    blocked: row.blocked,
    mark: row.mark,
    verdict: verdictJson(row.verdict),
  };
}

function verdictJson({ label, sub, logOdds }: Verdict): Record<string, unknown> {
  return { label, sub, logOdds };
}

function transactionJson(request: RequestView): Record<string, unknown> {
  const { total, threshold, computed, reconciled, inferred, sets } = request.score;
  return {
    uniqueId: request.uniqueId,
    at: request.at,
    vhost: request.vhost,
    method: request.method,
    uri: request.uri,
    status: request.status,
    score: { total, threshold, computed, reconciled, inferred, sets },
    ruleHits: request.hits.map((hit) => ({
      id: hit.ruleId,
      severity: hit.severity,
      points: hit.points,
      target: hit.target,
      message: hit.message,
      file: hit.file,
      line: hit.line,
      sources: hit.sources,
    })),
  };
}

function evidenceJson(item: Evidence): Record<string, unknown> {
  const { id, weight, direction, status, basis, sentence } = item;
  return { id, weight, direction, status, basis, sentence, lines: item.lines.map(placeJson) };
}

function placeJson({ file, offset }: LineRef): Record<string, unknown> {
  return { file, offset };
}

function mailJson(mail: MailView): Record<string, unknown> {
  const { host, at, addresses, trigger, count, intervalSeconds, permanent, temporarySeconds, lines } = mail;
  return { host, at, addresses, trigger, count, intervalSeconds, permanent, temporarySeconds, lines };
}
