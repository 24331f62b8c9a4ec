import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { BLOCK_BYTES, SLAB_BYTES, STATE_BYTES } from '../../src/host/block-slab.ts';
import { SLAB_BLOCKS } from '../../src/host/block-filter.ts';
import { openBlockIndex } from '../../src/host/block-index.ts';
import { fingerprint, openLog } from '../../src/host/read.ts';
import {
  ALL,
  MIB,
  START,
  accessLog,
  build,
  buildAll,
  builderOf,
  clf,
  expectNoneMissed,
  sourceOf,
  withIndex,
} from './block-kit.ts';
import { tempDir } from './make-root.ts';

/** Long lines: few of them make many blocks. */
function longLines(count: number, first = 0): string {
  return Array.from({ length: count }, (_, n) => {
    const client = `198.51.100.${Math.floor((n + first) / 64) % 250}`;
    return `${client} - - ${clf(START + (n + first) * 1000)} "GET /`.padEnd(4095, 'x') + '\n';
  }).join('');
}

const SLAB_TEXT = SLAB_BLOCKS * BLOCK_BYTES;

function fileEnding(folder: string, ending: string): string {
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(ending))!,
  );
}

describe('a damaged index is none or a smaller one', () => {
  const text = longLines(150 * 64);
  const dir = tempDir();
  const file = join(dir, 'access_log');
  const folder = join(dir, 'index');

  async function expectSound(what: string): Promise<number | null> {
    return withIndex(folder, file, (index) => {
      if (index === null) return null;
      expect({ what, covered: index.covered % SLAB_TEXT }).toEqual({ what, covered: 0 });
      expectNoneMissed(index, text);
      return index.covered;
    });
  }

  test('cut at any byte', async () => {
    writeFileSync(file, text);
    await build(folder, file);
    expect(await withIndex(folder, file, (index) => index?.covered)).toBe(text.length);
    const state = fileEnding(folder, '.state');
    const slabs = fileEnding(folder, '.slabs');
    const [stateBytes, slabBytes] = [readFileSync(state), readFileSync(slabs)];
    expect([stateBytes.length, slabBytes.length]).toEqual([STATE_BYTES, 2 * SLAB_BYTES]);

    const edges = [0, 1, 8, 56, 63, 64, 65, 100, 2111, 2112, 2120, 4159, 4160, 4161, STATE_BYTES - 1];
    for (const length of [...edges, ...Array.from({ length: 60 }, (_, n) => n * 1163)]) {
      writeFileSync(state, stateBytes.subarray(0, length));
      expect(await expectSound(`state ${length}`)).toBeNull();
    }
    writeFileSync(state, stateBytes);

    const inSlab = [0, 1, 8, 2047, 2048, 2055, 2056, 4095, 4096, 4097, SLAB_BYTES / 2, SLAB_BYTES - 1];
    for (const length of [...inSlab, ...inSlab.map((at) => at + SLAB_BYTES)]) {
      writeFileSync(slabs, slabBytes.subarray(0, length));
      expect(await expectSound(`slabs ${length}`)).toBe(length < SLAB_BYTES ? null : SLAB_TEXT);
    }
    rmSync(slabs);
    expect(await expectSound('no slabs')).toBeNull();
    writeFileSync(slabs, slabBytes);
  });

  test('with wrong bytes in what says where blocks are', async () => {
    const state = fileEnding(folder, '.state');
    const slabs = fileEnding(folder, '.slabs');
    const [stateBytes, slabBytes] = [readFileSync(state), readFileSync(slabs)];
    for (const at of [0, 7, 9, 17, 25, 33, 41, 49, 57, 64, 1000, 5000, STATE_BYTES - 1]) {
      const wrong = Buffer.from(stateBytes);
      wrong[at]! ^= 0x41;
      writeFileSync(state, wrong);
      expect(await expectSound(`state ${at}`)).toBeNull();
    }
    writeFileSync(state, stateBytes);
    for (const at of [0, 700, 2047, 2049]) {
      const wrong = Buffer.from(slabBytes);
      wrong[SLAB_BYTES + at]! ^= 0x41;
      writeFileSync(slabs, wrong);
      expect(await expectSound(`slab ${at}`)).toBe(SLAB_TEXT);
    }
    writeFileSync(slabs, slabBytes);
  });

  test('it is built anew', async () => {
    truncateSync(fileEnding(folder, '.slabs'), SLAB_BYTES + 5);
    expect(await buildAll(builderOf(folder, file))).toBe(text.length);
    await withIndex(folder, file, (index) => {
      expect(index?.covered).toBe(text.length);
      expectNoneMissed(index!, text);
    });
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('cut while it is open: all blocks may hold any client', async () => {
    const { head } = await fingerprint(sourceOf(file));
    const log = openLog(sourceOf(file));
    const index = openBlockIndex(folder, log, head)!;
    expect(index.candidates('203.0.113.9', ALL).blocks).toBe(0);
    truncateSync(fileEnding(folder, '.slabs'), SLAB_BYTES + 5000);
    expect(index.candidates('203.0.113.9', ALL)).toEqual({
      ranges: [{ from: SLAB_TEXT, to: 2 * SLAB_TEXT }],
      blocks: 64,
      of: 150,
    });
    index.close();
    index.close();
    expect(index.candidates('203.0.113.9', ALL).blocks).toBe(128);
    log.close();
  });
});

test('a crash between any two writings: slabs and state of different steps', async () => {
  const dir = tempDir();
  const [folder, file] = [join(dir, 'index'), join(dir, 'access_log')];
  const text = longLines(140 * 64);
  writeFileSync(file, text.slice(0, 60 * BLOCK_BYTES));
  const saved: string[] = [];
  for (const blocks of [60, 64, 70, 128, 129, 140]) {
    appendFileSync(file, text.slice(statSync(file).size, blocks * BLOCK_BYTES));
    await build(folder, file);
    saved.push(join(dir, `saved-${blocks}`));
    cpSync(folder, saved.at(-1)!, { recursive: true });
  }
  const slabsName = readdirSync(folder).find((name) => name.endsWith('.slabs'))!;
  const stateName = readdirSync(folder).find((name) => name.endsWith('.state'))!;
  const mixed = join(dir, 'mixed');
  for (const [early, stateFrom] of saved.entries()) {
    for (const [late, slabsFrom] of saved.entries()) {
      rmSync(mixed, { recursive: true, force: true });
      mkdirSync(mixed);
      copyFileSync(join(stateFrom, stateName), join(mixed, stateName));
      if (late > 0) copyFileSync(join(slabsFrom, slabsName), join(mixed, slabsName));
      await withIndex(mixed, file, (index) => {
        if (late >= early) expect(index!.covered).toBe([60, 64, 70, 128, 129, 140][early]! * BLOCK_BYTES);
        if (index !== null) expectNoneMissed(index, text);
      });
      await build(mixed, file);
      await withIndex(mixed, file, (index) => {
        expect(index!.covered).toBe(text.length);
        expectNoneMissed(index!, text);
      });
    }
  }
}, 60_000);

test('two builders at work on one log do no harm', async () => {
  const dir = tempDir();
  const [folder, file] = [join(dir, 'index'), join(dir, 'access_log')];
  const text = longLines(140 * 64);
  writeFileSync(file, text);
  const builders = [builderOf(folder, file), builderOf(folder, file)];
  for (let steps = 0; steps < 60; steps++) {
    await Promise.all(builders.map((builder) => builder.step(5 * MIB)));
    await withIndex(folder, file, (index) => {
      if (index !== null) expectNoneMissed(index, text);
    });
  }
  await withIndex(folder, file, (index) => {
    expect(index?.covered).toBe(text.length);
  });
}, 60_000);

describe('a log that cannot be read', () => {
  const text = accessLog({ seed: 20, bytes: 6 * MIB });

  test.each([
    ['unfinished', (bytes: Buffer) => bytes.subarray(0, bytes.length - 9), 'unfinished archive'],
    [
      'damaged',
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, 400_000), Buffer.alloc(900, 0xa5), bytes.subarray(400_900)]),
      'damaged archive',
    ],
  ])('%s: the archive is a problem and has no index', async (_, spoil, problem) => {
    const dir = tempDir();
    const [folder, file] = [join(dir, 'index'), join(dir, 'access_log.gz')];
    writeFileSync(file, spoil(gzipSync(Buffer.from(text, 'latin1'))));
    const builder = builderOf(folder, file);
    for (let round = 0; round < 2; round++)
      await expect(buildAll(builder, MIB)).rejects.toMatchObject({ problem });
    expect(readdirSync(folder)).toEqual([]);
    expect(await withIndex(folder, file, (index) => index)).toBeNull();
    writeFileSync(file, gzipSync(Buffer.from(text, 'latin1')));
    await buildAll(builder, MIB);
    expect(await withIndex(folder, file, (index) => index?.covered)).toBe(text.length);
  });

  test('missing', async () => {
    const builder = builderOf(tempDir(), '/nowhere/access_log');
    await expect(builder.step(1)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('no descriptor stays open', async () => {
    const dir = tempDir();
    const [folder, plain, archive] = [join(dir, 'index'), join(dir, 'access_log'), join(dir, 'a.gz')];
    writeFileSync(plain, text, 'latin1');
    writeFileSync(archive, gzipSync(Buffer.from(text, 'latin1')));
    const open = (): string[] =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return (
            readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8') !== '' && statSync(`/proc/self/fd/${fd}`).isFile()
          );
        } catch {
          return false;
        }
      });
    await build(folder, plain);
    const before = open().length;
    for (let round = 0; round < 5; round++) {
      rmSync(folder, { recursive: true });
      const [first, second] = [builderOf(folder, plain), builderOf(folder, archive)];
      await first.step(MIB);
      expect(await second.step(MIB)).toMatchObject({ done: false });
      first.close();
      second.close();
      await build(folder, archive);
      await withIndex(folder, archive, (index) => {
        expect(index).not.toBeNull();
      });
      await withIndex(folder, plain, (index) => {
        expect(index).not.toBeNull();
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(open().length).toBe(before);
  });
});

describe('an index that cannot be written', () => {
  const script = new URL('block-limited.ts', import.meta.url).pathname;

  /** Builds with no file allowed above so many KiB. */
  function limited(folder: string, file: string, kib: number): string {
    const command = `trap '' XFSZ; ulimit -f ${kib * 2}; exec "$@"`;
    const flags = ['--disable-warning=ExperimentalWarning', script, folder, file];
    const { stdout, stderr } = spawnSync('sh', ['-c', command, 'sh', process.execPath, ...flags], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    return stdout === '' ? stderr : stdout;
  }

  test('says so, leaves nothing behind, and leaves the one before as it was', async () => {
    const dir = tempDir();
    const [folder, file] = [join(dir, 'index'), join(dir, 'access_log')];
    const text = longLines(140 * 64);
    writeFileSync(file, text);
    for (const kib of [1, 60, 200]) {
      expect(limited(folder, file, kib)).toBe('too big for the file system');
      expect(readdirSync(folder)).toEqual([]);
    }
    truncateSync(file, 100 * BLOCK_BYTES);
    expect(limited(folder, file, 200)).toBe('done');
    writeFileSync(file, text);
    expect(limited(folder, file, 200)).toBe('too big for the file system');
    await withIndex(folder, file, (index) => {
      expect(index?.covered).toBe(100 * BLOCK_BYTES);
      expectNoneMissed(index!, text);
    });
    expect(limited(folder, file, 1000)).toBe('done');
    await withIndex(folder, file, (index) => {
      expect(index?.covered).toBe(text.length);
      expectNoneMissed(index!, text);
    });
  }, 60_000);

  test('where the folder should be is a file', async () => {
    const dir = tempDir();
    const file = join(dir, 'access_log');
    writeFileSync(file, longLines(20 * 64));
    writeFileSync(join(dir, 'index'), '');
    await expect(builderOf(join(dir, 'index'), file).step(1)).rejects.toMatchObject({ name: 'ReadProblem' });
  });
});
