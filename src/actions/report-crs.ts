// A false alarm as the CRS project asks for it in its issues (.github/ISSUE_TEMPLATE/01_false-positive.md of
// coreruleset/coreruleset): description, how to reproduce, logs, environment, and what was left out of them.
import { hitValue } from '../analyse/hit-data.ts';
import { pathTemplate } from '../analyse/causes.ts';
import { packageFor } from '../analyse/crs-packages.ts';
import { sentPath } from '../analyse/path-scope.ts';
import { onlyAddsUp, scoreTransaction } from '../analyse/score.ts';
import { count, joinAnd } from '../analyse/sentences.ts';
import { isSecretTarget, MASK } from '../analyse/secrets.ts';
import type { StoredHit, Transaction } from '../model.ts';
import type { Context } from './context.ts';
import type { RuleBook } from './request-view.ts';
import type { CaseVerdict } from './report-case.ts';
import { crsEnvironment } from './report-crs-environment.ts';
import { curlCall, type CurlSettings } from './report-curl.ts';
import { shapeOfName, shapeOfValue } from './report-shape.ts';
import { placeKind } from './report-place.ts';
import { joined, valueOf } from './report-value.ts';
import type { ReportBlock, ReportSection, Spans } from './report-view.ts';

/** CRS's own rules; 949110 and its kin add up, and are no false alarm themselves. */
const CRS_RULE = /^9[0-5]\d{4}$/;
const MOST_CALLS = 3;
const MOST_ROWS = 12;

/** Requests that set off the same rules at the same targets. */
interface Pattern {
  readonly transaction: Transaction;
  readonly hits: readonly StoredHit[];
  requests: number;
}

export interface CrsInput {
  readonly transactions: readonly Transaction[];
  readonly verdict: CaseVerdict | null;
  readonly book: RuleBook;
}

/** The parts of the report, or why there is none. */
export type CrsParts =
  { readonly title: Spans; readonly sections: readonly ReportSection[] } | { readonly refused: string };

/** Makes the report. Refuses for an attack, and where no rule of CRS had a part. */
export async function crsReport(ctx: Context, input: CrsInput): Promise<CrsParts> {
  if (input.verdict?.label === 'attack')
    return {
      refused:
        'The verdict is an attack: what the rules did here is no false alarm, so there is nothing to report to the CRS project.',
    };
  const patterns = patternsOf(input);
  const [first] = patterns;
  if (first === undefined)
    return {
      refused:
        'No rule of the Core Rule Set is known to have scored in these requests, so there is nothing to report to the CRS project.',
    };
  const environment = await crsEnvironment(
    ctx,
    patterns.flatMap(({ hits }) => hits),
  );
  const ids = [...new Set(patterns.flatMap(({ hits }) => hits.map(({ ruleId }) => ruleId)))];
  return {
    title: [`False positive: ${joinAnd(ids.slice(0, 4))}`, ...appWords(first.transaction)],
    sections: [
      description(patterns, ids, input.verdict),
      reproduce(patterns, environment.curl),
      logs(patterns, input.book),
      { heading: 'Your Environment', blocks: [{ kind: 'list', items: environment.items }] },
      leftOut(patterns),
      {
        heading: 'Confirmation',
        blocks: [
          {
            kind: 'task',
            spans: [
              'Nothing above names a person, an address, a password or a domain. (Read it once more, then tick this.)',
            ],
          },
        ],
      },
    ],
  };
}

/** The most frequent first. */
function patternsOf({ transactions, book }: CrsInput): Pattern[] {
  const patterns = new Map<string, Pattern>();
  for (const transaction of transactions) {
    if (!transaction.hits.some(({ action }) => action === 'denied')) continue;
    const { parts } = scoreTransaction({ hits: transaction.hits, ...book });
    const counted = new Set(parts.map(({ hit }) => hit));
    const hits = transaction.hits.filter(
      (hit, index) => counted.has(index) && CRS_RULE.test(hit.ruleId) && !onlyAddsUp(hit.ruleId),
    );
    if (hits.length === 0) continue;
    const matches = [...new Set(hits.map(({ ruleId, target }) => `${ruleId} ${target ?? ''}`))].sort();
    const isOfPath = hits.some(({ target }) => placeKind(target) === 'address');
    const key = JSON.stringify([matches, isOfPath ? pathTemplate(pathOf(transaction)) : '']);
    const known = patterns.get(key);
    if (known === undefined) patterns.set(key, { transaction, hits, requests: 1 });
    else known.requests++;
  }
  return [...patterns.values()].sort((a, b) => b.requests - a.requests).slice(0, MOST_CALLS);
}

function pathOf({ request, path }: Transaction): string {
  return request?.uri == null ? (path ?? '') : sentPath(request.uri);
}

function appWords(transaction: Transaction): Spans {
  const found = packageFor(pathOf(transaction));
  return found === null ? [] : [` in ${found.app}`];
}

function description(
  patterns: readonly Pattern[],
  ids: readonly string[],
  verdict: CaseVerdict | null,
): ReportSection {
  const requests = patterns.reduce((sum, one) => sum + one.requests, 0);
  const rules = ids.length === 1 ? `rule ${ids[0] ?? ''}` : `the rules ${joinAnd(ids.slice(0, 8))}`;
  const apps = [
    ...new Set(patterns.flatMap(({ transaction }) => packageFor(pathOf(transaction))?.app ?? [])),
  ];
  const where = apps.length === 0 ? '' : ` The page belongs to ${joinAnd(apps)}.`;
  const targets = [...new Set(patterns.flatMap(({ hits }) => hits.map(({ target }) => targetText(target))))];
  const blocks: ReportBlock[] = [
    {
      kind: 'text',
      spans: [
        `${count(requests, 'request')} of one visitor ${requests === 1 ? 'was' : 'were'} refused by ${rules}, matching in `,
        ...joined(targets.slice(0, 5).map((target) => [valueOf(target)])),
        `.${where}`,
      ],
    },
    { kind: 'text', spans: [verdictWords(verdict)] },
  ];
  return { heading: 'Description', blocks };
}

function verdictWords(verdict: CaseVerdict | null): string {
  if (verdict?.label === 'false-positive')
    return `It was judged ${verdict.certainty ?? 'probably'} a false alarm from the access log, the headers and the logins around it.`;
  return 'Whether it is a false alarm was not decided from the logs alone. Look at the requests yourself before you file this.';
}

function targetText(target: string | null): string {
  if (target === null) return 'an unnamed target';
  const colon = target.indexOf(':');
  return colon < 0 ? target : `${target.slice(0, colon)}:${shapeOfName(target.slice(colon + 1))}`;
}

function reproduce(patterns: readonly Pattern[], settings: CurlSettings): ReportSection {
  const calls = patterns.map(({ transaction, hits }): ReportBlock => ({
    kind: 'code',
    text: curlCall(transaction, hits, settings),
  }));
  const note: ReportBlock = {
    kind: 'text',
    spans: [
      'Values are placeholders of the same shape (see below): where a call does not match in the sandbox, the original text matters, and a harmless text of the same kind has to be put in by hand.',
    ],
  };
  return { heading: 'How to reproduce the misbehavior (-> curl call)', blocks: [...calls, note] };
}

function logs(patterns: readonly Pattern[], book: RuleBook): ReportSection {
  const rows = patterns.flatMap(({ transaction, hits }) => {
    const { parts } = scoreTransaction({ hits: transaction.hits, ...book });
    return hits.map((hit) => {
      const points = parts
        .filter((part) => transaction.hits[part.hit] === hit)
        .reduce((sum, part) => sum + part.points, 0);
      return rowOf(hit, points, book);
    });
  });
  const unique = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()].slice(0, MOST_ROWS);
  const blocks: ReportBlock[] = [
    {
      kind: 'table',
      head: ['Rule', 'File and line', 'Version', 'PL', 'Points', 'Target', 'Matched data (redacted)'],
      rows: unique,
    },
  ];
  const [first] = patterns;
  if (first !== undefined) blocks.push(...requestWords(first.transaction, book));
  return { heading: 'Logs', blocks };
}

function rowOf(hit: StoredHit, points: number, { rules }: RuleBook): Spans[] {
  const { ruleId, file, tags, target } = hit;
  // A line that was cut off lacks its last fields: the rule's file has them.
  const rule = rules.get(ruleId)?.find((one) => one.file === file) ?? null;
  const version = hit.version ?? rule?.version ?? null;
  const place = placeOf(hit);
  const level =
    tags.find((tag) => /^paranoia-level\/[1-4]$/.test(tag))?.slice(-1) ?? rule?.paranoiaLevel ?? null;
  return [
    [ruleId],
    place === null ? ['unknown'] : [valueOf(place)],
    version === null ? ['unknown'] : [valueOf(version)],
    [level === null ? 'unknown' : String(level)],
    [String(points)],
    [valueOf(targetText(target))],
    matched(hit),
  ];
}

function placeOf({ file, line }: StoredHit): string | null {
  if (file === null) return null;
  return `${file.slice(file.lastIndexOf('/') + 1)}${line === null ? '' : `:${line}`}`;
}

const MATCHED = /^Matched Data: ([^]{0,600}?) found within /;

/** What the rule names as matched, as a shape. */
function matched(hit: StoredHit): Spans {
  if (hit.target !== null && isSecretTarget(hit.target)) return ['masked'];
  const text = MATCHED.exec(hit.data ?? '')?.[1] ?? hitValue(hit)?.value ?? null;
  if (text === null) return ['not in the logs'];
  return [valueOf(shapeOfValue(text).replaceAll('\n', ' '), 80)];
}

function requestWords(transaction: Transaction, book: RuleBook): ReportBlock[] {
  const { request } = transaction;
  const { total, threshold } = scoreTransaction({ hits: transaction.hits, ...book });
  const items: Spans[] = [];
  if (total !== null)
    items.push([`Anomaly score: ${total}${threshold === null ? '' : `, threshold ${threshold}`}`]);
  if (request === null) items.push(['The request itself is not in the logs: no audit record was read.']);
  else {
    const names = request.headerNames.slice(0, 30).map((name): Spans => [valueOf(shapeOfName(name), 40)]);
    if (request.method !== null) items.push(['Method: ', valueOf(request.method, 20)]);
    if (request.contentType !== null)
      items.push(['Content-Type: ', valueOf(request.contentType.replace(/;[^]*$/, ''), 60)]);
    if (names.length > 0) items.push(['Headers sent (names alone): ', ...joined(names, ', ')]);
  }
  return items.length === 0 ? [] : [{ kind: 'list', items }];
}

/** What was taken out, and what could not be put in. */
function leftOut(patterns: readonly Pattern[]): ReportSection {
  const hits = patterns.flatMap((one) => one.hits);
  const items = [
    'Letters and digits of all values, except for words of HTML, scripts, SQL, shells and file systems: x, X and 0 stand for them. Signs and lengths are as they were, up to 400 characters.',
    'Parts of the path that are not of a known kind, in the same way. The query is left out, except for the fields that matched.',
    'Host name, addresses, accounts, times, cookies and the values of all headers that did not match.',
  ];
  if (
    hits.some(
      ({ target, data }) => (target !== null && isSecretTarget(target)) || data?.includes(MASK) === true,
    )
  )
    items.push(
      `Values of cookies and of secret fields are masked before they are stored: ${MASK} stands for them, and their shape is not known.`,
    );
  return {
    heading: 'What was left out',
    blocks: [{ kind: 'list', items: items.map((item): Spans => [item]) }],
  };
}
