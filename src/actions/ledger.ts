// The ledger: the arithmetic that most requests of an incident share, row by row with its running total.
import type { HitView, Ledger, LedgerRow, RequestView } from './explanation.ts';
import { onlyAddsUp } from '../analyse/score.ts';
import { blockingMeaning } from './request-view.ts';

/**
 * Chooses the most common arithmetic among the refused requests (else all with points, or refused by one rule alone);
 * null when none scored.
 */
export function buildLedger(requests: readonly RequestView[]): Ledger | null {
  const refused = requests.filter((request) => request.score.total !== null);
  const pool = refused.length > 0 ? refused : requests.filter((request) => scoring(request).length > 0);
  const groups = new Map<string, RequestView[]>();
  for (const request of pool) {
    const key = arithmetic(request);
    groups.set(key, [...(groups.get(key) ?? []), request]);
  }
  const best = [...groups.values()].sort((a, b) => known(b) - known(a) || b.length - a.length)[0];
  const shown = best?.[0];
  if (best === undefined || shown === undefined) return null;
  return {
    uniqueId: shown.uniqueId,
    rows: rowsOf(shown, pool),
    total: shown.score.total,
    threshold: shown.score.threshold,
    blockedBy: shown.score.blockedBy,
    score: shown.score,
    same: best.length,
    of: pool.length,
    meaning: blockingMeaning(shown.score.blockedBy, shown.score.threshold),
  };
}

// A request whose rules are known tells more than ten of which only the total is known.
function known(group: readonly RequestView[]): number {
  return (group[0]?.score.computed ?? 0) > 0 ? 1 : 0;
}

function scoring(request: RequestView): HitView[] {
  const { blockedBy } = request.score;
  // A rule without a severity gives no points; where it refuses by itself, it is the reason all the same.
  const alone = blockedBy === null || onlyAddsUp(blockedBy) ? null : blockedBy;
  return request.hits.filter((hit) => hit.points > 0 || hit.ruleId === alone);
}

function arithmetic(request: RequestView): string {
  const parts = scoring(request).map((hit) => `${hit.ruleId}:${hit.points}`);
  return `${request.score.total ?? '-'} ${parts.sort().join(' ')}`;
}

function rowsOf(shown: RequestView, pool: readonly RequestView[]): LedgerRow[] {
  let running = 0;
  return scoring(shown).map((hit) => {
    const before = running;
    running += hit.points;
    return {
      ruleId: hit.ruleId,
      message: hit.message,
      target: hit.target,
      data: hit.data,
      severity: hit.severity,
      points: hit.points,
      inferred: hit.pointsInferred,
      file: hit.file,
      line: hit.line,
      phase: hit.phase,
      paranoiaLevel: hit.paranoiaLevel,
      requests: pool.filter((request) => request.hits.some((other) => other.ruleId === hit.ruleId)).length,
      before,
      after: running,
    };
  });
}
