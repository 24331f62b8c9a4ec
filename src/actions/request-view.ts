// One transaction as the page and the terminal show it: request, score, hits with their points.
import { onlyAddsUp, type Score, scoreTransaction } from '../analyse/score.ts';
import { describeSets, describeTotal } from '../analyse/solver.ts';
import type { AccessHit, Severity, StoredHit, Transaction } from '../model.ts';
import type { RuleInfo } from '../model-rules.ts';
import type { HitView, RequestView, ScoreView } from './explanation.ts';
import { isDenied } from './incidents.ts';
import { isoTime } from './iso-time.ts';
import type { ServerClock } from './server.ts';

/** Rules by id, and severities seen elsewhere, for hits whose line was cut. */
export interface RuleBook {
  readonly rules: ReadonlyMap<string, readonly RuleInfo[]>;
  readonly knownSeverity: (ruleId: string) => Severity | null;
}

export interface RequestInput {
  readonly transaction: Transaction;
  readonly book: RuleBook;
  readonly clock: ServerClock;
  readonly start: number;
  readonly account: (vhost: string | null) => string | null;
  /** The access-log line of the same request, where one was found. */
  readonly access: AccessHit | null;
}

/** Builds the view of one transaction; `start` is the incident's first request in EpochMs. */
export function requestView(input: RequestInput): RequestView {
  const { transaction, book, clock, access } = input;
  const score = scoreTransaction({ hits: transaction.hits, ...book });
  return {
    uniqueId: transaction.uniqueId,
    at: isoTime(clock.zone, transaction.at),
    sinceStartMs: Math.max(0, transaction.at - input.start),
    vhost: transaction.vhost,
    account: input.account(transaction.vhost),
    ...requestFacts(transaction, access),
    denied: isDenied(transaction),
    score: scoreView(score),
    hits: transaction.hits.map((hit, index) => hitView(hit, index, score, book)),
    engineErrors: transaction.engineErrors.map((error) => ({
      basis: 'known',
      sentence: error.text,
      lines: error.refs,
    })),
    sources: transaction.sources,
    auditRef: transaction.auditRef,
    accessRef: access?.ref ?? null,
    ambiguous: transaction.ambiguous,
  };
}

type RequestFields = 'method' | 'uri' | 'status' | 'userAgent' | 'referer' | 'contentType';

/** The audit record tells most; the access log has the status that was logged; error_log has the bare path. */
function requestFacts(
  { request, path }: Transaction,
  access: AccessHit | null,
): Pick<RequestView, RequestFields> {
  const audited = { ...NOTHING, ...request };
  const logged = { ...NOTHING, ...access };
  return {
    method: audited.method ?? logged.method,
    uri: audited.uri ?? logged.uri ?? path,
    status: logged.status ?? audited.status,
    userAgent: audited.userAgent ?? logged.userAgent,
    referer: audited.referer ?? logged.referer,
    contentType: audited.contentType,
  };
}

const NOTHING: Pick<RequestView, RequestFields> = {
  method: null,
  uri: null,
  status: null,
  userAgent: null,
  referer: null,
  contentType: null,
};

function hitView(hit: StoredHit, index: number, score: Score, book: RuleBook): HitView {
  // One line may have scored several times: rules that are loaded twice, ModSecurity 3's places.
  const parts = score.parts.filter((candidate) => candidate.hit === index);
  const rule = ruleOf(book, hit);
  return {
    ...ruleFacts(hit, rule),
    ruleId: hit.ruleId,
    points: parts.reduce((sum, { points }) => sum + points, 0),
    pointsInferred: parts.length > 1 || parts.some(({ inferred }) => inferred),
    target: hit.target,
    data: hit.data,
    file: hit.file,
    line: hit.line,
    action: hit.action,
    ambiguous: hit.ambiguous,
    sources: hit.sources,
    refs: hit.refs,
  };
}

/** What the line says of the rule, else what its file says. */
function ruleFacts(
  hit: StoredHit,
  rule: RuleInfo | null,
): Pick<HitView, 'severity' | 'message' | 'phase' | 'paranoiaLevel'> {
  const tagged = levelFromTags(hit.tags);
  if (rule === null) {
    return { severity: hit.severity, message: hit.message, phase: hit.phase, paranoiaLevel: tagged };
  }
  return {
    severity: hit.severity ?? rule.severity,
    message: hit.message ?? rule.message,
    phase: hit.phase ?? rule.phase,
    paranoiaLevel: rule.paranoiaLevel ?? tagged,
  };
}

function ruleOf(book: RuleBook, hit: StoredHit): RuleInfo | null {
  const rules = book.rules.get(hit.ruleId) ?? [];
  return rules.find((rule) => rule.file === hit.file) ?? rules[0] ?? null;
}

function levelFromTags(tags: readonly string[]): number | null {
  const tag = tags.find((candidate) => candidate.startsWith('paranoia-level/'));
  return tag === undefined ? null : Number(tag.slice('paranoia-level/'.length));
}

/** The score as it is shown, with the sentence that says how it adds up. */
export function scoreView(score: Score): ScoreView {
  const { total, threshold, computed, reconciled, inferred, how, blockedBy, sets } = score;
  return {
    total,
    threshold,
    computed,
    reconciled,
    inferred,
    how,
    blockedBy,
    sets,
    sentence: scoreSentence(score),
  };
}

function scoreSentence(score: Score): string {
  const { computed, how, parts, blockedBy } = score;
  const total = score.total ?? 0;
  const limit = score.threshold === null ? '' : `, limit ${score.threshold}`;
  const sum = parts.map((part) => part.points).join(' + ');
  const ends = parts.length > 1 ? `${sum} = ` : '';
  switch (how) {
    case 'sum':
      return `${ends}${total}${limit}`;
    case 'loaded-twice':
      return `${sum} = ${total}${limit}. The rules stand there twice: CRS seems to be included twice on this server.`;
    case 'short':
      return shortSentence(score, total);
    case 'over':
      return `The rules that are logged add up to ${computed}, the blocking rule says ${total}: does not add up by ${computed - total}.`;
    default:
      if (parts.length === 0 && blockedBy !== null && !onlyAddsUp(blockedBy))
        return `${blockedBy} refused without points`;
      return parts.length === 0 ? 'No rule scored.' : `${ends}${computed}${limit}, no total was logged`;
  }
}

function shortSentence(score: Score, total: number): string {
  const sets = describeSets(total, score.threshold, score.sets);
  const fact = score.parts.length === 0 ? describeTotal(total) : null;
  return fact === null ? sets : `${sets} ${fact}`;
}

/** What a blocking rule is, in two lines, for the ledger. */
export function blockingMeaning(blockedBy: string | null, threshold: number | null): string {
  if (blockedBy !== null && !onlyAddsUp(blockedBy)) {
    return `${blockedBy} refuses by itself: it does not add up points, one match is enough.`;
  }
  const rule = blockedBy ?? '949110';
  const at = threshold === null ? 'its limit' : String(threshold);
  return (
    `${rule} is the referee: it adds the points of the rules that matched before it and refuses the request at ${at}. ` +
    'Switching it off would switch off blocking for the whole vhost, so there is no button for it. ' +
    'lfd’s mail can only quote this line, because only this line says “Access denied”.'
  );
}
