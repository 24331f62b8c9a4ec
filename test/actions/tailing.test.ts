// Logs that are cut, copied, packed and replaced between two looks and under the hands of the reader: what was read counts once,
// what was not read is read.
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refresh } from '../../src/actions/refresh.ts';
import type { OpenContext } from '../../src/context.ts';
import { makeServer, type TestRoot } from '../host/make-root.ts';
import { newState, open } from './kit.ts';

const ERROR = 'var/log/apache2/error_log';
const LFD = 'var/log/lfd.log';
const ARCHIVE = 'var/log/apache2/archive/error_log-11-2026.gz';

let server: TestRoot;
let ctx: OpenContext;

beforeEach(() => {
  server = makeServer();
  server.link('/etc/localtime', '/usr/share/zoneinfo/UTC');
  ctx = open({ root: server.dir, state: newState(server.dir) });
});

afterEach(() => {
  ctx.close();
});

const at = (path: string): string => join(server.dir, path);

/** One line of error_log, about 500 bytes. */
function line(id: string): string {
  return `[Sun Nov 22 13:49:05.000000 2026] [security2:error] [pid 1:tid 1] [client 192.0.2.7:0] [client 192.0.2.7] ModSecurity: Warning. Matched phrase "x" at ARGS:${id}. [file "/etc/rules/REQUEST-913-SCANNER-DETECTION.conf"] [line "1"] [id "913100"] [msg "Found User-Agent associated with security scanner"] [severity "CRITICAL"] [ver "OWASP_CRS/3.3.4"] [tag "application-multi"] [tag "attack-reputation-scanner"] [hostname "shop.example.com"] [uri "/product.php"] [unique_id "${id}"]\n`;
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => line(`request-${String(from + index)}`)).join('');
}

function lfdLine(second: number): string {
  return `Nov 22 13:50:${String(second).padStart(2, '0')} host lfd[4242]: (mod_security) mod_security (id:949110) triggered by 192.0.2.7 (US/United States/-): 5 in the last 3600 secs - *Blocked in csf* [LF_MODSEC]\n`;
}

/** The numbers of requests that are kept, each as often as it has hits. */
function kept(): number[] {
  return ctx.store.transactions
    .ofClient('192.0.2.7', 0, 2e12)
    .flatMap(({ uniqueId, errorHits }) => errorHits.map(() => Number(uniqueId.slice('request-'.length))))
    .sort((a, b) => a - b);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const look = async (): Promise<readonly { path: string; problem: string }[]> =>
  (await refresh(ctx)).report.problems.filter(({ problem }) => problem !== 'missing');

describe('a log that is cut', () => {
  test.each([
    ['to a line, and not yet as long as it was', 12, 0, 14],
    ['within a line', 12, 100, 14],
    ['and has grown past where it was read to', 12, 0, 60],
    ['below its first KiB', 1, 0, 2],
    ['below its first KiB, and has grown past', 1, 0, 60],
    ['to nothing', 0, 0, 3],
  ])('%s', async (_name, left, more, to) => {
    writeFileSync(at(ERROR), lines(0, 20));
    await look();
    truncateSync(at(ERROR), lines(0, left).length + more);
    // A cut line goes on with the next one: nobody can read that.
    appendFileSync(at(ERROR), more > 0 ? `\n${lines(20, 20 + to - left)}` : lines(20, 20 + to - left));
    await look();
    await look();
    expect(kept()).toEqual(upTo(20 + to - left));
    appendFileSync(at(ERROR), line('request-500'));
    await look();
    expect(kept()).toEqual([...upTo(20 + to - left), 500]);
  });

  test('again and again', async () => {
    writeFileSync(at(ERROR), lines(0, 20));
    await look();
    for (let round = 0; round < 5; round++) {
      truncateSync(at(ERROR), lines(0, 10 - 2 * round).length);
      appendFileSync(at(ERROR), lines(20 + 10 * round, 30 + 10 * round));
      await look();
    }
    expect(kept()).toEqual(upTo(70));
  });

  test.each([
    ['young', 6, 3],
    ['long', 40, 20],
  ])('a %s lfd.log', async (_name, before, left) => {
    const text = (from: number, to: number): string => upTo(to).slice(from).map(lfdLine).join('');
    writeFileSync(at(LFD), text(0, before));
    await look();
    truncateSync(at(LFD), text(0, left).length);
    appendFileSync(at(LFD), text(before, before + 5));
    await look();
    appendFileSync(at(LFD), text(before + 5, before + 6));
    await look();
    const seconds = ctx.store.lfdEventsOf('192.0.2.7').map((event) => new Date(event.at).getUTCSeconds());
    expect(seconds.sort((a, b) => a - b)).toEqual(upTo(before + 6));
  });
});

describe('a copy that is not finished', () => {
  test.each([
    ['of a long log', 40],
    ['of a young one', 2],
  ])('%s is no cut', async (_name, count) => {
    const text = lines(0, count);
    writeFileSync(at(ERROR), text);
    await look();
    const rows = ctx.store.files('error_log').length;
    for (const part of [0.2, 0.6, 0.9]) {
      writeFileSync(at(`${ERROR}.1`), text.slice(0, text.length * part));
      await look();
      expect(kept()).toEqual(upTo(count));
    }
    expect(ctx.store.files('error_log').find(({ path }) => path.endsWith('/error_log'))?.cursor).toBe(
      text.length,
    );
    expect(rows).toBe(1);
    copyFileSync(at(ERROR), at(`${ERROR}.1`));
    truncateSync(at(ERROR), 0);
    appendFileSync(at(ERROR), lines(count, count + 3));
    await look();
    expect(kept()).toEqual(upTo(count + 3));
  });

  test('an archive that is being packed is said to be unfinished, and read when it is done', async () => {
    writeFileSync(at(`${ERROR}.1`), lines(0, 40));
    await look();
    const packed = gzipSync(lines(0, 60));
    writeFileSync(at(`${ERROR}.1.gz`), packed.subarray(0, packed.length / 2));
    expect(await look()).toEqual([
      { path: '/etc/apache2/logs/error_log.1.gz', problem: 'unfinished archive' },
    ]);
    // The same is said, and nothing unpacked again, as long as it does not change.
    expect(await look()).toEqual([
      { path: '/etc/apache2/logs/error_log.1.gz', problem: 'unfinished archive' },
    ]);
    expect(kept().slice(0, 40)).toEqual(upTo(40));
    writeFileSync(at(`${ERROR}.1.gz`), packed);
    rmSync(at(`${ERROR}.1`));
    expect(await look()).toEqual([]);
    expect(kept()).toEqual(upTo(60));
  });

  test('of an archive that nobody had read the good part is read, and the rest when it comes', async () => {
    // What does not pack well comes out piece by piece.
    const packed = gzipSync(lines(0, 300), { level: 0 });
    writeFileSync(at(`${ERROR}.1.gz`), packed.subarray(0, packed.length / 2));
    expect((await look()).map(({ problem }) => problem)).toEqual(['unfinished archive']);
    const part = kept();
    expect(part.length).toBeGreaterThan(100);
    expect(part).toEqual(upTo(part.length));
    writeFileSync(at(`${ERROR}.1.gz`), packed);
    expect(await look()).toEqual([]);
    expect(kept()).toEqual(upTo(300));
  });
});

describe('an archive that rotated logs are appended to', () => {
  function archive(text: string): void {
    mkdirSync(dirname(at(ARCHIVE)), { recursive: true });
    appendFileSync(at(ARCHIVE), gzipSync(text));
  }

  test('counts nothing twice of logs that were read before they came into it', async () => {
    for (let month = 0; month < 4; month++) {
      const text = lines(10 * month, 10 * month + 10);
      writeFileSync(at(ERROR), text);
      await look();
      archive(text);
      rmSync(at(ERROR));
      await look();
    }
    expect(kept()).toEqual(upTo(40));
  });

  test('gives what was not read before: whole logs, and what was written behind the last look', async () => {
    archive(lines(0, 10));
    writeFileSync(at(ERROR), lines(10, 15));
    await look();
    appendFileSync(at(ERROR), lines(15, 20));
    archive(readFileSync(at(ERROR), 'latin1'));
    rmSync(at(ERROR));
    await look();
    expect(kept()).toEqual(upTo(20));
    archive(lines(20, 30));
    archive(lines(30, 33));
    await look();
    expect(kept()).toEqual(upTo(33));
  });

  test('goes on behind its last whole part, also when it begins anew', async () => {
    archive(lines(0, 10));
    await look();
    rmSync(at(ARCHIVE));
    archive(lines(50, 60));
    archive(lines(10, 20));
    await look();
    expect(kept()).toEqual([...upTo(20), ...upTo(60).slice(50)]);
  });

  test('is read up to a part that is damaged', async () => {
    archive(lines(0, 10));
    archive(lines(10, 20));
    const bytes = readFileSync(at(ARCHIVE));
    const second = gzipSync(lines(0, 10)).length;
    bytes.fill(0xff, second + 40, second + 80);
    writeFileSync(at(ARCHIVE), bytes);
    writeFileSync(at(ERROR), lines(20, 30));
    expect((await look()).map(({ problem }) => problem)).toEqual(['damaged archive']);
    const numbers = kept();
    expect(numbers.filter((number) => number < 10)).toEqual(upTo(10));
    expect(numbers.filter((number) => number >= 20)).toEqual(upTo(30).slice(20));
  });

  test('whose parts are the blocks of one log gives it once', async () => {
    const text = lines(0, 400);
    writeFileSync(at(ERROR), text);
    await look();
    for (let from = 0; from < text.length; from += 0xff00) archive(text.slice(from, from + 0xff00));
    rmSync(at(ERROR));
    await look();
    expect(kept()).toEqual(upTo(400));
  });
});

describe('a log that changes while it is read', () => {
  test('replaced by another between the look and the reading: nothing of that is taken for the first', async () => {
    writeFileSync(at(ERROR), lines(0, 10));
    await look();
    appendFileSync(at(ERROR), lines(10, 12));
    const { host } = ctx;
    const read = host.readBlocks.bind(host);
    let swapped = false;
    const swapping: OpenContext = {
      ...ctx,
      host: {
        ...host,
        readBlocks: (...args: Parameters<typeof host.readBlocks>) => {
          if (!swapped) {
            renameSync(at(ERROR), at(`${ERROR}.1`));
            writeFileSync(at(ERROR), lines(100, 140));
            swapped = true;
          }
          return read(...args);
        },
      },
    };
    await refresh(swapping);
    await look();
    expect(swapped).toBe(true);
    expect(kept()).toEqual([...upTo(12), ...upTo(140).slice(100)]);
  });

  test('one that may not be read is a problem of its own, and the others go on', async () => {
    if (process.getuid?.() === 0) {
      // Nothing is denied to root: a folder in place of the log is.
      mkdirSync(at(LFD));
    } else {
      writeFileSync(at(LFD), lfdLine(1));
      chmodSync(at(LFD), 0o000);
    }
    writeFileSync(at(ERROR), lines(0, 3));
    await look();
    expect(kept()).toEqual(upTo(3));
    expect(existsSync(at(LFD))).toBe(true);
  });
});

test('two logs with the same beginning and other ends', async () => {
  writeFileSync(at(ERROR), lines(0, 10) + lines(20, 25));
  writeFileSync(at(`${ERROR}.1`), lines(0, 10) + lines(30, 37));
  await look();
  await look();
  expect(kept()).toEqual([...upTo(10), ...upTo(25).slice(20), ...upTo(37).slice(30)]);
});

test('a young log that is moved and another one in its place', async () => {
  writeFileSync(at(ERROR), line('request-0'));
  await look();
  appendFileSync(at(ERROR), line('request-1'));
  renameSync(at(ERROR), at(`${ERROR}.1`));
  writeFileSync(at(ERROR), '');
  await look();
  appendFileSync(at(ERROR), line('request-2'));
  await look();
  expect(kept()).toEqual(upTo(3));
});

test('two copies of a log do not take its row from each other at every look', async () => {
  writeFileSync(at(ERROR), lines(0, 10));
  await look();
  copyFileSync(at(ERROR), at(`${ERROR}.1`));
  await look();
  const path = ctx.store.files('error_log')[0]?.path;
  for (let count = 0; count < 3; count++) {
    await look();
    expect(ctx.store.files('error_log').map((row) => row.path)).toEqual([path]);
  }
  renameSync(at(ERROR), at(`${ERROR}.2`));
  appendFileSync(at(`${ERROR}.2`), lines(10, 12));
  await look();
  expect(kept()).toEqual(upTo(12));
  expect(ctx.store.files('error_log').map((row) => row.path)).toEqual(['/etc/apache2/logs/error_log.2']);
});
