// Incidents of an address, rebuilt from its transactions whenever some were written.
import { groupIncidents, INCIDENT_GAP_MS } from '../analyse/group.ts';
import { toTransaction } from '../analyse/merge.ts';
import { isSecretTarget } from '../analyse/secrets.ts';
import { findValues } from '../analyse/values.ts';
import type { EpochMs, Transaction } from '../model.ts';
import type { Store } from '../store/store.ts';
import type { Context } from './context.ts';

/** Requests of one address that are looked at: what a flood sends beyond that says nothing new. */
const MOST_REQUESTS = 600;
/** The same of the day around an incident. */
const MOST_OF_DAY = 300;
const DAY_MS = 86_400_000;

/** The transactions of an address as everybody sees them, oldest first; of a flood the first and the last three hundred. */
export function transactionsOf(
  ctx: Context,
  client: string,
  { from, to }: Span = { from: -Infinity, to: Infinity },
  most = MOST_REQUESTS,
): Transaction[] {
  return ctx.store.transactions
    .ofClient(client, from, to, most)
    .map((parts) => withFindings(ctx, toTransaction(parts)));
}

interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** An incident's transactions (`own`) with those of the same address up to a day before and after, oldest first. */
export function dayAround(
  ctx: Context,
  client: string,
  { from, to }: Span,
  own: readonly Transaction[],
): Transaction[] {
  const before = transactionsOf(ctx, client, { from: from - DAY_MS, to: from - 0.001 }, MOST_OF_DAY);
  const after = transactionsOf(ctx, client, { from: to + 0.001, to: to + DAY_MS }, MOST_OF_DAY);
  return [...before, ...own, ...after];
}

/** Without an audit record the values are what the hits quote; secret ones were looked at before they were masked. */
function withFindings(ctx: Context, transaction: Transaction): Transaction {
  if (transaction.auditRef !== null || transaction.hits.length === 0) return transaction;
  const { path, hits } = transaction;
  const open = hits.filter((hit) => hit.target === null || !isSecretTarget(hit.target));
  const found = findValues({ path, method: null, args: [], headers: [], uri: path, hits: open }, ctx.hash);
  return { ...transaction, findings: [...transaction.findings, ...found] };
}

/** Incidents of more requests than these are regrouped less often while lines of theirs come in. */
const MANY_REQUESTS = 2000;
/** What regrouping one request costs at most, about; a flood gets a tenth of the time. */
const MS_A_REQUEST = 0.1;
/** Addresses that are regrouped in one write: some tens of milliseconds. */
const AT_ONCE = 2000;
/** When a flooded address may be regrouped again, for each store. */
const due = new WeakMap<Store, Map<string, number>>();

/**
 * Regroups the addresses whose transactions were written since the last time. `patient`: floods that were regrouped a moment
 * ago wait for a later time.
 */
export function rebuildIncidents(ctx: Pick<Context, 'store'>, patient = false): void {
  const { store } = ctx;
  const later = due.get(store) ?? new Map<string, number>();
  due.set(store, later);
  for (let after = ''; ;) {
    const dirty = store.dirtyClients(AT_ONCE, after);
    const last = dirty.at(-1);
    if (last === undefined) return;
    after = last.client;
    store.write(() => {
      for (const { client, from } of dirty) {
        if (patient && Date.now() < (later.get(client) ?? 0)) continue;
        regroup(store, client, from, later);
      }
    });
  }
}

function regroup(store: Store, client: string, touched: EpochMs, later: Map<string, number>): void {
  const start = store.incidents.regroupFrom(client, touched, INCIDENT_GAP_MS);
  const shapes = groupIncidents(store.transactions.outlines(client, start)).map((shape) => ({
    client,
    ...shape,
  }));
  store.incidents.replace(client, start, shapes, touched);
  store.clearDirty(client);
  const requests = shapes.reduce((sum, shape) => sum + shape.requests, 0);
  if (requests < MANY_REQUESTS) later.delete(client);
  else later.set(client, Date.now() + requests * MS_A_REQUEST);
}

/** Whether a rule refused the request. */
export function isDenied(transaction: Transaction): boolean {
  return transaction.hits.some((hit) => hit.action === 'denied');
}
