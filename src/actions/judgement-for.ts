// The judgement that an explanation shows: the kept one of a stored incident, else a fresh one of what a text quotes.
import { judgeIncident } from '../analyse/judge.ts';
import type { AccessContext } from '../analyse/access-context.ts';
import type { Evidence, Transaction, Verdict } from '../model.ts';
import type { ActorRecord, IncidentRecord } from '../store/incidents.ts';
import { crossFacts } from './cross-facts.ts';
import type { Desk } from './desk.ts';
import { dayAround } from './incidents.ts';
import { inputOf, sourcesOf } from './judge-case.ts';
import { lookAtAddresses } from './look-at-address.ts';

export interface ShownJudgement {
  readonly evidence: readonly Evidence[];
  readonly verdict: Verdict;
  readonly actors: readonly ActorRecord[];
}

export interface ToJudge {
  /** Null where the address was cut out of a text. */
  readonly address: string | null;
  readonly record: IncidentRecord | null;
  readonly transactions: readonly Transaction[];
  readonly context: AccessContext | null;
  /** True when the logs cover the time of quoted requests and still do not hold them. */
  readonly covered: boolean;
  /** True for a mail of another server: this server's data say nothing about it. */
  readonly foreign: boolean;
}

/** Gives the judgement of an incident that is kept, or judges the requests that only a text tells of. */
export async function judgementFor(desk: Desk, one: ToJudge): Promise<ShownJudgement> {
  const { ctx, vhosts } = desk;
  const { record, transactions } = one;
  if (record?.judgement != null) return record.judgement;
  const client = one.address ?? transactions[0]?.client ?? '';
  const times = transactions.map(({ at }) => at);
  const span = { from: Math.min(...times), to: Math.max(...times) };
  const context = record === null ? null : one.context;
  const sources = sourcesOf(transactions, context);
  const look = await lookAtAddresses(ctx);
  const base = inputOf(vhosts, {
    client,
    transactions,
    day: record === null ? transactions : dayAround(ctx, client, span, transactions),
    context,
    has: { ...sources, logsCover: sources.mailOnly && one.covered },
    ...(one.foreign ? {} : { facts: look.facts(client, span) }),
  });
  const input = one.foreign ? base : { ...base, cross: crossFacts(ctx, client, base) };
  return judgeIncident(input, one.foreign ? { client: 'normal' } : look.look(client, span));
}
