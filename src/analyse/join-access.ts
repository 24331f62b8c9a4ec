// Finds the access-log line of a transaction: same address, same path, same second give or take one.
import type { AccessHit, Transaction } from '../model.ts';

/**
 * Pairs transactions with access-log lines; each line is used once. The full request target of the audit record
 * decides first, then the path of error_log; among equal candidates the nearest in time. A transaction without a
 * line has no entry. Status is no criterion: a refused request may be logged 404.
 */
export function joinAccess(
  transactions: readonly Transaction[],
  lines: readonly AccessHit[],
): Map<string, AccessHit> {
  const joined = new Map<string, AccessHit>();
  const free = new Set(lines);
  for (const exact of [true, false]) {
    for (const transaction of transactions) {
      if (joined.has(transaction.uniqueId)) continue;
      const found = nearest(transaction, free, exact);
      if (found === null) continue;
      joined.set(transaction.uniqueId, found);
      free.delete(found);
    }
  }
  return joined;
}

function nearest(transaction: Transaction, lines: ReadonlySet<AccessHit>, exact: boolean): AccessHit | null {
  let best: AccessHit | null = null;
  let distance = Infinity;
  for (const line of lines) {
    // The log has whole seconds, written when the request ended.
    const away = Math.abs(line.at + 500 - transaction.at);
    if (away > 2000 || away >= distance || !sameRequest(transaction, line, exact)) continue;
    best = line;
    distance = away;
  }
  return best;
}

function sameRequest(transaction: Transaction, line: AccessHit, exact: boolean): boolean {
  const { request, path } = transaction;
  if (request?.method != null && line.method !== null && request.method !== line.method) return false;
  if (exact) return request?.uri != null && request.uri === line.uri;
  return path !== null && pathOf(line.uri) === pathOf(path);
}

function pathOf(uri: string): string {
  const path = uri.replace(/[?#].*$/s, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
