// The marks table: added, ended, counted, never removed; and what "judge again" touches.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NewMark } from '../../src/store/marks.ts';
import { Store } from '../../src/store/store.ts';
import { tempDir } from '../host/make-root.ts';

const AT = Date.UTC(2026, 10, 22, 17, 56, 41);
const mark = (change: Partial<NewMark> = {}): NewMark => ({
  ...{ kind: 'monitor', subject: 'address', about: '203.0.113.7', note: '', author: 'root', at: AT },
  ...change,
});

let store: Store;
beforeEach(() => {
  store = new Store(join(tempDir(), 'whyblocked.db'), '/srv/a');
});
afterEach(() => {
  store.close();
});

describe('marks', () => {
  test('are kept as they were said, newest first', () => {
    const first = store.marks.add(mark({ note: 'ours', at: AT + 0.25 }));
    const second = store.marks.add(mark({ about: '2001:db8:1::/64', kind: 'partner' }));
    expect(store.marks.active('address')).toEqual([
      { ...mark({ about: '2001:db8:1::/64', kind: 'partner' }), id: second, endedAt: null, endedBy: null },
      { ...mark({ note: 'ours', at: AT + 0.25 }), id: first, endedAt: null, endedBy: null },
    ]);
    expect(store.marks.active('cause')).toEqual([]);
    expect(store.marks.byId(first)?.note).toBe('ours');
    expect(store.marks.byId(99)).toBeNull();
  });

  test('end once, stay, and their numbers are not used again', () => {
    const id = store.marks.add(mark());
    expect(store.marks.end(id, AT + 1000, 'admin')).toBe(true);
    expect(store.marks.end(id, AT + 2000, 'other')).toBe(false);
    expect(store.marks.end(77, AT, 'other')).toBe(false);
    expect(store.marks.byId(id)).toMatchObject({ endedAt: AT + 1000, endedBy: 'admin' });
    expect(store.marks.active('address')).toEqual([]);
    expect(store.marks.add(mark())).toBe(id + 1);
    expect(store.marks.list(false, 10).map((one) => one.id)).toEqual([id]);
    expect(store.marks.list(true, 10).map((one) => one.id)).toEqual([id + 1]);
  });

  test('are found by the names they are about, those of addresses alone', () => {
    const net = store.marks.add(mark({ about: '203.0.113.0/24' }));
    const cause = store.marks.add(mark({ subject: 'cause', about: '7', kind: 'false-alarm' }));
    const ended = store.marks.add(mark());
    store.marks.end(ended, AT, 'root');
    expect(store.marks.activeAbout(['203.0.113.7', '203.0.113.0/24', '7']).map(({ id }) => id)).toEqual([
      net,
    ]);
    expect(store.marks.activeAbout([])).toEqual([]);
    expect(store.marks.ofCause(7).map(({ id }) => id)).toEqual([cause]);
    expect(store.marks.ofCause(8)).toEqual([]);
  });

  test('are counted by kind, now and ever, and by what they are about', () => {
    store.marks.end(store.marks.add(mark()), AT, 'root');
    store.marks.add(mark());
    store.marks.add(mark({ kind: 'payment' }));
    store.marks.add(mark({ subject: 'cause', about: '7', kind: 'false-alarm' }));
    expect(store.marks.counts()).toEqual([
      { subject: 'address', kind: 'monitor', active: 1, ever: 2 },
      { subject: 'address', kind: 'payment', active: 1, ever: 1 },
      { subject: 'cause', kind: 'false-alarm', active: 1, ever: 1 },
    ]);
    expect(store.marks.subjects()).toEqual({ addresses: 1, causes: 1 });
  });

  test('are listed page by page', () => {
    const ids = [1, 2, 3, 4, 5].map((last) => store.marks.add(mark({ about: `203.0.113.${last}` })));
    expect(store.marks.list(true, 2, 2).map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  });

  test('of what is no cause', () => {
    expect(store.marks.cause(1)).toBeNull();
    expect(store.marks.incidentsOfCause(1, AT)).toBe(0);
  });
});

test('incidents are judged again of the named addresses alone', () => {
  const clients = ['203.0.113.7', '203.0.113.8', '2001:db8::1'];
  for (const client of clients) {
    const shape = { client, from: AT, to: AT + 5, requests: 1, denied: 1, vhosts: [], ruleIds: ['942100'] };
    store.incidents.replace(client, 0, [shape], AT);
    const verdict = {
      label: 'unclear',
      sub: null,
      logOdds: 0,
      words: '',
      groups: [],
      wouldDecide: null,
    } as const;
    store.incidents.judge(client, AT, {
      what: '',
      verdict,
      evidence: [],
      context: null,
      stamp: 's',
      actors: [],
      rests: null,
    });
  }
  expect(store.incidents.clients().toSorted()).toEqual(clients.toSorted());
  expect(store.incidents.toJudge('s', AT + 1000)).toEqual([]);
  store.incidents.forgetJudgementStamp(['203.0.113.8', '192.0.2.1']);
  expect(store.incidents.toJudge('s', AT + 1000).map(({ client }) => client)).toEqual(['203.0.113.8']);
  store.incidents.forgetJudgementStamp([]);
  expect(store.incidents.toJudge('s', AT + 1000)).toHaveLength(1);
  expect(store.incidents.countSince(['203.0.113.7', '203.0.113.8'], AT + 5)).toBe(2);
  expect(store.incidents.countSince(['203.0.113.7'], AT + 6)).toBe(0);
});
