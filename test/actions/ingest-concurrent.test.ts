// Audit records in files of their own: each is read once, whenever and wherever it comes, and nothing else is opened.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Context } from '../../src/actions/context.ts';
import { explain } from '../../src/actions/explain.ts';
import { ingestConcurrent } from '../../src/actions/ingest-concurrent.ts';
import { storeIndexLines } from '../../src/actions/ingest-index.ts';
import type { OpenContext } from '../../src/context.ts';
import { parseAuditJson } from '../../src/parse/audit-json.ts';
import { parseAuditV3 } from '../../src/parse/audit-v3.ts';
import { makeServer, type TestRoot } from '../host/make-root.ts';
import { readSamples } from '../parse/samples.ts';
import { errorLine, FOLDER, indexLine, type OneRecord, recordPath, recordText } from './concurrent-kit.ts';
import { ingestOnce, newState, open, rowsIn } from './kit.ts';

const START = Date.UTC(2026, 10, 22, 13, 15, 0);
const MINUTE = 60_000;
const go = (): boolean => false;

/** A server with these records in files; folders and files are old. */
function serverWith(records: readonly OneRecord[]): TestRoot {
  const server = makeServer();
  server.folder(FOLDER, 0o1733);
  for (const one of records) server.write(FOLDER + recordPath(one), recordText(one));
  age(join(server.dir, FOLDER));
  return server;
}

/** Lets all folders below one look as if nothing had come for an hour. */
function age(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) age(join(folder, entry.name));
  utimesSync(folder, START / 1000, START / 1000);
}

const many = (count: number, step = 1000): OneRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `id${String(index).padStart(6, '0')}`,
    at: START + index * step,
    client: `203.0.113.${String((index % 9) + 1)}`,
    rules: index % 2 === 0 ? ['942100', '949110'] : ['941100'],
    user: ['nobody', 'shopuser', ''][index % 3] ?? '',
  }));

/** The raw lines that a page shows of an address. */
async function shownOf(ctx: Context, address: string): Promise<string> {
  return JSON.stringify((await explain(ctx, address)).raw);
}

/** Runs some work on a server's context, and gives what it gives. */
async function within<T>(
  server: TestRoot,
  state: string,
  work: (ctx: OpenContext) => T | Promise<T>,
): Promise<T> {
  const ctx = open({ root: server.dir, state });
  try {
    return await work(ctx);
  } finally {
    ctx.close();
  }
}

const walk = (server: TestRoot, state: string): ReturnType<typeof ingestConcurrent> =>
  within(server, state, (ctx) => ingestConcurrent(ctx, go));

const idsIn = (ctx: Context, records: readonly OneRecord[]): string[] =>
  records.map(({ id }) => id).filter((id) => ctx.store.transactions.hasAudit(id));

const refusedIn = (ctx: Context): number =>
  ctx.store.files('audit_log').reduce((sum, { refused }) => sum + refused, 0);

describe('the walk', () => {
  test('reads every file once, of all users and without a user', async () => {
    const records = many(60);
    const server = serverWith(records);
    const state = newState(server.dir);
    const first = await walk(server, state);
    expect(first).toEqual({
      files: 60,
      bytes: records.reduce((sum, one) => sum + recordText(one).length, 0),
      problems: [],
    });
    await within(server, state, (ctx) => {
      for (const one of records) {
        const kept = ctx.store.transactions.byId(one.id);
        expect(kept?.auditHits?.map(({ ruleId }) => ruleId)).toEqual(one.rules);
        expect([kept?.client, kept?.at, kept?.request?.method]).toEqual([one.client, one.at, 'POST']);
        expect(kept?.auditRef?.file).toBe(`/etc/apache2/logs/modsec_audit${recordPath(one)}`);
      }
      const [row] = ctx.store.files('audit_log');
      expect([row?.lines, row?.refused, row?.firstAt, row?.lastAt]).toEqual([60, 0, START, START + 59_000]);
    });
    expect((await walk(server, state)).files).toBe(0);
  });

  test('goes on where it was stopped, and the rows are those of one whole reading', async () => {
    const records = many(450);
    const server = serverWith(records);
    const whole = newState(server.dir);
    await ingestOnce(server.dir, whole);
    const state = newState(server.dir);
    let asked = 0;
    await within(server, state, (ctx) => ingestConcurrent(ctx, () => ++asked > 2));
    await within(server, state, (ctx) => {
      const part = idsIn(ctx, records).length;
      expect(part).toBeGreaterThan(0);
      expect(part).toBeLessThan(450);
    });
    await ingestOnce(server.dir, state);
    expect(rowsIn(server.dir, state)).toEqual(rowsIn(server.dir, whole));
    expect(rowsIn(server.dir, whole).parts).toHaveLength(450);
  });

  test('two at once keep each record once', async () => {
    const records = many(450);
    const server = serverWith(records);
    const state = newState(server.dir);
    const one = open({ root: server.dir, state });
    const other = open({ root: server.dir, state });
    const both = await Promise.all([ingestConcurrent(one, go), ingestConcurrent(other, go)]);
    expect(both.reduce((sum, { files }) => sum + files, 0)).toBe(450);
    expect(one.store.files('audit_log').map(({ lines }) => lines)).toEqual([450]);
    one.close();
    other.close();
  });

  test('joins what error_log tells of the same requests, whichever is read first', async () => {
    const records = many(12);
    const server = serverWith(records);
    const later = newState(server.dir);
    await ingestOnce(server.dir, later);
    server.write('/var/log/apache2/error_log', records.map(errorLine).join(''));
    await ingestOnce(server.dir, later);
    const state = newState(server.dir);
    await ingestOnce(server.dir, state);
    const rows = rowsIn(server.dir, state);
    expect(rowsIn(server.dir, later)).toEqual(rows);
    expect(rows.transactions).toHaveLength(12);
    for (const one of rows.transactions) expect(one).toMatchObject({ sources: ['error_log', 'audit_log'] });
  });

  test('looks only into folders that have changed', async () => {
    const records = many(6);
    const server = serverWith(records);
    await within(server, newState(server.dir), async (ctx) => {
      await ingestConcurrent(ctx, go);
      const listed: string[] = [];
      await ingestConcurrent(
        watched(ctx, (minute) => listed.push(minute)),
        go,
      );
      expect(listed).toEqual([]);
      const late = { id: 'late', at: START + 30_000 };
      server.write(FOLDER + recordPath(late), recordText(late));
      await ingestConcurrent(
        watched(ctx, (minute) => listed.push(minute)),
        go,
      );
      expect(listed).toEqual(['20261122-1315']);
      expect(idsIn(ctx, [late])).toEqual(['late']);
    });
  });

  test('is finished with minutes that lie far enough behind the newest one of their user', async () => {
    const old = { id: 'old', at: START - 300 * MINUTE };
    const recent = { id: 'recent', at: START - 20 * MINUTE };
    const other = { id: 'other', at: START - 200 * MINUTE, user: 'shopuser' };
    const records = [old, recent, other, { id: 'new', at: START }, { id: 'far', at: Date.UTC(9998, 1, 1) }];
    const server = serverWith(records);
    const state = newState(server.dir);
    expect((await walk(server, state)).files).toBe(5);
    await within(server, state, async (ctx) => {
      // A name from the far future is read, but nothing is finished because of it.
      expect(ctx.store.auditFiles.finishedTo('/etc/apache2/logs/modsec_audit', 'nobody')).toBe(
        '20261122-0815',
      );
      expect(ctx.store.auditFiles.finishedTo('/etc/apache2/logs/modsec_audit', 'shopuser')).toBeNull();
      const listed: string[] = [];
      await ingestConcurrent(
        watched({ ...ctx, store: ctx.store }, (minute) => listed.push(minute)),
        go,
      );
      expect(listed).not.toContain('20261122-0815');
    });
  });
});

/** The same context, telling which minutes' folders are listed. */
function watched(
  ctx: Context,
  onList: (minute: string) => void,
  before: () => void = () => undefined,
): Context {
  const { auditFiles } = ctx.host;
  const minutes: Context['host']['auditFiles']['minutes'] = function* (folder, user, after) {
    for (const minute of auditFiles.minutes(folder, user, after))
      yield {
        ...minute,
        *names() {
          onList(minute.minute);
          for (const names of minute.names()) {
            before();
            yield names;
          }
        },
      };
  };
  return { ...ctx, host: { ...ctx.host, auditFiles: { ...auditFiles, minutes } } };
}

describe('a file', () => {
  test('that comes late is read when the index names it', async () => {
    const records = [
      { id: 'old', at: START - 300 * MINUTE },
      { id: 'new', at: START },
    ];
    const server = serverWith(records);
    const state = newState(server.dir);
    await walk(server, state);
    const late = [
      { id: 'late', at: START - 300 * MINUTE + 1000 },
      { id: 'gone', at: START - 299 * MINUTE },
    ];
    server.write(FOLDER + recordPath(late[0] ?? assertNever()), recordText(late[0] ?? assertNever()));
    expect((await walk(server, state)).files).toBe(0);
    await within(server, state, (ctx) => {
      nameInIndex(ctx, [...late.map(indexLine), 'a broken line', indexLine(records[0] ?? assertNever())]);
      expect(idsIn(ctx, late)).toEqual(['late']);
      const index = ctx.store.files('audit_log').find(({ path }) => path.endsWith('.log'));
      expect([index?.lines, index?.refused, index?.cursor]).toEqual([0, 1, 1000]);
    });
  });

  test('in a folder that was never walked is left to the walk', async () => {
    const records = many(4);
    const server = serverWith(records);
    await within(server, newState(server.dir), (ctx) => {
      nameInIndex(ctx, records.map(indexLine));
      expect(idsIn(ctx, records)).toEqual([]);
    });
  });

  test('that is being written is read when it is whole, an abandoned one as it is', async () => {
    const young = { id: 'young', at: START };
    const dead = { id: 'dead', at: START };
    const server = serverWith([]);
    const half = (one: OneRecord): string => recordText(one).replace(/--[0-9a-f]{8}-F--[^]*/, '');
    server.write(FOLDER + recordPath(young), half(young), 0);
    server.write(FOLDER + recordPath(dead), half(dead));
    server.write(`${FOLDER}${recordPath({ id: 'empty', at: START })}`, '', 0);
    const state = newState(server.dir);
    await walk(server, state);
    await within(server, state, (ctx) => {
      expect(idsIn(ctx, [young, dead])).toEqual(['dead']);
      expect(refusedIn(ctx)).toBe(0);
    });
    server.write(FOLDER + recordPath(young), recordText(young), 0);
    await walk(server, state);
    await within(server, state, (ctx) => {
      expect(ctx.store.transactions.byId('young')?.auditHits).toHaveLength(1);
    });
  });

  test('that vanishes between two looks is no problem', async () => {
    const records = many(9);
    const server = serverWith(records);
    await within(server, newState(server.dir), async (ctx) => {
      const folder = join(server.dir, FOLDER, 'nobody');
      const vanishing = watched(
        ctx,
        () => undefined,
        () => {
          rmSync(folder, { recursive: true, force: true });
        },
      );
      const report = await ingestConcurrent(vanishing, go);
      expect(report.problems).toEqual([]);
      expect(idsIn(ctx, records)).toHaveLength(6);
      expect(refusedIn(ctx)).toBe(0);
    });
  });

  test('may be of ModSecurity 3, or JSON', async () => {
    const server = serverWith([]);
    const native3 = readSamples('audit-v3').map(
      ({ raw }) => [raw, parseAuditV3(Buffer.from(raw, 'latin1'))] as const,
    );
    const json = readSamples('audit-json').map(({ raw }) => [`${raw}\n`, parseAuditJson(raw)] as const);
    const files = [...native3, ...json].flatMap(([text, record]) =>
      record === null ? [] : [{ text, record }],
    );
    const forms = files.map(({ record }) => ({ id: record.uniqueId, at: record.at, user: '' }));
    for (const [index, { text }] of files.entries())
      server.write(FOLDER + recordPath(forms[index] ?? assertNever()), text);
    const state = newState(server.dir);
    await walk(server, state);
    await within(server, state, (ctx) => {
      for (const { record } of files) {
        const kept = ctx.store.transactions.byId(record.uniqueId);
        expect([kept?.at, kept?.client]).toEqual([record.at, record.client]);
        expect(kept?.auditHits?.map(({ ruleId }) => ruleId)).toEqual(
          record.messages.map(({ hit }) => hit.ruleId),
        );
      }
      expect(refusedIn(ctx)).toBe(0);
    });
    expect(new Set(forms.map(({ id }) => id)).size).toBeGreaterThan(3);
  });

  test('that may not be read for now is read later: nothing behind it is finished before', async () => {
    const records = [0, 200, 300].map((ago) => ({ id: `ago${ago}`, at: START - ago * MINUTE }));
    const server = serverWith(records);
    await within(server, newState(server.dir), async (ctx) => {
      const { auditFiles } = ctx.host;
      const minutes: typeof auditFiles.minutes = function* (folder, user, after) {
        for (const minute of auditFiles.minutes(folder, user, after))
          yield minute.minute === '20261122-0955'
            ? { ...minute, read: () => ({ path: minute.path, problem: 'permission denied', mayPass: true }) }
            : minute;
      };
      const denied = { ...ctx, host: { ...ctx.host, auditFiles: { ...auditFiles, minutes } } };
      const folder = '/etc/apache2/logs/modsec_audit';
      expect(await ingestConcurrent(denied, go)).toMatchObject({
        files: 1,
        problems: [{ path: `${folder}/nobody`, problem: 'permission denied' }],
      });
      expect(ctx.store.auditFiles.finishedTo(folder, 'nobody')).toBe('20261122-0815');
      expect(await ingestConcurrent(ctx, go)).toMatchObject({ files: 2, problems: [] });
      expect(ctx.store.auditFiles.finishedTo(folder, 'nobody')).toBe('20261122-0955');
    });
  });

  test('of many megabytes keeps its last part', async () => {
    const large = { id: 'large', at: START, body: `a=${'x'.repeat(5 * 1024 * 1024)}` };
    const server = serverWith([large]);
    const state = newState(server.dir);
    await walk(server, state);
    await within(server, state, (ctx) => {
      expect(ctx.store.transactions.byId('large')?.auditHits?.map(({ ruleId }) => ruleId)).toEqual([
        '942100',
      ]);
    });
  });

  test('is read back where a page shows it, unless another one has taken its place', async () => {
    const one = { id: 'shown', at: START };
    const server = serverWith([one]);
    const state = newState(server.dir);
    await ingestOnce(server.dir, state);
    const shown = await within(server, state, (ctx) => shownOf(ctx, '203.0.113.7'));
    expect(shown).toContain('POST /shop?q=1 HTTP/1.1');
    await within(server, state, async (ctx) => {
      const ref = ctx.store.transactions.byId('shown')?.auditRef;
      expect(await ctx.host.lineAt(ref ?? assertNever())).toMatch(/^--[0-9a-f]{8}-A--$/);
      server.write(
        FOLDER + recordPath(one),
        recordText({ ...one, at: START + 1 }).replace('/shop', '/other'),
      );
      expect(await ctx.host.lineAt(ref ?? assertNever())).toBeNull();
      expect(await shownOf(ctx, '203.0.113.7')).not.toContain('/other');
    });
  });
});

describe('in a folder that everybody may write to', () => {
  const good = { id: 'good', at: START };
  const below = FOLDER + recordPath(good).replace(/\/[^/]*$/, '');
  const named = (id: string): string => `${below}/20261122-131500-${id}`;

  function hostile(): TestRoot {
    const server = serverWith([good]);
    const bait = join(server.outside, 'bait');
    writeFileSync(bait, recordText({ id: 'bait', at: START }));
    const inside = '/var/log/apache2/secret';
    server.write(inside, recordText({ id: 'second', at: START }));
    server.link(named('bait'), bait);
    server.link(named('inside'), '../../../../secret');
    server.hardLink(named('second'), join(server.dir, inside));
    server.write(named('other'), recordText({ id: 'victim', at: START }));
    server.write(named('text'), 'nothing of the kind');
    server.folder(named('folder'));
    execFileSync('/usr/bin/mkfifo', [join(server.dir, named('fifo'))]);
    server.write(`${below}/20261122-131500-${'x'.repeat(100)}`, 'a long name');
    server.write(`${below}/20261122-131600-minute`, recordText({ id: 'minute', at: START }));
    server.write(`${below}/notes.txt`, 'x');
    const elsewhere = join(server.outside, 'elsewhere', '20261122', '20261122-1315');
    mkdirSync(elsewhere, { recursive: true });
    writeFileSync(join(elsewhere, '20261122-131500-away'), recordText({ id: 'away', at: START }));
    server.link(`${FOLDER}/linked`, join(server.outside, 'elsewhere'));
    server.link(`${FOLDER}/shopuser/20261122`, join(server.outside, 'elsewhere', '20261122'));
    server.link(`${FOLDER}/wilduser/20261122/20261122-1315`, elsewhere);
    server.write(
      `${FOLDER}/..hidden/20261122/20261122-1315/20261122-131500-hid`,
      recordText({ id: 'hid', at: START }),
    );
    return server;
  }

  test('only records under their own names are read, through no link', async () => {
    const server = hostile();
    const state = newState(server.dir);
    const report = await walk(server, state);
    expect([report.files, report.problems]).toEqual([1, []]);
    const counts = await within(server, state, (ctx) => {
      const ids = ['bait', 'inside', 'second', 'other', 'victim', 'text', 'minute', 'away', 'hid'];
      expect(
        idsIn(
          ctx,
          ids.map((id) => ({ id, at: START })),
        ),
      ).toEqual([]);
      return refusedIn(ctx);
    });
    // bait, inside, second, other, text, folder, fifo
    expect(counts).toBe(7);
    await walk(server, state);
    await within(server, state, (ctx) => {
      expect(refusedIn(ctx)).toBe(counts);
    });
  });

  test('an account tells of its own sites only', async () => {
    const records = ['shopuser', 'wilduser', 'nobody', 'nosuch'].map((user) => ({
      id: user,
      at: START,
      user,
    }));
    const server = serverWith(records);
    const state = newState(server.dir);
    await walk(server, state);
    await within(server, state, (ctx) => {
      expect(idsIn(ctx, records)).toEqual(['shopuser', 'nobody', 'nosuch']);
      expect(refusedIn(ctx)).toBe(1);
    });
  });

  test('the index leads nowhere else', async () => {
    const server = hostile();
    await within(server, newState(server.dir), (ctx) => {
      const { auditFiles } = ctx.host;
      const folder = '/etc/apache2/logs/modsec_audit';
      for (const path of [
        '/linked/20261122/20261122-1315/20261122-131500-away',
        '/shopuser/20261122/20261122-1315/20261122-131500-away',
        '/wilduser/20261122/20261122-1315/20261122-131500-away',
        '/../secret',
        '/nobody/../../secret',
        '/..hidden/20261122/20261122-1315/20261122-131500-hid',
        recordPath({ id: 'bait', at: START }),
        recordPath({ id: 'second', at: START }),
        recordPath({ id: 'fifo', at: START }),
        recordPath({ id: 'folder', at: START }),
        '',
      ])
        expect(auditFiles.at(folder + path).problem).toEqual(expect.any(String));
      expect(auditFiles.at(folder + recordPath(good)).problem).toBeNull();
      expect(auditFiles.at(`/var/log/apache2/secret`).problem).toBe('no audit record');
    });
  });
});

/** Gives lines of the index to the store, as if they were the first 1000 bytes of the file. */
function nameInIndex(ctx: Context, lines: readonly string[]): void {
  ctx.store.write(() => {
    const path = '/etc/apache2/logs/modsec_audit.log';
    const { id } = ctx.store.auditFiles.folderRow(path);
    const file = ctx.store.files('audit_log').find((row) => row.id === id) ?? assertNever();
    const read = lines.map((text, offset) => ({ text: text.trimEnd(), offset, cut: false }));
    storeIndexLines(ctx, { file, end: 1000, changedAt: START }, read);
  });
}

function assertNever(): never {
  throw new Error('the test is wrong');
}
