// The transactions of a list that rules reacted to, each once.
import type { EpochMs } from '../model.ts';

/** What telling them apart looks at. */
interface Flaggable {
  readonly uniqueId: string;
  readonly at: EpochMs;
  readonly hits: readonly unknown[];
  readonly findings: readonly unknown[];
  readonly request: unknown;
}

/** Transactions with a hit, one per unique_id, by time and then by unique_id. */
export function distinctFlagged<One extends Flaggable>(transactions: readonly One[]): One[] {
  const byId = new Map<string, One>();
  for (const transaction of transactions) {
    if (transaction.hits.length === 0) continue;
    const other = byId.get(transaction.uniqueId);
    if (other === undefined || isFuller(transaction, other)) byId.set(transaction.uniqueId, transaction);
  }
  return [...byId.values()].sort(byTime);
}

/** Of two versions of one transaction, the one that tells more; the earlier one when they tell as much. */
function isFuller(candidate: Flaggable, other: Flaggable): boolean {
  const more = weightOf(candidate) - weightOf(other);
  return more === 0 ? candidate.at < other.at : more > 0;
}

function weightOf(transaction: Flaggable): number {
  return transaction.hits.length + transaction.findings.length + (transaction.request === null ? 0 : 1);
}

function byTime(a: Flaggable, b: Flaggable): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.uniqueId < b.uniqueId ? -1 : 1;
}
