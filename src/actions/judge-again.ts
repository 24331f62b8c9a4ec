// Judges those incidents again that the newest ones say something about: others at the same causes, with values of the
// same shape, and incidents of the same address.
import { withCross } from '../analyse/evidence/collect.ts';
import { incidentCauses } from '../analyse/incident-causes.ts';
import type { Judgement } from '../analyse/judge.ts';
import { judge } from '../analyse/verdict.ts';
import type { IncidentKey } from '../store/cause-hits.ts';
import type { Context } from './context.ts';
import { crossFacts, isOrdinaryButValues, OTHERS_MS, senderOf, shapesOf } from './cross-facts.ts';
import { dayAround, transactionsOf } from './incidents.ts';
import { causeVhost, inputOf, sourcesOf } from './judge-case.ts';
import { keepJudged, restsOf } from './keep-judged.ts';
import { keptContext } from './kept-evidence.ts';
import type { AddressLooker } from './look-at-address.ts';
import type { VhostIndex } from './vhosts.ts';

const DAY_MS = 86_400_000;
/** Beyond so many ordinary networks at a cause one more changes nothing for anybody. */
const MANY_OTHERS = 6;
/** Fewer than this explain nobody. */
const FEW_OTHERS = 2;
const MOST_SHARING = 200;
const MOST_ROUNDS = 3;

interface Run {
  readonly ctx: Context;
  readonly vhosts: VhostIndex;
  readonly look: AddressLooker;
}

/** Judges the incidents again that these touch, from what is kept; those that change may touch others in turn. */
export function judgeAgain(
  run: Run,
  judged: readonly { readonly incident: IncidentKey; readonly judgement: Pick<Judgement, 'evidence'> }[],
): void {
  let touched = touchedBy(
    run,
    judged.map(({ incident }) => incident),
  );
  for (let round = 0; round < MOST_ROUNDS && touched.length > 0; round++) {
    const changed: IncidentKey[] = [];
    for (const key of touched) if (rejudge(run, key)) changed.push(key);
    touched = touchedBy(run, changed);
  }
}

/** Incidents of others whose causes these incidents may have made common, and incidents of the same address. */
function touchedBy({ ctx }: Run, keys: readonly IncidentKey[]): IncidentKey[] {
  const touched = new Map<string, IncidentKey>();
  for (const key of keys) {
    for (const other of ctx.store.causeHits.sharing(key, {
      since: key.from - OTHERS_MS,
      few: FEW_OTHERS,
      many: MANY_OTHERS,
      most: MOST_SHARING,
    }))
      touched.set(`${other.client} ${other.from}`, other);
    for (const other of ctx.store.fingerprints.sharing(key, DAY_MS, MOST_SHARING))
      touched.set(`${other.client} ${other.from}`, other);
    for (const { from, label } of ctx.store.incidents.labelsOf(key.client)) {
      const away = Math.abs(from - key.from);
      if (label === 'false-positive' && away >= 1 && away <= 2 * DAY_MS)
        touched.set(`${key.client} ${from}`, { client: key.client, from });
    }
  }
  return [...touched.values()];
}

/** Makes one judgement again with what others did since; whether anything changed. */
function rejudge(run: Run, { client, from }: IncidentKey): boolean {
  const { ctx, vhosts, look } = run;
  const incident = ctx.store.incidents.at(client, from);
  const kept = incident?.judgement;
  const rests = restsOf(kept ?? null);
  if (incident === null || kept == null || rests === null || kept.actors.length > 0) return false;
  const transactions = transactionsOf(ctx, client, incident);
  const day = dayAround(ctx, client, incident, transactions);
  const context = keptContext(kept.context);
  const has = rests.facts.has ?? sourcesOf(transactions, context);
  const keptAuthors = rests.authors;
  const base = inputOf(vhosts, { client, transactions, day, context, has, keptAuthors });
  const input = { ...base, cross: crossFacts(ctx, client, base) };
  const evidence = withCross(kept.evidence, input);
  const facts = { ...rests.facts, dayVeto: look.look(client, incident).dayVeto === true };
  const verdict = judge(evidence, facts);
  if (JSON.stringify([evidence, verdict]) === JSON.stringify([kept.evidence, kept.verdict])) return false;
  ctx.store.write(() => {
    const judgement = { evidence, verdict, facts, actors: [], authors: keptAuthors };
    keepJudged(ctx, { incident, transactions, context, judgement }, kept.stamp);
    const isOrdinary = isOrdinaryButValues(evidence);
    ctx.store.causeHits.replace(
      incident,
      senderOf(client, evidence, verdict.label),
      incidentCauses(transactions, (host) => causeVhost(vhosts, host)),
      shapesOf(input).map((shape) => ({ ...shape, ordinary: isOrdinary })),
    );
  });
  return true;
}
