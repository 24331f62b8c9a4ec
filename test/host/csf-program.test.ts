// csf is started one at a time, with a fixed environment, and is never ended in the middle, whoever is ended around it.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { parseConfig } from '../../src/config.ts';
import { type CsfProgram, type CsfSettings, openCsf } from '../../src/host/csf-program.ts';
import { buildLayout } from '../../src/host/layout.ts';
import { openHost } from '../../src/host/local-host.ts';
import { openRoot } from '../../src/host/root.ts';
import type { CsfCommand } from '../../src/model-firewall.ts';

const CALLER = fileURLToPath(new URL('./csf-caller.ts', import.meta.url));
const UNBLOCK: CsfCommand = { kind: 'remove-deny', target: '203.0.113.9' };
const layout = buildLayout({ pathsConf: null, csfConf: null });

const folder = mkdtempSync(join(tmpdir(), 'whyblocked-csf-'));
const rootDir = join(folder, 'root');
const state = join(folder, 'state');
const journal = join(folder, 'journal');
mkdirSync(rootDir);
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state);
  rmSync(journal, { force: true });
});

/** A csf of a few lines; what it writes into `$J` is the journal. */
function program(text: string, name = 'csf'): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nJ='${journal}'\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const patience = { tellAfterMs: 60_000, tellEveryMs: 1000, giveUpMs: 900_000 };

function open(settings: CsfSettings, times = patience): CsfProgram {
  return openCsf(openRoot(rootDir), layout, settings, times);
}

/** Makes csf wait until `go` is called, 20 s at most. */
const WAIT = `n=0; until [ -e '${state}/go' ] || [ $n -ge 1000 ]; do n=$((n + 1)); sleep 0.02; done`;
function go(): void {
  writeFileSync(join(state, 'go'), '');
}

function written(): string {
  return existsSync(journal) ? readFileSync(journal, 'utf8') : '';
}

async function until(met: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !met(); tries++) await sleep(20);
  expect(met()).toBe(true);
}

describe('one command', () => {
  test('has csf’s own arguments, a fixed environment, and nothing to read', async () => {
    const csf = open({
      csfCommand: [program('printf "%s|" "$@" >"$J"; { pwd; env; cat; } >>"$J"'), '--own'],
    });
    const ran = await csf.run(
      { kind: 'temp-deny', target: '2001:db8::9', seconds: 60, ports: '80', comment: 'a -d out\nb' },
      state,
    );
    expect(ran).toMatchObject({
      shown: "csf -td 2001:db8::9 60 -p 80 'a d out b'",
      code: 0,
      output: '',
      problem: null,
    });
    const lines = written().split('\n');
    expect(lines[0]).toBe('--own|-td|2001:db8::9|60|-p|80|a d out b|/');
    const names = lines.slice(1).map((line) => line.split('=')[0]);
    expect(
      names.filter(
        (name) => !['PATH', 'LANG', 'HOME', 'PWD', 'OLDPWD', '_', 'SHLVL', ''].includes(name ?? ''),
      ),
    ).toEqual([]);
  });

  test('gives exit code and words of both outputs in their order, without colours and control bytes', async () => {
    const csf = open({
      csfCommand: [
        program(
          `printf '\\033[1;38;5;16;48;5;214m one\\033[0m\\n\\007'; printf 'two\\n' >&2; echo three; exit 11`,
        ),
      ],
    });
    expect(await csf.run(UNBLOCK, state)).toMatchObject({
      code: 11,
      output: 'one\n two\nthree',
      problem: null,
    });
    expect(readdirSync(state)).toEqual(['csf-run.lock']);
  });

  test('of a long speech keeps the end', async () => {
    const csf = open({ csfCommand: [program('yes 0123456789 | head -n 30000; echo the end')] });
    const { output } = await csf.run(UNBLOCK, state);
    expect(output.length).toBeLessThanOrEqual(65_536);
    expect(output).toMatch(/0123456789\nthe end$/);
  });

  test('that is not safe is not started', async () => {
    const csf = open({ csfCommand: [program('echo started >"$J"')] });
    const ran = await csf.run({ kind: 'deny', target: '203.0.113.9 -p 22', comment: '' }, state);
    expect(ran).toMatchObject({ shown: 'csf -d …', code: null, output: '' });
    expect(ran.problem).toMatch(/cannot be put to csf/);
    expect(written()).toBe('');
  });

  test('ended by others is told', async () => {
    const ran = await open({ csfCommand: [program('echo half; kill -9 $$')] }).run(UNBLOCK, state);
    expect(ran).toMatchObject({ code: null, output: 'half', problem: 'csf was ended by signal 9' });
  });

  test('whose program cannot be started is told', async () => {
    const path = program('exit 0', 'not-executable');
    chmodSync(path, 0o644);
    const ran = await open({ csfCommand: [path] }).run(UNBLOCK, state);
    expect(ran).toMatchObject({ code: null });
    expect(ran.problem).toMatch(/^csf could not be started: flock: /);
  });

  test('needs a folder for its output', async () => {
    const csf = open({ csfCommand: [program('echo started >"$J"')] });
    const ran = await csf.run(UNBLOCK, join(folder, 'not-there'));
    expect(ran.problem).toMatch(/was not started: its output cannot be kept \(ENOENT\)/);
    expect(written()).toBe('');
  });
});

describe('patience', () => {
  const slow = { tellAfterMs: 100, tellEveryMs: 40, giveUpMs: 100_000 };

  test('tells how long it runs, again and again', async () => {
    const told: number[] = [];
    const csf = open({ csfCommand: [program(WAIT)] }, slow);
    const ran = await csf.run(UNBLOCK, state, (ms) => {
      if (told.push(ms) === 3) go();
    });
    expect(ran).toMatchObject({ code: 0 });
    expect(told.length).toBeGreaterThan(2);
    expect(told[0]).toBeGreaterThanOrEqual(99);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
    const count = told.length;
    await sleep(3 * slow.tellEveryMs);
    expect(told).toHaveLength(count);
  });

  test('has an end, but csf goes on to its own', async () => {
    const path = program(`echo begun; echo begun >"$J"; ${WAIT}; echo after; echo finished >"$J"`);
    const csf = open({ csfCommand: [path] }, { ...slow, giveUpMs: 400 });
    const ran = await csf.run(UNBLOCK, state);
    expect(ran).toMatchObject({ code: null, output: 'begun' });
    expect(ran.problem).toMatch(/^csf has been running for \d+ minutes and is not ended by Whyblocked$/);
    expect(written()).toBe('begun\n');
    expect(await csf.idle(state, 0)).toBe(false);
    go();
    expect(await csf.idle(state, 5)).toBe(true);
    expect(written()).toBe('finished\n');
  });

  test('is a minute without a word, then 15 in all', async () => {
    const csf = openCsf(openRoot(rootDir), layout, {
      csfCommand: [program(`${WAIT}; echo finished >"$J"`)],
    });
    const told: number[] = [];
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    try {
      const running = csf.run(UNBLOCK, state, (ms) => told.push(ms));
      jest.advanceTimersByTime(59_999);
      expect(told).toEqual([]);
      jest.advanceTimersByTime(840_001);
      expect(told.slice(0, 3)).toEqual([60_000, 61_000, 62_000]);
      expect(told.at(-1)).toBeGreaterThanOrEqual(899_000);
      expect(await running).toMatchObject({
        code: null,
        problem: 'csf has been running for 15 minutes and is not ended by Whyblocked',
      });
    } finally {
      jest.useRealTimers();
      go();
    }
    expect(await csf.idle(state, 5)).toBe(true);
    expect(written()).toBe('finished\n');
  });
});

describe('one at a time', () => {
  test('in one process and in others', async () => {
    const path = program('echo "+$$" >>"$J"; sleep 0.05; echo "-$$" >>"$J"');
    const runs = Array.from({ length: 6 }, () => open({ csfCommand: [path] }).run(UNBLOCK, state));
    const callers = [caller(path), caller(path)];
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual(Array(6).fill(0));
    await Promise.all(callers.map(({ ended }) => ended));
    const lines = written().trim().split('\n');
    expect(lines).toHaveLength(16);
    for (let index = 0; index < lines.length; index += 2)
      expect([lines[index], lines[index + 1]]).toEqual([lines[index], lines[index]?.replace('+', '-')]);
  });

  test('acts share a lock of their own', async () => {
    const csf = open({ csfCommand: [program('exit 0')] });
    const release = await csf.lock(state, 1);
    expect(await open({}).lock(state, 0)).toBeNull();
    expect(await csf.idle(state, 0)).toBe(true);
    release?.();
    const again = await csf.lock(state, 1);
    expect(again).not.toBeNull();
    again?.();
  });
});

interface Caller {
  readonly pid: number;
  readonly ended: Promise<NodeJS.Signals | number | null>;
}

/** Another process of the product, in a process group of its own. */
function caller(path: string): Caller {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CALLER, rootDir, state, path],
    {
      stdio: 'ignore',
      detached: true,
    },
  );
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal ?? code);
    });
  });
  return { pid: child.pid ?? 0, ended };
}

describe('who is ended around csf does not take it along', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)('by %s to the whole group', async (signal) => {
    // It speaks when nobody hears it any more: a broken pipe would end it there.
    const path = program(
      `echo begun >>"$J"; ${WAIT}; echo one; echo two >&2; /bin/echo three; echo finished >>"$J"`,
    );
    const { pid, ended } = caller(path);
    await until(() => written() === 'begun\n');
    process.kill(-pid, signal);
    expect(await ended).toBe(signal);
    const csf = open({ csfCommand: [path] });
    expect(await csf.idle(state, 0)).toBe(false);
    go();
    expect(await csf.idle(state, 5)).toBe(true);
    expect(written()).toBe('begun\nfinished\n');
  });
});

describe('outside our sandbox', () => {
  /** Does what systemd does: runs what follows `--`, with the same outputs. */
  const systemdRun = (): string =>
    program(
      'printf "%s\\n" "$@" >>"$J"\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"',
      'systemd-run',
    );

  test('csf is in a unit without an end of time', async () => {
    const csf = open({ csfCommand: [program('echo Removing rule...; exit 3')], systemdRun: systemdRun() });
    expect(await csf.run(UNBLOCK, state)).toMatchObject({
      code: 3,
      output: 'Removing rule...',
      problem: null,
    });
    const asked = written().split('\n');
    expect(asked.slice(asked.indexOf('--'), -1)).toEqual([
      ...['--', '/usr/bin/flock', '-x', '-w', '30', '-E', '199', join(state, 'csf-run.lock')],
      ...[join(folder, 'csf'), '-dr', '203.0.113.9'],
    ]);
    expect(asked).toEqual(expect.arrayContaining(['--pipe', '--wait', '--collect', '--setenv=LANG=C']));
    expect(asked.filter((word) => /RuntimeMaxSec|TimeoutStopSec|Timeout/.test(word))).toEqual([]);
  });

  test('a unit that cannot be started is told', async () => {
    const path = program(
      'echo "Failed to start transient service unit: Access denied" >&2; exit 1',
      'systemd-run',
    );
    const ran = await open({ csfCommand: [program('exit 0')], systemdRun: path }).run(UNBLOCK, state);
    expect(ran).toMatchObject({
      code: null,
      problem: 'csf could not be started: Failed to start transient service unit: Access denied',
    });
  });
});

describe('--config', () => {
  test('names csf by an absolute path', () => {
    expect(parseConfig('{"csfCommand":["/opt/csf","--x"]}', 'c').acts.csfCommand).toEqual([
      '/opt/csf',
      '--x',
    ]);
    expect(parseConfig('{}', 'c').acts.csfCommand).toBeUndefined();
    for (const value of ['["csf"]', '[]', '"/opt/csf"', '["/opt/csf","\\u0000"]'])
      expect(() => parseConfig(`{"csfCommand":${value}}`, 'c')).toThrow(/"csfCommand/);
  });
});

describe('refused', () => {
  test('is a copied server whose csf is not named', async () => {
    const { csf } = openHost({ root: rootDir, env: {} });
    expect(csf.refusal).toBe(
      'This is a copied server: nothing is changed unless --config names its csf (csfCommand).',
    );
    expect(await csf.run(UNBLOCK, state)).toMatchObject({ code: null, problem: csf.refusal });
    expect(readdirSync(state)).toEqual([]);
  });

  test('is a csf that is not there, until it is', () => {
    const path = join(folder, 'later');
    const csf = open({ csfCommand: [path] });
    expect(csf.refusal).toBe(`The program ${path} of --config is not there.`);
    program('exit 0', 'later');
    expect(csf.refusal).toBeNull();
  });

  test('is a sandbox without systemd-run', () => {
    const systemdRun = join(folder, 'not-there');
    expect(open({ csfCommand: [program('exit 0')], systemdRun }).refusal).toContain(systemdRun);
  });

  // Where csf is installed this machine's own would be meant.
  (existsSync('/usr/sbin/csf') ? test.skip : test)('is a server without csf', () => {
    expect(openCsf(openRoot('/'), layout, {}).refusal).toBe(
      'csf is not installed here: /usr/sbin/csf is not there.',
    );
  });
});
