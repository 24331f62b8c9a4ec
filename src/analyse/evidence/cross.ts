// CROSS: what the requests of other visitors say about these.
import type { Evidence, StoredHit, Transaction } from '../../model.ts';
import { hitTarget } from '../hit-data.ts';
import { causeOf } from '../incident-causes.ts';
import { causeText, type Others } from '../others.ts';
import { knownPair } from '../patterns/pairs.ts';
import { onlyAddsUp, scoreTransaction } from '../score.ts';
import { count } from '../sentences.ts';
import { isContentSeen } from './content.ts';
import { flagged, isDenied, linesOf, targetOf, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const FEW = 3;
const MANY = 5;
/** Share of the refused requests that others' visits must explain. */
const MOSTLY = 0.8;
const USUAL_LIMIT = 5;
const CAMPAIGN = 3;

/** X1, X1b: three, or five, ordinary visitors of other networks met what made four of five refusals. */
export function othersStopped(input: EvidenceInput): Evidence {
  if (input.cross === null)
    return unknown('X1', 'Whether other visitors were stopped by the same rules was not looked at.');
  const denied = flagged(input).filter(isDenied);
  const asked = denied.length > 0 ? denied : flagged(input);
  const scored = asked.filter(({ hits }) => hits.some(({ ruleId }) => !onlyAddsUp(ruleId)));
  if (scored.length === 0)
    return unknown('X1', 'Which rules scored is in none of these lines, so others cannot be compared.');
  const least = fewestOthers(input, scored);
  if (least >= FEW) {
    const sentence = `${count(least, 'unrelated ordinary visitor')} ${least === 1 ? 'was' : 'were'} stopped by the same rule in the same place.`;
    return present(least >= MANY ? 'X1b' : 'X1', sentence, linesOf(scored), 'known');
  }
  return absent(
    'X1',
    'Too few ordinary visitors of other networks were stopped by the same rules in the same place.',
  );
}

/** The most others that still explain four of five requests. */
function fewestOthers(input: EvidenceInput, scored: readonly Transaction[]): number {
  const numbers = scored.map((transaction) => explainingOthers(input, transaction)).sort((a, b) => b - a);
  return numbers[Math.ceil(numbers.length * MOSTLY) - 1] ?? 0;
}

/** How many others each of the causes has that must go for the score to stay below the limit. */
function explainingOthers(input: EvidenceInput, transaction: Transaction): number {
  const score = scoreTransaction({ hits: transaction.hits, rules: new Map() });
  const limit = score.threshold ?? USUAL_LIMIT;
  const total = score.total ?? score.computed;
  const vhost = input.causeVhost(transaction.vhost);
  const scoring = transaction.hits
    .map((hit, index) => ({ hit, points: score.parts.find((part) => part.hit === index)?.points ?? 0 }))
    .filter(({ hit }) => !onlyAddsUp(hit.ruleId));
  const shared = scoring
    .map(({ hit, points }) => ({ points, others: othersAt(input, vhost, hit, transaction) }))
    .sort((a, b) => b.others - a.others);
  // Nothing was refused by the sum: then everything that reacted must be shared.
  if (total < limit || score.blockedBy === null) return shared.at(-1)?.others ?? 0;
  let left = total;
  for (const { points, others } of shared) {
    left -= points;
    if (left < limit) return others;
  }
  return 0;
}

/** Ordinary networks at the cause of a hit; none where more attackers than ordinary visitors met it. */
function othersAt(input: EvidenceInput, vhost: string, hit: StoredHit, transaction: Transaction): number {
  const others: Others | undefined = input.cross?.causes.get(causeText(causeOf(vhost, hit, transaction)));
  return others === undefined || others.hostile > others.ordinary ? 0 : others.ordinary;
}

/** X2: the identical payload came from three addresses and more to three accounts and more within 24 h. */
export function campaign(input: EvidenceInput): Evidence {
  if (input.cross === null) return unknown('X2', 'Whether others sent the same was not looked at.');
  const { campaign: found } = input.cross;
  if (found !== null && found.addresses >= CAMPAIGN && found.accounts >= CAMPAIGN) {
    const sentence = `The identical request came from ${found.addresses} addresses to the sites of ${found.accounts} accounts within a day.`;
    return present('X2', sentence, linesOf(flagged(input)));
  }
  if (!isContentSeen(input))
    return unknown('X2', 'Whether others sent the same: what it sent is in none of these lines.');
  return absent('X2', 'No identical request from many addresses to many accounts.');
}

/** X3: every scoring hit is a false alarm that the makers of the rules know. */
export function documentedPair(input: EvidenceInput): Evidence {
  const hits = flagged(input).flatMap((transaction) =>
    transaction.hits.filter(({ ruleId }) => !onlyAddsUp(ruleId)).map((hit) => ({ hit, transaction })),
  );
  if (hits.length === 0) return unknown('X3', 'Which rules scored is in none of these lines.');
  const pairs = hits.map(({ hit, transaction }) => pairOf(hit, transaction));
  const known = pairs.filter((pair) => pair !== null);
  const first = known[0];
  if (first !== undefined && known.length >= hits.length * MOSTLY) {
    return present(
      'X3',
      `The makers of the rules know this false alarm: ${first.words} (${first.app}).`,
      linesOf(flagged(input)),
    );
  }
  return absent('X3', 'It is none of the false alarms that the makers of the rules know.');
}

function pairOf(hit: StoredHit, transaction: Transaction): ReturnType<typeof knownPair> {
  const path = targetOf(transaction)?.replace(/[?#].*$/s, '') ?? null;
  return knownPair(hit.ruleId, hitTarget(hit), path, transaction.request?.userAgent ?? null);
}
