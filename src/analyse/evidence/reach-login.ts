// REACH: guessed passwords and listed user names.
import type { AccessHit, Evidence, LineRef } from '../../model.ts';
import { mostWithin } from '../access-context.ts';
import { listsUsers } from '../patterns/enumeration.ts';
import type { FailedLogin } from '../login-proof.ts';
import { count } from '../sentences.ts';
import { flagged, linesOf, targetOf, type EvidenceInput } from './evidence-input.ts';
import { loginsIn } from './logins.ts';
import { absent, present, unknown } from './statement.ts';

const FAST_MS = 60_000;
const FAST_FAILURES = 6;
const DAY_MS = 86_400_000;
const DAY_FAILURES = 20;
const LISTINGS = 3;

/**
 * R7, R7b: six failed password attempts within 60 s without one that worked, or twenty failed ones within 24 h.
 * Requests that ModSecurity stopped do not count.
 */
export function guessedPasswords(input: EvidenceInput): Evidence {
  const lines = input.lookBack ?? input.context;
  if (lines === null || !input.has.accessLog)
    return unknown('R7', 'Whether it guessed passwords: no access log shows its attempts.');
  const { failed, worked } = loginsIn(input);
  const inTurn = failed.toSorted((a, b) => a.at - b.at);
  const alone = inTurn.filter(({ at }) => !worked.some((success) => Math.abs(success - at) <= FAST_MS));
  const quick = mostWithin(
    alone.map(({ at }) => at),
    FAST_MS,
  );
  if (quick.count >= FAST_FAILURES) {
    const sentence = `${quick.count} password attempts within ${Math.max(1, Math.round(quick.spanMs / 1000))} s, none successful.`;
    return present('R7', sentence, linesOfRun(alone, quick));
  }
  const day = mostWithin(
    inTurn.map(({ at }) => at),
    DAY_MS,
  );
  if (day.count >= DAY_FAILURES)
    return present('R7b', `${day.count} password attempts failed within a day.`, linesOfRun(inTurn, day));
  if (!input.contextCovered)
    return unknown('R7', 'Whether it guessed passwords: the access logs do not cover the time.');
  return absent(
    'R7',
    failed.length === 0
      ? 'No password attempt failed.'
      : `${count(failed.length, 'password attempt')} failed: no more than a person mistypes.`,
  );
}

function linesOfRun(
  failed: readonly FailedLogin[],
  { first, count: number }: { first: number; count: number },
): LineRef[] {
  return failed.slice(first, first + Math.min(number, 20)).map(({ line }) => line.ref);
}

/** R8: three requests and more that list user names. */
export function listedUsers(input: EvidenceInput): Evidence {
  const found = new Map<string, readonly LineRef[]>();
  const add = (uri: string, at: number, lines: readonly LineRef[]): void => {
    if (listsUsers(uri)) found.set(`${Math.round(at / 2000)} ${uri}`, lines);
  };
  for (const hit of input.context?.hits ?? []) add(hit.uri, hit.at, [hit.ref]);
  if (found.size < LISTINGS)
    for (const transaction of flagged(input))
      add(targetOf(transaction) ?? '', transaction.at, linesOf([transaction]));
  if (found.size >= LISTINGS)
    return present(
      'R8',
      `It listed user names: ${found.size} requests.`,
      [...found.values()].flat().slice(0, 20),
    );
  if (!isQuerySeen(input))
    return unknown('R8', 'Whether it listed user names: no line shows what stood behind the paths.');
  return absent('R8', 'It did not list user names.');
}

/** error_log has paths without their query. */
function isQuerySeen(input: EvidenceInput): boolean {
  const hits: readonly AccessHit[] = input.context?.hits ?? [];
  return (
    hits.length > 0 || input.contextCovered || flagged(input).some(({ request }) => request?.uri != null)
  );
}
