// The page with an incident's report: for the owner of a site, or for the CRS project.
import { isIP } from 'node:net';
import type { ReportRequest } from '../actions/report-view.ts';
import type { Page } from './page.ts';
import { spokenProblem, WebProblem } from './problems.ts';
import { reportPage } from './view-report.ts';
import { epochOf } from './view-time.ts';

const LONGEST_NAME = 253;

function requestOf(fields: URLSearchParams): ReportRequest {
  const address = fields.get('ip') ?? '';
  const from = fields.get('from');
  const vhost = (fields.get('vhost') ?? '').trim().slice(0, LONGEST_NAME);
  if (isIP(address) === 0) throw new WebProblem(400, 'The link names no address.');
  if (from !== null && epochOf(from) === null) throw new WebProblem(400, 'The link names no time.');
  return {
    address,
    from,
    vhost: vhost === '' ? null : vhost,
    kind: fields.get('crs') === '1' ? 'crs' : 'customer',
    hideAddress: fields.get('hide') === '1',
    nameServer: false,
  };
}

/** A report: `?p=/report&ip=ADDRESS&from=ISO-TIME&vhost=DOMAIN&crs=1&hide=1`. */
export const report: Page = async ({ engine }, fields) => {
  const request = requestOf(fields);
  try {
    const answer = await engine.reports.make(request);
    const base = { kind: 'view', status: 200, view: 'report', section: 'inbox', find: true } as const;
    return { ...base, page: reportPage(answer, request), server: answer.server };
  } catch (error) {
    throw spokenProblem(error);
  }
};
