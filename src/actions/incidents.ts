// Incidents of an address, rebuilt from its transactions whenever some were written.
import { groupIncidents } from '../analyse/group.ts';
import { toTransaction } from '../analyse/merge.ts';
import { isSecretTarget } from '../analyse/secrets.ts';
import { findValues } from '../analyse/values.ts';
import type { Transaction } from '../model.ts';
import type { IncidentShape } from '../store/incidents.ts';
import type { Outline } from '../store/transactions.ts';
import type { Context } from './context.ts';

/** The transactions of an address as everybody sees them, oldest first. */
export function transactionsOf(ctx: Context, client: string, from = -Infinity, to = Infinity): Transaction[] {
  return ctx.store.transactions
    .ofClient(client, from, to)
    .map((parts) => withFindings(ctx, toTransaction(parts)));
}

/** Without an audit record the values are what the hits quote; secret ones were looked at before they were masked. */
function withFindings(ctx: Context, transaction: Transaction): Transaction {
  if (transaction.auditRef !== null || transaction.hits.length === 0) return transaction;
  const { path, hits } = transaction;
  const open = hits.filter((hit) => hit.target === null || !isSecretTarget(hit.target));
  const found = findValues({ path, method: null, args: [], headers: [], uri: path, hits: open }, ctx.hash);
  return { ...transaction, findings: [...transaction.findings, ...found] };
}

/** Regroups the addresses whose transactions were written since the last time. */
export function rebuildIncidents(ctx: Context): void {
  for (;;) {
    const dirty = ctx.store.dirtyClients(200);
    if (dirty.length === 0) return;
    ctx.store.write(() => {
      for (const { client, from } of dirty) {
        const incidents = groupIncidents(ctx.store.transactions.outlines(client).map(groupable));
        ctx.store.incidents.replace(
          client,
          incidents.map((transactions) => shapeOf(client, transactions)),
          from,
        );
        ctx.store.clearDirty(client);
      }
    });
  }
}

type Grouped = Outline & {
  readonly hits: readonly string[];
  readonly findings: readonly [];
  readonly request: null;
};

function groupable(outline: Outline): Grouped {
  return { ...outline, hits: outline.ruleIds, findings: [], request: null };
}

function shapeOf(client: string, transactions: readonly Grouped[]): IncidentShape {
  const times = transactions.map((transaction) => transaction.at);
  return {
    client,
    from: Math.min(...times),
    to: Math.max(...times),
    requests: transactions.length,
    denied: transactions.filter((transaction) => transaction.denied).length,
    vhosts: unique(transactions.flatMap((transaction) => transaction.vhost ?? [])),
    ruleIds: unique(transactions.flatMap((transaction) => transaction.ruleIds)),
  };
}

/** Whether a rule refused the request. */
export function isDenied(transaction: Transaction): boolean {
  return transaction.hits.some((hit) => hit.action === 'denied');
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
