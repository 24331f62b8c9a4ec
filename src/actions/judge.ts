// Judges incidents: gathers what the evidence needs, keeps what was judged so that it outlives the logs.
import type { AccessContext } from '../analyse/access-context.ts';
import type { EvidenceInput } from '../analyse/evidence/evidence-input.ts';
import { judgeIncident, worstOf, type Judgement } from '../analyse/judge.ts';
import { incidentCauses } from '../analyse/incident-causes.ts';
import type { Transaction } from '../model.ts';
import type { IncidentRecord } from '../store/incidents.ts';
import { accessStamp, CONTEXT_MS, readAccess } from './access.ts';
import type { Context } from './context.ts';
import { crossFacts, isOrdinaryButValues, printsOf, senderOf, shapesOf } from './cross-facts.ts';
import { dayAround, transactionsOf } from './incidents.ts';
import { type AddressLooker, lookAtAddresses } from './look-at-address.ts';
import { causeVhost, inputOf, sourcesOf, vhostsNamed } from './judge-case.ts';
import { judgeAgain } from './judge-again.ts';
import { type Judged, keepJudged, restsOf } from './keep-judged.ts';
import { fuller, keptContext, withKept } from './kept-evidence.ts';
import { loginLooks, type LoginLook } from './login-looks.ts';
import type { ServerClock } from './server.ts';
import type { VhostIndex } from './vhosts.ts';

/** An incident is settled when its context is over: 300 s without a transaction and 15 minutes of context. */
const SETTLED_MS = 300_000 + CONTEXT_MS;
/** So many that wait are judged before an answer: half a minute at most. */
export const BEFORE_ANSWER = 1000;

/** Of an address in a crowd that waits, so many: one that is shown and is none of them is judged for the answer alone. */
const ITS_NEWEST = 2;

/** Judges what an answer about one address needs: all that waits, or where that would take long, its own incidents. */
export async function judgeFor(
  ctx: Context,
  clock: ServerClock,
  vhosts: VhostIndex,
  client: string,
): Promise<void> {
  await judgePending(
    ctx,
    clock,
    vhosts,
    ctx.store.incidentPages.waiting() > BEFORE_ANSWER ? { client, most: ITS_NEWEST } : {},
  );
}

/** Later than any incident. */
const FAR = 8e15 / 1000;
/** Incidents that are judged in one pass over the access logs; bounds the memory of a first start. */
const AT_ONCE = 32;
const REQUESTS_AT_ONCE = 2000;
/** Lines of one address that are judged: a flood beyond that says nothing new, and there are many incidents at once. */
const MOST_LINES = 2000;

export interface JudgeLimits {
  /** The most incidents to judge, the newest first; all unless set. */
  readonly most?: number;
  /** Leave those alone that were judged and only may see more access lines. */
  readonly onlyNew?: boolean;
  /** Those of one address alone. */
  readonly client?: string;
}

/**
 * Judges all incidents that need it: new ones, changed ones, and unsettled ones when the access logs have grown.
 * One pass over the access logs serves many of them. Gives the number judged; 0 where another thread judges.
 */
export async function judgePending(
  ctx: Context,
  clock: ServerClock,
  vhosts: VhostIndex,
  { most = Infinity, onlyNew = false, client }: JudgeLimits = {},
): Promise<number> {
  if (ctx.reader !== null) return 0;
  const stamp = accessStamp(ctx);
  const limit = Number.isFinite(most) ? most : -1;
  const pending = ctx.store.incidents.toJudge(stamp, onlyNew ? FAR : clock.now - SETTLED_MS, limit, client);
  if (pending.length === 0) return 0;
  const look = await lookAtAddresses(ctx);
  for (let start = 0; start < pending.length;) {
    const some = fitting(pending, start);
    await judgeSome({ ctx, vhosts, look, stamp }, some);
    start += some.length;
  }
  return pending.length;
}

/** The next incidents that are judged in one pass: fewer where they are floods. */
function fitting(pending: readonly IncidentRecord[], start: number): IncidentRecord[] {
  const some: IncidentRecord[] = [];
  let requests = 0;
  for (const one of pending.slice(start, start + AT_ONCE)) {
    requests += one.requests;
    if (some.length > 0 && requests > REQUESTS_AT_ONCE) break;
    some.push(one);
  }
  return some;
}

interface Run {
  readonly ctx: Context;
  readonly vhosts: VhostIndex;
  readonly look: AddressLooker;
  readonly stamp: string;
}

/** One incident with all that was read for it. */
interface Gathered {
  readonly incident: IncidentRecord;
  readonly transactions: readonly Transaction[];
  readonly context: AccessContext | null;
  /** Whether logs that the kept judgement read are gone. */
  readonly isPoorer: boolean;
  readonly input: EvidenceInput;
}

async function judgeSome(run: Run, pending: readonly IncidentRecord[]): Promise<void> {
  const { ctx } = run;
  const gathered = await gather(run, pending);
  // First by itself, so that incidents of one batch know of each other; then with what others did.
  const alone = gathered.map((one) => ({ one, judgement: judgeOne(run, one, one.input) }));
  ctx.store.write(() => {
    for (const { one, judgement } of alone) tellOthers(run, one, judgement);
  });
  const judged = alone.map(({ one }): Judged => {
    const input = { ...one.input, cross: crossFacts(ctx, one.incident.client, one.input) };
    const judgement = judgeOne(run, one, input);
    return { incident: one.incident, transactions: one.transactions, context: one.context, judgement };
  });
  ctx.store.write(() => {
    for (const [index, one] of judged.entries()) {
      keepJudged(ctx, one, run.stamp);
      const gatheredOne = gathered[index];
      if (gatheredOne !== undefined) tellOthers(run, gatheredOne, one.judgement);
    }
  });
  judgeAgain(run, judged);
}

async function gather(run: Run, pending: readonly IncidentRecord[]): Promise<Gathered[]> {
  const { ctx, vhosts, look } = run;
  const names = vhostsNamed(
    vhosts,
    pending.flatMap((incident) => incident.vhosts),
  );
  const questions = pending.map(({ client, from, to }) => ({
    client,
    from: from - CONTEXT_MS,
    to: to + CONTEXT_MS,
    most: MOST_LINES,
  }));
  const access = await readAccess(ctx, names, questions);
  const read = pending.map((incident, index) => {
    const transactions = transactionsOf(ctx, incident.client, incident);
    const day = dayAround(ctx, incident.client, incident, transactions);
    const fresh = access.contexts[index] ?? null;
    const kept = keptContext(incident.judgement?.context ?? null);
    return { incident, day, transactions, fresh, kept, context: fuller(fresh, kept) };
  });
  const logins = await loginLooks(ctx, vhosts, read);
  return read.map((one, index) => {
    const { incident, transactions, context, day, fresh, kept } = one;
    const login: LoginLook | undefined = logins[index];
    return {
      incident,
      transactions,
      context,
      isPoorer: kept?.covered === true && fresh?.covered !== true,
      input: inputOf(vhosts, {
        client: incident.client,
        transactions,
        day,
        context,
        lookBack: login?.lookBack ?? null,
        open: login?.open ?? new Set(),
        has: sourcesOf(transactions, context),
        facts: look.facts(incident.client, incident),
        keptAuthors: restsOf(incident.judgement)?.authors ?? [],
      }),
    };
  });
}

function judgeOne({ look }: Run, { incident, isPoorer }: Gathered, input: EvidenceInput): Judgement {
  const address = look.look(incident.client, incident);
  const kept = incident.judgement;
  if (!isPoorer || kept === null) return judgeIncident(input, address);
  const fresh = judgeIncident(input, address, (evidence) => withKept(evidence, kept.evidence));
  // Who was who could be told only while the lines were there.
  return kept.actors.length === 0
    ? fresh
    : { ...fresh, actors: kept.actors, verdict: worstOf(fresh.verdict, kept.actors) };
}

/** Writes what the incident tells about its causes, values and payloads. Call inside a write. */
function tellOthers(
  { ctx, vhosts }: Run,
  { incident, input }: Gathered,
  { evidence, verdict }: Judgement,
): void {
  const sender = senderOf(incident.client, evidence, verdict.label);
  const isOrdinary = isOrdinaryButValues(evidence);
  ctx.store.causeHits.replace(
    incident,
    sender,
    incidentCauses(input.transactions, (host) => causeVhost(vhosts, host)),
    shapesOf(input).map((shape) => ({ ...shape, ordinary: isOrdinary })),
  );
  ctx.store.fingerprints.replace(incident, sender.visitor, printsOf(ctx, input));
}
