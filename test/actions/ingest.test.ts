// Reading the logs into the store: in any order, in any pieces, several at once, killed at any moment, the rows are
// the same. They are compared over all tables as the store gives them, not by row numbers.
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refresh } from '../../src/actions/refresh.ts';
import { unpackDemo } from '../../src/host/demo-root.ts';
import { tempDir } from '../host/make-root.ts';
import { type AllRows, ingestOnce, newState, open, rowsIn, start } from './kit.ts';

const NOW = Date.UTC(2027, 0, 5, 9, 30, 0);
const ERROR = 'var/log/apache2/error_log';
const AUDIT = 'var/log/apache2/modsec_audit.log';
const LFD = 'var/log/lfd.log';
const LOGS = [ERROR, AUDIT, LFD];

let demo = '';
let whole: AllRows;
const bytes = (root: string, path: string): Buffer => readFileSync(join(root, path));

/** The rows that one reading of a root gives. */
async function readWhole(root: string): Promise<AllRows> {
  const state = newState(root);
  await ingestOnce(root, state);
  return rowsIn(root, state);
}

/** A copy of the demo server without its logs, to which a test gives them bit by bit. */
function emptied(): string {
  const root = join(tempDir(), 'root');
  cpSync(demo, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  for (const log of LOGS) rmSync(join(root, log));
  return root;
}

function put(root: string, path: string, content: Buffer, agoSeconds = 3600): void {
  writeFileSync(join(root, path), content);
  const at = NOW / 1000 - agoSeconds;
  utimesSync(join(root, path), at, at);
}

beforeAll(async () => {
  demo = unpackDemo(join(tempDir(), 'demo'), NOW).root;
  whole = await readWhole(demo);
});

test('the demo server gives rows of every kind', () => {
  expect(whole.parts.length).toBeGreaterThan(30);
  expect(whole.incidents.length).toBeGreaterThanOrEqual(5);
  expect(whole.lfdEvents.length).toBeGreaterThan(3);
});

test('reading twice changes nothing', async () => {
  const state = newState(demo);
  await ingestOnce(demo, state);
  await ingestOnce(demo, state);
  expect(rowsIn(demo, state)).toEqual(whole);
});

describe('the order of the logs', () => {
  const orders = [
    [AUDIT, ERROR, LFD],
    [ERROR, AUDIT, LFD],
    [LFD, AUDIT, ERROR],
  ];
  test.each(orders)('%s, %s, %s', async (...order) => {
    const root = emptied();
    const state = newState(root);
    for (const log of order) {
      put(root, log, bytes(demo, log), 120);
      await ingestOnce(root, state);
    }
    expect(rowsIn(root, state)).toEqual(whole);
  });
});

describe('rotation between two readings', () => {
  /** Reads the first part, lets `rotate` move the file, gives the rest to the new one, and reads again. */
  async function around(log: string, rotate: (path: string) => void): Promise<void> {
    const root = emptied();
    const state = newState(root);
    for (const other of LOGS) if (other !== log) put(root, other, bytes(demo, other), 120);
    const content = bytes(demo, log);
    // In the middle of a line or record: a rotation does not wait for one, but the program keeps writing to the
    // moved file until it is done.
    const cut = Math.floor(content.length / 2) + 37;
    put(root, log, content.subarray(0, cut), 1800);
    await ingestOnce(root, state);
    const file = join(root, log);
    const end = log === AUDIT ? content.indexOf('-Z--\n', cut) + 5 : content.indexOf('\n', cut) + 1;
    appendFileSync(file, content.subarray(cut, end));
    utimesSync(file, NOW / 1000 - 1700, NOW / 1000 - 1700);
    rotate(file);
    put(root, log, content.subarray(end), 120);
    await ingestOnce(root, state);
    const rows = rowsIn(root, state);
    expect(rows).toEqual(await readWhole(root));
    expect(rows.parts).toHaveLength(whole.parts.length);
    expect(rows.incidents).toEqual(whole.incidents);
    expect(rows.lfdEvents).toHaveLength(whole.lfdEvents.length);
  }
  const keepTime = (file: string): void => {
    utimesSync(file, NOW / 1000 - 1700, NOW / 1000 - 1700);
  };
  const ways: readonly (readonly [string, (file: string) => void])[] = [
    [
      'renamed',
      (file) => {
        renameSync(file, `${file}.1`);
      },
    ],
    [
      'renamed with a date',
      (file) => {
        renameSync(file, `${file}-20270105`);
      },
    ],
    [
      'copied and truncated',
      (file) => {
        copyFileSync(file, `${file}.1`);
        keepTime(`${file}.1`);
        truncateSync(file, 0);
      },
    ],
    [
      'packed',
      (file) => {
        writeFileSync(`${file}.1.gz`, gzipSync(readFileSync(file)));
        keepTime(`${file}.1.gz`);
        rmSync(file);
      },
    ],
    [
      'packed into the archive folder',
      (file) => {
        const folder = join(file, '../archive');
        if (!existsSync(folder)) mkdirSync(folder);
        const packed = join(folder, `${file.slice(file.lastIndexOf('/') + 1)}-20270105.gz`);
        writeFileSync(packed, gzipSync(readFileSync(file)));
        keepTime(packed);
        rmSync(file);
      },
    ],
  ];
  for (const [name, rotate] of ways) {
    test.each(LOGS)(`${name}: %s`, async (log) => {
      await around(log, rotate);
    });
  }

  test('rotated twice, and packed at the second time', async () => {
    const root = emptied();
    const state = newState(root);
    const content = bytes(demo, ERROR);
    const cuts = [1, 2, 3].map(
      (third) => content.indexOf('\n', Math.floor((content.length * third) / 3) - 200) + 1,
    );
    put(root, ERROR, content.subarray(0, cuts[0]), 3000);
    await ingestOnce(root, state);
    renameSync(join(root, ERROR), join(root, `${ERROR}.1`));
    put(root, ERROR, content.subarray(cuts[0], cuts[1]), 2000);
    await ingestOnce(root, state);
    put(root, `${ERROR}.2.gz`, gzipSync(bytes(root, `${ERROR}.1`)), 3000);
    renameSync(join(root, ERROR), join(root, `${ERROR}.1`));
    put(root, ERROR, content.subarray(cuts[1]), 1000);
    await ingestOnce(root, state);
    const rows = rowsIn(root, state);
    expect(rows).toEqual(await readWhole(root));
    expect(rows.parts.length).toBeGreaterThan(30);
  });
});

describe('logs that grow in pieces cut at any byte', () => {
  const same = (rows: AllRows): AllRows => rows;
  // Of the transformed copies of one value that rules log, one reading tells one: read apart, there are more findings.
  const noFindings = (rows: AllRows): AllRows => {
    const without = (one: unknown): unknown => ({ ...(one as object), findings: [] });
    return { ...rows, parts: rows.parts.map(without), transactions: rows.transactions.map(without) };
  };
  test.each([
    ['all three', LOGS, same],
    ['without an audit log', [ERROR, LFD], noFindings],
  ])('%s', async (_name, logs, told) => {
    const contents = new Map(logs.map((log) => [log, bytes(demo, log)]));
    const complete = emptied();
    for (const log of logs) put(complete, log, bytes(demo, log), 120);
    const expected = await readWhole(complete);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...logs), fc.integer({ min: 1, max: 40_000 })), {
          minLength: 1,
          maxLength: 9,
        }),
        async (steps) => {
          const root = emptied();
          const state = newState(root);
          const done = new Map(logs.map((log) => [log, 0]));
          const ctx = open({ root, state });
          try {
            for (const [log, length] of [...steps, ...logs.map((one) => [one, Infinity] as const)]) {
              const from = done.get(log) ?? 0;
              const to = Math.min(from + length, contents.get(log)?.length ?? 0);
              appendFileSync(join(root, log), contents.get(log)!.subarray(from, to));
              done.set(log, to);
              // lfd.log names no year: it is taken from the file's time.
              utimesSync(join(root, log), NOW / 1000 - 120, NOW / 1000 - 120);
              await refresh(ctx);
            }
          } finally {
            ctx.close();
          }
          expect(told(rowsIn(root, state))).toEqual(told(expected));
        },
      ),
      { numRuns: 10 },
    );
  });

  test.each([
    ['error_log', ERROR],
    ['lfd.log', LFD],
  ])('%s line by line while it is young', async (_name, log) => {
    const lines = bytes(demo, log)
      .toString('latin1')
      .split(/(?<=\n)/)
      .slice(0, 24);
    const root = emptied();
    const state = newState(root);
    for (const [index] of lines.entries()) {
      put(root, log, Buffer.from(lines.slice(0, index + 1).join(''), 'latin1'), 120);
      await ingestOnce(root, state);
    }
    expect(rowsIn(root, state)).toEqual(await readWhole(root));
  });
});

describe('a log that is rotated while it is shorter than what names it', () => {
  test.each([
    ['error_log', ERROR, 'ModSecurity: Warning'],
    ['lfd.log', LFD, '*Blocked in csf*'],
  ])('%s', async (_name, log, mark) => {
    const lines = bytes(demo, log)
      .toString('latin1')
      .split(/(?<=\n)/)
      .filter((line) => line.includes(mark))
      .sort((a, b) => a.length - b.length);
    // Short enough that the file is still young with a second line.
    lines.splice(1, 0, '[Tue Jan 05 09:00:00.000000 2027] [core:info] [pid 1] another line\n');
    const text = (from: number, to: number): Buffer => Buffer.from(lines.slice(from, to).join(''), 'latin1');
    expect(text(0, 2).length).toBeLessThan(1024);
    const root = emptied();
    const state = newState(root);
    put(root, log, text(0, 1), 1800);
    await ingestOnce(root, state);
    put(root, log, text(0, 2), 1700);
    renameSync(join(root, log), join(root, `${log}.1`));
    put(root, log, text(2, 4), 120);
    await ingestOnce(root, state);
    const rows = rowsIn(root, state);
    expect(rows).toEqual(await readWhole(root));
    expect(rows.parts.length + rows.lfdEvents.length).toBeGreaterThan(1);
  });
});

test('a last line without its end is left for later', async () => {
  const root = emptied();
  const state = newState(root);
  const content = bytes(demo, ERROR);
  const denied = content.indexOf('Access denied');
  const start_ = content.lastIndexOf('\n', denied) + 1;
  put(root, ERROR, content.subarray(0, denied + 200));
  await ingestOnce(root, state);
  const before = rowsIn(root, state);
  const text = content.toString('latin1', 0, start_);
  expect(before.parts).toHaveLength(
    new Set([...text.matchAll(/ModSecurity: .*\[unique_id "([^"]+)"\]/g)].map((found) => found[1])).size,
  );
  appendFileSync(join(root, ERROR), content.subarray(denied + 200));
  await ingestOnce(root, state);
  expect(rowsIn(root, state)).toEqual(await readWhole(root));
});

const COPIES = 3;

describe('processes', () => {
  /** The demo's logs many times over, each copy with unique ids and addresses of its own: a second of reading. */
  function large(): string {
    const root = emptied();
    for (const log of [ERROR, AUDIT]) {
      const text = bytes(demo, log).toString('latin1');
      const copies = Array.from({ length: COPIES }, (_, copy) =>
        text
          .replace(
            /(\[unique_id "|(?<=\n\[\d\d\/\w{3}\/\d{4}:[\d:.]+ [+-]\d{4}\] ))([\w@-]{3})/g,
            `$1${String(copy + 10)}x`,
          )
          .replace(/198\.51\.100\.77/g, `198.51.100.${String(100 + copy)}`),
      );
      put(root, log, Buffer.from(copies.join(''), 'latin1'), 120);
    }
    put(root, LFD, bytes(demo, LFD), 120);
    return root;
  }
  let root = '';
  let expected: AllRows;
  beforeAll(async () => {
    root = large();
    expected = await readWhole(root);
  });

  test('the large copy holds three times as much', () => {
    expect(expected.parts.length).toBe(whole.parts.length * COPIES);
  });

  test('four at once give the rows of one', async () => {
    const state = newState(root);
    const args = ['ingest', '--root', root, '--state', state];
    const all = await Promise.all([1, 2, 3, 4].map(() => start(args).ended));
    expect(all.map(({ code, err }) => [code, err])).toEqual([1, 2, 3, 4].map(() => [0, '']));
    expect(rowsIn(root, state)).toEqual(expected);
  });

  test('killed at any moment, a cursor stands where its rows end, and the next run completes them', async () => {
    const state = newState(root);
    const args = ['ingest', '--root', root, '--state', state];
    let interrupted = 0;
    for (let kill = 0; kill < 6; kill++) {
      const { child, ended } = start(args);
      await sleep(120 + kill * 70 + Math.floor(Math.random() * 60));
      child.kill('SIGKILL');
      if ((await ended).signal === 'SIGKILL') interrupted += 1;
      if (kill === 2) await compareWithCursors(state);
    }
    expect(interrupted).toBeGreaterThan(0);
    expect((await start(args).ended).code).toBe(0);
    expect(rowsIn(root, state)).toEqual(expected);
  });

  /** What is kept must be what a reading up to the cursors gives. */
  async function compareWithCursors(state: string): Promise<void> {
    const cut = emptied();
    const ctx = open({ root, state });
    try {
      for (const [kind, log] of [
        ['error_log', ERROR],
        ['audit_log', AUDIT],
        ['lfd_log', LFD],
      ] as const) {
        const cursor = ctx.store.files(kind)[0]?.cursor ?? 0;
        put(cut, log, bytes(root, log).subarray(0, cursor), 120);
      }
    } finally {
      ctx.close();
    }
    expect(rowsIn(root, state).parts).toEqual((await readWhole(cut)).parts);
  }
});
