// Before csf is asked for anything: what would make it fail, or open the firewall.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openCsf } from '../../src/host/csf-program.ts';
import { type CsfReadiness, spaceProblems } from '../../src/host/csf-readiness.ts';
import { buildLayout } from '../../src/host/layout.ts';
import { openRoot } from '../../src/host/root.ts';
import { mayBeLocked } from '../../src/parse/proc-locks.ts';
import { isReadOnlyDisk } from '../../src/parse/proc-mountinfo.ts';

const layout = buildLayout({ pathsConf: null, csfConf: null });
const LISTS = [
  '/etc/csf/csf.deny',
  '/etc/csf/csf.allow',
  '/var/lib/csf/csf.tempban',
  '/var/lib/csf/csf.tempallow',
];

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'whyblocked-ready-'));
  mkdirSync(join(dir, 'etc/csf'), { recursive: true });
  mkdirSync(join(dir, 'var/lib/csf'), { recursive: true });
  for (const list of LISTS) write(list, '');
  write('/etc/csf/csf.conf', 'TESTING = "0"\n');
  write('/csf', '#!/bin/sh\n', 0o755);
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function write(path: string, text: string, mode = 0o600): void {
  writeFileSync(join(dir, path), text);
  chmodSync(join(dir, path), mode);
}

function ready(sandboxed = false): CsfReadiness {
  const systemdRun = sandboxed ? '/bin/true' : undefined;
  return openCsf(openRoot(dir), layout, { csfCommand: [join(dir, 'csf')], systemdRun }).ready();
}

const GOOD: CsfReadiness = { error: null, disabled: false, testing: false, problems: [], restarting: false };

describe('csf', () => {
  test('is ready, in a sandbox too', () => {
    expect(ready()).toEqual(GOOD);
    expect(ready(true)).toEqual(GOOD);
  });

  test('is ready without its lists: it makes them', () => {
    for (const list of LISTS) rmSync(join(dir, list));
    expect(ready()).toEqual(GOOD);
    expect(LISTS.filter((list) => existsSync(join(dir, list)))).toEqual([]);
  });

  test('has left an error: the first line of it, cleaned', () => {
    write(
      '/etc/csf/csf.error',
      '\x1b[31mError: Could not\x1b[0m open\x07x, at line 5 in /usr/sbin/csf\nmore\n',
    );
    expect(ready()).toEqual({ ...GOOD, error: 'Error: Could not open x, at line 5 in /usr/sbin/csf' });
    write('/etc/csf/csf.error', 'x'.repeat(100_000));
    expect(ready().error).toHaveLength(400);
    for (const text of ['', '\n\n', '\0']) {
      write('/etc/csf/csf.error', text);
      expect(ready().error).toBe('no words');
    }
    rmSync(join(dir, 'etc/csf/csf.error'));
    symlinkSync('csf.error', join(dir, 'etc/csf/csf.error'));
    expect(ready().error).toBe('link loop');
  });

  test('is switched off, or in testing mode', () => {
    write('/etc/csf/csf.disable', '');
    write('/etc/csf/csf.conf', 'TESTING = "1"\n');
    expect(ready()).toEqual({ ...GOOD, disabled: true, testing: true });
  });

  test('would stop at its own configuration', () => {
    write('/etc/csf/csf.conf', 'TESTING = "0"\nLF_MODSEC = "5"\nLF_MODSEC = "5"\n');
    expect(ready().problems).toEqual(['csf stops at line 3 of csf.conf: LF_MODSEC is set twice.']);
    write('/etc/csf/csf.conf', 'TESTING = 0\n');
    expect(ready().problems).toEqual([
      'csf stops at line 1 of csf.conf: TESTING has a value without quotes.',
    ]);
    rmSync(join(dir, 'etc/csf/csf.conf'));
    expect(ready().problems).toEqual(['csf.conf cannot be read: missing.']);
  });

  test('is no program, or is not there', () => {
    chmodSync(join(dir, 'csf'), 0o600);
    expect(ready().problems).toEqual([`${dir}/csf cannot be started by this user.`]);
    rmSync(join(dir, 'csf'));
    expect(ready().problems).toEqual([`${dir}/csf is not there.`]);
    mkdirSync(join(dir, 'csf'));
    expect(ready().problems).toEqual([`${dir}/csf is no program.`]);
  });

  test('of a copied server is not looked for', () => {
    expect(openCsf(openRoot(dir), layout, {}).ready()).toEqual(GOOD);
  });
});

describe('its folders and lists', () => {
  test('that are something else', () => {
    rmSync(join(dir, LISTS[0]!));
    mkdirSync(join(dir, LISTS[0]!));
    rmSync(join(dir, 'var/lib/csf'), { recursive: true });
    for (const sandboxed of [false, true])
      expect(ready(sandboxed).problems).toEqual([
        '/var/lib/csf cannot be used: missing.',
        '/etc/csf/csf.deny cannot be used: not a regular file.',
      ]);
  });

  test('are left as they are', () => {
    write(LISTS[0]!, '203.0.113.9 # x\n');
    const before = LISTS.map((list) => statSync(join(dir, list), { bigint: true }));
    ready();
    ready(true);
    const after = LISTS.map((list) => statSync(join(dir, list), { bigint: true }));
    expect(after.map(({ mtimeNs, size }) => [mtimeNs, size])).toEqual(
      before.map(({ mtimeNs, size }) => [mtimeNs, size]),
    );
    expect(readFileSync(join(dir, LISTS[0]!), 'latin1')).toBe('203.0.113.9 # x\n');
    expect(existsSync(join(dir, 'var/lib/csf/csf.lock'))).toBe(false);
  });

  const canSeal = ((): boolean => {
    const probe = mkdtempSync(join(tmpdir(), 'whyblocked-seal-'));
    const file = join(probe, 'x');
    writeFileSync(file, '');
    const sealed = spawnSync('/usr/bin/chattr', ['+i', file]).status === 0;
    if (sealed) execFileSync('/usr/bin/chattr', ['-i', file]);
    rmSync(probe, { recursive: true });
    return sealed;
  })();

  (canSeal ? test : test.skip)('that are marked unchangeable', () => {
    const file = join(dir, LISTS[2]!);
    execFileSync('/usr/bin/chattr', ['+i', file]);
    try {
      for (const sandboxed of [false, true])
        expect(ready(sandboxed).problems).toEqual([
          '/var/lib/csf/csf.tempban cannot be written: it is marked unchangeable (lsattr shows it, chattr -i ends it). csf would open the whole firewall over it.',
        ]);
    } finally {
      execFileSync('/usr/bin/chattr', ['-i', file]);
    }
  });

  (process.geteuid?.() === 0 ? test.skip : test)('that another user may not write', () => {
    chmodSync(join(dir, LISTS[1]!), 0o400);
    expect(ready().problems[0]).toMatch(/^\/etc\/csf\/csf\.allow cannot be written: permission denied\./);
    expect(ready(true).problems).toEqual([]);
  });

  test('on a full disk', () => {
    const harm = 'csf empties a list before it writes it anew, and would lose it.';
    const good = { bsize: 4096, bfree: 1024, files: 1000, ffree: 100 };
    expect(spaceProblems('/etc/csf', good)).toEqual([]);
    // btrfs counts no files.
    expect(spaceProblems('/etc/csf', { ...good, files: 0, ffree: 0 })).toEqual([]);
    expect(spaceProblems('/etc/csf', { ...good, bfree: 1023 })).toEqual([
      `4092 KiB are left on the disk of /etc/csf: ${harm}`,
    ]);
    expect(spaceProblems('/var/lib/csf', { ...good, ffree: 99 })).toEqual([
      `99 files can still be made on the disk of /var/lib/csf: ${harm}`,
    ]);
  });
});

describe('csf’s lock', () => {
  test('is seen when it is held, and never made or taken', async () => {
    write('/var/lib/csf/csf.lock', '');
    expect(ready().restarting).toBe(false);
    const file = join(dir, 'var/lib/csf/csf.lock');
    const holder = spawn('/usr/bin/flock', ['-x', file, 'sh', '-c', 'echo held; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      await new Promise((resolve) => holder.stdout.once('data', resolve));
      expect(ready()).toEqual({ ...GOOD, restarting: true });
    } finally {
      const ended = new Promise((resolve) => holder.once('close', resolve));
      for (const pid of childrenOf(holder.pid ?? 0)) process.kill(pid);
      await ended;
    }
    expect(ready().restarting).toBe(false);
  });

  test.each([
    ['1: FLOCK  ADVISORY  WRITE 812 00:2c:4711 0 EOF', true],
    ['17: FLOCK  ADVISORY  WRITE -1 fe:01:4711 0 EOF', true],
    ['1: FLOCK  ADVISORY  READ  812 00:2c:4711 0 EOF', false],
    ['1: POSIX  ADVISORY  WRITE 812 00:2c:4711 0 EOF', false],
    ['1: -> FLOCK  ADVISORY  WRITE 812 00:2c:4711 0 EOF', false],
    ['1: FLOCK  ADVISORY  WRITE 812 00:2c:47110 0 EOF', false],
    ['', false],
  ])('in the kernel’s list: %s', (line, held) => {
    expect(mayBeLocked(`2: FLOCK  ADVISORY  WRITE 9 00:01:1 0 EOF\n${line}\n`, 4711)).toBe(held);
  });
});

/** Ids of the processes that one has started. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
}

describe('a disk', () => {
  const mounts = [
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    // As in our sandbox: read-only for us alone.
    '30 27 254:1 / / ro,nosuid master:1 - ext4 /dev/vda1 rw,discard',
    '31 27 259:300 / /var rw,relatime shared:2 master:3 - xfs /dev/nvme0n1p9 ro,attr2',
    'cut 27 8:1 / /x rw -',
  ].join('\n');
  // As the C library puts the two numbers into one.
  const dev = (major: number, minor: number): number =>
    (minor & 0xff) + major * 256 + Math.floor(minor / 256) * 1_048_576;

  test.each([
    ['254:1', dev(254, 1), false],
    ['259:300', dev(259, 300), true],
    ['8:1', dev(8, 1), false],
    ['9:9', dev(9, 9), false],
  ])('%s', (_name, number, readOnly) => {
    expect(isReadOnlyDisk(mounts, number)).toBe(readOnly);
  });

  test('this one is found by its number and can be written', () => {
    const text = readFileSync('/proc/self/mountinfo', 'latin1');
    const number = statSync('/proc/self').dev;
    expect(isReadOnlyDisk(text, number)).toBe(false);
    // The options of its super block come last.
    expect(isReadOnlyDisk(text.replaceAll(/ rw(,\S*)?$/gm, ' ro$1'), number)).toBe(true);
  });
});

test('any text of the kernel gives an answer (property)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, number) => {
      expect(isReadOnlyDisk(text, number)).toBe(false);
      expect(mayBeLocked(text, number)).toBe(false);
    }),
  );
});
