// The requests of an incident as a table (the twin of the comb), with what they have in common said once.
import type { ContextLine, IncidentView, IsoTime, RequestView, ScoreView } from '../actions/explanation.ts';
import { EMPTY_QUERY } from '../actions/search-query.ts';
import type { LineRef } from '../model.ts';
import { searchLink } from './search-query.ts';
import type { PlaceView } from './view-raw.ts';
import { placeViews } from './view-raw.ts';
import type { LongText } from './view-text.ts';
import { counted, longText, points, whole } from './view-text.ts';
import { clockMs, epochOf, isoAt, offsetOf } from './view-time.ts';

/** Time searched before and after an incident. */
const AROUND_MS = 15 * 60_000;

interface RequestRow {
  readonly at: number;
  /** Since the first request, in `unit` of the table. */
  readonly since: string;
  readonly time: string;
  readonly request: LongText;
  /** What only this request has: vhost, user agent, referer, body type, rules. */
  readonly details: readonly { readonly name: string; readonly value: LongText }[];
  readonly answer: string;
  readonly refused: boolean;
  readonly score: string;
  readonly uniqueId: string;
  readonly ambiguous: boolean;
  readonly places: readonly PlaceView[];
}

export interface RequestsView {
  readonly facts: readonly { readonly name: string; readonly value: LongText }[];
  readonly unit: 'ms' | 's';
  readonly rows: readonly RequestRow[];
  readonly summary: string;
  readonly more: string;
  readonly open: boolean;
  /** The search for everything this visitor asked, 15 minutes before to 15 minutes after. */
  readonly search: string;
}

const FIELDS: readonly { readonly name: string; readonly read: (request: RequestView) => string | null }[] = [
  {
    name: 'Vhost',
    read: (one) => (one.account === null ? one.vhost : `${one.vhost ?? '?'} (${one.account})`),
  },
  { name: 'User agent', read: (one) => one.userAgent },
  { name: 'Referer', read: (one) => one.referer },
  { name: 'Body type', read: (one) => one.contentType },
  { name: 'Rules', read: rulesText },
];

function isCommon(requests: readonly RequestView[], read: (request: RequestView) => string | null): boolean {
  const first = requests[0];
  return first !== undefined && requests.every((one) => read(one) === read(first));
}

function scoreText(score: ScoreView): string {
  if (score.total === null) return score.computed > 0 ? `${score.computed}, inferred` : '\u2014';
  if (!score.reconciled) return `${score.total} (${score.computed} found)`;
  return score.inferred ? `${score.total}, inferred` : String(score.total);
}

function rulesText(request: RequestView): string | null {
  const scored = request.hits.filter((hit) => hit.points !== 0);
  const { blockedBy, total, sentence } = request.score;
  if (scored.length === 0) return blockedBy === null || total !== null ? null : sentence;
  return scored
    .map((hit) => `${hit.ruleId} ${points(hit.points)}${hit.pointsInferred ? ' (inferred)' : ''}`)
    .join(', ');
}

function answerText(request: RequestView): string {
  if (!request.denied) return request.status === null ? 'not logged' : String(request.status);
  return request.status === null ? 'refused' : `${request.status}, refused`;
}

function requestText(method: string | null, uri: string | null): string {
  if (uri === null) return method === null ? 'not in the logs' : `${method} (address not in the logs)`;
  return method === null ? uri : `${method} ${uri}`;
}

function sinceText(ms: number, unit: 'ms' | 's'): string {
  return (unit === 'ms' ? whole(ms) : (ms / 1000).toFixed(1)).replace('-', '\u2212');
}

/** What the rows of one table have in common. */
interface Shown {
  readonly unit: 'ms' | 's';
  /** Fields that differ between the requests. */
  readonly own: readonly (typeof FIELDS)[number][];
  readonly severalVhosts: boolean;
  readonly anchors: ReadonlyMap<string, string>;
}

function transactionRow(request: RequestView, shown: Shown): RequestRow {
  const refs: LineRef[] = [
    ...request.hits.flatMap((hit) => hit.refs),
    request.auditRef,
    request.accessRef,
  ].filter((ref) => ref !== null);
  return {
    at: request.sinceStartMs,
    since: sinceText(request.sinceStartMs, shown.unit),
    time: clockMs(request.at),
    request: longText(requestText(request.method, request.uri)),
    details: shown.own.flatMap((field) => {
      const value = field.read(request);
      return value === null ? [] : [{ name: field.name, value: longText(value, 120) }];
    }),
    answer: answerText(request),
    refused: request.denied,
    score: scoreText(request.score),
    uniqueId: request.uniqueId,
    ambiguous: request.ambiguous,
    places: placeViews(refs, shown.anchors).filter((place) => place.href !== null),
  };
}

function contextRow(line: ContextLine, shown: Shown): RequestRow {
  const vhost =
    shown.severalVhosts && line.vhost !== null ? [{ name: 'Vhost', value: longText(line.vhost, 120) }] : [];
  return {
    at: line.sinceStartMs,
    since: sinceText(line.sinceStartMs, shown.unit),
    time: clockMs(line.at),
    request: longText(requestText(line.method, line.uri)),
    details: vhost,
    answer: String(line.status),
    refused: false,
    score: '',
    uniqueId: '',
    ambiguous: false,
    places: placeViews([line.ref], shown.anchors).filter((place) => place.href !== null),
  };
}

function shifted(iso: IsoTime, ms: number): IsoTime | null {
  const at = epochOf(iso);
  return at === null ? null : isoAt(at + ms, offsetOf(iso));
}

/** The search for all lines of an incident's visitor around its time, in access and error logs. */
function requestSearch({ client, from, to }: IncidentView): string {
  return searchLink({
    ...EMPTY_QUERY,
    logs: ['access', 'error'],
    ip: client,
    from: shifted(from, -AROUND_MS),
    to: shifted(to, AROUND_MS),
  });
}

/** The table of an incident: flagged requests and the access-log lines around them, in time order. */
export function requestsView(incident: IncidentView, anchors: ReadonlyMap<string, string>): RequestsView {
  const { transactions } = incident;
  const common = FIELDS.filter((field) => isCommon(transactions, field.read));
  const own = FIELDS.filter((field) => !common.includes(field));
  const times = [...transactions, ...incident.context].map((one) => Math.abs(one.sinceStartMs));
  const unit = times.every((ms) => ms < 10_000) ? 'ms' : 's';
  const shown = { unit, own, severalVhosts: incident.vhosts.length > 1, anchors } as const;
  const rows = [
    ...transactions.map((one) => transactionRow(one, shown)),
    ...incident.context.map((line) => contextRow(line, shown)),
  ].toSorted((a, b) => a.at - b.at);
  const [first] = transactions;
  const hidden = incident.more + incident.contextTotal - incident.context.length;
  return {
    facts: common.map((field) => ({
      name: field.name,
      value: longText((first === undefined ? null : field.read(first)) ?? 'not in the logs'),
    })),
    unit,
    rows,
    summary:
      rows.length === 1
        ? 'The request as a table'
        : `The same as a table: ${counted(rows.length, 'request')}`,
    more: hidden > 0 ? `${counted(hidden, 'more request')} not shown here.` : '',
    open: rows.length <= 3,
    search: requestSearch(incident),
  };
}
