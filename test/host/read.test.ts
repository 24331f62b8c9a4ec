import {
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  appendFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gzipMembers } from '../../src/host/gzip-members.ts';
import type { LogLine } from '../../src/host/read-lines.ts';
import { MAX_LINE_BYTES, readLines } from '../../src/host/read-lines.ts';
import { readWindow } from '../../src/host/read-window.ts';
import type { LogSource } from '../../src/host/read.ts';
import { fingerprint, hasHead, readChunks } from '../../src/host/read.ts';
import { collect } from './every-verb.ts';
import { makeServer, tempDir } from './make-root.ts';

function source(file: string): LogSource {
  return {
    path: file,
    open() {
      const fd = openSync(file, 'r');
      return { problem: null, fd, stats: fstatSync(fd) };
    },
  };
}

const dir = tempDir();
let count = 0;

function written(content: string | Buffer): LogSource {
  const file = join(dir, String(count++));
  writeFileSync(file, content, 'latin1');
  return source(file);
}

/** Packed as several members, as appending one archive to another makes it. */
function members(text: string, cuts: readonly number[]): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const at = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b), bytes.length];
  return Buffer.concat(at.slice(1).map((end, index) => gzipSync(bytes.subarray(at[index], end))));
}

async function allLines(
  log: LogSource,
  from = 0,
): Promise<{ lines: LogLine[]; next: number; rest: LogLine | null }> {
  const lines: LogLine[] = [];
  let next = from;
  let rest: LogLine | null = null;
  for await (const batch of readLines(log, from)) {
    lines.push(...batch.lines);
    ({ next, rest } = batch);
  }
  return { lines, next, rest };
}

async function text(log: LogSource, from: number, limit?: number): Promise<string> {
  let at = from;
  let whole = '';
  for await (const { offset, bytes } of readChunks(log, from, limit)) {
    expect(offset).toBe(at);
    expect(bytes.length).toBeLessThanOrEqual(1024 * 1024);
    whole += bytes.toString('latin1');
    at += bytes.length;
  }
  return whole;
}

describe('chunks', () => {
  const whole = Array.from(
    { length: 40_000 },
    (_, i) => `line ${String(i)} \xff\x00 of a log with some text in it\n`,
  ).join('');

  test.each([
    ['plain', whole],
    ['gzip', gzipSync(Buffer.from(whole, 'latin1'))],
    ['several members', members(whole, [0.1, 0.1, 0.5, 0.99])],
  ])('%s: from anywhere, for any length', async (_name, content) => {
    const log = written(content);
    expect(await text(log, 0)).toBe(whole);
    for (const [from, limit] of [
      [1, 10],
      [1_048_575, 2],
      [1_048_576, 300_000],
      [whole.length - 1, 100],
      [whole.length, 1],
      [whole.length + 5, 1],
    ] as const) {
      expect(await text(log, from, limit)).toBe(whole.slice(from, from + limit));
    }
  });

  test('leaving early closes the file', async () => {
    for (const content of [whole, gzipSync(Buffer.from(whole, 'latin1'))]) {
      let fd = -1;
      const log = written(content);
      const spied: LogSource = {
        path: log.path,
        open() {
          const opened = log.open();
          if (opened.problem === null) ({ fd } = opened);
          return opened;
        },
      };
      for await (const chunk of readChunks(spied, 0)) if (chunk.bytes.length > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(() => fstatSync(fd)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    }
  });

  test('a cut or damaged archive gives what is good, then says so', async () => {
    const packed = gzipSync(Buffer.from(whole, 'latin1'));
    const read = async (content: Buffer): Promise<[number, string]> => {
      let length = 0;
      try {
        for await (const { bytes } of readChunks(written(content), 0)) length += bytes.length;
        return [length, ''];
      } catch (error) {
        return [length, (error as { problem: string }).problem];
      }
    };
    const [cut, problem] = await read(packed.subarray(0, packed.length - 2000));
    expect(problem).toBe('unfinished archive');
    expect(cut).toBeGreaterThan(whole.length / 2);
    expect(cut).toBeLessThan(whole.length);
    const broken = Buffer.from(packed);
    broken.fill(0xff, broken.length - 3000, broken.length - 2000);
    expect((await read(broken))[1]).toBe('damaged archive');
  });

  test('what cannot be opened is a ReadProblem', async () => {
    const log: LogSource = { path: '/x', open: () => ({ path: '/x', problem: 'permission denied' }) };
    await expect(text(log, 0)).rejects.toMatchObject({ problem: 'permission denied' });
  });
});

describe('lines', () => {
  test('any text splits as split does, packed or not, whatever the start', async () => {
    const line = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constant(''),
      fc.integer({ min: 1, max: 300 }).map((n) => 'y'.repeat(n * 1000)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.boolean(),
        fc.nat(),
        async (raw, packed, pick) => {
          const lines = raw.map((one) => Buffer.from(one.replaceAll('\n', ' ')).toString('latin1'));
          const whole = lines.join('\n');
          const log = written(packed ? members(whole, [0.3, 0.7]) : whole);
          const starts = lines.map((_, index) =>
            lines.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0),
          );
          const first = lines.length === 0 ? 0 : pick % lines.length;
          const from = starts[first] ?? 0;
          const got = await allLines(log, from);
          const shown = [...got.lines, ...(got.rest === null ? [] : [got.rest])];
          // A text that ends with a newline has no rest.
          const expected = lines
            .slice(first)
            .map((one, index) => ({ offset: starts[first + index], text: one, cut: false }));
          if (expected.at(-1)?.text === '') expected.pop();
          expect(shown).toEqual(expected);
          expect(got.next).toBe(got.rest === null ? Math.max(whole.length, from) : got.rest.offset);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a line over 1 MiB is cut, told, and the next one is where it stands', async () => {
    const long = 'a'.repeat(MAX_LINE_BYTES + 500_000);
    const { lines, rest } = await allLines(written(`first\n${long}\nnext\n${long}`));
    expect(lines.map(({ offset, cut, text: shown }) => [offset, cut, shown.length])).toEqual([
      [0, false, 5],
      [6, true, MAX_LINE_BYTES],
      [6 + long.length + 1, false, 4],
    ]);
    expect(rest).toMatchObject({ cut: true, offset: long.length + 12 });
  });

  test('a line exactly as long as a chunk is whole', async () => {
    const { lines } = await allLines(written(`${'a'.repeat(MAX_LINE_BYTES)}\nnext\n`));
    expect(lines.map(({ cut, text: shown }) => [cut, shown.length])).toEqual([
      [false, MAX_LINE_BYTES],
      [false, 4],
    ]);
  });
});

describe('a window of time', () => {
  const timeOf = (line: string): number | null => (/^\d+ /.test(line) ? Number.parseInt(line, 10) : null);
  const SLACK = 1_800_000;
  const entry = fc.record({
    step: fc.integer({ min: 0, max: 40_000 }),
    late: fc.oneof(
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: SLACK }) },
    ),
    kind: fc.constantFrom('timed', 'timed', 'timed', 'timed', 'none'),
    length: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 900 }) },
      { weight: 1, arbitrary: fc.constant(90_000) },
    ),
  });

  test('holds exactly the lines that reading everything would give: plain, gzip, members', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 200, maxLength: 500 }),
        fc.double({ min: -0.1, max: 1.1, noNaN: true }),
        fc.double({ min: 0, max: 0.4, noNaN: true }),
        fc.boolean(),
        async (entries, start, width, finished) => {
          let now = 1_000_000;
          const lines = entries.map(({ step, late, kind, length }) => {
            now += step;
            return kind === 'none' ? 'z'.repeat(length) : `${String(now - late)} ${'x'.repeat(length)}`;
          });
          const whole = lines.join('\n') + (finished ? '\n' : '');
          const span = now - 1_000_000;
          const from = Math.round(1_000_000 + span * start);
          const window = { from, to: Math.round(from + span * width), slackMs: SLACK };
          const expected = lines.filter((line) => {
            const at = timeOf(line);
            return at !== null && at >= window.from && at <= window.to;
          });
          for (const content of [whole, members(whole, []), members(whole, [0.2, 0.6])]) {
            const got: LogLine[] = [];
            for await (const batch of readWindow(written(content), window, timeOf)) got.push(...batch.lines);
            expect(got.map((line) => line.text)).toEqual(expected);
            for (const line of got) expect(whole.startsWith(line.text, line.offset)).toBe(true);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a small window of a big log reads a small part of it', async () => {
    const lines = Array.from(
      { length: 200_000 },
      (_, i) => `${String(i * 1000)} some text of an ordinary length\n`,
    );
    const asked: number[] = [];
    const log = written(lines.join(''));
    const seen: string[] = [];
    for await (const batch of readWindow(log, { from: 100_000_000, to: 100_060_000 }, (line) => {
      asked.push(1);
      return timeOf(line);
    })) {
      seen.push(...batch.lines.map((line) => line.text));
    }
    expect(seen).toHaveLength(61);
    expect(asked.length).toBeLessThan(lines.length / 10);
  });

  test('a log without any time, and an empty one', async () => {
    for (const content of ['', 'no time here\n'.repeat(50_000)]) {
      const got: unknown[] = [];
      for await (const batch of readWindow(written(content), { from: 0, to: 1e12 }, timeOf))
        got.push(...batch.lines);
      expect(got).toEqual([]);
    }
  });
});

describe('what a log is known by', () => {
  test('a short log is known again when it has grown, another one is not', async () => {
    const log = written('short\n');
    const { head, headLength, size } = await fingerprint(log);
    expect([headLength, size]).toEqual([6, 6]);
    expect(head).toMatch(/^[0-9a-f]{32}:6$/);
    appendFileSync(log.path, 'more\n'.repeat(1000));
    expect(await hasHead(log, head)).toBe(true);
    const grown = await fingerprint(log);
    expect(grown.head).toMatch(/^[0-9a-f]{32}$/);
    expect(await hasHead(log, grown.head)).toBe(true);
    writeFileSync(log.path, 'other\n'.repeat(1000));
    expect(await hasHead(log, head)).toBe(false);
    expect(await hasHead(log, grown.head)).toBe(false);
    truncateSync(log.path, 3);
    expect(await hasHead(log, head)).toBe(false);
    for (const bad of ['', 'xyz', `${head}9`, '../x']) expect(await hasHead(log, bad)).toBe(false);
  });

  test('packing does not change it', async () => {
    const whole = 'a line of the log\n'.repeat(500);
    const plain = await fingerprint(written(whole));
    const packed = await fingerprint(written(members(whole, [0.01, 0.5])));
    expect(packed.head).toBe(plain.head);
    expect(packed.size).toBeLessThan(plain.size);
  });
});

describe('a stored place', () => {
  const server = makeServer();
  const lines = Array.from({ length: 3000 }, (_, i) => `[old] line ${String(i)}`);
  const whole = `${lines.join('\n')}\n`;
  const logs = join(server.dir, 'var/log/apache2');
  const path = '/etc/apache2/logs/error_log';
  const offset = whole.indexOf('[old] line 2000\n');

  test('is found where it was, renamed, packed, in an archive folder, and not in another file', async () => {
    server.write('/var/log/apache2/error_log', whole);
    const host = server.host();
    const [log] = host.logs('error_log');
    if (log === undefined) throw new Error('no log');
    const { head } = await host.fingerprint(log);
    const ref = { file: path, offset, head };
    expect(await host.lineAt(ref)).toBe('[old] line 2000');
    renameSync(join(logs, 'error_log'), join(logs, 'error_log.1'));
    server.write('/var/log/apache2/error_log', whole.replaceAll('old', 'new'));
    expect(await host.lineAt(ref)).toBe('[old] line 2000');
    expect(await host.lineAt({ file: path, offset })).toBe('[new] line 2000');
    rmSync(join(logs, 'error_log.1'));
    mkdirSync(join(logs, 'archive'));
    server.write('/var/log/apache2/archive/error_log-11-2026.gz', gzipSync(whole));
    expect(await host.lineAt(ref)).toBe('[old] line 2000');
    rmSync(join(logs, 'archive'), { recursive: true });
    expect(await host.lineAt(ref)).toBeNull();
    expect(await host.lineAt({ ...ref, head: 'x' })).toBeNull();
    expect(await host.lineAt({ file: '/etc/userdatadomains', offset: 0 })).toBeNull();
  });

  test('of a domlog that cPanel appended to the month’s archive is found there', async () => {
    const day = (name: string): string =>
      Array.from({ length: 500 }, (_, i) => `${name} line ${String(i)}`).join('\n') + '\n';
    server.write('/var/log/apache2/domlogs/shop.example.com', day('second'));
    const host = server.host();
    const [log] = host.logs('access_log', 'shop.example.com');
    if (log === undefined) throw new Error('no log');
    const ref = {
      file: log.path,
      offset: day('second').indexOf('second line 77\n'),
      head: (await host.fingerprint(log)).head,
    };
    server.write('/var/log/apache2/domlogs/shop.example.com', '');
    server.write(
      '/home/shopuser/logs/shop.example.com-Nov-2026.gz',
      Buffer.concat(['first', 'second', 'third'].map((name) => gzipSync(day(name)))),
    );
    expect(await host.lineAt(ref)).toBe('second line 77');
  });

  test('a log that discovery did not give is not read', async () => {
    const host = server.host();
    const [log] = host.logs('error_log');
    if (log === undefined) throw new Error('no log');
    for (const other of ['/etc/userdatadomains', '/etc/passwd', '/var/log/apache2/../../../etc/passwd']) {
      await expect(host.fingerprint({ ...log, path: other })).rejects.toMatchObject({
        problem: 'not a log of this server',
      });
    }
    // One from another process is: it is found again.
    const fresh = server.host();
    expect((await fresh.fingerprint(log)).size).toBe(log.size);
  });
});

test('no descriptor stays open, whatever is read and however it ends', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  const whole = 'a line\n'.repeat(5000);
  const packed = members(whole, [0.5]);
  const logs = [written(whole), written(packed), written(packed.subarray(0, 40)), written('')];
  const before = open();
  for (let round = 0; round < 10; round++) {
    for (const log of logs) {
      const reading = [
        text(log, 0),
        text(log, 10, 10),
        allLines(log),
        fingerprint(log),
        hasHead(log, '0'.repeat(32)),
        collect(gzipMembers(log)),
        collect(readWindow(log, { from: 0, to: 1 }, () => 0)),
      ];
      await Promise.allSettled(reading);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(open()).toBeLessThanOrEqual(before + 2);
});
