// WHM's hits database as the last source: what counts, what is passed over, what goes again.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { ingestHitsDb } from '../../src/actions/ingest-hits-db.ts';
import { refresh } from '../../src/actions/refresh.ts';
import { toTransaction } from '../../src/analyse/merge.ts';
import { HITS_COLUMNS, type HitsRow, parseHitsRow } from '../../src/parse/hits-db.ts';
import { makeRoot, tempDir, type TestRoot } from '../host/make-root.ts';
import { cli, open } from './kit.ts';

const HITS = '/var/cpanel/modsec/modsec.sqlite';

type Row = Partial<Record<(typeof HITS_COLUMNS)[number], string | number | null>>;

const hit = (row: Row = {}): Row => ({
  timestamp: '2026-11-22 13:00:11',
  timezone: 0,
  ip: '203.0.113.7',
  host: 'shop.example.com',
  path: '/product.php',
  justification: 'Pattern match "x" at ARGS:id.',
  action_desc: 'Warning.',
  meta_file: '/r/942.conf',
  meta_line: 66,
  meta_id: 942100,
  meta_msg: 'SQL Injection',
  meta_logdata: 'Matched Data: x found within ARGS:id: x',
  meta_severity: 'CRITICAL',
  ...row,
});
const refusal = (row: Row = {}): Row =>
  hit({
    meta_id: 949110,
    action_desc: 'Access denied with code 403 (phase 2).',
    justification: 'Operator GE matched 5 at TX:anomaly_score.',
    meta_msg: 'Inbound Anomaly Score Exceeded (Total Score: 5)',
    meta_logdata: null,
    ...row,
  });
const errorLine = (second: string, client: string, id: string): string =>
  `[Sun Nov 22 13:00:${second}.110242 2026] [security2:error] [pid 1:tid 2] [client ${client}:0] [client ${client}] ModSecurity: Warning. Pattern match "x" at ARGS:id. [file "/r/942.conf"] [line "66"] [id "942100"] [msg "m"] [severity "CRITICAL"] [hostname "shop.example.com"] [uri "/product.php"] [unique_id "${id}"]\n`;

function database(root: TestRoot, rows: readonly Row[], mode = 'DELETE'): void {
  root.folder('/var/cpanel/modsec');
  const db = new Database(join(root.dir, HITS));
  db.pragma(`journal_mode = ${mode}`);
  db.exec(
    `CREATE TABLE IF NOT EXISTS hits (id INTEGER PRIMARY KEY, ${HITS_COLUMNS.join(', ')}, handler, http_method)`,
  );
  const insert = db.prepare(
    `INSERT INTO hits (${HITS_COLUMNS.join(', ')}) VALUES (${HITS_COLUMNS.map(() => '?').join(', ')})`,
  );
  for (const row of rows) insert.run(...HITS_COLUMNS.map((name) => row[name] ?? null));
  db.close();
}

/** Reads logs and then the database, as the ingest does, and gives what is kept. */
async function read(root: TestRoot, state: string) {
  const ctx = open({ root: root.dir, state });
  try {
    const { clock } = await refresh(ctx);
    const report = await ingestHitsDb(ctx, clock.zone);
    const kept = ['203.0.113.7', '203.0.113.8'].flatMap((client) =>
      ctx.store.transactions.ofClient(client, -Infinity, Infinity).map(toTransaction),
    );
    return { report, kept };
  } finally {
    ctx.close();
  }
}

describe('rows become requests', () => {
  test('by address, host, path and second; marked, with the same id whenever they are read', async () => {
    const root = makeRoot();
    database(root, [
      hit(),
      refusal(),
      hit({ path: '/other.php' }),
      hit({ timestamp: '2026-11-22 13:00:12' }),
    ]);
    const first = await read(root, `${tempDir()}/state`);
    expect(first.report.problems).toEqual([]);
    expect(first.kept.map(({ path, hits }) => [path, hits.map(({ ruleId }) => ruleId)])).toEqual(
      expect.arrayContaining([
        ['/product.php', ['942100', '949110']],
        ['/other.php', ['942100']],
        ['/product.php', ['942100']],
      ]),
    );
    expect(first.kept).toHaveLength(3);
    const [one] = first.kept.filter(({ hits }) => hits.length === 2);
    expect(one).toMatchObject({
      at: Date.UTC(2026, 10, 22, 13, 0, 11),
      vhost: 'shop.example.com',
      sources: ['hits_db'],
      request: null,
    });
    expect(one?.uniqueId).toMatch(/^whm-[0-9a-f]{16}$/);
    expect(one?.hits[0]).toMatchObject({ target: 'ARGS:id', severity: 'CRITICAL', sources: ['hits_db'] });
    expect(one?.hits[1]).toMatchObject({ action: 'denied', denyStatus: 403, phase: 2 });
    const again = await read(root, `${tempDir()}/state`);
    expect(again.kept).toEqual(first.kept);
  });

  test('new rows are read on; a database made anew is read from its start', async () => {
    const root = makeRoot();
    const state = `${tempDir()}/state`;
    database(root, [hit(), hit({ timestamp: '2026-11-22 13:00:20' })]);
    expect((await read(root, state)).kept).toHaveLength(2);
    database(root, [hit({ timestamp: '2026-11-22 13:05:00' })]);
    expect((await read(root, state)).kept).toHaveLength(3);
    rmSync(join(root.dir, HITS));
    database(root, [hit({ ip: '203.0.113.8' })]);
    expect((await read(root, state)).kept).toHaveLength(4);
  });

  test('nothing is written beside a copied database, one with a write-ahead log included', async () => {
    const root = makeRoot();
    const state = `${tempDir()}/state`;
    database(root, [hit()], 'WAL');
    const before = readdirSync(join(root.dir, '/var/cpanel/modsec'));
    const bytes = readFileSync(join(root.dir, HITS));
    expect((await read(root, state)).kept).toHaveLength(1);
    expect(readdirSync(join(root.dir, '/var/cpanel/modsec'))).toEqual(before);
    expect(readFileSync(join(root.dir, HITS)).equals(bytes)).toBe(true);
    expect(readdirSync(state).filter((name) => name.startsWith('hits-copy'))).toEqual([]);
  });
});

describe('the logs come first', () => {
  test('rows of a time that error_log covers are passed over, others are kept', async () => {
    const root = makeRoot();
    root.write(
      '/etc/apache2/logs/error_log',
      errorLine('11', '203.0.113.7', 'aaaa') + errorLine('30', '203.0.113.8', 'bbbb'),
    );
    database(root, [
      hit(),
      hit({ timestamp: '2026-11-22 13:00:20' }),
      hit({ timestamp: '2026-11-21 10:00:00' }),
    ]);
    const { kept } = await read(root, `${tempDir()}/state`);
    expect(kept.map(({ sources }) => sources)).toEqual([['hits_db'], ['error_log'], ['error_log']]);
  });

  test('what was kept goes when a log that covers its time is read later: the order changes nothing', async () => {
    const root = makeRoot();
    const state = `${tempDir()}/state`;
    database(root, [hit(), hit({ timestamp: '2026-11-21 10:00:00' })]);
    expect((await read(root, state)).kept).toHaveLength(2);
    root.write(
      '/etc/apache2/logs/error_log',
      errorLine('10', '203.0.113.8', 'aaaa') + errorLine('30', '203.0.113.8', 'bbbb'),
    );
    const late = await read(root, state);
    const early = await read(root, `${tempDir()}/state`);
    expect(late.kept).toEqual(early.kept);
    expect(late.kept.filter(({ sources }) => sources.includes('hits_db'))).toHaveLength(1);
  });

  test('explain says what was joined by time', async () => {
    const root = makeRoot();
    const state = `${tempDir()}/state`;
    database(root, [hit(), refusal()]);
    await read(root, state);
    const { out } = await cli(['explain', '203.0.113.7', '--root', root.dir, '--state', state]);
    expect(out.replace(/\s+/g, ' ')).toContain('1 request joined by time, from WHM’s hits list');
  });
});

describe('what cannot be used', () => {
  test('no database is no problem; a text, a table that is not there and a FIFO are', async () => {
    const missing = makeRoot();
    missing.folder('/var');
    expect((await read(missing, `${tempDir()}/state`)).report.problems).toEqual([]);
    const text = makeRoot();
    text.write(HITS, 'not a database at all, but long enough to look at\n'.repeat(100));
    expect((await read(text, `${tempDir()}/state`)).report.problems).toEqual([
      { path: HITS, problem: 'not a database that can be read' },
    ]);
    const other = makeRoot();
    other.folder('/var/cpanel/modsec');
    new Database(join(other.dir, HITS)).exec('CREATE TABLE x (y)').close();
    expect((await read(other, `${tempDir()}/state`)).report.problems).toEqual([
      { path: HITS, problem: 'it has no table of hits' },
    ]);
    const fifo = makeRoot();
    fifo.folder('/var/cpanel/modsec');
    execFileSync('/usr/bin/mkfifo', [join(fifo.dir, HITS)]);
    expect((await read(fifo, `${tempDir()}/state`)).report.problems).toEqual([
      { path: HITS, problem: 'not a regular file' },
    ]);
    expect(existsSync(join(fifo.dir, HITS))).toBe(true);
  });

  test('rows of any values are survived', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('2026-11-22 13:00:11', '203.0.113.7', '942100'),
    );
    const row = fc.record({ id: fc.nat(), ...Object.fromEntries(HITS_COLUMNS.map((name) => [name, value])) });
    fc.assert(
      fc.property(row, (one) => {
        const entry = parseHitsRow(one as unknown as HitsRow);
        if (entry !== null) expect(entry.hit.ruleId).toMatch(/^\d+$/);
      }),
      { numRuns: 60 },
    );
  });

  test('times: with a zone, in seconds since 1970, without a zone, none', () => {
    const none = Object.fromEntries(HITS_COLUMNS.map((name) => [name, null]));
    const at = (timestamp: string, timezone: string | null) =>
      parseHitsRow({
        ...none,
        id: 1,
        ip: '203.0.113.7',
        meta_id: '1',
        timestamp,
        timezone,
      } as unknown as HitsRow);
    expect(at('2026-11-22 13:00:11', '-300')).toMatchObject({
      at: Date.UTC(2026, 10, 22, 18, 0, 11),
      wallAt: null,
    });
    expect(at('1795352411', null)).toMatchObject({ at: 1795352411000 });
    expect(at('2026-11-22 13:00:11', null)).toMatchObject({
      at: null,
      wallAt: Date.UTC(2026, 10, 22, 13, 0, 11),
    });
    expect(at('yesterday', '0')).toBeNull();
  });
});
