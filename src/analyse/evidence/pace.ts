// PACE: how fast the requests came.
import type { Evidence } from '../../model.ts';
import { mostWithin } from '../access-context.ts';
import { count } from '../sentences.ts';
import { flagged, linesOf, type EvidenceInput } from './evidence-input.ts';
import { absent, present, unknown } from './statement.ts';

const WINDOW_MS = 2000;

/** P1, P1b: 5 to 9, or 10 and more, different requests with a rule hit in any 2 s. */
export function fast(input: EvidenceInput): Evidence {
  const all = flagged(input);
  if (all.length === 0)
    return unknown('P1', 'No request with a rule hit is in the logs, so its pace is not known.');
  const best = mostWithin(
    all.map((transaction) => transaction.at),
    WINDOW_MS,
  );
  const lines = linesOf(all.slice(best.first, best.first + best.count));
  if (best.count < 5) {
    const most =
      best.count === 1 ? 'Never more than 1 flagged request' : `At most ${best.count} flagged requests`;
    return absent('P1', `${most} within 2 s; 5 or more would show a program.`, lines);
  }
  const seconds = Math.max(0.1, Math.round(best.spanMs / 100) / 10);
  const sentence = `${count(best.count, 'separate flagged request')} within ${seconds} s; nobody clicks that fast.`;
  return present(best.count >= 10 ? 'P1b' : 'P1', sentence, lines);
}
