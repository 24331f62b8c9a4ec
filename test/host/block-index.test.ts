import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sweepIndexes } from '../../src/host/block-builder.ts';
import { BLOCK_BYTES, SLAB_BYTES, STATE_BYTES } from '../../src/host/block-slab.ts';
import { openBlockIndex } from '../../src/host/block-index.ts';
import { fingerprint, openLog } from '../../src/host/read.ts';
import { readLines } from '../../src/host/read-lines.ts';
import {
  ALL,
  LONG_LINES,
  MIB,
  SOME,
  START,
  accessLog,
  build,
  buildAll,
  builderOf,
  clf,
  expectNoneMissed,
  longLines,
  sourceOf,
  withIndex,
} from './block-kit.ts';
import { tempDir } from './make-root.ts';

interface Place {
  readonly folder: string;
  readonly file: string;
}

/** A folder for indexes and a log beside it. */
function place(text: string | Buffer): Place {
  const dir = tempDir();
  const file = join(dir, 'access_log');
  writeFileSync(file, text, 'latin1');
  return { folder: join(dir, 'index'), file };
}

/** Logs of this many bytes are indexed; they fill a slab and begin another one. */
const ENOUGH = 4.4 * MIB;

/** Packed in members, as appending one archive to another makes it. */
function packed(text: string, members = 1): Buffer {
  const size = Math.ceil(text.length / members);
  const parts = Array.from({ length: members }, (_, n) => text.slice(n * size, (n + 1) * size));
  return Buffer.concat(parts.map((part) => gzipSync(Buffer.from(part, 'latin1'), { level: 1 })));
}

async function covered({ folder, file }: Place): Promise<number | null> {
  return withIndex(folder, file, (index) => index?.covered ?? null);
}

describe('no line of a client is left out', () => {
  test('in a log that grows while the builder comes and goes, is renamed, copied, emptied and packed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(1e6),
          vhosts: fc.boolean(),
          newline: fc.constantFrom('\n', '\r\n'),
          cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
          budget: fc.integer({ min: 1, max: 4 * MIB }),
          members: fc.integer({ min: 1, max: 4 }),
        }),
        async ({ cuts, budget, members, ...options }) => {
          const text = accessLog({ ...options, bytes: 4.8 * MIB });
          const start = text.slice(0, 4.05 * MIB);
          const { folder, file } = place(start);
          let builder = builderOf(folder, file);
          await buildAll(builder, budget);
          const ends = [...cuts.sort((a, b) => a - b), 1].map(
            (cut) => start.length + Math.floor(cut * 0.7 * MIB),
          );
          let at = start.length;
          for (const end of ends) {
            appendFileSync(file, text.slice(at, end), 'latin1');
            at = Math.max(at, end);
            builder.close();
            builder = builderOf(folder, file);
            await builder.step(budget);
            await withIndex(folder, file, (index) => {
              expect(index).not.toBeNull();
              expectNoneMissed(index!, text.slice(0, at));
            });
          }
          appendFileSync(file, text.slice(at), 'latin1');
          await buildAll(builder, budget);

          const window = { from: START + 300_000, to: START + 900_000 };
          const renamed = `${file}.1`;
          renameSync(file, renamed);
          await withIndex(folder, renamed, (index) => {
            expect(text.length - index!.covered).toBeLessThan(2 * BLOCK_BYTES);
            expectNoneMissed(index!, text);
            expectNoneMissed(index!, text, window);
          });
          copyFileSync(renamed, file);
          truncateSync(renamed);
          expect(await covered({ folder, file: renamed })).toBeNull();
          await withIndex(folder, file, (index) => {
            expectNoneMissed(index!, text);
          });
          const archive = `${file}.2.gz`;
          writeFileSync(archive, packed(text, members));
          expect(await covered({ folder, file: archive })).toBeNull();
          await build(folder, archive);
          await withIndex(folder, archive, (index) => {
            expect(index?.covered).toBe(text.length);
            expectNoneMissed(index!, text);
            expectNoneMissed(index!, text, window);
          });
          // The plain log's own is still there.
          await withIndex(folder, file, (index) => {
            expectNoneMissed(index!, text);
          });
        },
      ),
      { numRuns: 3 },
    );
  }, 120_000);

  test('in an error log', async () => {
    const line = (n: number): string =>
      `[Sun Nov 22 13:00:11.110242 2026] [security2:error] [pid 7:tid 8] [client 203.0.113.${n % 200}:51234] [client 203.0.113.${n % 200}] ModSecurity: ${'x'.repeat(2000)}\n`;
    const text = Array.from({ length: 2200 }, (_, n) => line(Math.floor(n / 11))).join('');
    const { folder, file } = place(text);
    await buildAll(builderOf(folder, file, 'error', () => START));
    await withIndex(folder, file, (index) => {
      expect(index).toMatchObject({ from: START, to: START });
      const clientOf = (at: string): string | null => /\[client ([\d.]+):/.exec(at)?.[1] ?? null;
      expectNoneMissed(index!, text, ALL, clientOf);
      expect(index!.candidates('203.0.113.7', ALL).blocks).toBeLessThan(4);
      expect(index!.candidates('198.51.100.7', ALL).blocks).toBeLessThan(4);
      expect(index!.candidates('203.0.113.7', { from: START + 400_000, to: Infinity }).of).toBe(0);
    });
  });
});

describe('candidates', () => {
  /** In each block lines of one client of its own and of one whom all share; a block takes 64 seconds. */
  const LINE_MS = 64_000 / LONG_LINES;
  const BLOCKS = 100;
  const text = longLines(BLOCKS, (n) => {
    const client = n % 2 === 0 ? '192.0.2.1' : `198.51.100.${Math.floor(n / LONG_LINES)}`;
    return `${client} - - ${clf(START + n * LINE_MS)} "GET /`;
  });
  const { folder, file } = place(text);

  test('blocks that follow each other are one range; the time leaves few', async () => {
    await build(folder, file);
    await withIndex(folder, file, (index) => {
      const end = BLOCKS * BLOCK_BYTES;
      const to = START + BLOCKS * 64_000 - LINE_MS;
      expect(index).toMatchObject({ covered: end, blocks: BLOCKS, from: START, to });
      const all = index!.candidates('192.0.2.1', ALL);
      expect(all).toEqual({ ranges: [{ from: 0, to: end }], blocks: BLOCKS, of: BLOCKS });
      for (const block of [0, 31, 32, 63, 64, BLOCKS - 1]) {
        const { ranges, blocks, of } = index!.candidates(`198.51.100.${block}`, ALL);
        expect(ranges).toContainEqual({ from: block * BLOCK_BYTES, to: (block + 1) * BLOCK_BYTES });
        expect({ blocks, of }).toEqual({ blocks: 1, of: BLOCKS });
      }
      expect(index!.candidates('203.0.113.1', ALL)).toEqual({ ranges: [], blocks: 0, of: BLOCKS });
      // 20 blocks' time and five minutes on either side.
      const within = { from: START + 40 * 64_000, to: START + 60 * 64_000 - LINE_MS };
      const { ranges, of } = index!.candidates('192.0.2.1', within);
      expect(of).toBe(30);
      expect(ranges).toEqual([{ from: 35 * BLOCK_BYTES, to: 65 * BLOCK_BYTES }]);
    });
  });

  test('built at once or in many small steps, the files are the same', async () => {
    const other = { folder: join(tempDir(), 'index'), file };
    for (let steps = 0; ; steps++) {
      const builder = builderOf(other.folder, file);
      const { done, bytes } = await builder.step(1);
      builder.close();
      if (done && bytes === 0) break;
      expect(steps).toBeLessThan(200);
    }
    const contents = (of: string, ending: string): Buffer[] =>
      readdirSync(of)
        .filter((name) => name.endsWith(ending))
        .map((name) => readFileSync(join(of, name)));
    expect(contents(other.folder, '.slabs')).toEqual(contents(folder, '.slabs'));
    const withoutGeneration = (bytes: Buffer): Buffer => bytes.subarray(64);
    expect(contents(other.folder, '.state').map(withoutGeneration)).toEqual(
      contents(folder, '.state').map(withoutGeneration),
    );
  });

  test('the files are ours alone', async () => {
    await build(folder, file);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const names = readdirSync(folder);
    expect(names).toHaveLength(2);
    for (const name of names) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  test('lines without a time: their blocks are never left out for the time', async () => {
    // Short enough for more lines in a block than are asked for a time.
    const line = '192.0.2.1 - - [?] "GET /'.padEnd(199, 'x') + '\n';
    const untimed = place(line.repeat(ENOUGH / line.length));
    await build(untimed.folder, untimed.file);
    await withIndex(untimed.folder, untimed.file, (index) => {
      expect(index).toMatchObject({ from: null, to: null });
      const { of, blocks } = index!.candidates('192.0.2.1', { from: 1, to: 2 });
      expect({ of, blocks }).toEqual({ of: index!.blocks, blocks: index!.blocks });
    });
  });
});

describe('what is indexed', () => {
  test.each([
    ['an empty log', ''],
    ['less than 4 MiB', accessLog({ seed: 1, bytes: 3.9 * MIB })],
    ['a log without any newline', 'x'.repeat(6 * MIB)],
    ['a small archive', gzipSync(accessLog({ seed: 1, bytes: 300_000 }))],
    ['an archive of nothing', gzipSync('')],
  ])('not: %s', async (_, text) => {
    const { folder, file } = place(text);
    const builder = builderOf(folder, file);
    await buildAll(builder, 1000);
    expect(await buildAll(builder, 1000)).toBeLessThanOrEqual(0);
    expect(await covered({ folder, file })).toBeNull();
  });

  test('a line that is longer than all buffers, before and behind others', async () => {
    const log = accessLog({ seed: 3, bytes: 1.5 * MIB });
    const long = `198.51.100.77 - - ${clf(START)} "GET /${'y'.repeat(1.25 * MIB)}\n`;
    const text = log + long + log + long.slice(0, -1);
    const { folder, file } = place(text);
    const builder = builderOf(folder, file);
    await buildAll(builder, MIB);
    await withIndex(folder, file, (index) => {
      expectNoneMissed(index!, text);
      const found = index!.candidates('198.51.100.77', ALL).ranges;
      expect(found.some(({ from, to }) => from <= log.length && to >= log.length + long.length)).toBe(true);
      expect(index!.covered).toBeLessThanOrEqual(text.length - long.length + 1);
    });
    // The line without an end is not read again each time.
    expect(await buildAll(builder)).toBeLessThan(2 * long.length);
    appendFileSync(file, 'y');
    expect(await buildAll(builder)).toBe(0);
    appendFileSync(file, `\n${log}${log}`, 'latin1');
    await buildAll(builder);
    await withIndex(folder, file, (index) => {
      expect(index!.covered).toBeGreaterThan(text.length);
      expectNoneMissed(index!, `${text}y\n${log}${log}`);
    });
  });

  test('an archive’s last line without a newline too', async () => {
    const text = accessLog({ seed: 4, bytes: 2 * MIB }).slice(0, -1) + ' 198.51.100.78';
    const { folder, file } = place(packed(text, 3));
    await build(folder, file);
    expect(await covered({ folder, file })).toBe(text.length);
  });

  test('the head is what fingerprint says', async () => {
    const { folder, file } = place(accessLog({ seed: 5, bytes: ENOUGH }));
    await build(folder, file);
    const { head } = await fingerprint(sourceOf(file));
    expect(readdirSync(folder).map((name) => name.slice(0, 32))).toEqual([head, head]);
  });

  test('a line at each range’s beginning', async () => {
    const { folder, file } = place(accessLog({ seed: 6, bytes: ENOUGH }));
    await build(folder, file);
    const starts = new Set<number>();
    for await (const { lines, next } of readLines(sourceOf(file), 0)) {
      for (const { offset } of lines) starts.add(offset);
      starts.add(next);
    }
    await withIndex(folder, file, (index) => {
      for (let n = 0; n < SOME; n++) {
        for (const { from, to } of index!.candidates(`host-${n}.example.net`, ALL).ranges)
          expect({ from: starts.has(from), to: starts.has(to) }).toEqual({ from: true, to: true });
      }
    });
  });
});

describe('another text under the same first KiB', () => {
  const log = accessLog({ seed: 7, bytes: ENOUGH });

  test('lines cut out, changed or put in: no index, then a new one', async () => {
    const { folder, file } = place(log);
    await build(folder, file);
    const cut = log.slice(0, 100_000).lastIndexOf('\n') + 1;
    const text = log.slice(0, cut) + log.slice(log.indexOf('\n', cut + 5000) + 1);
    writeFileSync(file, text + log.slice(0, MIB), 'latin1');
    expect(await covered({ folder, file })).toBeNull();
    await build(folder, file);
    await withIndex(folder, file, (index) => {
      expectNoneMissed(index!, text + log.slice(0, MIB));
    });
    // A state and its slabs; those of the old text are gone.
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('a copy that ends earlier has the blocks it holds, and the longer one keeps its own', async () => {
    const { folder, file } = place(log);
    await build(folder, file);
    const whole = await covered({ folder, file });
    const copy = `${file}.bak`;
    const part = log.slice(0, 4.2 * MIB);
    writeFileSync(copy, part, 'latin1');
    await build(folder, copy);
    await withIndex(folder, copy, (index) => {
      expect(index!.covered).toBeGreaterThan(part.length - 2 * BLOCK_BYTES);
      expect(index!.covered).toBeLessThanOrEqual(part.length);
      expectNoneMissed(index!, part);
    });
    expect(await covered({ folder, file })).toBe(whole);
  });

  test('another kind of log is indexed anew', async () => {
    const { folder, file } = place(log);
    await build(folder, file);
    expect(await buildAll(builderOf(folder, file, 'error'))).toBe(log.length);
    await withIndex(folder, file, (index) => {
      expect(index!.candidates('203.0.113.7', ALL).blocks).toBe(0);
    });
  });

  test('emptied while it is indexed: what is found is never another text’s', async () => {
    const { folder, file } = place(log);
    const builder = builderOf(folder, file);
    await builder.step(1);
    const growing = builder.step(Infinity);
    truncateSync(file);
    const other = accessLog({ seed: 8, bytes: ENOUGH });
    writeFileSync(file, other, 'latin1');
    await growing;
    await withIndex(folder, file, (index) => {
      if (index !== null) expectNoneMissed(index, other);
    });
    await buildAll(builder);
    await withIndex(folder, file, (index) => {
      expect(index!.covered).toBeGreaterThan(other.length - 2 * BLOCK_BYTES);
      expectNoneMissed(index!, other);
    });
  });

  test('an archive that another one was appended to: no index until it is read again', async () => {
    const more = accessLog({ seed: 9, bytes: MIB });
    const { folder, file } = place(packed(log));
    const builder = builderOf(folder, file);
    await buildAll(builder);
    expect(await covered({ folder, file })).toBe(log.length);
    appendFileSync(file, packed(more));
    expect(await covered({ folder, file })).toBeNull();
    await buildAll(builder);
    await withIndex(folder, file, (index) => {
      expect(index!.covered).toBe(log.length + more.length);
      expectNoneMissed(index!, log + more);
    });
  });

  test('a head that is not one opens nothing', () => {
    const { folder, file } = place(log);
    const opened = openLog(sourceOf(file));
    for (const head of ['', '../../etc/passwd', 'a'.repeat(31), `${'a'.repeat(32)}:7`, 'A'.repeat(32)])
      expect(openBlockIndex(folder, opened, head)).toBeNull();
    opened.close();
  });
});

describe('sweep', () => {
  test('removes what no log needs, and nothing that is not an index', async () => {
    const first = place(accessLog({ seed: 10, bytes: ENOUGH }));
    const folder = first.folder;
    const second = place(accessLog({ seed: 11, bytes: ENOUGH }));
    await build(folder, first.file);
    await build(folder, second.file);
    const [head, other] = [
      await fingerprint(sourceOf(first.file)),
      await fingerprint(sourceOf(second.file)),
    ].map((print) => print.head);
    writeFileSync(join(folder, 'notes.txt'), 'x');
    mkdirSync(join(folder, 'old'));
    const orphans = ['deadbeef.slabs', 'deadbeef.new'].map((end) => join(folder, `${head!}.${end}`));
    for (const orphan of orphans) writeFileSync(orphan, 'x');
    const own = (): string[] => readdirSync(folder).sort();
    const all = own();
    sweepIndexes(folder, new Set([head!, other!]));
    expect(own()).toEqual(all);
    for (const orphan of orphans) utimesSync(orphan, 1, 1);
    const left = sweepIndexes(folder, new Set([head!]));
    expect(own().filter((name) => !name.startsWith(head!))).toEqual(['notes.txt', 'old']);
    expect(own()).toHaveLength(4);
    expect(await covered({ folder, file: first.file })).toBeGreaterThan(ENOUGH - 2 * BLOCK_BYTES);
    expect(left).toBe(STATE_BYTES + SLAB_BYTES);
    expect(sweepIndexes(folder, new Set())).toBe(0);
    expect(own()).toEqual(['notes.txt', 'old']);
    expect(sweepIndexes(join(folder, 'missing'), new Set())).toBe(0);
  });
});
