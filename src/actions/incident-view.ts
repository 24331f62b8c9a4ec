// One incident as the page and the terminal show it.
import type { AccessContext } from '../analyse/access-context.ts';
import type { EpochMs, Transaction } from '../model.ts';
import type { IncidentShape } from '../store/incidents.ts';
import type { Desk } from './desk.ts';
import type { ContextLine, IncidentView, RequestView } from './explanation.ts';
import { isoTime } from './iso-time.ts';
import { joinAccess } from '../analyse/join-access.ts';
import { isDenied } from './incidents.ts';
import { requestView } from './request-view.ts';
import { ruleBook } from './rule-book.ts';

/** Lines of the access log that are shown beside the transactions. */
const SHOWN_CONTEXT = 100;

export interface IncidentInput {
  readonly client: string;
  readonly transactions: readonly Transaction[];
  readonly context: AccessContext | null;
  /** As it is kept; null for requests that only a text tells of. */
  readonly record: IncidentShape | null;
  readonly lfdCount: number | null;
  readonly blockAt: EpochMs | null;
  /** Transactions to show, the earliest; the others are counted. */
  readonly most: number;
}

/** Builds the view; null without a transaction that a rule or the engine spoke of. */
export function incidentView(desk: Desk, input: IncidentInput): IncidentView | null {
  const shown = input.transactions.filter((one) => one.hits.length > 0 || one.engineErrors.length > 0);
  const scored = input.transactions.filter((one) => one.hits.length > 0);
  if (shown.length === 0) return null;
  const { from, to, requests, denied, isPart } = totalsOf(input, scored.length > 0 ? scored : shown);
  const spanSeconds = Math.round(to - from) / 1000;
  const joined = joinAccess(shown.slice(0, input.most), input.context?.hits ?? []);
  const book = ruleBook(desk.ctx, input.transactions);
  const views = shown.slice(0, input.most).map((transaction) =>
    requestView({
      transaction,
      book,
      clock: desk.clock,
      start: from,
      account: (vhost) => desk.vhosts.account(vhost),
      access: joined.get(transaction.uniqueId) ?? null,
    }),
  );
  const used = new Set([...joined.values()]);
  const rest = (input.context?.hits ?? []).filter((hit) => !used.has(hit));
  return {
    client: input.client,
    from: isoTime(desk.clock.zone, from),
    to: isoTime(desk.clock.zone, to),
    spanSeconds,
    requests,
    denied,
    lfdCount: input.lfdCount,
    rate: requests > 1 && spanSeconds > 0 ? requests / spanSeconds : null,
    vhosts: vhostCounts(desk, scored),
    transactions: views,
    more: (isPart ? requests : shown.length) - views.length,
    context: nearestLines(rest, from).map((hit): ContextLine => ({
      at: isoTime(desk.clock.zone, hit.at),
      sinceStartMs: hit.at - from,
      vhost: hit.vhost,
      method: hit.method,
      uri: hit.uri,
      status: hit.status,
      ref: hit.ref,
    })),
    contextTotal: rest.length,
    blockAfterMs: input.blockAt === null || input.blockAt < from ? null : input.blockAt - from,
  };
}

/** Numbers of the whole incident. `isPart`: of a flood only a part is looked at, and they are those that are kept. */
interface Totals {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly requests: number;
  readonly denied: number;
  readonly isPart: boolean;
}

function totalsOf({ record }: IncidentInput, timed: readonly Transaction[]): Totals {
  const scored = timed.filter((one) => one.hits.length > 0);
  const requests = new Set(scored.map((one) => one.uniqueId)).size;
  if (record !== null && record.requests > requests) return { ...record, isPart: true };
  const times = timed.map((one) => one.at);
  const denied = scored.filter(isDenied).length;
  return { from: Math.min(...times), to: Math.max(...times), requests, denied, isPart: false };
}

function nearestLines<Line extends { readonly at: EpochMs }>(lines: readonly Line[], start: EpochMs): Line[] {
  if (lines.length <= SHOWN_CONTEXT) return [...lines];
  const nearest = [...lines]
    .sort((a, b) => Math.abs(a.at - start) - Math.abs(b.at - start))
    .slice(0, SHOWN_CONTEXT);
  return nearest.sort((a, b) => a.at - b.at);
}

function vhostCounts(desk: Desk, transactions: readonly Transaction[]): IncidentView['vhosts'] {
  const counts = new Map<string, number>();
  for (const { vhost } of transactions) if (vhost !== null) counts.set(vhost, (counts.get(vhost) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([name, requests]) => ({ name, account: desk.vhosts.account(name), requests }));
}

/** Requests of a view that were refused or scored, for the ledger. */
export function scoredRequests(incident: IncidentView | null): readonly RequestView[] {
  return incident?.transactions.filter((request) => request.hits.length > 0) ?? [];
}
