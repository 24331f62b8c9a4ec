// What is old goes and what is needed stays, whatever was kept: random servers, rounds that end anywhere, all pages after.
import { gzipSync } from 'node:zlib';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { activityRows } from '../../src/actions/activity.ts';
import { listCauses, readCause } from '../../src/actions/causes.ts';
import { listDomains, viewDomain } from '../../src/actions/domains.ts';
import { explain } from '../../src/actions/explain.ts';
import { listIncidents, readInbox } from '../../src/actions/inbox.ts';
import { settleAll } from '../../src/actions/judge-round.ts';
import { listMarks } from '../../src/actions/mark-list.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { retentionRound } from '../../src/actions/retention.ts';
import { retentionState, type RetentionState } from '../../src/actions/retention-state.ts';
import { retentionLimits, type RetentionSettings } from '../../src/actions/retention-limits.ts';
import { retentionCheck } from '../../src/actions/doctor-retention.ts';
import { listRules } from '../../src/actions/rule-view.ts';
import { scoreHistogram } from '../../src/actions/score-histogram.ts';
import type { ServerClock } from '../../src/actions/server.ts';
import { parseConfig } from '../../src/config.ts';
import { type OpenContext, openContext } from '../../src/context.ts';
import { openDatabase } from '../../src/store/database.ts';
import { accessLine, auditRecord, errorLines, type RawRequest, uniqueId } from '../evidence/raw-lines.ts';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';
import { cli, start } from './kit.ts';

const DAY = 86_400_000;
const MIB = 1024 * 1024;
const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const HOSTS = ['shop.example.com', 'addon.shop.example.com', 'nobody.example.org'] as const;
const CLIENTS = [
  '192.0.2.1',
  '192.0.2.2',
  '192.0.2.3',
  '198.51.100.1',
  '2001:db8::1',
  '203.0.113.9',
] as const;
const RULES = ['942100', '941100', '930120', '920420'] as const;

interface Sent {
  readonly client: number;
  readonly host: number;
  readonly rule: number;
  readonly daysAgo: number;
  readonly field: number;
}

const opened = new Set<() => void>();
afterAll(() => {
  for (const close of opened) close();
});

interface Place {
  readonly root: TestRoot;
  readonly state: string;
}

function openAt({ root, state }: Place, retention: RetentionSettings): OpenContext {
  const ctx = openContext({
    ...{ root: root.dir, state, retention, now: new Date(NOW).toISOString() },
    ...{ version: '0.0.0', env: { HOME: '/nonexistent' }, warn: () => undefined },
  });
  const close = (): void => {
    if (opened.delete(close)) ctx.close();
  };
  opened.add(close);
  return { ...ctx, close };
}

function request({ client, host, rule, daysAgo, field }: Sent): RawRequest {
  return {
    ...{ at: NOW - daysAgo * DAY - field * 1000 + 0.25, client: CLIENTS[client] ?? '192.0.2.1' },
    ...{ host: HOSTS[host] ?? HOSTS[0], method: 'GET', uri: `/page${field}.php?f${field}=x`, status: 403 },
    ...{ agent: 'Mozilla/5.0', referer: null, body: null, headers: [['Accept', '*/*']] },
    hits: [{ rule: RULES[rule] ?? RULES[0], target: `ARGS:f${field}`, value: "1' OR '1'='1" }],
  };
}

/** The newest line is of the present, so that the present is believed. */
const NOW_SENT: Sent = { client: 2, host: 2, rule: 3, daysAgo: 0, field: 0 };

function writeLogs(root: TestRoot, sent: readonly Sent[]): void {
  const known = sent
    .map(request)
    .toSorted((a, b) => a.at - b.at)
    .map((one, nth) => ({ one, id: uniqueId(one, nth) }));
  const write = (path: string, lines: readonly string[]): void => {
    root.write(path, `${lines.join('\n')}\n`);
  };
  write(
    '/var/log/apache2/error_log',
    known.flatMap(({ one, id }) => errorLines(one, id)),
  );
  write(
    '/var/log/apache2/modsec_audit.log',
    known.filter((_, nth) => nth % 2 === 0).map(({ one, id }) => auditRecord(one, id)),
  );
  write(
    `/var/log/apache2/domlogs/${HOSTS[0]}`,
    known.map(({ one }) => accessLine(one)),
  );
}

function server(sent: readonly Sent[], deny = '# nobody\n'): Place {
  const root = makeServer();
  writeLogs(root, [...sent, NOW_SENT]);
  root.write('/etc/csf/csf.deny', deny);
  return { root, state: join(tempDir(), 'state') };
}

async function read(ctx: OpenContext): Promise<ServerClock> {
  const { clock } = await refresh(ctx);
  await settleAll(ctx, clock);
  return clock;
}

/** Rounds until nothing is left; with a tiny budget each does one step. */
async function retain(ctx: OpenContext, clock: ServerClock, budgetMs = 5000): Promise<void> {
  for (let always = true; (await retentionRound(ctx, clock, budgetMs, always)).left; always = false);
}

function rows<Row>({ root, state }: Place, sql: string): Row[] {
  const db = openDatabase(join(state, 'whyblocked.db'), root.dir);
  try {
    return db.prepare<[], Row>(sql).all();
  } finally {
    db.close();
  }
}

const count = (place: Place, sql: string): number =>
  rows<{ n: number }>(place, `SELECT count(*) AS n FROM ${sql}`)[0]?.n ?? -1;

/** What hangs on nothing. */
function dangling(place: Place): Record<string, number> {
  const lost =
    'NOT EXISTS (SELECT 1 FROM incidents i WHERE i.client = h.client AND i.from_at = h.incident_from)';
  return {
    hits: count(place, `cause_hits h WHERE ${lost}`),
    shapes: count(place, `value_shapes h WHERE ${lost}`),
    prints: count(place, `fingerprints h WHERE ${lost}`),
    fading: count(place, 'fading'),
    cells: count(place, 'noise_cells n WHERE NOT EXISTS (SELECT 1 FROM causes c WHERE c.id = n.cause)'),
  };
}

/** Asks for everything that a page shows; each must answer. */
async function askAll(ctx: OpenContext): Promise<void> {
  const filter = { verdict: 'all', sinceHours: null, vhost: null, blockedOnly: false, page: 1 } as const;
  await readInbox(ctx, filter);
  await listIncidents(ctx, { sinceMs: null, verdict: null });
  for (const client of CLIENTS) await explain(ctx, client, { raw: true });
  for (const host of HOSTS) {
    await explain(ctx, host, { raw: false });
    await viewDomain(ctx, host);
    await scoreHistogram(ctx, host);
  }
  const all = { vhost: null, ruleId: null, state: 'all', text: '', days: 14, page: 1 } as const;
  const causes = await listCauses(ctx, all);
  for (const { id } of causes.rows) expect(await readCause(ctx, id)).not.toBeNull();
  await listDomains(ctx);
  await listMarks(ctx, { show: 'active', page: 1 });
  await listRules(ctx, { vhost: null, text: null });
  await activityRows(ctx);
}

const sent = fc.record({
  client: fc.nat(CLIENTS.length - 1),
  host: fc.nat(HOSTS.length - 1),
  rule: fc.nat(RULES.length - 1),
  daysAgo: fc.integer({ min: 1, max: 120 }),
  field: fc.nat(4),
});

describe('retention', () => {
  test('leaves exactly what is young or needed, wherever rounds end; every page answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sent, { minLength: 5, maxLength: 40 }),
        fc.record({
          days: fc.integer({ min: 1, max: 130 }),
          denied: fc.nat(CLIENTS.length - 1),
          marked: fc.nat(CLIENTS.length - 1),
          tiny: fc.boolean(),
        }),
        async (list, { days, denied, marked, tiny }) => {
          const place = server(list, `${CLIENTS[denied] ?? ''} # lfd: x\n`);
          const first = openAt(place, {});
          const clock = await read(first);
          const about = CLIENTS[marked] ?? '';
          const mark = {
            kind: 'partner',
            subject: 'address',
            about,
            note: '',
            author: 'root',
            at: NOW,
          } as const;
          first.store.write(() => first.store.marks.add(mark));
          const before = rows<{ client: string; to: number }>(
            place,
            'SELECT client, to_at / 1000.0 AS "to" FROM incidents ORDER BY client, to_at',
          );
          first.close();
          // Each round in a process of its own: what the one before left half done is done by the next.
          for (let left = true, always = true; left; always = false) {
            const ctx = openAt(place, { days });
            ({ left } = await retentionRound(ctx, clock, tiny ? 0 : 1000, always));
            ctx.close();
          }
          const stays = before.filter(
            ({ client, to }) => to >= NOW - days * DAY || client === CLIENTS[denied] || client === about,
          );
          const ctx = openAt(place, { days });
          await askAll(ctx);
          await settleAll(ctx, clock);
          const after = rows(
            place,
            'SELECT client, to_at / 1000.0 AS "to" FROM incidents ORDER BY client, to_at',
          );
          expect(after).toEqual(stays);
          const ids = rows<{ id: string; inside: number }>(
            place,
            `SELECT unique_id AS id, EXISTS (SELECT 1 FROM incidents i WHERE i.client = t.client
               AND t.at BETWEEN i.from_at AND i.to_at) AS inside FROM transactions t`,
          );
          const requests = rows<{ n: number }>(
            place,
            'SELECT coalesce(sum(requests), 0) AS n FROM incidents',
          );
          expect(ids.filter(({ inside }) => inside === 1)).toHaveLength(requests[0]?.n ?? -1);
          expect(ids.every(({ inside }) => inside === 1)).toBe(true);
          for (const { id } of ids) expect(ctx.store.transactions.byId(id)?.uniqueId).toBe(id);
          const counted = `SELECT coalesce(sum(h.hits), 0) FROM cause_hits h
            WHERE h.cause = c.id AND h.last_at >= ${(NOW - 14 * DAY) * 1000} AND h.first_at <= ${NOW * 1000}`;
          expect(count(place, `causes c WHERE hits <> (${counted})`)).toBe(0);
          expect(dangling(place)).toEqual({ hits: 0, shapes: 0, prints: 0, fading: 0, cells: 0 });
          ctx.close();
        },
      ),
      { numRuns: 8 },
    );
  }, 120_000);

  test('by bytes the oldest go first, until a tenth is free; what is needed stays', async () => {
    const list = Array.from({ length: 300 }, (_, nth): Sent => ({
      ...{ client: nth % 5, host: nth % 3, rule: nth % 4, daysAgo: 1 + Math.floor(nth / 4), field: nth % 7 },
    }));
    const place = server(list, `${CLIENTS[0]} # lfd: x\n`);
    const first = openAt(place, {});
    const { clock } = await refresh(first);
    first.store.write(() => {
      for (let nth = 0; nth < 4000; nth++)
        first.store.saveLfdEvent({
          ...{ at: NOW - (nth / 50) * DAY, address: '203.0.113.77', fileId: 1, offset: nth },
          event: { kind: 'other', text: 'x'.repeat(200) },
        });
    });
    const all = count(place, 'incidents');
    const denied = count(place, `incidents WHERE client = '${CLIENTS[0]}'`);
    const before = first.store.file.size();
    expect(before.shrinks).toBe(true);
    first.close();
    const share = (before.usedBytes * 0.9) / 1024 / 1024;
    const ctx = openAt(place, { megabytes: share });
    await retain(ctx, clock);
    const state = retentionState(ctx);
    expect(state.usedBytes).toBeLessThan(before.usedBytes * 0.9 * 0.9);
    expect(state).toMatchObject({ trouble: null, days: null });
    expect(state.last?.incidents).toBe(all - count(place, 'incidents'));
    expect(count(place, 'incidents')).toBeGreaterThan(denied);
    expect(count(place, `incidents WHERE client = '${CLIENTS[0]}'`)).toBe(denied);
    // Whoever is kept without need is younger than whoever went.
    const [oldest] = rows<{ at: number }>(
      place,
      `SELECT min(to_at) / 1000.0 AS at FROM incidents WHERE client <> '${CLIENTS[0]}'`,
    );
    expect(oldest?.at).toBeGreaterThanOrEqual(state.last?.before ?? Infinity);
    // Nothing is due, nothing changes; what is gone does not come back from the logs.
    const kept = count(place, 'transactions');
    const { report } = await refresh(ctx);
    expect(report.bytes).toBe(0);
    await retain(ctx, clock);
    expect(count(place, 'transactions')).toBe(kept);
    ctx.close();
    // Where all is needed, it says so and deletes nothing.
    const tight = openAt(place, { megabytes: 0.01 });
    await retain(tight, clock);
    expect(retentionState(tight).trouble).toBe('needed');
    expect(count(place, `incidents WHERE client = '${CLIENTS[0]}'`)).toBe(denied);
    tight.close();
  });

  test('requests to a vhost with an exclusion stay from its start on, at most 14 days', async () => {
    const list = [2, 5, 9, 20].map((daysAgo): Sent => ({ client: 1, host: 0, rule: 0, daysAgo, field: 1 }));
    const place = server([...list, { client: 3, host: 2, rule: 0, daysAgo: 2, field: 1 }]);
    const ctx = openAt(place, { days: 1 });
    const clock = await read(ctx);
    ctx.store.write(() => {
      const id = ctx.store.exclusions.add({
        scope: {
          ...{
            vhost: HOSTS[0],
            kind: 'rule-target',
            ruleId: '942100',
            tag: null,
            target: 'ARGS:f1',
            path: null,
          },
        } as never,
        ...{ form: 'remove' as never, reason: 'r', author: 'root', account: 'shopuser' },
        ...{ createdAt: NOW - 7 * DAY, expiresAt: null },
      });
      ctx.store.exclusions.activate(id);
    });
    await retain(ctx, clock);
    const left = rows<{ days: number }>(
      place,
      `SELECT CAST((${NOW * 1000} - at) / ${DAY * 1000} AS INTEGER) AS days FROM transactions ORDER BY at`,
    );
    expect(left.map(({ days }) => days)).toEqual([5, 2, 0]);
    ctx.close();
  });

  test('a log that is there is known by its cursor, through rotation too; an old archive that comes goes again', async () => {
    const sentOld = [40, 50, 60].map((daysAgo): Sent => ({ client: 1, host: 0, rule: 0, daysAgo, field: 1 }));
    const place = server(sentOld);
    const ctx = openAt(place, { days: 30 });
    const clock = await read(ctx);
    await retain(ctx, clock);
    expect(count(place, 'transactions')).toBe(1);
    const log = join(place.root.dir, '/var/log/apache2/error_log');
    const text = readFileSync(log);
    renameSync(log, `${log}-20261122`);
    writeFileSync(`${log}-20261122.gz`, gzipSync(text));
    rmSync(`${log}-20261122`);
    await read(ctx);
    expect(count(place, 'transactions')).toBe(1);
    // A log of before that was never seen: its lines are read once, and go.
    const strange = { ...NOW_SENT, daysAgo: 40, client: 4, field: 3 };
    const older = request(strange);
    writeFileSync(`${log}-20261001`, `${errorLines(older, uniqueId(older, 9)).join('\n')}\n`);
    await read(ctx);
    expect(count(place, 'transactions')).toBe(2);
    await retain(ctx, clock);
    expect(count(place, 'transactions')).toBe(1);
    const { report } = await refresh(ctx);
    expect(report.bytes).toBe(0);
    expect(count(place, "files WHERE path LIKE '%error_log-20261001'")).toBe(1);
    // When it is gone nothing names its row any more.
    rmSync(`${log}-20261001`);
    const young = request({ ...NOW_SENT, field: 2 });
    writeFileSync(`${log}-20261122`, `${errorLines(young, uniqueId(young, 8)).join('\n')}\n`);
    await read(ctx);
    await retain(ctx, clock);
    expect(count(place, "files WHERE path LIKE '%error_log-20261001'")).toBe(0);
    await askAll(ctx);
    ctx.close();
  });

  test('texts that nothing names go at the second look, unless they are used again', async () => {
    const place = server([
      { client: 1, host: 0, rule: 0, daysAgo: 40, field: 1 },
      { client: 1, host: 0, rule: 1, daysAgo: 41, field: 1 },
    ]);
    const ctx = openAt(place, { days: 30 });
    const other = openAt(place, { days: 30 });
    const clock = await read(ctx);
    // The other process has the texts' numbers in memory.
    const parts = other.store.transactions.ofClient(CLIENTS[1], 0, NOW);
    const [again] = parts;
    if (again === undefined) throw new Error('no transaction');
    const save = (uniqueId: string): void => {
      const fresh = { ...again, uniqueId, at: NOW, errorHits: again.errorHits.map((hit) => ({ ...hit })) };
      other.store.write(() => {
        other.store.transactions.save(fresh, () => 1, null);
        other.store.markDirty(fresh.client, NOW);
      });
    };
    save('first');
    other.store.write(() => {
      other.store.transactions.remove('first');
    });
    const texts = count(place, 'hit_texts');
    await retain(ctx, clock);
    expect(count(place, 'hit_texts')).toBe(texts);
    const unused = count(place, 'hit_texts WHERE unused_since IS NOT NULL');
    expect(unused).toBeGreaterThan(1);
    save('second');
    await retain(ctx, clock);
    expect(count(place, 'hit_texts')).toBeLessThan(texts);
    expect(ctx.store.transactions.byId('second')?.errorHits).toEqual(
      again.errorHits.map((hit) => ({ ...hit, ref: expect.anything() as never })),
    );
    expect(count(place, 'hit_texts WHERE unused_since IS NOT NULL')).toBe(0);
    ctx.close();
    other.close();
  });

  test('while csf.deny cannot be read, nothing goes', async () => {
    const place = server([{ client: 1, host: 0, rule: 0, daysAgo: 40, field: 1 }]);
    rmSync(join(place.root.dir, '/etc/csf/csf.deny'));
    place.root.folder('/etc/csf/csf.deny');
    const ctx = openAt(place, { days: 30 });
    const clock = await read(ctx);
    await retentionRound(ctx, clock, 1000, true);
    expect(count(place, 'transactions')).toBe(2);
    expect(retentionState(ctx)).toMatchObject({ trouble: 'csf', last: null });
    ctx.close();
  });

  test('a clock that is years ahead empties nothing', async () => {
    const place = server([{ client: 1, host: 0, rule: 0, daysAgo: 20, field: 1 }]);
    const ctx = openAt(place, { days: 30 });
    const clock = await read(ctx);
    await retain(ctx, { ...clock, now: NOW + 3650 * DAY });
    expect(count(place, 'transactions')).toBe(2);
    ctx.close();
  });

  test('killed at any moment, it ends as if it had not been', async () => {
    const list = Array.from({ length: 80 }, (_, nth): Sent => ({
      ...{ client: nth % 6, host: nth % 3, rule: nth % 4, daysAgo: 1 + nth, field: nth % 5 },
    }));
    const place = server(list);
    place.root.write('/var/log/lfd.log', '');
    const first = openAt(place, {});
    await read(first);
    const young = rows(
      place,
      `SELECT client, to_at FROM incidents WHERE to_at >= ${(NOW - 20 * DAY) * 1000} ORDER BY client, to_at`,
    );
    first.close();
    const config = join(tempDir(), 'config.json');
    writeFileSync(config, '{ "retention": { "days": 20, "megabytes": null } }');
    const args = ['ingest', '--root', place.root.dir, '--state', place.state, '--config', config];
    const dated = [...args, '--now', new Date(NOW).toISOString()];
    for (const afterMs of [250, 330, 410, 490]) {
      const { child, ended } = start(dated);
      const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
      await ended;
      clearTimeout(timer);
    }
    expect(await cli(dated)).toMatchObject({ code: 0, err: '' });
    expect(rows(place, 'SELECT client, to_at FROM incidents ORDER BY client, to_at')).toEqual(young);
    expect(dangling(place)).toEqual({ hits: 0, shapes: 0, prints: 0, fading: 0, cells: 0 });
  }, 60_000);

  test('limits: the usual ones on the server itself, none on a copy, what the config file says on both', () => {
    const limits = (text: string, isLive: boolean): unknown =>
      retentionLimits(parseConfig(text, 'c').retention ?? {}, isLive);
    const usual = { ageMs: 90 * DAY, bytes: 2048 * MIB };
    expect(limits('{}', true)).toEqual(usual);
    expect(limits('{}', false)).toEqual({ ageMs: null, bytes: null });
    expect(limits('{"retention": {"days": 30}}', true)).toEqual({ ...usual, ageMs: 30 * DAY });
    expect(limits('{"retention": {"days": null}}', true)).toEqual({ ...usual, ageMs: null });
    expect(limits('{"retention": {"megabytes": 64}}', false)).toEqual({ ageMs: null, bytes: 64 * MIB });
    for (const wrong of ['{"days": 13}', '{"megabytes": 63}', '{"days": "90"}', '{"weeks": 3}', '[]'])
      expect(() => limits(`{"retention": ${wrong}}`, true)).toThrow(/^c: "retention/);
  });

  test('doctor says how much is kept, what went, and what keeps it from going', () => {
    const state: RetentionState = {
      ...{ days: 90, limitBytes: 2048 * MIB, usedBytes: 300 * MIB, fileBytes: 400 * MIB, shrinks: true },
      ...{ oldestAt: NOW - 80 * DAY, nextAt: NOW, trouble: null },
      last: { incidents: 1, transactions: 7, others: 2, at: NOW - DAY, before: NOW - 90 * DAY },
    };
    const when = (at: number): string => new Date(at).toISOString().slice(0, 10);
    expect(retentionCheck(state, when)).toMatchObject({
      state: 'ok',
      found:
        '300 MiB in a file of 400 MiB, limit 2.0 GiB and 90 days; oldest request 2026-09-03; ' +
        'last removed 2026-11-21: 1 incident, 7 requests, up to 2026-08-24; next look 2026-11-22',
    });
    expect(retentionCheck({ ...state, trouble: 'csf' }, when).state).toBe('warn');
    expect(retentionCheck({ ...state, trouble: 'needed' }, when).mend).toMatch(/more megabytes/);
    expect(retentionCheck({ ...state, shrinks: false }, when).means).toMatch(/keeps its size/);
    const none = { ...state, days: null, limitBytes: null, last: null, oldestAt: null };
    expect(retentionCheck(none, when)).toMatchObject({
      state: 'info',
      found: '300 MiB in a file of 400 MiB, no limit; nothing is kept yet; nothing went so far',
    });
  });
});
