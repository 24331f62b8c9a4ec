// Which incidents are to be judged: those without a judgement, and unsettled ones judged from other logs; newest first.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Store } from '../../src/store/store.ts';
import { tempDir } from '../host/make-root.ts';

const AT = Date.UTC(2026, 10, 22, 17, 56, 41);
let store: Store;
beforeEach(() => {
  store = new Store(join(tempDir(), 'whyblocked.db'), '/srv/a');
});
afterEach(() => {
  store.close();
});

function incident(client: string, from: number, stamp: string | null): void {
  store.write(() => {
    store.incidents.replace(
      client,
      0,
      [{ client, from, to: from + 500, requests: 1, denied: 1, vhosts: [], ruleIds: [] }],
      from,
    );
    if (stamp === null) return;
    const verdict = {
      label: 'unclear',
      sub: null,
      logOdds: 0,
      words: '',
      groups: [],
      wouldDecide: null,
    } as const;
    store.incidents.judge(client, from, {
      ...{ what: '', verdict, evidence: [], context: null, stamp, actors: [], rests: null },
    });
  });
}

test('any incidents: as their stamps and times say, with and without a limit', () => {
  const one = fc.record({ hours: fc.nat(50), stamp: fc.constantFrom(null, 'now', 'before') });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 20 }), fc.nat(50), fc.nat(6), (list, settled, limit) => {
      for (const { client } of store.incidents.newest(null))
        store.write(() => {
          store.incidents.replace(client, 0, [], 0);
        });
      const made = list.map((own, index) => ({
        ...own,
        client: `198.51.100.${index}`,
        from: AT + own.hours * 3_600_000 + index,
      }));
      for (const { client, from, stamp } of made) incident(client, from, stamp);
      const before = AT + settled * 3_600_000;
      const due = made
        .filter(({ stamp, from }) => stamp === null || (stamp === 'before' && from + 500 > before))
        .sort((a, b) => b.from - a.from)
        .map(({ client }) => client);
      const given = (most?: number): string[] =>
        store.incidents.toJudge('now', before, most).map(({ client }) => client);
      expect(given()).toEqual(due);
      expect(given(limit)).toEqual(due.slice(0, limit));
    }),
    { numRuns: 40 },
  );
});
