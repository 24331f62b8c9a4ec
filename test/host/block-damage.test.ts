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
import {
  BLOCK_BYTES,
  SLAB_BYTES,
  SLAB_HEADER_BYTES,
  STATE_BYTES,
  USED_HEADER_BYTES,
} from '../../src/host/block-slab.ts';
import { SLAB_BLOCKS } from '../../src/host/block-filter.ts';
import { openBlockIndex } from '../../src/host/block-index.ts';
import { fingerprint, openLog } from '../../src/host/read.ts';
import {
  ALL,
  LONG_LINES,
  MIB,
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

const SLAB_TEXT = SLAB_BLOCKS * BLOCK_BYTES;

/** Each block has a client of its own. */
function ownClients(blocks: number): string {
  return longLines(blocks, (n) => {
    const client = `198.51.100.${Math.floor(n / LONG_LINES) % 250}`;
    return `${client} - - ${clf(START + n * 1000)} "GET /`;
  });
}

function fileEnding(folder: string, ending: string): string {
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith(ending))!,
  );
}

describe('a damaged index is none or a smaller one', () => {
  /** Two full slabs and a part of a third. */
  const BLOCKS = 2 * SLAB_BLOCKS + 22;
  /** Where the facts end and their checksum begins. */
  const SUM_AT = USED_HEADER_BYTES - 8;
  const text = ownClients(BLOCKS);
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

    const sumEdges = [SUM_AT - 1, SUM_AT, SUM_AT + 7, USED_HEADER_BYTES];
    const pageEdges = [-1, 0, 1].map((beside) => SLAB_HEADER_BYTES + beside);
    const inSlab = [0, 1, 8, ...sumEdges, ...pageEdges, SLAB_BYTES / 2, SLAB_BYTES - 1];
    const front = STATE_BYTES - SLAB_BYTES;
    const edges = [0, 1, 8, front - 8, front - 1, ...inSlab.map((at) => at + front)];
    const spread = Array.from({ length: 60 }, (_, n) => Math.floor((n * STATE_BYTES) / 60));
    for (const length of [...edges, ...spread]) {
      writeFileSync(state, stateBytes.subarray(0, length));
      expect(await expectSound(`state ${length}`)).toBeNull();
    }
    writeFileSync(state, stateBytes);

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
    for (const at of [0, 700, SUM_AT - 1, SUM_AT + 1]) {
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
      blocks: SLAB_BLOCKS,
      of: BLOCKS,
    });
    index.close();
    index.close();
    expect(index.candidates('203.0.113.9', ALL).blocks).toBe(2 * SLAB_BLOCKS);
    log.close();
  });
});

test('a crash between any two writings: slabs and state of different steps', async () => {
  const dir = tempDir();
  const [folder, file] = [join(dir, 'index'), join(dir, 'access_log')];
  const counts = [SLAB_BLOCKS, SLAB_BLOCKS + 6, 2 * SLAB_BLOCKS, 2 * SLAB_BLOCKS + 1, 2 * SLAB_BLOCKS + 12];
  const text = ownClients(counts.at(-1)!);
  const saved: { readonly from: string; readonly covered: number }[] = [];
  const save = async (): Promise<void> => {
    const from = join(dir, `saved-${saved.length}`);
    cpSync(folder, from, { recursive: true });
    saved.push({ from, covered: await withIndex(folder, file, (index) => index!.covered) });
  };
  // The first one of the states has no full slab yet.
  writeFileSync(file, text.slice(0, SLAB_TEXT));
  const builder = builderOf(folder, file);
  await builder.step(1);
  builder.close();
  await save();
  expect(readdirSync(folder).filter((name) => name.endsWith('.slabs'))).toEqual([]);
  for (const blocks of counts) {
    appendFileSync(file, text.slice(statSync(file).size, blocks * BLOCK_BYTES));
    await build(folder, file);
    await save();
  }
  expect(saved.slice(1).map(({ covered }) => covered / BLOCK_BYTES)).toEqual(counts);
  const slabsName = readdirSync(folder).find((name) => name.endsWith('.slabs'))!;
  const stateName = readdirSync(folder).find((name) => name.endsWith('.state'))!;
  const mixed = join(dir, 'mixed');
  for (const [early, stateOf] of saved.entries()) {
    for (const [late, slabsOf] of saved.entries()) {
      rmSync(mixed, { recursive: true, force: true });
      mkdirSync(mixed);
      copyFileSync(join(stateOf.from, stateName), join(mixed, stateName));
      if (late > 0) copyFileSync(join(slabsOf.from, slabsName), join(mixed, slabsName));
      await withIndex(mixed, file, (index) => {
        if (late >= early) expect(index!.covered).toBe(stateOf.covered);
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

describe('two builders at work on one log', () => {
  const text = ownClients(2 * SLAB_BLOCKS + 12);

  async function together(budget: number, rounds: number): Promise<[folder: string, file: string]> {
    const dir = tempDir();
    const [folder, file] = [join(dir, 'index'), join(dir, 'access_log')];
    writeFileSync(file, text);
    const builders = [builderOf(folder, file), builderOf(folder, file)];
    for (let round = 0; round < rounds; round++) {
      await Promise.all(builders.map((builder) => builder.step(budget)));
      await withIndex(folder, file, (index) => {
        if (index !== null) expectNoneMissed(index, text);
      });
    }
    return [folder, file];
  }

  test('do no harm', async () => {
    const [folder, file] = await together((SLAB_TEXT * 5) / 16, 20);
    expect(await withIndex(folder, file, (index) => index?.covered)).toBe(text.length);
  });

  test('in steps of more than a slab too: the slower one leaves what the quicker one has done', async () => {
    const [folder, file] = await together(SLAB_TEXT + BLOCK_BYTES, 6);
    await withIndex(folder, file, (index) => {
      expect(index?.covered).toBe(text.length);
      expectNoneMissed(index!, text);
    });
    expect(readdirSync(folder)).toHaveLength(2);
  });
});

function pack(text: string): Buffer {
  return gzipSync(Buffer.from(text, 'latin1'), { level: 1 });
}

describe('a log that cannot be read', () => {
  const text = accessLog({ seed: 20, bytes: 4.4 * MIB });

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
    writeFileSync(file, spoil(pack(text)));
    const builder = builderOf(folder, file);
    for (let round = 0; round < 2; round++)
      await expect(buildAll(builder, MIB)).rejects.toMatchObject({ problem });
    expect(readdirSync(folder)).toEqual([]);
    expect(await withIndex(folder, file, (index) => index)).toBeNull();
    writeFileSync(file, pack(text));
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
    writeFileSync(archive, pack(text.slice(0, 2 * MIB)));
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
    for (let round = 0; round < 3; round++) {
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
  const compiled = tempDir();

  /** Builds with no file allowed above so many KiB. */
  function limited(folder: string, file: string, kib: number): string {
    const command = `trap '' XFSZ; ulimit -f ${kib * 2}; exec "$@"`;
    const flags = ['--disable-warning=ExperimentalWarning', script, folder, file];
    const { stdout, stderr } = spawnSync('sh', ['-c', command, 'sh', process.execPath, ...flags], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compiled },
    });
    return stdout === '' ? stderr : stdout;
  }

  test('says so, leaves nothing behind, and leaves the one before as it was', async () => {
    const dir = tempDir();
    const [folder, file] = [join(dir, 'index'), join(dir, 'access_log')];
    const text = ownClients(2 * SLAB_BLOCKS + 12);
    const slabKib = SLAB_BYTES / 1024;
    // Enough for a state and one slab, but not for two.
    const oneSlab = 1.5 * slabKib;
    writeFileSync(file, text);
    for (const kib of [1, slabKib / 2, oneSlab]) {
      expect(limited(folder, file, kib)).toBe('too big for the file system');
      expect(readdirSync(folder)).toEqual([]);
    }
    const blocks = SLAB_BLOCKS + 36;
    truncateSync(file, blocks * BLOCK_BYTES);
    expect(limited(folder, file, oneSlab)).toBe('done');
    writeFileSync(file, text);
    expect(limited(folder, file, oneSlab)).toBe('too big for the file system');
    await withIndex(folder, file, (index) => {
      expect(index?.covered).toBe(blocks * BLOCK_BYTES);
      expectNoneMissed(index!, text);
    });
    expect(limited(folder, file, 4 * slabKib)).toBe('done');
    await withIndex(folder, file, (index) => {
      expect(index?.covered).toBe(text.length);
      expectNoneMissed(index!, text);
    });
  }, 60_000);

  test('where the folder should be is a file', async () => {
    const dir = tempDir();
    const file = join(dir, 'access_log');
    writeFileSync(file, ownClients(2 * SLAB_BLOCKS));
    writeFileSync(join(dir, 'index'), '');
    await expect(builderOf(join(dir, 'index'), file).step(1)).rejects.toMatchObject({ name: 'ReadProblem' });
  });
});
