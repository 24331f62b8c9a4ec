// Requests and incidents as lines of a mail.
import type { IncidentRow, RequestView } from '../actions/explanation.ts';
import { readableTime } from '../actions/iso-time.ts';
import { item, type SheetItem } from './sheet.ts';

/** Requests that are alike and follow one another are one line. */
export function runsOf(all: readonly RequestView[]): RequestView[][] {
  const runs: RequestView[][] = [];
  for (const request of all) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && requestText(last[0]) === requestText(request)) last.push(request);
    else runs.push([request]);
  }
  return runs;
}

/** A run as one line: when, what was asked for, the answer, the score and the rules of the first. */
export function runItem(run: readonly RequestView[]): SheetItem {
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return item('');
  const times = run.length === 1 ? '' : `, ${run.length} times until ${sinceStart(last)}`;
  return item(requestText(first) + times, { mark: sinceStart(first), isCode: true });
}

function sinceStart({ sinceStartMs }: RequestView): string {
  return `+${(sinceStartMs / 1000).toFixed(3)} s`;
}

function requestText(request: RequestView): string {
  const status = request.status === null ? '' : ` ${request.status}`;
  const method = request.method === null ? '' : `${request.method} `;
  const total = request.score.total ?? request.score.computed;
  const scored = request.hits.filter(({ points }) => points > 0).slice(0, 6);
  const by = scored.map(({ ruleId, points }) => `${ruleId} +${points}`).join(', ');
  return `${method}${request.vhost ?? ''}${request.uri ?? ''}${status}, score ${total}${by === '' ? '' : ` (${by})`}`;
}

/** An incident as one line: whose, when, the verdict and what it did. */
export function incidentItem({ client, from, verdict, what }: IncidentRow): SheetItem {
  return item(`${readableTime(from)}. ${verdict.words}${what === '' ? '' : ` ${what}.`}`, { mark: client });
}
