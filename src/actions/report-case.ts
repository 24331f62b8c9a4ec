// What a report may tell, out of all that is known: the allow-list. What is not copied here stands in no report.
import { hitTarget } from '../analyse/hit-data.ts';
import { sentPath } from '../analyse/path-scope.ts';
import { onlyAddsUp, type Score, scoreTransaction } from '../analyse/score.ts';
import type { Coverage, EpochMs, SourceKind, StoredHit, Transaction, VerdictLabel } from '../model.ts';
import type { BlockView, Explanation, IsoTime, RequestView } from './explanation.ts';
import type { RuleBook } from './request-view.ts';
import type { Site } from './report-site.ts';
import { triggerInfo } from './triggers.ts';

/** A rule that had a part in a refusal. */
export interface CaseHit {
  readonly ruleId: string;
  /** As ModSecurity names it; null where no line does. */
  readonly target: string | null;
  /** How the value reads that it reacted to; null where that is not known. */
  readonly reads: 'content' | 'tracking' | null;
}

export interface CaseRequest {
  readonly at: EpochMs;
  readonly method: string | null;
  /** As it was sent, without its query. */
  readonly path: string | null;
  /** A form that was sent, as its Content-Type says. */
  readonly isForm: boolean;
  readonly isRefused: boolean;
  /** Refused before the site's own program saw it. */
  readonly isEarly: boolean;
  readonly hits: readonly CaseHit[];
  readonly total: number | null;
  readonly limit: number | null;
}

/** What csf did to the address. */
export interface CaseBlock {
  readonly state: BlockView['state'];
  readonly since: IsoTime | null;
  readonly until: IsoTime | null;
  /** A setting of csf that we know, e.g. `LF_MODSEC`; null for any other. */
  readonly trigger: string | null;
  /** Of what it counted: all sites together. */
  readonly count: number | null;
  readonly intervalSeconds: number | null;
  readonly isNet: boolean;
  /** It shuts out the address from all services. */
  readonly isWhole: boolean;
  /** No matter of web requests. */
  readonly isNotWeb: boolean;
  /** It counts requests that ModSecurity refused. */
  readonly isWeb: boolean;
  /** It came within minutes of these requests and counts such refusals. */
  readonly isForThese: boolean;
}

export type Certainty = 'almost certainly' | 'very likely' | 'very probably' | 'probably';

export interface CaseVerdict {
  readonly label: VerdictLabel;
  /** `scanner`, `named tool`, `login attack` …; null without one. */
  readonly sub: string | null;
  readonly certainty: Certainty | null;
  /** Another visitor behind the same address looks ordinary. */
  readonly hasOrdinary: boolean;
}

export interface CaseSource {
  readonly kind: SourceKind;
  readonly state: Coverage['state'];
}

export interface ReportCase {
  /** The address as the report shows it. */
  readonly client: string;
  readonly vhost: string | null;
  readonly isSole: boolean;
  readonly requests: readonly CaseRequest[];
  /** Not all requests of a flood were looked at. */
  readonly isPart: boolean;
  readonly from: IsoTime | null;
  readonly to: IsoTime | null;
  readonly block: CaseBlock | null;
  readonly verdict: CaseVerdict | null;
  /** Items of evidence that are present, by their ids; none where they may come from another site. */
  readonly evidence: ReadonlySet<string>;
  readonly sources: readonly CaseSource[];
  /** Whether an audit record tells what was sent. */
  readonly hasRecords: boolean;
  readonly offset: string;
  readonly isOffsetKnown: boolean;
}

const FORM = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i;
const METHOD = /^[A-Z]{3,10}$/;
const CERTAINTY = /^(Almost certainly|Very likely|Very probably|Probably)\b/;
/** A rule of these phases refuses before the site's own program runs. */
const LAST_EARLY_PHASE = 2;
/** lfd reads a line within seconds; the rest is for clocks and for a service that was stopped. */
const BLOCK_AFTER_MS = 15 * 60_000;

/** The requests of a site. `views` are the same requests as the page shows them: they know the access log's method. */
export function caseRequests(
  transactions: readonly Transaction[],
  views: readonly RequestView[],
  book: RuleBook,
): CaseRequest[] {
  const seen = new Map(views.map((view) => [view.uniqueId, view]));
  return transactions
    .filter(({ hits }) => hits.length > 0)
    .map((one) => caseRequest(one, seen.get(one.uniqueId) ?? null, book));
}

function caseRequest(transaction: Transaction, view: RequestView | null, book: RuleBook): CaseRequest {
  const { hits } = transaction;
  const { method, uri, contentType } = sentBy(transaction, view);
  const score = scoreTransaction({ hits, ...book });
  const denied = hits.filter(({ action }) => action === 'denied');
  return {
    at: transaction.at,
    method: method !== null && METHOD.test(method) ? method : null,
    path: uri === null ? null : sentPath(uri),
    isForm: method === 'POST' && FORM.test(contentType),
    isRefused: denied.length > 0,
    isEarly: denied.length > 0 && denied.every(({ phase }) => phase !== null && phase <= LAST_EARLY_PHASE),
    hits: scored(hits, score).map((hit) => caseHit(hit, transaction)),
    total: score.total ?? (score.parts.length > 0 ? score.computed : null),
    limit: score.threshold,
  };
}

/** What the audit record tells of a request, else the access log, else error_log. */
function sentBy(
  { request, path }: Transaction,
  view: RequestView | null,
): { readonly method: string | null; readonly uri: string | null; readonly contentType: string } {
  return {
    method: request?.method ?? view?.method ?? null,
    uri: request?.uri ?? view?.uri ?? path,
    contentType: request?.contentType ?? '',
  };
}

/** The hits that gave points, and a rule that refused by itself. */
function scored(hits: readonly StoredHit[], { parts }: Score): StoredHit[] {
  const counted = new Set(parts.map(({ hit }) => hit));
  return hits.filter(
    (hit, index) =>
      /^\d{1,10}$/.test(hit.ruleId) &&
      !onlyAddsUp(hit.ruleId) &&
      (counted.has(index) || hit.action === 'denied'),
  );
}

function caseHit(hit: StoredHit, { findings }: Transaction): CaseHit {
  const target = hitTarget(hit);
  const own = findings.filter((one) => one.ruleIds.includes(hit.ruleId));
  const reads = own.map((one) => one.reads ?? null);
  const [first = null] = reads;
  return { ruleId: hit.ruleId, target, reads: reads.every((one) => one === first) ? first : null };
}

/** What of a block may be told; `window` is the time of the site's requests. */
export function caseBlock(
  block: BlockView | null,
  window: { readonly from: EpochMs; readonly to: EpochMs } | null,
): CaseBlock | null {
  if (block === null) return null;
  const { state, since, until, count, intervalSeconds, notWaf, source, covers } = block;
  const info = triggerInfo(block.trigger);
  const at = since === null ? null : Date.parse(since);
  const isNear =
    at !== null && window !== null && at >= window.from - 1000 && at <= window.to + BLOCK_AFTER_MS;
  return {
    ...{ state, since, until, count, intervalSeconds },
    trigger: info === null ? null : block.trigger,
    isNet: source === 'cidr' || block.address?.includes('/') === true,
    isWhole: covers?.startsWith('all ports') === true,
    isNotWeb: notWaf,
    isWeb: block.trigger === 'LF_MODSEC',
    isForThese: isNear && info?.waf === true,
  };
}

/** What of a verdict may be told: never its own words, which name sites and programs. */
export function caseVerdict({
  verdict,
  actors,
}: Pick<Explanation, 'verdict' | 'actors'>): CaseVerdict | null {
  if (verdict === null) return null;
  const { label, sub, words } = verdict;
  const certainty = CERTAINTY.exec(words)?.[1]?.toLowerCase() ?? null;
  return {
    ...{ label, sub },
    certainty: certainty as Certainty | null,
    hasOrdinary: actors.length > 1 && actors.some((actor) => actor.verdict.label === 'false-positive'),
  };
}

export interface CaseInput {
  readonly client: string;
  readonly site: Site;
  readonly explanation: Explanation;
  readonly book: RuleBook;
  readonly isPart: boolean;
  readonly isoTime: (at: EpochMs) => IsoTime;
}

/** Puts the case together. */
export function reportCase({ client, site, explanation, book, isPart, isoTime }: CaseInput): ReportCase {
  const requests = caseRequests(site.transactions, explanation.incident?.transactions ?? [], book);
  const times = requests.map(({ at }) => at);
  const window = times.length === 0 ? null : { from: Math.min(...times), to: Math.max(...times) };
  return {
    ...{ client, requests, isPart },
    vhost: site.vhost,
    isSole: site.isSole,
    from: window === null ? null : isoTime(window.from),
    to: window === null ? null : isoTime(window.to),
    block: caseBlock(explanation.block, window),
    verdict: caseVerdict(explanation),
    evidence: new Set(
      explanation.evidence.filter(({ status }) => site.isSole && status === 'present').map(({ id }) => id),
    ),
    sources: explanation.coverage.map(({ kind, state }) => ({ kind, state })),
    hasRecords: site.transactions.some(({ request }) => request !== null),
    offset: explanation.server.offset,
    isOffsetKnown: explanation.server.offsetBasis === 'known',
  };
}
