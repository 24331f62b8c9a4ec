// What an admin says of an address or a cause: what it changes, what it does not, and what is refused.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ActiveMarks, knownByMark, marksOn, membersOf } from '../../src/actions/active-marks.ts';
import { explain } from '../../src/actions/explain.ts';
import { listIncidents, readInbox } from '../../src/actions/inbox.ts';
import { listMarks } from '../../src/actions/mark-list.ts';
import {
  knownWords,
  MARK_KINDS,
  markTag,
  saidSentences,
  unblockByWord,
} from '../../src/actions/mark-words.ts';
import { endMark, markAddress, markCause, markCounts } from '../../src/actions/marks.ts';
import { normalizeNet } from '../../src/parse/address.ts';
import type { OpenContext } from '../../src/context.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { openDatabase } from '../../src/store/database.ts';
import type { IncidentRecord } from '../../src/store/incidents.ts';
import { makeServer, tempDir } from '../host/make-root.ts';
import { MONITOR, markRoot, SCANNER, TWIN } from '../mark-root.ts';
import { block } from '../web/fixtures.ts';
import { newState, open } from './kit.ts';

const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);
const LATER = '2027-01-05T12:00:00+01:00';
const BY = { who: 'root', address: '192.0.2.200' };
const ATTACKER = '203.0.113.140';
const EVERYTHING = { verdict: 'all', sinceHours: null, vhost: null, blockedOnly: false, page: 1 } as const;

let root = '';
beforeAll(() => {
  root = unpackDemo(join(tempDir(), 'demo'), NOW).root;
});

describe('on a server with incidents', () => {
  let ctx: OpenContext;
  beforeEach(async () => {
    ctx = open({ root, state: newState(root), now: LATER });
    await listIncidents(ctx, { sinceMs: null, verdict: null });
  });
  afterEach(() => {
    ctx.close();
  });
  const all = (): IncidentRecord[] => ctx.store.incidents.newest(null);
  const stamps = (): Record<string, string> =>
    Object.fromEntries(all().map(({ client, judgement }) => [client, judgement?.stamp ?? '']));
  const others = (client: string): IncidentRecord[] => all().filter((one) => one.client !== client);

  test('a mark makes that address’s incidents judged again, and nobody else’s', async () => {
    const before = stamps();
    expect(Object.values(before)).not.toContain('');
    const untouched = JSON.stringify(others(ATTACKER));
    const mark = markAddress(ctx, { address: ATTACKER, kind: 'monitor', note: ' ours ' }, BY);
    expect(mark).toMatchObject({
      about: ATTACKER,
      kind: 'monitor',
      note: 'ours',
      author: 'root',
      endedAt: null,
    });
    expect(stamps()).toEqual({ ...before, [ATTACKER]: '' });
    const rows = await listIncidents(ctx, { sinceMs: null, verdict: null });
    expect(JSON.stringify(others(ATTACKER))).toBe(untouched);
    expect(stamps()).toEqual(before);
    expect(rows.map(({ client, mark: kind }) => [client, kind])).toEqual(
      rows.map(({ client }) => [client, client === ATTACKER ? 'monitor' : null]),
    );
    expect((await readInbox(ctx, EVERYTHING)).marked).toEqual({ addresses: 1, causes: 0 });

    endMark(ctx, mark.id, BY);
    expect(stamps()).toEqual({ ...before, [ATTACKER]: '' });
    await listIncidents(ctx, { sinceMs: null, verdict: null });
    expect(JSON.stringify(others(ATTACKER))).toBe(untouched);
    expect((await readInbox(ctx, EVERYTHING)).marked).toEqual({ addresses: 0, causes: 0 });
  });

  test('a net stands for the addresses in it', async () => {
    const before = stamps();
    const inside = Object.keys(before).filter((client) => client.startsWith('203.0.113.'));
    expect(inside.length).toBeGreaterThan(1);
    expect(Object.keys(before).length).toBeGreaterThan(inside.length);
    const mark = markAddress(ctx, { address: '203.0.113.99/24', kind: 'false-alarm', note: '' }, BY);
    expect(mark.about).toBe('203.0.113.0/24');
    expect(stamps()).toEqual({ ...before, ...Object.fromEntries(inside.map((client) => [client, ''])) });
    const { rows } = await listMarks(ctx, { show: 'active', page: 1 });
    expect(rows).toMatchObject([{ about: '203.0.113.0/24', incidentsSince: 0 }]);
    const net = await explain(ctx, '203.0.113.0/24');
    expect(net.word).toMatchObject({ marks: [{ id: mark.id }], markable: '203.0.113.0/24' });
    expect((await explain(ctx, 'shop.example.com')).word).toBeUndefined();
  });

  test('a false alarm: the verdict stays the model’s, the unblocking follows the word', async () => {
    const model = await explain(ctx, ATTACKER);
    expect(model.word).toEqual({ marks: [], sentences: [], markable: ATTACKER });
    const mark = markAddress(ctx, { address: ATTACKER, kind: 'false-alarm', note: 'asked them' }, BY);
    const said = await explain(ctx, ATTACKER);
    expect([said.verdict, said.evidence, said.headline]).toEqual([
      model.verdict,
      model.evidence,
      model.headline,
    ]);
    expect(said.word?.sentences).toEqual([
      'You said on 5 Jan 2027: a false alarm.',
      expect.stringMatching(/^The model says: \S.*\.$/),
    ]);
    expect(said.word?.marks).toMatchObject([{ id: mark.id, note: 'asked them', at: LATER }]);
    expect(said.answers?.unblock.short).toBe('Yes: you said it was a false alarm');
    expect([said.answers?.who, said.answers?.rule]).toEqual([model.answers?.who, model.answers?.rule]);
    expect(knownByMark(ctx, ATTACKER)).toEqual([]);
    endMark(ctx, mark.id, BY);
    expect(await explain(ctx, ATTACKER)).toEqual(model);
  });

  test('the record of acts holds each, with who did it', async () => {
    const { id } = markAddress(ctx, { address: '192.0.2.44', kind: 'payment', note: 'Shop’s gateway' }, BY);
    endMark(ctx, id, { who: 'admin', address: null });
    expect(ctx.store.activity()).toMatchObject([
      {
        who: 'admin',
        address: null,
        act: 'take back a mark',
        detail: '192.0.2.44 as a payment service: Shop’s gateway',
        result: `done: mark ${id} does not hold any more`,
      },
      {
        ...BY,
        act: 'mark address',
        detail: '192.0.2.44 as a payment service: Shop’s gateway',
        result: `done: mark ${id}`,
      },
    ]);
    const { rows, counts } = await listMarks(ctx, { show: 'ended', page: 1 });
    expect(rows).toMatchObject([{ id, endedBy: 'admin', endedAt: LATER, at: LATER }]);
    expect(counts).toEqual([{ subject: 'address', kind: 'payment', active: 0, ever: 1 }]);
  });

  test('a secret in a note is masked before it is stored', () => {
    const { note } = markAddress(
      ctx,
      { address: '192.0.2.44', kind: 'payment', note: 'calls /hook?token=Zk93hQpL0vB7sT2x' },
      BY,
    );
    expect(note).not.toContain('Zk93hQpL0vB7sT2x');
    expect(JSON.stringify(ctx.store.activity())).not.toContain('Zk93hQpL0vB7sT2x');
  });
});

describe('two programs that do the same, and a scanner', () => {
  let ctx: OpenContext;
  beforeAll(() => {
    const { dir } = markRoot();
    ctx = open({ root: dir, state: newState(dir) });
  });
  afterAll(() => {
    ctx.close();
  });
  const judged = async (): Promise<Map<string, string>> => {
    await listIncidents(ctx, { sinceMs: null, verdict: null });
    const all = ctx.store.incidents
      .newest(null)
      .flatMap(({ client }) => ctx.store.incidents.ofClient(client));
    return new Map(all.map((one) => [one.client, JSON.stringify(one.judgement)]));
  };
  const labels = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await listIncidents(ctx, { sinceMs: null, verdict: null })).map((row) => [
        row.client,
        row.verdict.label,
      ]),
    );
  const MODEL = { [MONITOR]: 'unclear', [TWIN]: 'unclear', [SCANNER]: 'attack' };

  test.each(['monitor', 'payment', 'partner', 'own-program'])(
    'the one that is marked as %s is known, the others are judged as before',
    async (kind) => {
      const before = await judged();
      expect(await labels()).toEqual(MODEL);
      const { id } = markAddress(ctx, { address: MONITOR, kind, note: '' }, BY);
      expect(await labels()).toEqual({ ...MODEL, [MONITOR]: 'false-positive' });
      const after = await judged();
      for (const other of [TWIN, SCANNER])
        expect([other, after.get(other)]).toEqual([other, before.get(other)]);
      const { evidence } = await explain(ctx, MONITOR);
      const known = evidence.find((item) => item.id === 'C8');
      expect(known).toMatchObject({ status: 'present', basis: 'known' });
      expect(known?.sentence).toContain('You marked it as a');
      endMark(ctx, id, BY);
      expect(await judged()).toEqual(before);
    },
  );

  test('a scanner stays one, whatever it is marked as', async () => {
    const before = await judged();
    const known = markAddress(ctx, { address: SCANNER, kind: 'monitor', note: '' }, BY);
    expect(await labels()).toEqual(MODEL);
    expect((await explain(ctx, SCANNER)).word?.sentences.at(-1)).toBe('The model says: attack.');
    endMark(ctx, known.id, BY);
    const alarm = markAddress(ctx, { address: SCANNER, kind: 'false-alarm', note: '' }, BY);
    expect(await judged()).toEqual(before);
    endMark(ctx, alarm.id, BY);
  });

  test('a marked net makes all in it known', async () => {
    const before = await judged();
    const { id } = markAddress(ctx, { address: '203.0.113.0/24', kind: 'partner', note: '' }, BY);
    expect(await labels()).toEqual({ ...MODEL, [TWIN]: 'false-positive' });
    endMark(ctx, id, BY);
    expect(await judged()).toEqual(before);
  });
});

test('a mark works on incidents whose logs are gone', async () => {
  const { dir } = markRoot();
  const ctx = open({ root: dir, state: newState(dir) });
  const label = async (): Promise<string | undefined> =>
    (await listIncidents(ctx, { sinceMs: null, verdict: null })).find(({ client }) => client === MONITOR)
      ?.verdict.label;
  expect(await label()).toBe('unclear');
  const kept = JSON.stringify(ctx.store.incidents.ofClient(MONITOR)[0]?.judgement?.evidence);
  for (const name of ['error_log', 'modsec_audit.log', 'domlogs/shop.example.com'])
    rmSync(join(dir, 'var/log/apache2', name));
  const { id } = markAddress(ctx, { address: MONITOR, kind: 'monitor', note: '' }, BY);
  expect(await label()).toBe('false-positive');
  endMark(ctx, id, BY);
  expect(await label()).toBe('unclear');
  expect(JSON.stringify(ctx.store.incidents.ofClient(MONITOR)[0]?.judgement?.evidence)).toBe(kept);
  ctx.close();
});

describe('what is refused, with one sentence and nothing kept', () => {
  let ctx: OpenContext;
  beforeAll(() => {
    ctx = open({ root: makeServer().dir });
  });
  afterAll(() => {
    ctx.close();
  });

  const GOOD = { address: '192.0.2.1', kind: 'monitor', note: '' };
  test.each([
    [
      'no address',
      { address: 'shop.example.com' },
      /^"shop\.example\.com" is no address and no net\. Give one as /,
    ],
    ['nothing', { address: '' }, /^"" is no address/],
    ['an impossible address', { address: '203.0.113.300' }, /is no address/],
    ['too wide a net', { address: '203.0.0.0/15' }, /^203\.0\.0\.0\/15 is too wide .* a \/16 at most\.$/],
    ['too wide a net of IPv6', { address: '2001:db8::/31' }, /is too wide .* a \/32 at most\.$/],
    [
      'an unknown kind',
      { kind: 'friend' },
      /^Say what it is: monitor, payment, partner, own-program or false-alarm\.$/,
    ],
    ['no kind', { kind: '' }, /^Say what it is: /],
    ['a name of every object', { kind: 'constructor' }, /^Say what it is: /],
    ['a long note', { note: 'x'.repeat(501) }, /^The note is too long: at most 500 characters\.$/],
    ['two lines', { note: 'a\nb' }, /^The note holds characters that cannot be printed\./],
    ['ANSI', { note: '\u001b[31mred' }, /cannot be printed/],
    ['text turned around', { note: 'a\u202eb' }, /cannot be printed/],
    ['NUL', { note: 'a\0b' }, /cannot be printed/],
  ])('%s', (_name, change, words) => {
    expect(() => markAddress(ctx, { ...GOOD, ...change }, BY)).toThrow(
      expect.objectContaining({ name: 'BadInput', message: expect.stringMatching(words) }),
    );
    expect([markCounts(ctx), ctx.store.activity()]).toEqual([[], []]);
  });

  test.each([
    ['loopback', '127.0.0.1', /^127\.0\.0\.1 is this server itself: /],
    ['loopback of IPv6', '::1', /^::1 is this server itself: /],
    ['a net of loopback', '127.0.0.0/16', /is this server itself/],
    ['a shared proxy', '104.16.1.1', /^104\.16\.1\.1 is a proxy that many visitors share: /],
    ['a net of shared proxies', '104.16.0.0/16', /^104\.16\.0\.0\/16 is a proxy that many visitors share: /],
  ])('%s', (_name, address, words) => {
    expect(() => markAddress(ctx, { address, kind: 'monitor', note: '' }, BY)).toThrow(
      expect.objectContaining({ name: 'Refused', message: expect.stringMatching(words) }),
    );
    expect([markCounts(ctx), ctx.store.activity()]).toEqual([[], []]);
  });

  test('the server’s own addresses and nets that hold one', () => {
    const own = ctx.host.ownAddresses();
    expect(own.length).toBeGreaterThan(0);
    for (const address of [own[0]!, `${own[0]!}/${own[0]!.includes(':') ? 64 : 24}`])
      expect(() => markAddress(ctx, { address, kind: 'monitor', note: '' }, BY)).toThrow(
        /is this server itself/,
      );
    expect(markCounts(ctx)).toEqual([]);
  });

  test.each([
    ['no number', { cause: 'abc', kind: 'false-alarm' }, 'BadInput', /^"abc" is no cause’s number\./],
    ['zero', { cause: 0, kind: 'false-alarm' }, 'BadInput', /is no cause’s number/],
    [
      'another kind',
      { cause: 1, kind: 'monitor' },
      'BadInput',
      /^A cause can only be marked as a false alarm/,
    ],
    ['one that is not there', { cause: 1, kind: 'false-alarm' }, 'Refused', /^There is no cause 1\.$/],
  ] as const)('a cause: %s', (_name, about, name, words) => {
    expect(() => markCause(ctx, { ...about, note: '' }, BY)).toThrow(
      expect.objectContaining({ name, message: expect.stringMatching(words) }),
    );
    expect(markCounts(ctx)).toEqual([]);
  });

  test('any text as an address, kind and note: kept in its one form, or refused by name', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.ipV4(),
          fc.ipV6(),
          fc.ipV4().map((one) => `${one}/24`),
        ),
        fc.oneof(fc.string(), fc.constantFrom(...MARK_KINDS)),
        fc.string({ unit: 'binary', maxLength: 600 }),
        (address, kind, note) => {
          try {
            const mark = markAddress(ctx, { address, kind, note }, BY);
            expect(marksOn(ctx, mark.about).map(({ id }) => id)).toContain(mark.id);
            endMark(ctx, mark.id, BY);
          } catch (error) {
            expect(['BadInput', 'Refused']).toContain((error as Error).name);
          }
        },
      ),
      { numRuns: 100 },
    );
    expect(ctx.store.marks.active('address')).toEqual([]);
  });
});

describe('the rules of marks', () => {
  let ctx: OpenContext;
  let state = '';
  beforeEach(() => {
    const made = makeServer();
    state = newState(made.dir);
    ctx = open({ root: made.dir, state });
  });
  afterEach(() => {
    ctx.close();
  });
  const say = (address: string, kind = 'monitor'): number =>
    markAddress(ctx, { address, kind, note: '' }, BY).id;

  test('a second equal one is refused, by a net too; another kind is not', () => {
    const id = say('203.0.113.7');
    expect(() => say('203.0.113.7')).toThrow(
      `203.0.113.7 is marked as an uptime monitor already (mark ${id}).`,
    );
    expect(() => say('::ffff:203.0.113.7')).toThrow('already');
    expect(() => say('203.0.113.7/32')).toThrow('already');
    const net = say('203.0.113.0/24');
    expect(() => say('203.0.113.8')).toThrow(`already (mark ${net} of 203.0.113.0/24).`);
    say('203.0.113.7', 'false-alarm');
    expect(ctx.store.activity()).toHaveLength(3);
  });

  test('taking back twice is refused; then it can be said anew', () => {
    const id = say('203.0.113.7');
    endMark(ctx, id, BY);
    expect(() => endMark(ctx, id, BY)).toThrow(`Mark ${id} was taken back already.`);
    expect(() => endMark(ctx, 999, BY)).toThrow('There is no mark 999.');
    expect(say('203.0.113.7')).toBeGreaterThan(id);
    expect(ctx.store.activity()).toHaveLength(3);
  });

  test('a known program’s words; a net is named', () => {
    say('203.0.113.7', 'own-program');
    say('203.0.113.0/24', 'payment');
    say('203.0.113.7', 'false-alarm');
    expect(knownByMark(ctx, '203.0.113.7')).toEqual([
      { source: 'mark', words: 'You marked 203.0.113.0/24 as a payment service', ref: null },
      { source: 'mark', words: 'You marked it as a program of your own', ref: null },
    ]);
    expect(knownByMark(ctx, '203.0.112.7')).toEqual([]);
  });

  test('of a list and of one address the same marks are found', () => {
    const names = [
      '203.0.113.7',
      '203.0.113.0/24',
      '203.0.0.0/16',
      '2001:db8:1::/64',
      '2001:db8::/32',
      '2001:db8:1::9',
    ];
    for (const name of names) say(name, 'partner' === name ? 'partner' : MARK_KINDS[names.indexOf(name) % 5]);
    const active = new ActiveMarks(ctx);
    const ids = (found: readonly { readonly id: number }[]): number[] => found.map(({ id }) => id);
    for (const client of [
      '203.0.113.7',
      '203.0.113.8',
      '203.0.1.1',
      '192.0.2.1',
      '2001:db8:1::9',
      '2001:db8:2::9',
    ])
      expect([client, ids(active.of(client))]).toEqual([client, ids(marksOn(ctx, client))]);
    expect(ids(active.of('203.0.113.7'))).toHaveLength(3);
    expect(ids(active.of('2001:db8:1::9'))).toHaveLength(3);
    expect(membersOf(ctx, ['203.0.113.7', '203.0.113.0/24'])).toEqual(
      new Map([
        ['203.0.113.7', ['203.0.113.7']],
        ['203.0.113.0/24', []],
      ]),
    );
  });

  test('nets of every length are found, of a list and of one address alike', () => {
    const nets = [
      ...Array.from({ length: 16 }, (_, nth) => normalizeNet(`203.0.113.201/${nth + 16}`) ?? ''),
      ...[32, 33, 64, 127].map((bits) => normalizeNet(`2001:db8:1::9/${bits}`) ?? ''),
    ];
    for (const about of nets)
      ctx.store.marks.add({ kind: 'partner', subject: 'address', about, note: '', author: 'root', at: NOW });
    const active = new ActiveMarks(ctx);
    for (const [client, most] of [
      ['203.0.113.201', 16],
      ['203.0.113.202', 15],
      ['203.0.255.255', 1],
      ['203.1.0.0', 0],
      ['2001:db8:1::9', 4],
      ['2001:db8:ffff::', 1],
    ] as const) {
      const found = active.of(client).map(({ id }) => id);
      expect([client, found]).toEqual([client, marksOn(ctx, client).map(({ id }) => id)]);
      expect([client, found.length]).toEqual([client, most]);
    }
  });

  test('of a cause: counted, shown with what it is, and nobody is judged again', async () => {
    const db = openDatabase(join(state, 'whyblocked.db'), ctx.host.rootDir);
    db.exec(`INSERT INTO causes (vhost, rule_id, target, path, target_seen, path_seen)
             VALUES ('shop.example.com', '942100', 'ARGS:q', '/search', 'ARGS:q', '/search')`);
    db.close();
    const { id } = markCause(ctx, { cause: '1', kind: 'false-alarm', note: 'search terms' }, BY);
    expect(() => markCause(ctx, { cause: 1, kind: 'false-alarm', note: '' }, BY)).toThrow(
      `Cause 1 is marked as a false alarm already (mark ${id}).`,
    );
    const { rows, counts } = await listMarks(ctx, { show: 'active', page: 1 });
    expect(rows).toMatchObject([
      {
        subject: 'cause',
        about: '1',
        cause: { vhost: 'shop.example.com', ruleId: '942100' },
        incidentsSince: 0,
      },
    ]);
    expect(counts).toEqual([{ subject: 'cause', kind: 'false-alarm', active: 1, ever: 1 }]);
    expect(new ActiveMarks(ctx).of('1')).toEqual([]);
    endMark(ctx, id, BY);
    expect(ctx.store.activity().map(({ detail }) => detail)).toEqual([
      'cause 1 as a false alarm: search terms',
      'cause 1 as a false alarm: search terms',
    ]);
  });
});

describe('words', () => {
  const FROM = '2026-11-22T17:56:37+01:00';
  const said = (
    kind: (typeof MARK_KINDS)[number],
    at = '2026-11-23T09:00:00+01:00',
    about = '203.0.113.7',
  ) => ({
    ...{ kind, at, about },
  });
  const NO = { short: 'No', long: 'The same requests tomorrow would block it again.' };

  test('each kind has its own', () => {
    expect(new Set(MARK_KINDS.map(markTag)).size).toBe(5);
    expect(knownWords({ kind: 'monitor', about: '203.0.113.7' })).toBe('You marked it as an uptime monitor');
  });

  test('a false alarm stands beside the model’s verdict', () => {
    expect(saidSentences([said('false-alarm')], 'unclear', FROM)).toEqual([
      'You said on 23 Nov 2026: a false alarm.',
      'The model says: unclear.',
    ]);
    expect(saidSentences([said('false-alarm', '2026-11-21T09:00:00+01:00')], 'attack', FROM)).toEqual([
      'You said on 21 Nov 2026, before this incident: a false alarm.',
      'The model says: attack.',
    ]);
  });

  test('a known program does so only where the model calls it an attack', () => {
    const older = said('monitor', '2026-01-02T09:00:00+01:00', '203.0.113.0/24');
    expect(saidSentences([older], 'false-positive', FROM)).toEqual([
      'You said of 203.0.113.0/24 on 2 Jan 2026: an uptime monitor.',
    ]);
    expect(saidSentences([older], 'attack', FROM).at(-1)).toBe('The model says: attack.');
    expect(saidSentences([older], null, null)).toHaveLength(1);
    expect(saidSentences([], 'attack', FROM)).toEqual([]);
  });

  test('the unblocking follows a false alarm that was said of this incident', () => {
    const about = { label: 'attack', block: block(), from: FROM } as const;
    expect(unblockByWord(NO, [said('false-alarm')], about)).toMatchObject({
      short: 'Yes: you said it was a false alarm',
      long: expect.stringContaining('The model says: attack. Look at its reasons first.'),
    });
    const unclear = unblockByWord(NO, [said('false-alarm')], { ...about, label: 'unclear' });
    expect(unclear.long).not.toContain('The model');
  });

  test.each([
    ['it was said before', [said('false-alarm', '2026-11-21T09:00:00+01:00')], block()],
    ['it is another mark', [said('monitor')], block()],
    ['nothing is blocked', [said('false-alarm')], block({ state: 'none' })],
    ['ModSecurity is not the reason', [said('false-alarm')], block({ notWaf: true })],
    ['nothing was said', [], block()],
  ])('and does not where %s', (_name, marks, one) => {
    expect(unblockByWord(NO, marks, { label: 'attack', block: one, from: FROM })).toBe(NO);
  });
});
