// Cuts one client's transactions into incidents.
import type { EpochMs } from '../model.ts';

/** Gaps up to this long stay inside one incident. */
export const INCIDENT_GAP_MS = 300_000;

/** What grouping looks at: whole transactions, or outlines of them. */
export interface Groupable {
  readonly uniqueId: string;
  readonly at: EpochMs;
  readonly hits: readonly unknown[];
  readonly findings: readonly unknown[];
  readonly request: unknown;
}

/**
 * Groups the transactions of ONE client into incidents, oldest first, each sorted by time.
 *
 * Only transactions with at least one rule hit count (audit records without a message are context); the same
 * unique_id twice is one. A gap of exactly `gapMs` still belongs to the incident. The result does not depend on
 * the order or on repeats of the input.
 */
export function groupIncidents<One extends Groupable>(
  transactions: readonly One[],
  gapMs: number = INCIDENT_GAP_MS,
): One[][] {
  const incidents: One[][] = [];
  let last: EpochMs = Number.NEGATIVE_INFINITY;
  for (const transaction of distinctFlagged(transactions)) {
    const current = incidents.at(-1);
    if (current === undefined || transaction.at - last > gapMs) incidents.push([transaction]);
    else current.push(transaction);
    last = transaction.at;
  }
  return incidents;
}

/** Transactions with a hit, one per unique_id, by time and then by unique_id. */
export function distinctFlagged<One extends Groupable>(transactions: readonly One[]): One[] {
  const byId = new Map<string, One>();
  for (const transaction of transactions) {
    if (transaction.hits.length === 0) continue;
    const other = byId.get(transaction.uniqueId);
    if (other === undefined || isFuller(transaction, other)) byId.set(transaction.uniqueId, transaction);
  }
  return [...byId.values()].sort(byTime);
}

/** Of two versions of one transaction, the one that tells more; the earlier one when they tell as much. */
function isFuller(candidate: Groupable, other: Groupable): boolean {
  const more = weightOf(candidate) - weightOf(other);
  return more === 0 ? candidate.at < other.at : more > 0;
}

function weightOf(transaction: Groupable): number {
  return transaction.hits.length + transaction.findings.length + (transaction.request === null ? 0 : 1);
}

function byTime(a: Groupable, b: Groupable): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.uniqueId < b.uniqueId ? -1 : 1;
}
