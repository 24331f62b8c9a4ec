// An engine of marks that keeps what it was told, and the marks that it shows.
import type { AdminWord, MarksFilter, MarksView, MarkView } from '../../src/actions/marks-view.ts';
import type { MarkEngine } from '../../src/web/web-context.ts';
import { SERVER } from './fixtures.ts';

export const MARK: MarkView = {
  id: 12,
  kind: 'monitor',
  subject: 'address',
  about: '203.0.113.45',
  note: 'checks the shop every minute, ticket 8841',
  author: 'root',
  at: '2026-11-22T18:01:00+01:00',
  endedAt: null,
  endedBy: null,
};

export const WORD: AdminWord = {
  marks: [MARK, { ...MARK, id: 9, kind: 'false-alarm', about: '203.0.113.0/24', note: '' }],
  sentences: [
    'You said on 22 Nov 2026: an uptime monitor.',
    'You said of 203.0.113.0/24 on 22 Nov 2026: a false alarm.',
    'The model says: attack.',
  ],
  markable: '203.0.113.45',
};

export const NO_WORD: AdminWord = { marks: [], sentences: [], markable: '203.0.113.45' };

export function marksView(change: Partial<MarksView> = {}): MarksView {
  return {
    rows: [
      { ...MARK, incidentsSince: 3, cause: null },
      {
        ...MARK,
        id: 11,
        kind: 'false-alarm',
        subject: 'cause',
        about: '4',
        note: '',
        incidentsSince: 1,
        cause: { vhost: 'shop.example.com', ruleId: '942100', target: 'ARGS:q', path: '/search' },
      },
      { ...MARK, id: 10, subject: 'cause', kind: 'false-alarm', about: '5', incidentsSince: 0, cause: null },
    ],
    counts: [
      { subject: 'address', kind: 'monitor', active: 1, ever: 4 },
      { subject: 'cause', kind: 'false-alarm', active: 2, ever: 2 },
    ],
    active: 3,
    ended: 3,
    page: 1,
    pages: 1,
    server: SERVER,
    ...change,
  };
}

export interface FakeMarks extends MarkEngine {
  view: MarksView;
  readonly filters: MarksFilter[];
  /** What it was told: requests and numbers, each with who said it. */
  readonly orders: unknown[];
  /** Thrown at the next order, once. */
  problem: Error | null;
}

export function fakeMarks(): FakeMarks {
  const take = (order: unknown): Promise<void> => {
    const { problem } = fake;
    fake.problem = null;
    if (problem !== null) return Promise.reject(problem);
    fake.orders.push(order);
    return Promise.resolve();
  };
  const fake: FakeMarks = {
    view: marksView(),
    filters: [],
    orders: [],
    problem: null,
    list: (filter) => {
      fake.filters.push(filter);
      return Promise.resolve(fake.view);
    },
    mark: (request, by) => take({ ...request, ...by }),
    unmark: (id, by) => take({ id, ...by }),
  };
  return fake;
}
