// `whyblocked hook`: csf.conf's line is shown, changed and given back, and nothing else of the file moves.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openHost } from '../../src/host/local-host.ts';
import { makeServer, tempDir, type TestRoot } from '../host/make-root.ts';
import { cli, type CliAnswer } from '../actions/kit.ts';

const CONF = '/etc/csf/csf.conf';
const HOOK = '/opt/whyblocked/plugin/csf-hook';
const OLD = '/usr/local/bin/report';
const SURE = ['--reason', 'mails with log lines', '--yes'];
/** Bytes of no encoding, blanks at ends of lines, no newline at the end: all must stay. */
const confOf = (value: string): string =>
  `###\r\n# caf\xe9 \xff\nTESTING = "0"  \n\nBLOCK_REPORT = "${value}"\nUNBLOCK_REPORT = ""\nLF_MODSEC="5"\nPASSWORD = "p\xe4ss"`;

let root: TestRoot;
let state: string;
let config: string;
const file = (path = CONF): string => join(root.dir, path);
const conf = (): string => readFileSync(file(), 'latin1');
const hook = (...args: string[]): Promise<CliAnswer> =>
  cli(['hook', ...args, '--root', root.dir, '--state', state, '--config', config]);

beforeEach(() => {
  root = makeServer();
  state = join(tempDir(), 'state');
  mkdirSync(state, { mode: 0o700 });
  config = join(tempDir(), 'config.json');
  writeFileSync(config, '{ "csfCommand": ["/bin/true"] }');
  root.write(CONF, confOf(''));
  chmodSync(file(), 0o600);
  for (const path of [HOOK, OLD]) {
    root.write(path, '#!/bin/sh\n');
    chmodSync(file(path), 0o755);
  }
});

describe('a free slot', () => {
  test('is shown, filled after a preview, and freed again; every other byte, rights and owner stay', async () => {
    chownSync(file(), 12, 34);
    chmodSync(file(), 0o640);
    expect((await hook('status')).out).toContain('BLOCK_REPORT is free.');
    const dry = await hook('install');
    expect(dry.code).toBe(0);
    expect(dry.out).toContain(
      '/etc/csf/csf.conf, line 5:\n  before  BLOCK_REPORT = ""\n  after   BLOCK_REPORT = "/opt/whyblocked/plugin/csf-hook"\n',
    );
    expect(dry.out).toContain('dry run');
    expect(conf()).toBe(confOf(''));
    const { code, out } = await hook('install', ...SURE);
    expect(code).toBe(0);
    expect(out).toContain('csf --lfd restart');
    expect(conf()).toBe(confOf(HOOK));
    expect(statSync(file())).toMatchObject({ uid: 12, gid: 34, mode: 0o100640 });
    expect(readdirSync(file('/etc/csf')).filter((name) => name.startsWith('.'))).toEqual([]);
    const [copy = ''] = readdirSync(state).filter((name) => name.startsWith('csf.conf.whyblocked-'));
    expect(readFileSync(join(state, copy), 'latin1')).toBe(confOf(''));
    expect(statSync(join(state, copy)).mode & 0o777).toBe(0o600);
    expect((await hook('status', '--json')).out).toContain('"state":"ours"');
    expect((await hook('install', ...SURE)).out).toContain('stands there already');
    expect((await hook('remove', ...SURE)).code).toBe(0);
    expect(conf()).toBe(confOf(''));
    expect((await hook('remove', ...SURE)).out).toContain('free already');
  });

  test('stands in the activity with its reason', async () => {
    await hook('install', ...SURE);
    const { out } = await cli([
      'activity',
      '--json',
      '--root',
      root.dir,
      '--state',
      state,
      '--config',
      config,
    ]);
    const rows = out
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as { act: string; detail: string; result: string; who: string });
    expect(rows).toMatchObject([
      {
        act: 'hook install',
        who: 'root',
        result: expect.stringMatching(/^done: the file of before is .*csf\.conf\.whyblocked-/) as unknown,
      },
      {
        act: 'hook install',
        result: 'begun',
        detail: expect.stringContaining('mails with log lines') as unknown,
      },
    ]);
  });

  test('says that lfd knows the file of before, until it has been started again', async () => {
    root.write('/run/lfd.pid', '1234\n');
    await hook('install', ...SURE);
    expect((await hook('status')).out).toContain('restart it');
    root.write('/run/lfd.pid', '1235\n', -10_000);
    expect((await hook('status')).out).not.toContain('restart it');
  });

  test('needs a reason; keeps five copies', async () => {
    expect(await hook('install', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--reason') as unknown,
    });
    for (let count = 1; count <= 6; count++)
      writeFileSync(join(state, `csf.conf.whyblocked-2025010${count}T000000000Z`), '');
    expect((await hook('install', ...SURE)).code).toBe(0);
    const copies = readdirSync(state).filter((name) => name.startsWith('csf.conf.whyblocked-'));
    expect(copies).toHaveLength(5);
    expect(readFileSync(join(state, copies.sort().at(-1) ?? ''), 'latin1')).toBe(confOf(''));
  });
});

describe('a slot that is taken', () => {
  beforeEach(() => {
    root.write(CONF, confOf(OLD));
  });

  test('is left alone, and how to chain is said', async () => {
    const { code, out } = await hook('install', ...SURE);
    expect([code, conf()]).toEqual([1, confOf(OLD)]);
    expect(out).toContain(`${OLD}. With --chain`);
    expect((await hook('remove', ...SURE)).out).toContain('it is left alone');
    expect((await hook('status')).out).toContain('hook install --chain');
  });

  test('is chained on request, and given back', async () => {
    expect((await hook('install', '--chain', ...SURE)).out).toContain('is now');
    expect(conf()).toBe(confOf(HOOK));
    expect(readFileSync(join(state, 'hook-next'), 'latin1')).toBe(`${OLD}\n`);
    expect(statSync(join(state, 'hook-next')).mode & 0o777).toBe(0o600);
    expect((await hook('status')).out).toContain(`It calls ${OLD} afterwards.`);
    const { out } = await hook('remove');
    expect(out).toContain(`after   BLOCK_REPORT = "${OLD}"`);
    expect((await hook('remove', ...SURE)).code).toBe(0);
    expect(conf()).toBe(confOf(OLD));
    expect(existsSync(join(state, 'hook-next'))).toBe(false);
  });

  test.each([
    [
      'is not there',
      () => {
        root.write(CONF, confOf('/nonexistent'));
      },
      'it is missing',
    ],
    [
      'is a word',
      () => {
        root.write(CONF, confOf('report'));
      },
      'no absolute path',
    ],
    [
      'is no program',
      () => {
        chmodSync(file(OLD), 0o644);
      },
      'it is no program',
    ],
    [
      'is everybody’s to write',
      () => {
        chmodSync(file(OLD), 0o777);
      },
      'others than root',
    ],
  ])('by something that %s is not chained', async (_, change, why) => {
    change();
    const before = conf();
    const { code, out } = await hook('install', '--chain', ...SURE);
    expect([code, conf()]).toEqual([1, before]);
    expect(out).toContain(why);
    expect(existsSync(join(state, 'hook-next'))).toBe(false);
  });
});

describe('nothing is changed', () => {
  test.each([
    [
      'a copied server',
      () => {
        writeFileSync(config, '{}');
      },
      'csfCommand',
    ],
    [
      'a repeated line',
      () => {
        root.write(CONF, `${confOf('')}\nBLOCK_REPORT = ""\n`);
      },
      'more than once',
    ],
    [
      'another repeated setting',
      () => {
        root.write(CONF, `TESTING = "0"\n${confOf('')}`);
      },
      'repeated setting',
    ],
    [
      'a value without quotes',
      () => {
        root.write(CONF, `${confOf('')}\nX = 1\n`);
      },
      'without quotes',
    ],
    [
      'no line',
      () => {
        root.write(CONF, 'TESTING = "0"\n');
      },
      'no line BLOCK_REPORT',
    ],
    [
      'no csf.conf',
      () => {
        renameSync(file(), file('/etc/csf/other'));
      },
      'missing',
    ],
    [
      'a program that is not there',
      () => {
        renameSync(file(HOOK), file(`${HOOK}.old`));
      },
      'install.sh',
    ],
    [
      'a link in its place',
      () => {
        renameSync(file(), file('/etc/csf/real'));
        symlinkSync('real', file());
      },
      'not a regular file',
    ],
    [
      'a file with a second name',
      () => {
        linkSync(file(), file('/etc/csf/twin'));
      },
      'second name',
    ],
  ])('with %s', async (_, change, why) => {
    change();
    const before = existsSync(file()) ? conf() : null;
    const { code, out, err } = await hook('install', ...SURE);
    expect(code).toBe(1);
    expect(out + err).toContain(why);
    expect(existsSync(file()) ? conf() : null).toBe(before);
  });

  test('by the service, whose sandbox has /etc read-only', () => {
    const host = openHost({ root: root.dir, env: { WHYBLOCKED_SANDBOX: '1' } });
    expect(host.hookSlot.refusal).toContain('command line');
  });

  test('that was changed between preview and act', async () => {
    const { hookSlot } = openHost({ root: root.dir, env: {} });
    root.write(CONF, confOf(OLD));
    const change = { from: '', to: HOOK, stateDir: state, at: new Date() };
    await expect(hookSlot.change(change)).rejects.toThrow('not as it was shown');
    expect(conf()).toBe(confOf(OLD));
  });

  test('where something is in the way: the file stays, and the failure stands in the activity', async () => {
    mkdirSync(file('/etc/csf/.csf.conf.new'));
    const { code, err } = await hook('install', ...SURE);
    expect([code, conf()]).toEqual([1, confOf('')]);
    expect(err).toContain('/etc/csf/csf.conf has leftovers that cannot be removed');
    const { out } = await cli(['activity', '--root', root.dir, '--state', state, '--config', config]);
    expect(out).toMatch(/hook install.*failed/);
  });
});

test('waits for csf’s own lock', async () => {
  const holder = spawn('/usr/bin/flock', ['-x', file(), 'sh', '-c', 'echo locked; sleep 0.4'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const began = performance.now();
  expect((await hook('install', ...SURE)).code).toBe(0);
  expect(performance.now() - began).toBeGreaterThan(250);
  expect(conf()).toBe(confOf(HOOK));
});
