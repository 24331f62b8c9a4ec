// The counts of causes: equal to a plain count of the same incidents and of the transactions, over a window that moves.
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allCauses } from '../../src/actions/causes.ts';
import { freshCauses } from '../../src/actions/fresh-causes.ts';
import { recountAll, recountCauses, windowStart } from '../../src/actions/recount-causes.ts';
import { setCauseState } from '../../src/actions/cause-states.ts';
import { indexVhosts } from '../../src/actions/vhosts.ts';
import { causeOf } from '../../src/analyse/incident-causes.ts';
import { toTransaction } from '../../src/analyse/merge.ts';
import { networkOf, visitorOf } from '../../src/analyse/others.ts';
import { isEngineRule } from '../../src/analyse/engine-errors.ts';
import { onlyAddsUp } from '../../src/analyse/score.ts';
import type { OpenContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import type { CauseHits } from '../../src/model-evidence.ts';
import { makeServer, tempDir } from '../host/make-root.ts';
import { address, counted, crowd, DAY, HOUR, NOW, type Visit, visits } from './cause-kit.ts';
import { open } from './kit.ts';

const contexts: OpenContext[] = [];
afterAll(() => {
  for (const ctx of contexts) ctx.close();
});
function server(root = makeServer().dir): OpenContext {
  const ctx = open({ root, now: new Date(NOW).toISOString() });
  contexts.push(ctx);
  return ctx;
}

const hit: fc.Arbitrary<Partial<CauseHits>> = fc.record({
  vhost: fc.constantFrom('shop.example.com', 'addon.shop.example.com', ''),
  ruleId: fc.constantFrom('942100', '920230'),
  target: fc.constantFrom('ARGS:a', 'ARGS:b', ''),
  path: fc.constantFrom('/', '/x', '/y'),
  hits: fc.integer({ min: 1, max: 9 }),
  refused: fc.nat(9),
  decisive: fc.nat(9),
  shaped: fc.nat(9),
});
const visit: fc.Arbitrary<Visit> = fc.record({
  client: fc.oneof(
    fc.nat(6).map(address),
    fc.integer({ min: 1, max: 4 }).map((n) => `198.51.100.${n}`),
  ),
  from: fc.integer({ min: 0, max: 20 }).map((days) => NOW - days * DAY - HOUR),
  hits: fc.uniqueArray(hit, {
    minLength: 1,
    maxLength: 4,
    selector: ({ vhost, ruleId, target, path }) => [vhost, ruleId, target, path].join(' '),
  }),
  label: fc.constantFrom('attack' as const, 'false-positive' as const, 'unclear' as const),
  ordinary: fc.constantFrom(0 as const, 1 as const, 2 as const),
  hostile: fc.boolean(),
});
const list = fc.uniqueArray(visit, { maxLength: 25, selector: ({ client, from }) => `${client} ${from}` });

type Flat = Omit<Visit, 'hits'> & Partial<CauseHits>;

function numbersOf(rows: readonly Flat[]): object {
  const sum = (of: (row: Flat) => number | undefined): number =>
    rows.reduce((all, row) => all + (of(row) ?? 0), 0);
  const distinct = (some: readonly Flat[], of: (client: string) => string): number =>
    new Set(some.map(({ client }) => of(client))).size;
  const ordinary = rows.filter((row) => row.ordinary >= 1 && !row.hostile);
  return {
    hits: sum((row) => row.hits),
    refused: sum((row) => row.refused),
    decisive: sum((row) => row.decisive),
    shaped: sum((row) => row.shaped),
    visitors: distinct(rows, visitorOf),
    networks: distinct(rows, networkOf),
    ordinary: distinct(ordinary, networkOf),
    hostile: distinct(
      rows.filter((row) => row.hostile),
      visitorOf,
    ),
    attackHits: sum((row) => (row.label === 'attack' ? (row.hits ?? 0) : 0)),
    falseHits: sum((row) => (row.label === 'false-positive' ? (row.hits ?? 0) : 0)),
  };
}

describe('counts', () => {
  test('of any incidents are those of a plain count, for causes and for cells', () => {
    fc.assert(
      fc.property(list, (all) => {
        const ctx = open({ root: makeServer().dir });
        try {
          visits(ctx, all);
          const causes = counted(ctx);
          const flat = all.flatMap((one) =>
            one.hits.map((own): Flat => ({ ...one, ...own, hits: own.hits ?? 0 })),
          );
          const inside = flat.filter(({ from }) => from >= windowStart(NOW));
          const byKey = Map.groupBy(inside, (row) => [row.vhost, row.ruleId, row.target, row.path].join(' '));
          for (const [key, cause] of causes) expect(cause).toMatchObject(numbersOf(byKey.get(key) ?? []));
          for (const key of byKey.keys()) expect(causes.has(key)).toBe(true);
          const { cells } = ctx.store.causeCells.matrix(
            { vhost: null, ruleId: null },
            { vhosts: 9, rules: 9 },
          );
          const byCell = Map.groupBy(inside, (row) => `${row.ruleId} ${row.vhost}`);
          expect(cells).toHaveLength(byCell.size);
          for (const cell of cells) {
            const own = numbersOf(byCell.get(`${cell.ruleId} ${cell.vhost}`) ?? []);
            const { visitors, ordinary, hits, attackHits, falseHits } = cell;
            expect(own).toMatchObject({ visitors, ordinary, hits, attackHits, falseHits });
            const best = [...causes.values()]
              .filter((one) => one.ruleId === cell.ruleId && one.vhost === cell.vhost && one.hits > 0)
              .reduce((top, one) => Math.max(top, one.score), -Infinity);
            expect(ctx.store.causeList.byId(cell.cause)?.score).toBe(best);
          }
        } finally {
          ctx.close();
        }
      }),
      { numRuns: 25 },
    );
  });

  test('of incidents that come bit by bit are those of all at once', () => {
    fc.assert(
      fc.property(list, fc.nat(24), (all, cut) => {
        const [once, twice] = [open({ root: makeServer().dir }), open({ root: makeServer().dir })];
        try {
          visits(once, all);
          visits(twice, all.slice(0, cut));
          counted(twice, NOW - 1000);
          visits(twice, all.slice(cut));
          const strip = (ctx: OpenContext): unknown =>
            [...counted(ctx).values()]
              .filter(({ hits }) => hits > 0)
              .map(({ countedAt, ...rest }) => ({ ...rest, isCounted: countedAt !== null }));
          expect(strip(twice)).toEqual(strip(once));
        } finally {
          once.close();
          twice.close();
        }
      }),
      { numRuns: 15 },
    );
  });

  test('of the demo server are those of its transactions', async () => {
    const ctx = server(unpackDemo(join(tempDir(), 'demo'), NOW).root);
    await freshCauses(ctx);
    const vhosts = indexVhosts(ctx.host.vhosts(), ctx.host.hostname());
    const plain = new Map<string, { hits: Set<string>; refused: Set<string>; clients: Set<string> }>();
    const clients = new Set(ctx.store.incidents.newest(null).map(({ client }) => client));
    const all = [...clients].flatMap((client) => ctx.store.transactions.ofClient(client, 0, Infinity));
    for (const one of all.map(toTransaction)) {
      const vhost = one.vhost === null ? '' : (vhosts.vhostOf(one.vhost) ?? '');
      for (const own of one.hits) {
        if (onlyAddsUp(own.ruleId) || isEngineRule(own.ruleId)) continue;
        const { ruleId, target, path } = causeOf(vhost, own, one);
        const key = [vhost, ruleId, target, path].join(' ');
        const tally = plain.get(key) ?? { hits: new Set(), refused: new Set(), clients: new Set() };
        plain.set(key, tally);
        tally.hits.add(one.uniqueId);
        if (one.hits.some(({ action }) => action === 'denied')) tally.refused.add(one.uniqueId);
        tally.clients.add(one.client);
      }
    }
    // What the engine could not read is no cause, and is listed elsewhere.
    const every = [...counted(ctx)];
    const causes = new Map(every.filter(([, { ruleId }]) => !isEngineRule(ruleId)));
    expect(every.filter(([, { ruleId, hits }]) => isEngineRule(ruleId) && hits > 0)).toEqual([]);
    expect([...causes.keys()].sort()).toEqual([...plain.keys()].sort());
    expect(plain.size).toBeGreaterThan(10);
    for (const [key, { hits, refused, visitors }] of causes) {
      const own = plain.get(key)!;
      expect({ key, hits, refused, visitors }).toEqual({
        ...{ key, hits: own.hits.size, refused: own.refused.size, visitors: own.clients.size },
      });
    }
    const listed = (ruleId: string | null) =>
      allCauses(ctx, { vhost: null, ruleId, state: 'all', text: '', days: 14, page: 1 });
    const rules = [...new Set([...causes.values()].map(({ ruleId }) => ruleId))];
    expect((await Promise.all(rules.map(listed))).flat()).toHaveLength(causes.size);
    const rows = await listed(null);
    expect(rows.some(({ blockedNow }) => blockedNow > 0)).toBe(true);
    // What is left out decides nothing, and another rule at its field stands for it.
    const shown = new Set(rows.map(({ id }) => id));
    const hidden = [...causes.values()].filter(({ id }) => !shown.has(id));
    expect(hidden.length).toBeGreaterThan(0);
    for (const one of hidden) {
      expect(one.decisive).toBe(0);
      expect(rows).toContainEqual(expect.objectContaining({ target: one.targetSeen, path: one.pathSeen }));
    }
  });
});

test('of the rules at one field the one that decides most is listed, and a rule with a state of its own', async () => {
  const ctx = server();
  const rule = (ruleId: string, decisive: number) => ({ ruleId, decisive });
  crowd(ctx, 3, rule('941100', 0));
  crowd(ctx, 4, rule('941110', 0));
  crowd(ctx, 2, rule('941160', 1));
  crowd(ctx, 3, rule('941180', 1));
  crowd(ctx, 3, { ...rule('941140', 0), path: '/elsewhere' });
  recountAll(ctx, NOW);
  const list = () =>
    ctx.store.causeList
      .page({ vhost: null, ruleId: null, states: null, since: 0, words: [] }, 0, 100)
      .map(({ ruleId }) => ruleId)
      .sort();
  expect(list()).toEqual(['941140', '941160', '941180']);
  const small = ctx.store.causeList.byKey({
    ...{ vhost: 'shop.example.com', ruleId: '941100', target: 'ARGS:comment', path: '/contact.php' },
  });
  await setCauseState(
    ctx,
    small?.id ?? 0,
    { state: 'ignored', until: 3, note: 'one editor' },
    { who: 'root', address: null },
  );
  crowd(ctx, 1, rule('941160', 0));
  recountAll(ctx, NOW);
  expect(list()).toContain('941100');
});

describe('the recount', () => {
  test('forgets what leaves the window, once an hour and without new hits', () => {
    const ctx = server();
    crowd(ctx, 6, {}, NOW - 13 * DAY);
    crowd(ctx, 2, { target: 'ARGS:name' }, NOW - HOUR);
    const [first, second] = [...counted(ctx).values()];
    expect(first).toMatchObject({ hits: 6, ordinary: 6 });
    expect(first?.score).toBeGreaterThan(3);
    recountCauses(ctx, NOW + HOUR / 2);
    expect(ctx.store.causeList.byId(1)?.countedAt).toBe(NOW);
    const later = [...counted(ctx, NOW + 2 * DAY).values()];
    expect(later[0]).toMatchObject({ hits: 0, ordinary: 0, score: 0, firstAt: null });
    expect(later[1]).toMatchObject({
      ...{ hits: 2, ordinary: 2, score: second?.score, lastAt: second?.lastAt, targetShare: 1, targets: 1 },
    });
    expect(counted(ctx, NOW + 20 * DAY).get('shop.example.com 942100 ARGS:name /contact.php')?.hits).toBe(0);
    expect(ctx.store.causeCells.matrix({ vhost: null, ruleId: null }, { vhosts: 9, rules: 9 }).cells).toEqual(
      [],
    );
  });

  test('does nothing when nothing changed, and only what changed otherwise', () => {
    const ctx = server();
    crowd(ctx, 3);
    expect(recountCauses(ctx, NOW)).toEqual({ cells: 1, left: false });
    expect(recountCauses(ctx, NOW + 1000)).toEqual({ cells: 0, left: false });
    visits(ctx, [{ client: address(40), hits: [{ ruleId: '920230' }] }]);
    expect(recountCauses(ctx, NOW + 2000)).toEqual({ cells: 1, left: false });
    expect(ctx.store.causeList.byId(1)?.countedAt).toBe(NOW);
  });

  test('an incident that is judged anew, or is no more, changes what it did', () => {
    const ctx = server();
    crowd(ctx, 3);
    expect(counted(ctx).get('shop.example.com 942100 ARGS:comment /contact.php')).toMatchObject({
      ordinary: 3,
    });
    visits(ctx, [{ client: address(0), from: NOW - HOUR, label: 'attack', ordinary: 0, hostile: true }]);
    const changed = counted(ctx).get('shop.example.com 942100 ARGS:comment /contact.php');
    expect(changed).toMatchObject({ ordinary: 2, hostile: 1, attackHits: 1, hits: 3 });
    ctx.store.write(() => {
      ctx.store.causeHits.forget({ client: address(0), from: NOW - HOUR });
    });
    expect([...counted(ctx).values()][0]).toMatchObject({ ordinary: 2, hostile: 0, hits: 2 });
  });

  test('a scanner’s thousand paths are counted in steps, and a busy cell of thousands not every second', () => {
    const ctx = server();
    const paths = (count: number, from: number): Partial<CauseHits>[] =>
      Array.from({ length: count }, (_, index) => ({
        path: `/p${index}`,
        target: 'REQUEST_FILENAME',
        lastAt: from,
      }));
    visits(ctx, [{ label: 'attack', ordinary: 0, hostile: true, hits: paths(2100, NOW - HOUR) }]);
    let steps = 1;
    while (recountCauses(ctx, NOW).left) steps++;
    expect(steps).toBeLessThan(200);
    expect(
      ctx.store.causeCells.matrix({ vhost: null, ruleId: null }, { vhosts: 1, rules: 1 }).cells,
    ).toMatchObject([{ visitors: 1, hits: 2100, attackHits: 2100 }]);
    visits(ctx, [{ client: address(3), hits: [{ path: '/p1', target: 'REQUEST_FILENAME' }] }]);
    expect(recountCauses(ctx, NOW + 60_000).cells).toBe(0);
    expect(recountCauses(ctx, NOW + 700_000).cells).toBe(1);
    expect(counted(ctx).get('shop.example.com 942100 REQUEST_FILENAME /p1')).toMatchObject({
      hits: 2,
      ordinary: 1,
    });
  });
});
