// REACH: over how many addresses and accounts the requests spread.
import type { EpochMs, Evidence, LineRef, Transaction } from '../../model.ts';
import { isAsset, pathOf } from '../access-context.ts';
import { pathTemplate } from '../causes.ts';
import { attackFamily } from '../hit-data.ts';
import { mostDistinct } from '../most-distinct.ts';
import { probeKind } from '../probe.ts';
import { onlyAddsUp } from '../score.ts';
import { count } from '../sentences.ts';
import { flagged, isDenied, linesOf, siteOf, targetOf, type EvidenceInput } from './evidence-input.ts';
import { provedLogins } from './logins.ts';
import { absent, present, unknown } from './statement.ts';

const ERRORS: ReadonlySet<number> = new Set([400, 403, 404]);
const ERROR_WINDOW_MS = 100_000;
const ERROR_PATHS = 10;
const ACCOUNT_WINDOW_MS = 600_000;

interface Missed {
  readonly at: number;
  readonly template: string;
  readonly lines: readonly LineRef[];
}

/** R2: ten different path templates and more, answered 400, 403 or 404, within 100 s; pictures, styles and scripts not counted. */
export function manyMissing(input: EvidenceInput): Evidence {
  const missed = missedBy(input);
  const most = mostDistinct(missed, ({ template }) => template, ERROR_WINDOW_MS);
  const number = new Set(most.map(({ template }) => template)).size;
  if (number >= ERROR_PATHS) {
    const sentence = `${number} different addresses that do not exist or are forbidden, within 100 s.`;
    return present('R2', sentence, most.flatMap(({ lines }) => lines).slice(0, 20));
  }
  if (missed.length === 0 && flagged(input).every((transaction) => targetOf(transaction) === null))
    return unknown('R2', 'Which addresses it asked for is in none of these lines.');
  if (!input.contextCovered)
    return unknown(
      'R2',
      'Whether it asked for many addresses that do not exist: the access logs do not cover the time around the incident.',
    );
  return absent('R2', 'It did not ask for many addresses that do not exist or are forbidden.');
}

/** Requests with an error's answer, by access lines; the refused ones of ModSecurity where no line shows them. */
function missedBy(input: EvidenceInput): Missed[] {
  const lines = (input.context?.hits ?? []).filter((hit) => ERRORS.has(hit.status) && !isAsset(hit.uri));
  const seen = lines.map((hit) => missedOf(hit.at, hit.uri, [hit.ref]));
  const refused = flagged(input).flatMap((transaction) => {
    const uri = targetOf(transaction);
    return uri === null || !isDenied(transaction) || isAsset(uri)
      ? []
      : [missedOf(transaction.at, uri, linesOf([transaction]))];
  });
  return [...seen, ...refused].sort((a, b) => a.at - b.at);
}

function missedOf(at: number, uri: string, lines: readonly LineRef[]): Missed {
  return { at, template: pathTemplate(pathOf(uri)).toLowerCase(), lines };
}

/**
 * R3, R3b: two, or three and more, accounts within 10 min; sites with a proved login are left out. For three accounts
 * and more the requests count by what they wanted (a probe, a tool's name, a value that is hostile or that nothing
 * explains): monitors and crawlers of many customers trip protocol rules everywhere, which is the weak R3 at most.
 */
export function accountsTouched(input: EvidenceInput): Evidence {
  const own = new Set(provedLogins(input).map(({ site }) => site));
  const owned = flagged(input).flatMap((transaction) => {
    const { vhost } = transaction;
    const account = vhost === null ? null : input.accounts(vhost);
    return account === null || own.has(siteOf(input, vhost ?? ''))
      ? []
      : [{ transaction, account, at: transaction.at }];
  });
  if (owned.length === 0)
    return own.size > 0
      ? absent('R3', 'All flagged requests went to sites where it had logged in.')
      : unknown('R3', 'Which accounts it reached is not known.');
  const names = accountsIn(owned);
  if (names.length < 2) return absent('R3', `All flagged requests went to one account (${names.join('')}).`);
  const telling = accountsIn(owned.filter(({ transaction }) => isTelling(transaction)));
  if (telling.length >= 3) return touched('R3b', owned, telling);
  return touched('R3', owned, names);
}

interface Owned {
  readonly transaction: Transaction;
  readonly account: string;
  readonly at: EpochMs;
}

function accountsIn(owned: readonly Owned[]): string[] {
  const most = mostDistinct(owned, ({ account }) => account, ACCOUNT_WINDOW_MS);
  return [...new Set(most.map(({ account }) => account))];
}

function touched(id: string, owned: readonly Owned[], names: readonly string[]): Evidence {
  const firsts = names.map((name) => owned.find((one) => one.account === name)?.transaction);
  const sentence = `It tried the sites of ${count(names.length, 'different account')} within 10 min.`;
  return present(id, sentence, linesOf(firsts.filter((one) => one !== undefined)));
}

function isTelling({ hits, findings, request, path }: Transaction): boolean {
  if (probeKind(request?.uri ?? path ?? '') === 'probe') return true;
  if (findings.some(({ outcome, explained }) => outcome === 'hostile' || !explained)) return true;
  if (hits.some(({ ruleId }) => ruleId.startsWith('913'))) return true;
  const seen = new Set(findings.flatMap(({ ruleIds }) => ruleIds));
  if (hits.some(({ ruleId }) => attackFamily(ruleId) !== null && seen.size === 0)) return true;
  // Without any rule but the one that adds up nobody knows what it wanted: then reaching many counts.
  return hits.every(({ ruleId }) => onlyAddsUp(ruleId));
}
