// Judges incidents: gathers what the evidence needs, keeps what was judged so that it outlives the logs.
import type { AccessContext } from '../analyse/access-context.ts';
import { NO_FACTS, type EvidenceInput } from '../analyse/evidence/evidence-input.ts';
import { clientKind } from '../analyse/proxies.ts';
import { judgeIncident, type Judgement } from '../analyse/judge.ts';
import type { EpochMs, Transaction } from '../model.ts';
import { accessStamp, CONTEXT_MS, readAccess } from './access.ts';
import type { Context } from './context.ts';
import { transactionsOf } from './incidents.ts';
import type { ServerClock } from './server.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import type { VhostIndex } from './vhosts.ts';
import { whatHappened } from './words.ts';

const DAY_MS = 86_400_000;
/** An incident is settled when its context is over: 300 s without a transaction and 15 minutes of context. */
const SETTLED_MS = 300_000 + CONTEXT_MS;
/** Incidents that are judged in one pass over the access logs; bounds the memory of a first start. */
const AT_ONCE = 64;
/** Lines of the access log that are kept with a judged incident. */
const KEPT_LINES = 200;

/** What one judgement rests on. */
export interface Case {
  readonly client: string;
  readonly transactions: readonly Transaction[];
  readonly day: readonly Transaction[];
  readonly context: AccessContext | null;
  readonly has: EvidenceInput['has'];
}

/** Evidence and verdict of one case. Pure but for the server's own addresses, which tell local clients. */
export function judgeCase(vhosts: VhostIndex, ownAddresses: readonly string[], one: Case): Judgement {
  const input: EvidenceInput = {
    transactions: one.transactions,
    context: one.context,
    contextCovered: one.context?.covered === true,
    day: one.day,
    accounts: (vhost) => vhosts.account(vhost),
    isBareServer: (vhost) => vhosts.isBareServer(vhost),
    knownVhost: (name) => vhosts.isKnown(name),
    has: one.has,
    facts: NO_FACTS,
    lookBack: null,
    causeVhost: (host) => (host === null ? '' : (vhosts.vhostOf(host) ?? '')),
    cross: null,
  };
  return judgeIncident(input, clientKind(one.client, ownAddresses));
}

/**
 * Judges all incidents that need it: new ones, changed ones, and unsettled ones when the access logs have grown.
 * One pass over the access logs serves many of them.
 */
export async function judgePending(ctx: Context, clock: ServerClock, vhosts: VhostIndex): Promise<number> {
  const stamp = accessStamp(ctx);
  const pending = ctx.store.incidents.toJudge(stamp, clock.now - SETTLED_MS);
  for (let start = 0; start < pending.length; start += AT_ONCE) {
    await judgeSome(ctx, vhosts, pending.slice(start, start + AT_ONCE), stamp);
  }
  return pending.length;
}

async function judgeSome(
  ctx: Context,
  vhosts: VhostIndex,
  pending: readonly IncidentRecord[],
  stamp: string,
): Promise<void> {
  const names = vhostsNamed(
    vhosts,
    pending.flatMap((incident) => incident.vhosts),
  );
  const questions = pending.map(({ client, from, to }) => ({
    client,
    from: from - CONTEXT_MS,
    to: to + CONTEXT_MS,
  }));
  const access = await readAccess(ctx, names, questions);
  const own = ctx.host.ownAddresses();
  const judged = pending.map((incident, index) => {
    const day = transactionsOf(ctx, incident.client, incident.from - DAY_MS, incident.to + DAY_MS);
    const transactions = day.filter(
      (transaction) => transaction.at >= incident.from && transaction.at <= incident.to,
    );
    const context = fuller(access.contexts[index] ?? null, keptContext(incident.judgement?.context ?? null));
    const result = judgeCase(vhosts, own, {
      client: incident.client,
      transactions,
      day,
      context,
      has: sourcesOf(transactions, context),
    });
    return { incident, context, what: whatHappened(transactions), ...result };
  });
  ctx.store.write(() => {
    for (const { incident, context, what, verdict, evidence } of judged) {
      const kept = context === null ? null : JSON.stringify(thinned(context, incident.from));
      ctx.store.incidents.judge(incident.client, incident.from, {
        what,
        verdict,
        evidence,
        context: kept,
        stamp,
      });
    }
  });
}

/** The vhosts that serve these host names; the shared access log is always read beside them. */
export function vhostsNamed(vhosts: VhostIndex, names: readonly string[]): string[] {
  return [...new Set(names.map((name) => vhosts.vhostOf(name) ?? name))];
}

/** Which logs tell of these transactions. */
export function sourcesOf(
  transactions: readonly Transaction[],
  context: AccessContext | null,
): EvidenceInput['has'] {
  const from = (kind: string): boolean =>
    transactions.some((one) => (one.sources as readonly string[]).includes(kind));
  const errorLog = from('error_log');
  const auditLog = from('audit_log');
  return {
    errorLog,
    auditLog,
    accessLog: context !== null && (context.covered || context.total > 0),
    mailOnly: !errorLog && !auditLog,
  };
}

/** The context that shows more: logs may have been emptied since the last judgement. */
export function fuller(fresh: AccessContext | null, kept: AccessContext | null): AccessContext | null {
  if (fresh === null || kept === null) return fresh ?? kept;
  return fresh.covered || fresh.total >= kept.total ? fresh : kept;
}

/** Reads a context that was kept with an incident; null when there is none. */
export function keptContext(json: string | null): AccessContext | null {
  return json === null ? null : (JSON.parse(json) as AccessContext);
}

/** At most 200 lines, those nearest to the incident's start. */
function thinned(context: AccessContext, start: EpochMs): AccessContext {
  if (context.hits.length <= KEPT_LINES) return context;
  const nearest = [...context.hits]
    .sort((a, b) => Math.abs(a.at - start) - Math.abs(b.at - start))
    .slice(0, KEPT_LINES);
  return { ...context, hits: nearest.sort((a, b) => a.at - b.at) };
}
