// PACE: how fast the requests came, and how evenly.
import type { Evidence } from '../../model.ts';
import { mostWithin } from '../access-context.ts';
import { isAsyncPath } from '../patterns/async-paths.ts';
import { count } from '../sentences.ts';
import { flagged, linesOf, targetOf, type EvidenceInput } from './evidence-input.ts';
import { provedLogins } from './logins.ts';
import { absent, present, unknown } from './statement.ts';

const WINDOW_MS = 2000;
/** Share of requests that a page sends by itself, from which on their pace is the page's. */
const MOSTLY_ASYNC = 0.8;
const CLOCK_REQUESTS = 8;
const CLOCK_VARIATION = 0.15;
const CLOCK_GAP_MS = 1000;

/**
 * P1, P1b: 5 to 9, or 10 and more, different requests with a rule hit in any 2 s. Halved where somebody was logged in
 * and four of five were sent by the page (autosaves, heartbeats).
 */
export function fast(input: EvidenceInput): Evidence {
  const all = flagged(input);
  if (all.length === 0)
    return unknown('P1', 'No request with a rule hit is in the logs, so its pace is not known.');
  const best = mostWithin(
    all.map((transaction) => transaction.at),
    WINDOW_MS,
  );
  const burst = all.slice(best.first, best.first + best.count);
  const isPages = best.count >= 5 && isSentByPage(input, burst);
  const number = isPages ? Math.floor(best.count / 2) : best.count;
  const lines = linesOf(burst);
  if (number < 5) {
    if (isPages)
      return absent(
        'P1',
        `${best.count} flagged requests within 2 s, but the page itself sends them while somebody works in it.`,
        lines,
      );
    const most =
      best.count === 1 ? 'Never more than 1 flagged request' : `At most ${best.count} flagged requests`;
    return absent('P1', `${most} within 2 s; 5 or more would show a program.`, lines);
  }
  const seconds = Math.max(0.1, Math.round(best.spanMs / 100) / 10);
  const sentence = `${count(best.count, 'separate flagged request')} within ${seconds} s; nobody clicks that fast.`;
  return present(number >= 10 ? 'P1b' : 'P1', sentence, lines);
}

function isSentByPage(input: EvidenceInput, burst: ReturnType<typeof flagged>): boolean {
  const own = burst.filter((transaction) => isAsyncPath(targetOf(transaction) ?? ''));
  return own.length >= burst.length * MOSTLY_ASYNC && provedLogins(input).length > 0;
}

/** P2: eight flagged requests and more with even gaps of a second and more (coefficient of variation below 0.15). */
export function clockwork(input: EvidenceInput): Evidence {
  const all = flagged(input);
  if (all.length === 0)
    return unknown('P2', 'No request with a rule hit is in the logs, so its rhythm is not known.');
  if (all.length < CLOCK_REQUESTS)
    return absent('P2', `${count(all.length, 'flagged request')}: too few to tell a rhythm.`);
  const gaps = all.slice(1).map((transaction, index) => transaction.at - (all[index]?.at ?? transaction.at));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  if (mean >= CLOCK_GAP_MS && Math.sqrt(variance) / mean < CLOCK_VARIATION) {
    const seconds = mean < 10_000 ? Math.round(mean / 100) / 10 : Math.round(mean / 1000);
    return present('P2', `Requests come every ${seconds} s like clockwork.`, linesOf(all));
  }
  return absent('P2', 'The requests do not come like clockwork.');
}
