// plugin/csf-hook leaves calls in a folder, and they are read from there: whatever the arguments hold, and whatever else lies there.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dropSpooled, spoolFolder, takeSpooled } from '../../src/host/block-spool.ts';
import { tempDir } from './make-root.ts';

const HOOK = join(import.meta.dirname, '../../plugin/csf-hook');
const SHELLS = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(
  ([shell = '']) => spawnSync(shell, ['-c', 'true']).error === undefined,
);
const SAID = '(mod_security) mod_security (id:949110) triggered by 203.0.113.51: 5 in the last 3600 secs';
const ARGS = ['203.0.113.51', '*', '1', 'inout', '1', SAID, 'one\ntwo\n', 'LF_MODSEC'];

function makeSpool(): { state: string; folder: string } {
  const state = tempDir();
  const folder = spoolFolder(state);
  mkdirSync(folder, { mode: 0o700 });
  return { state, folder };
}

/** Runs the hook as lfd does: no shell, nothing to read. */
function hook(
  state: string,
  args: readonly string[],
  shell: readonly string[] = [],
): { out: string; ms: number } {
  const began = performance.now();
  const argv = [...shell, HOOK, ...args];
  const out = execFileSync(argv[0] ?? '', argv.slice(1), {
    env: { WHYBLOCKED_STATE: state },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'latin1',
  });
  return { out, ms: performance.now() - began };
}

function utf8(args: readonly string[] | undefined): string[] | undefined {
  return args?.map((arg) => Buffer.from(arg, 'latin1').toString('utf8'));
}

describe('the hook', () => {
  test.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))(
    'in %s keeps any arguments as they are, a file each, for root alone',
    (_, shell) => {
      const { state, folder } = makeSpool();
      const hostile = [
        '-n',
        '-e',
        '%s%d%%',
        '\\0\\c\\n',
        '$(id) `id` "\'',
        '\n\n',
        '',
        'ü\x1b[31m',
        '--help',
        '*',
      ];
      for (const args of [ARGS, hostile]) expect(hook(state, args, shell).out).toBe('');
      const [first, second] = takeSpooled(folder, 10)
        .calls.map(({ args }) => utf8(args))
        .sort((a, b) => (a?.length ?? 0) - (b?.length ?? 0));
      expect(first).toEqual(ARGS);
      expect(second).toEqual(hostile);
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    },
  );

  test('keeps arguments of every kind', () => {
    const { state, folder } = makeSpool();
    const arg = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(arg, { minLength: 8, maxLength: 8 }), (args) => {
        hook(state, args);
        const { calls, refused } = takeSpooled(folder, 10);
        calls.forEach(dropSpooled);
        expect([refused, calls.map((call) => utf8(call.args))]).toEqual([0, [args]]);
      }),
      { numRuns: 25 },
    );
  });

  test('takes almost 128 KiB of lines, the most that an argument can be', () => {
    const { state, folder } = makeSpool();
    const lines = 'x'.repeat(1023).concat('\n').repeat(128).slice(0, 131_071);
    const { ms } = hook(state, ARGS.with(6, lines));
    expect(takeSpooled(folder, 10).calls[0]?.args[6]).toBe(lines);
    expect(ms).toBeLessThan(1000);
  });

  test('never fails and waits for nothing: without a folder, with a link for it, with a full one', () => {
    const state = tempDir();
    hook(state, ARGS);
    const elsewhere = makeSpool().folder;
    symlinkSync(elsewhere, spoolFolder(state));
    hook(state, ARGS);
    expect(readdirSync(elsewhere)).toEqual([]);
    const { state: full, folder } = makeSpool();
    execFileSync('sh', ['-c', 'cd "$1" && seq -f %g.args 5000 | xargs touch', 'sh', folder]);
    hook(full, ARGS);
    expect(readdirSync(folder)).toHaveLength(5000);
  });

  test('keeps a call whose number an older one has', () => {
    const { state, folder } = makeSpool();
    const script = 'echo kept >"$1/blocks/$$.args"; exec "$2" a b c';
    execFileSync('sh', ['-c', script, 'sh', state, HOOK], { env: { WHYBLOCKED_STATE: state } });
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test('calls what stood in the slot before, with the same arguments, when root alone says so', () => {
    const { state, folder } = makeSpool();
    const next = join(state, 'hook-next');
    const old = join(state, 'old program');
    const heard = join(state, 'heard');
    writeFileSync(old, `#!/bin/sh\nprintf '%s\\n' "$#" "$6" >>'${heard}'\n`, { mode: 0o755 });
    writeFileSync(next, `${old}\n`, { mode: 0o600 });
    hook(state, ARGS);
    expect(readFileSync(heard, 'latin1')).toBe(`8\n${SAID}\n`);
    const before = statSync(heard).size;
    chmodSync(next, 0o620);
    hook(state, ARGS);
    chmodSync(next, 0o600);
    lchownSync(next, 65_534, 65_534);
    hook(state, ARGS);
    lchownSync(next, 0, 0);
    writeFileSync(next, 'old program\n');
    hook(state, ARGS);
    writeFileSync(next, '/nonexistent\n');
    hook(state, ARGS);
    writeFileSync(next, `${state}\n`);
    hook(state, ARGS);
    expect(statSync(heard).size).toBe(before);
    expect(readdirSync(folder)).toHaveLength(6);
  });
});

describe('the folder', () => {
  const call = (args: readonly string[]): string =>
    `whyblocked-block 1 ${args.length}\n${args.map((arg) => `${arg}\0`).join('')}`;

  test('is made, and empty then', () => {
    const folder = spoolFolder(tempDir());
    expect(takeSpooled(folder, 10)).toEqual({ calls: [], refused: 0 });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('gives the oldest first, so many as are asked for, until they are dropped', () => {
    const { folder } = makeSpool();
    for (const [index, name] of ['3.args', '1.args', '2.args'].entries()) {
      writeFileSync(join(folder, name), call([String(index)]));
      utimesSync(join(folder, name), 1000 + index, 1000 + index);
    }
    const { calls } = takeSpooled(folder, 2);
    expect(calls.map(({ args, at }) => [args, at])).toEqual([
      [['0'], 1_000_000],
      [['1'], 1_001_000],
    ]);
    expect(new Set(calls.map(({ key }) => key)).size).toBe(2);
    expect(takeSpooled(folder, 2).calls.map(({ key }) => key)).toEqual(calls.map(({ key }) => key));
    calls.forEach(dropSpooled);
    calls.forEach(dropSpooled);
    expect(takeSpooled(folder, 2).calls.map(({ args }) => args)).toEqual([['2']]);
  });

  test('a whole call cut at any byte is none', () => {
    const { folder } = makeSpool();
    const whole = call(ARGS);
    for (let cut = 0; cut < whole.length; cut++)
      writeFileSync(join(folder, `${cut}.args`), whole.slice(0, cut));
    expect(takeSpooled(folder, 10)).toEqual({ calls: [], refused: whole.length });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('what is not root’s own regular file is removed unread, what it leads to stays', () => {
    const { state, folder } = makeSpool();
    const outside = join(state, 'outside');
    writeFileSync(outside, call(ARGS));
    symlinkSync(outside, join(folder, 'link.args'));
    linkSync(outside, join(folder, 'twin.args'));
    execFileSync('/usr/bin/mkfifo', [join(folder, 'pipe.args')]);
    writeFileSync(join(folder, 'open.args'), call(ARGS));
    chmodSync(join(folder, 'open.args'), 0o622);
    writeFileSync(join(folder, 'theirs.args'), call(ARGS));
    lchownSync(join(folder, 'theirs.args'), 65_534, 65_534);
    writeFileSync(join(folder, 'long.args'), call([...ARGS.slice(1), 'x'.repeat(3 * 1024 * 1024)]));
    writeFileSync(join(folder, 'other'), call(ARGS));
    mkdirSync(join(folder, 'folder.args'));
    expect(takeSpooled(folder, 100)).toEqual({ calls: [], refused: 7 });
    expect(readdirSync(folder)).toEqual(['folder.args']);
    expect(existsSync(outside)).toBe(true);
  });

  test('what is being written is left alone, unless it was given up long ago', () => {
    const { folder } = makeSpool();
    writeFileSync(join(folder, '.new.7'), 'whyblocked');
    writeFileSync(join(folder, '.new.8'), 'whyblocked');
    utimesSync(join(folder, '.new.8'), 1000, 1000);
    expect(takeSpooled(folder, 10)).toEqual({ calls: [], refused: 1 });
    expect(readdirSync(folder)).toEqual(['.new.7']);
  });

  test('that others can write to holds nothing', () => {
    const { folder } = makeSpool();
    writeFileSync(join(folder, '1.args'), call(ARGS));
    chmodSync(folder, 0o777);
    expect(takeSpooled(folder, 10)).toEqual({ calls: [], refused: 0 });
    chmodSync(folder, 0o700);
    expect(takeSpooled(folder, 10).calls).toHaveLength(1);
  });
});
