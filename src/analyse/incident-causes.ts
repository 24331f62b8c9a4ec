// The causes that one incident's requests touch: (vhost, rule, target, path template), with what each did there.
import type { CauseHits, CauseKey } from '../model-evidence.ts';
import type { StoredHit, Transaction } from '../model.ts';
import { pathTemplate, targetTemplate } from './causes.ts';
import { causeText } from './others.ts';
import { sentPath } from './path-scope.ts';
import { onlyAddsUp, scoreTransaction, type Score } from './score.ts';

/** Scanners ask for thousands of paths: an incident's further causes of a rule are counted as one without target and path. */
const MOST_OF_RULE = 60;
/** CRS's own inbound limit, where no line names one. */
const USUAL_LIMIT = 5;

/** The cause that a hit belongs to. `vhost` is the servername, empty for names that nobody owns. */
export function causeOf(vhost: string, hit: StoredHit, transaction: Transaction): CauseKey {
  const path = requestPath(transaction);
  return {
    vhost,
    ruleId: hit.ruleId,
    target: hit.target === null ? '' : targetTemplate(hit.target).slice(0, 200),
    path: path === null ? '' : pathTemplate(path).slice(0, 200),
  };
}

/** Path as the client sent it, else as error_log has it; null when no line tells it. */
function requestPath({ request, path }: Transaction): string | null {
  return request?.uri == null ? path : sentPath(request.uri);
}

/** Whether the request was refused, and would have stayed below the limit without these hits' points. */
export function isDecisive(score: Score, hits: ReadonlySet<number>): boolean {
  if (score.blockedBy === null) return false;
  if (!onlyAddsUp(score.blockedBy)) return score.parts.length === 0 || isOwn(score, hits);
  const total = score.total ?? score.computed;
  const limit = score.threshold ?? USUAL_LIMIT;
  const own = score.parts.reduce((sum, part) => sum + (hits.has(part.hit) ? part.points : 0), 0);
  return total >= limit && total - own < limit;
}

/** A rule that refuses by itself decides alone. */
function isOwn(score: Score, hits: ReadonlySet<number>): boolean {
  return score.parts.some((part) => hits.has(part.hit) && part.ruleId === score.blockedBy);
}

interface Tally {
  readonly key: CauseKey;
  targetSeen: string;
  pathSeen: string;
  firstAt: number;
  lastAt: number;
  hits: number;
  refused: number;
  decisive: number;
  shaped: number;
}

/** What these transactions did to causes; rules that only add up have none. `vhostOf` names the servername. */
export function incidentCauses(
  transactions: readonly Transaction[],
  vhostOf: (host: string | null) => string,
): CauseHits[] {
  const tallies = new Map<string, Tally>();
  const perRule = new Map<string, number>();
  for (const transaction of transactions) {
    const score = scoreTransaction({ hits: transaction.hits, rules: new Map() });
    for (const [text, touched] of touchedBy(transaction, vhostOf(transaction.vhost))) {
      const tally = tallies.get(text) ?? fresh(tallies, perRule, touched.key);
      count(tally, touched, transaction, score);
    }
  }
  return [...tallies.values()].map(({ key, ...numbers }) => ({ ...key, ...numbers }));
}

interface Touched {
  readonly key: CauseKey;
  readonly hits: Set<number>;
  readonly target: string;
}

/** The causes of one request, each with the hits that belong to it. */
function touchedBy(transaction: Transaction, vhost: string): ReadonlyMap<string, Touched> {
  const touched = new Map<string, Touched>();
  for (const [index, hit] of transaction.hits.entries()) {
    if (onlyAddsUp(hit.ruleId)) continue;
    const key = causeOf(vhost, hit, transaction);
    const text = causeText(key);
    const known = touched.get(text);
    if (known !== undefined) known.hits.add(index);
    else touched.set(text, { key, hits: new Set([index]), target: (hit.target ?? '').slice(0, 200) });
  }
  return touched;
}

function fresh(tallies: Map<string, Tally>, perRule: Map<string, number>, key: CauseKey): Tally {
  const rule = `${key.vhost} ${key.ruleId}`;
  const number = (perRule.get(rule) ?? 0) + 1;
  perRule.set(rule, number);
  const own = number <= MOST_OF_RULE ? key : { ...key, target: '', path: '' };
  const text = causeText(own);
  const known = tallies.get(text);
  if (known !== undefined) return known;
  const made: Tally = {
    key: own,
    ...{ targetSeen: '', pathSeen: '', firstAt: Infinity, lastAt: -Infinity },
    ...{ hits: 0, refused: 0, decisive: 0, shaped: 0 },
  };
  tallies.set(text, made);
  return made;
}

function count(tally: Tally, { key, hits, target }: Touched, transaction: Transaction, score: Score): void {
  const path = (requestPath(transaction) ?? '').slice(0, 200);
  tally.targetSeen = agreed(tally, tally.targetSeen, target, tally.key.target);
  tally.pathSeen = agreed(tally, tally.pathSeen, path, tally.key.path);
  tally.hits++;
  if (score.blockedBy !== null) tally.refused++;
  if (isDecisive(score, hits)) tally.decisive++;
  if (readsInnocent(transaction, key)) tally.shaped++;
  tally.firstAt = Math.min(tally.firstAt, transaction.at);
  tally.lastAt = Math.max(tally.lastAt, transaction.at);
}

/** As the log names it while all hits agree, else the template. */
function agreed(tally: Tally, seen: string, own: string, template: string): string {
  return tally.hits === 0 || seen === own ? own : template;
}

/** Whether every value that the rule reacted to reads as page content or stands in a tracking field. */
function readsInnocent({ findings }: Transaction, { ruleId }: CauseKey): boolean {
  const own = findings.filter((finding) => finding.ruleIds.includes(ruleId));
  return (
    own.length > 0 && own.every((finding) => finding.reads !== undefined && finding.outcome !== 'hostile')
  );
}
