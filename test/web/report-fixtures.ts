// An engine of reports that keeps what it was asked, and the answers that it gives.
import type { Report, ReportAnswer, ReportRequest } from '../../src/actions/report-view.ts';
import type { ReportEngine } from '../../src/web/web-context.ts';
import { SERVER } from './fixtures.ts';

const FROM = '2026-11-22T17:56:37.106402+01:00';

export function reportOf(change: Partial<Report> = {}): Report {
  return {
    ...{ kind: 'customer', vhost: 'shop.example.com', verdict: 'false-positive', masked: 0 },
    title: ['Refused requests to ', { value: 'shop.example.com' }, ' on 22 Nov 2026'],
    incident: { ip: '203.0.113.45', from: FROM, to: FROM },
    sections: [
      {
        heading: 'What happened',
        blocks: [
          { kind: 'text', spans: ['They came from the address ', { value: '203.0.113.45' }, '.'] },
          {
            kind: 'table',
            head: ['What was sent', 'Where to', 'Refused'],
            rows: [[['a form'], [{ value: '/cart/' }], ['10']]],
          },
        ],
      },
      { heading: 'What was changed', blocks: [{ kind: 'list', items: [['Nothing has been changed.']] }] },
    ],
    ...change,
  };
}

export const TOUCHED: ReportAnswer['touched'] = [
  { vhost: 'shop.example.com', account: 'shopuser', requests: 6 },
  { vhost: 'blog.example.org', account: 'bloguser', requests: 1 },
];

export function reportMade(
  change: Partial<Report> = {},
  touched: ReportAnswer['touched'] = TOUCHED.slice(0, 1),
): ReportAnswer {
  return { state: 'made', touched, from: FROM, server: SERVER, report: reportOf(change) };
}

export const CHOOSE: ReportAnswer = { state: 'choose', touched: TOUCHED, from: FROM, server: SERVER };
export const ATTACK_CRS: ReportAnswer = {
  ...{ state: 'refused', why: 'The verdict is an attack.', touched: TOUCHED.slice(0, 1), from: FROM },
  server: SERVER,
};

export interface FakeReports extends ReportEngine {
  readonly asked: ReportRequest[];
  answer: (request: ReportRequest) => ReportAnswer;
}

export function fakeReports(): FakeReports {
  const reports: FakeReports = {
    asked: [],
    answer: ({ kind }) => reportMade({ kind }),
    make: (request) => {
      reports.asked.push(request);
      return Promise.resolve().then(() => reports.answer(request));
    },
  };
  return reports;
}
