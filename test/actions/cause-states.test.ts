// States of causes: what an admin sets, what becomes of them by itself, and what is recorded of both.
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setCauseState } from '../../src/actions/cause-states.ts';
import { listCauses, readCause } from '../../src/actions/causes.ts';
import type { CauseChange, CauseRow, CausesFilter } from '../../src/actions/causes-view.ts';
import { recountAll } from '../../src/actions/recount-causes.ts';
import { readPath } from '../../src/analyse/path-scope.ts';
import type { OpenContext } from '../../src/context.ts';
import type { ExclusionScope } from '../../src/model-rules.ts';
import type { TransactionParts } from '../../src/model.ts';
import { makeServer } from '../host/make-root.ts';
import { address, crowd, DAY, HOUR, NOW, visits } from './cause-kit.ts';
import { open } from './kit.ts';

const BY = { who: 'anna', address: '192.0.2.9' };
const contexts: OpenContext[] = [];
let ctx: OpenContext;
let id = 0;

beforeEach(() => {
  ctx = openAt(NOW);
  contexts.push(ctx);
  crowd(ctx, 4);
  recountAll(ctx, NOW);
  id = 1;
});
afterAll(() => {
  for (const one of contexts) one.close();
});

function openAt(now: number): OpenContext {
  return open({ root: makeServer().dir, now: new Date(now).toISOString() });
}

const set = (change: Partial<CauseChange>): Promise<CauseRow> =>
  setCauseState(ctx, id, { state: 'known', until: null, note: '', ...change }, BY);
const state = (): string => {
  const { state: name, fixedBy } = ctx.store.causeList.byId(id)!;
  return fixedBy === null ? name : `${name} ${fixedBy}`;
};
const recorded = (): string[] =>
  ctx.store.activity().map(({ who, act, detail, result }) => `${who} | ${act} | ${detail} | ${result}`);
const ABOUT = 'cause 1, rule 942100 on shop.example.com';

/** An exclusion of ours that is in force; ctl rule on the field unless said. */
function exclusion(createdAt: number, more: Partial<ExclusionScope> = {}): number {
  const base = { kind: 'target-vhost', vhost: 'shop.example.com', ruleId: '942100', tag: null } as const;
  const scope: ExclusionScope = { ...base, target: 'ARGS:comment', path: null, ...more };
  return ctx.store.write(() => {
    const added = ctx.store.exclusions.add({
      ...{
        scope,
        form: 'ctl',
        reason: 'ticket',
        author: 'anna',
        createdAt,
        expiresAt: null,
        account: 'shopuser',
      },
    });
    ctx.store.exclusions.activate(added);
    return added;
  });
}

function end(exclusionId: number, at: number): void {
  ctx.store.write(() => {
    ctx.store.exclusions.end(exclusionId, 'reverted', at);
  });
}

const comes = (at: number, more: Parameters<typeof visits>[1][number] = {}): void => {
  visits(ctx, [{ client: address(50), from: at, ...more }]);
  recountAll(ctx, at + 1000);
};

describe('an admin sets', () => {
  test('known, with who and when, and it is recorded', async () => {
    const row = await set({ note: 'looking\n at it' });
    expect(row).toMatchObject({ id: 1, state: 'known', stateWords: 'known', stateBy: 'anna' });
    expect(row.stateAt).toMatch(/^2027-01-05T09:30/);
    expect(recorded()).toEqual([`anna | cause | ${ABOUT} | known: looking at it`]);
    expect((await readCause(ctx, id))?.history).toMatchObject([
      { who: 'anna', words: 'known: looking at it' },
    ]);
  });

  test('ignored until so many more visitors', async () => {
    expect(await set({ state: 'ignored', until: 3, note: 'a builder' })).toMatchObject({
      ...{ state: 'ignored', stateWords: 'ignored until 3 more visitors' },
    });
    expect(ctx.store.causeList.byId(id)).toMatchObject({ ignoreUntil: 7, ignoreBase: 4 });
    expect(recorded()).toEqual([`anna | cause | ${ABOUT} | ignored until 3 more visitors: a builder`]);
  });

  test('ignored without end, fixed by other means, and new again', async () => {
    expect(await set({ state: 'ignored', note: 'x' })).toMatchObject({ stateWords: 'ignored' });
    expect(await set({ state: 'fixed', note: 'the plugin was updated' })).toMatchObject({
      stateWords: 'fixed',
    });
    expect(await set({ state: 'new' })).toMatchObject({ state: 'new', stateWords: 'new' });
    expect(recorded()).toHaveLength(3);
  });

  test('secrets in a note are not kept', async () => {
    await set({ note: 'see https://example.com/?password=hunter2secret' });
    expect(recorded().join()).not.toContain('hunter2secret');
  });

  test.each<[string, Partial<CauseChange>, RegExp]>([
    ['no note for fixed', { state: 'fixed' }, /^Say why/],
    ['no note for ignored', { state: 'ignored', note: '  ' }, /^Say why/],
    ['a long note', { note: 'x'.repeat(501) }, /at most 500 characters/],
    ['a count without ignored', { until: 3 }, /only with ignored/],
    ['a count of nothing', { state: 'ignored', note: 'x', until: 0 }, /whole number from 1/],
    ['half a visitor', { state: 'ignored', note: 'x', until: 1.5 }, /whole number from 1/],
    ['too many', { state: 'ignored', note: 'x', until: 10_001 }, /whole number from 1 to 10000/],
    ['reopened by hand', { state: 'reopened' as 'new' }, /known, ignored, fixed or new/],
  ])('not %s', async (_, change, message) => {
    await expect(set(change)).rejects.toMatchObject({
      name: 'BadInput',
      message: expect.stringMatching(message),
    });
    expect([state(), recorded()]).toEqual(['new', []]);
  });

  test.each([99, 0, -1, 1.5, Number.NaN, Infinity])('nothing of the unknown cause %s', async (unknown) => {
    id = unknown;
    await expect(set({})).rejects.toMatchObject({
      name: 'BadInput',
      message: expect.stringMatching(/There is no cause/),
    });
    expect(recorded()).toEqual([]);
  });

  test('a state over another one that somebody else just set is refused', () => {
    const change = {
      state: 'known',
      at: NOW,
      by: 'x',
      note: '',
      ignoreUntil: null,
      ignoreBase: null,
      fixedBy: null,
    } as const;
    expect(ctx.store.causeStates.set(id, 'ignored', change)).toBe(false);
    expect(state()).toBe('new');
  });
});

describe('fixed by an exclusion', () => {
  test('that covers it, without any new hit', () => {
    const number = exclusion(NOW);
    recountAll(ctx, NOW);
    expect(state()).toBe(`fixed ${number}`);
    expect(recorded()).toEqual([`Whyblocked | cause | ${ABOUT} | fixed by exclusion ${number}`]);
    recountAll(ctx, NOW + 2 * HOUR);
    expect(recorded()).toHaveLength(1);
  });

  test.each<[string, Partial<ExclusionScope>]>([
    ['another field', { target: 'ARGS:name' }],
    ['another path', { kind: 'target-path', path: readPath('/other.php') }],
    ['another vhost', { vhost: 'addon.shop.example.com' }],
  ])('not by one for %s', (_, scope) => {
    exclusion(NOW, scope);
    recountAll(ctx, NOW);
    expect(state()).toBe('new');
  });

  test('not by one that is older than what the admin said', async () => {
    exclusion(NOW - 2 * HOUR);
    await set({ state: 'known' });
    recountAll(ctx, NOW);
    comes(NOW + HOUR, { hits: [{ refused: 0 }] });
    expect(state()).toBe('known');
  });

  test('a known or ignored cause too', async () => {
    await set({ state: 'ignored', note: 'x' });
    const number = exclusion(NOW + 1000);
    recountAll(ctx, NOW + 2000);
    expect(state()).toBe(`fixed ${number}`);
  });

  test('the page names what covers it', async () => {
    const number = exclusion(NOW);
    recountAll(ctx, NOW);
    const page = await readCause(ctx, id);
    expect(page?.covered).toEqual([number]);
    expect(page?.cause.stateWords).toBe(`fixed by exclusion ${number}`);
    expect(page?.history.map(({ words }) => words)).toEqual(
      expect.arrayContaining([
        `fixed by exclusion ${number}`,
        `exclusion ${number}: Rule 942100 skips ARGS:comment on shop.example.com`,
      ]),
    );
  });
});

describe('reopened after a fix', () => {
  test('when an ordinary visitor is refused by it again', async () => {
    const number = exclusion(NOW);
    recountAll(ctx, NOW);
    comes(NOW + HOUR);
    expect(state()).toBe(`reopened ${number}`);
    expect(recorded()[0]).toBe(`Whyblocked | cause | ${ABOUT} | came back after exclusion ${number}`);
    expect((await readCause(ctx, id))?.cause.stateWords).toBe(`came back after exclusion ${number}`);
    recountAll(ctx, NOW + 3 * HOUR);
    expect(state()).toBe(`reopened ${number}`);
    const wider = exclusion(NOW + 3 * HOUR, { kind: 'rule-vhost', target: null });
    recountAll(ctx, NOW + 3 * HOUR);
    expect(state()).toBe(`fixed ${wider}`);
  });

  test.each<[string, Parameters<typeof comes>[1]]>([
    ['an attacker is', { ordinary: 0, hostile: true, label: 'attack' }],
    ['somebody hostile is, though ordinary elsewhere', { hostile: true }],
    ['nobody is refused', { hits: [{ refused: 0, decisive: 0 }] }],
    ['it is another cause', { hits: [{ target: 'ARGS:name' }] }],
  ])('not when %s', (_, visit) => {
    const number = exclusion(NOW);
    recountAll(ctx, NOW);
    comes(NOW + HOUR, visit);
    expect(state()).toBe(`fixed ${number}`);
  });

  test('fixed by hand: likewise', async () => {
    await set({ state: 'fixed', note: 'the plugin was updated' });
    comes(NOW + HOUR);
    expect(state()).toBe('reopened');
    expect(recorded()[0]).toBe(`Whyblocked | cause | ${ABOUT} | came back`);
  });

  test('when the exclusion ended and it hits again, refused or not', () => {
    const number = exclusion(NOW);
    recountAll(ctx, NOW);
    end(number, NOW + HOUR);
    recountAll(ctx, NOW + 2 * HOUR);
    expect(state()).toBe(`fixed ${number}`);
    comes(NOW + 3 * HOUR, { hits: [{ refused: 0, decisive: 0 }] });
    expect(state()).toBe(`reopened ${number}`);
  });

  test('an incident over the moment of the fix is looked at request by request', () => {
    const number = exclusion(NOW);
    recountAll(ctx, NOW);
    const client = address(60);
    const spanning = {
      client,
      from: NOW - 60_000,
      hits: [{ firstAt: NOW - 60_000, lastAt: NOW + 5000, hits: 2 }],
    };
    keep(client, 'a', NOW - 60_000, 'ARGS:comment');
    keep(client, 'b', NOW + 5000, 'ARGS:name');
    visits(ctx, [spanning]);
    recountAll(ctx, NOW + HOUR);
    expect(state()).toBe(`fixed ${number}`);
    keep(client, 'c', NOW + 5000, 'ARGS:comment');
    visits(ctx, [spanning]);
    recountAll(ctx, NOW + HOUR);
    expect(state()).toBe(`reopened ${number}`);
  });

  test('a cause that an exclusion should have kept from the first hit on', () => {
    const number = exclusion(NOW, { target: 'ARGS:late' });
    recountAll(ctx, NOW);
    visits(ctx, [{ client: address(51), from: NOW + HOUR, hits: [{ target: 'ARGS:late' }] }]);
    recountAll(ctx, NOW + HOUR);
    expect(ctx.store.causeList.byKey({ ...key(), target: 'ARGS:late' })).toMatchObject({
      ...{ state: 'reopened', fixedBy: number },
    });
  });
});

const key = (): { vhost: string; ruleId: string; target: string; path: string } => ({
  ...{ vhost: 'shop.example.com', ruleId: '942100', target: 'ARGS:comment', path: '/contact.php' },
});

/** A refused request that the shop's form sent. */
function keep(client: string, uniqueId: string, at: number, target: string): void {
  const ref = { file: '/var/log/apache2/error_log', offset: at % 1000 };
  const more = {
    phase: 2,
    operator: 'x',
    message: null,
    data: null,
    severity: null,
    cut: false,
    file: null,
  } as const;
  const hit = {
    ...more,
    ruleId: '942100',
    action: 'denied',
    denyStatus: 403,
    target,
    line: null,
    version: null,
  } as const;
  const parts: TransactionParts = {
    ...{
      uniqueId,
      at,
      client,
      vhost: 'shop.example.com',
      path: '/contact.php',
      request: null,
      engineErrors: [],
    },
    ...{ findings: [], auditRef: null, ambiguous: false, auditHits: null },
    errorHits: [{ ...hit, tags: [], ref, ambiguous: false }],
  };
  ctx.store.write(() => {
    ctx.store.transactions.save(parts, () => 0, null);
  });
}

describe('ignored until more visitors', () => {
  beforeEach(async () => {
    await set({ state: 'ignored', until: 2, note: 'one builder' });
  });
  const more = (number: number, at: number): void => {
    visits(ctx, [{ client: address(number), from: at }]);
    recountAll(ctx, at + 1000);
  };

  test('comes back with the last of them', async () => {
    more(70, NOW + HOUR);
    expect(state()).toBe('ignored');
    expect((await readCause(ctx, id))?.cause.stateWords).toBe('ignored until 1 more visitor');
    more(70, NOW + 2 * HOUR);
    more(1, NOW + 2 * HOUR);
    expect(state()).toBe('ignored');
    more(71, NOW + 3 * HOUR);
    expect(state()).toBe('reopened');
    expect(recorded()[0]).toBe(`Whyblocked | cause | ${ABOUT} | came back: 2 more visitors came`);
  });

  test('also when those of before have left the window', () => {
    more(70, NOW + 14 * DAY);
    more(71, NOW + 15 * DAY);
    expect(ctx.store.causeList.byId(id)).toMatchObject({ state: 'reopened', ordinary: 2 });
  });

  test('attackers are no visitors; without a number it stays', async () => {
    comes(NOW + HOUR, { ordinary: 0, hostile: true, label: 'attack' });
    comes(NOW + 2 * HOUR, { client: address(80), hostile: true });
    expect(state()).toBe('ignored');
    await set({ state: 'ignored', note: 'for good' });
    more(70, NOW + 3 * HOUR);
    more(71, NOW + 4 * HOUR);
    expect(state()).toBe('ignored');
  });
});

test('the list counts states, and keeps what was put aside though it hits no more', async () => {
  const filter: CausesFilter = { vhost: null, ruleId: null, state: 'open', text: '', days: 14, page: 1 };
  crowd(ctx, 9, { target: 'ARGS:other' });
  exclusion(NOW);
  recountAll(ctx, NOW);
  const view = await listCauses(ctx, filter);
  expect(view.counts).toEqual({ open: 1, all: 2, new: 1, known: 0, ignored: 0, fixed: 1, reopened: 0 });
  expect(view.rows.map(({ target }) => target)).toEqual(['ARGS:other']);
  expect(view.noisy).toBe(1);
  recountAll(ctx, NOW + 30 * DAY);
  const later = await listCauses(ctx, { ...filter, state: 'fixed' });
  expect(later.counts).toMatchObject({ open: 0, all: 1, fixed: 1 });
  expect(later.rows).toMatchObject([{ state: 'fixed', hits: 0, advice: { kind: 'leave' } }]);
});
