// Writes judgements into the store and reads back what they rest on.
import type { AccessContext } from '../analyse/access-context.ts';
import type { ProvedAuthor } from '../analyse/evidence/logins.ts';
import type { Judgement } from '../analyse/judge.ts';
import type { VerdictFacts } from '../analyse/verdict.ts';
import type { Transaction } from '../model.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import type { Context } from './context.ts';
import { thinned } from './kept-evidence.ts';
import { whatHappened } from './words.ts';

/** One incident with its judgement, to be kept. */
export interface Judged {
  readonly incident: IncidentRecord;
  readonly transactions: readonly Transaction[];
  readonly context: AccessContext | null;
  readonly judgement: Judgement;
}

/** What a judgement rests on beside its evidence, so that it can be made again when the logs are gone. */
export interface Rests {
  readonly facts: VerdictFacts;
  readonly authors: readonly ProvedAuthor[];
  /** User-Agents of the flagged requests, masked. */
  readonly agents: readonly string[];
}

/** Keeps what was judged. Call inside a write. */
export function keepJudged(
  ctx: Context,
  { incident, transactions, context, judgement }: Judged,
  stamp: string,
): void {
  const { evidence, verdict, actors, facts, authors } = judgement;
  const rests: Rests = { facts, authors, agents: agentsOf(transactions) };
  ctx.store.incidents.judge(incident.client, incident.from, {
    what: whatHappened(transactions),
    verdict,
    evidence,
    context: context === null ? null : JSON.stringify(thinned(context, incident.from)),
    stamp,
    actors,
    rests: JSON.stringify(rests),
  });
}

/** What a kept judgement rests on; null for none, and for those of an older version. */
export function restsOf(judgement: { readonly rests: string | null } | null): Rests | null {
  return judgement?.rests == null ? null : (JSON.parse(judgement.rests) as Rests);
}

function agentsOf(transactions: readonly Transaction[]): string[] {
  return [...new Set(transactions.flatMap(({ request }) => request?.userAgent ?? []))].sort().slice(0, 20);
}
