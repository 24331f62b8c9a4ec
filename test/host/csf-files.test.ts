import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { CsfReader } from '../../src/host/csf-files.ts';
import { openRoot } from '../../src/host/root.ts';
import { makeRoot } from './make-root.ts';

const FLOCK = '/usr/bin/flock';
const REWRITER = fileURLToPath(new URL('./rewriter.ts', import.meta.url));
const ENTRIES = 900;

test('a list that is rewritten in place is never given as stable while it is empty or cut', async () => {
  const server = makeRoot();
  server.write('/etc/csf/csf.deny', '198.51.100.1 # start\n'.repeat(ENTRIES));
  const file = join(server.dir, 'etc/csf/csf.deny');
  const writer = spawn(process.execPath, [REWRITER, file, String(ENTRIES)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let slow = '';
  writer.stdout.on('data', (text: Buffer) => {
    slow += text.toString();
  });
  let stable = 0;
  let metCut = 0;
  const wrong: number[] = [];
  const bare = setInterval(() => {
    if (readFileSync(file, 'latin1').split('\n').length <= ENTRIES) metCut++;
  }, 7);
  try {
    const one = new CsfReader(openRoot(server.dir), null);
    const end = Date.now() + 8000;
    while (Date.now() < end) {
      const fresh = Array.from({ length: 6 }, () => new CsfReader(openRoot(server.dir), null));
      for (const read of await Promise.all(
        [one, ...fresh].map((reader) => reader.file('/etc/csf/csf.deny')),
      )) {
        if (read.stable) stable++;
        if (read.stable && (read.text ?? '').split('\n').length <= ENTRIES) wrong.push(read.mtimeMs);
      }
    }
    // It ends between two rewrites, so that a stall it is in right now is told too.
    const ended = new Promise((resolve) => writer.once('close', resolve));
    server.write('/etc/csf/csf.deny.stop', '');
    await ended;
  } finally {
    clearInterval(bare);
    writer.kill('SIGKILL');
  }
  // On a busy machine the writer itself may stand still in the middle: that is no fault of the reader. A file's time
  // comes from the kernel's coarse clock, which a busy machine ticks late.
  const stalls = slow.split('\n').map((line) => line.split(' ').map(Number));
  const meant = wrong.filter((at) => !stalls.some(([from = 0, to = 0]) => at >= from - 250 && at <= to));
  expect(meant).toEqual([]);
  // It did read the list now and then, and bare readings did meet it cut: else this shows nothing.
  expect(stable).toBeGreaterThan(0);
  expect(metCut).toBeGreaterThan(0);
}, 30_000);

test('an old list that is just being emptied is looked at again: its size changes before its time does', async () => {
  const server = makeRoot();
  const whole = '198.51.100.1 # start\n'.repeat(10);
  server.write('/etc/csf/csf.deny', '');
  const written = setTimeout(() => {
    server.write('/etc/csf/csf.deny', whole);
  }, 5);
  try {
    const read = await new CsfReader(openRoot(server.dir), null).file('/etc/csf/csf.deny');
    expect(read).toMatchObject({ stable: true, text: whole });
  } finally {
    clearTimeout(written);
  }
});

test('a reader that stands still after reading does not take a list just cut for an old one', async () => {
  const server = makeRoot();
  const whole = '198.51.100.1 # start\n'.repeat(10);
  server.write('/etc/csf/csf.deny', '', 0);
  const real = Date.now;
  let asked = 0;
  // From the second look at the clock on an hour has passed.
  Date.now = () => real() + (asked++ > 0 ? 3_600_000 : 0);
  const written = setTimeout(() => {
    server.write('/etc/csf/csf.deny', whole, 0);
  }, 100);
  try {
    const read = await new CsfReader(openRoot(server.dir), null).file('/etc/csf/csf.deny');
    expect(read).toMatchObject({ stable: true, text: whole });
  } finally {
    clearTimeout(written);
    Date.now = real;
  }
});

const withFlock = existsSync(FLOCK) ? test : test.skip;

withFlock('csf’s lock is waited for, and what is read under it counts at once', async () => {
  const server = makeRoot();
  const file = join(server.dir, 'csf.tempban');
  writeFileSync(file, '');
  // Holds the lock on the truncated list for a while, then writes it, as csf does.
  const script = 'flock -x 9; echo locked; sleep 1.2; echo "1|198.51.100.1||in|60|lfd" >&9; flock -u 9';
  const writer = spawn('/bin/sh', ['-c', `exec 9>"${file}"; ${script}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    const read = await new CsfReader(openRoot(server.dir), FLOCK).file('/csf.tempban');
    expect(read).toMatchObject({ stable: true, problem: null, text: '1|198.51.100.1||in|60|lfd\n' });
  } finally {
    writer.kill('SIGKILL');
  }
});

withFlock('the lock ends with the reading', async () => {
  const server = makeRoot();
  server.write('/csf.tempban', 'x\n', 3000);
  await new CsfReader(openRoot(server.dir), FLOCK).file('/csf.tempban');
  const writer = spawn(FLOCK, ['-x', '-n', join(server.dir, 'csf.tempban'), 'true']);
  const code = await new Promise((resolve) => writer.once('close', resolve));
  expect(code).toBe(0);
});

describe('a quiet list', () => {
  const server = makeRoot();
  const reader = new CsfReader(openRoot(server.dir), null);

  test('is read once, an empty old one too', async () => {
    server.write('/etc/csf/csf.deny', '198.51.100.1 # \xff\n');
    server.write('/var/lib/csf/csf.tempban', '');
    const started = performance.now();
    expect(await reader.list('/etc/csf/csf.deny')).toMatchObject({
      text: '198.51.100.1 # \xff\n',
      stable: true,
      includes: [],
    });
    expect(await reader.list('/var/lib/csf/csf.tempban')).toMatchObject({
      text: '',
      stable: true,
      problem: null,
    });
    // Looking twice takes at least 200 ms.
    expect(performance.now() - started).toBeLessThan(200);
  });

  test('that is missing, locked up or no file says so', async () => {
    expect(await reader.list('/etc/csf/csf.allow')).toMatchObject({
      text: null,
      problem: 'missing',
      stable: true,
    });
    server.folder('/etc/csf/csf.ignore');
    expect(await reader.list('/etc/csf/csf.ignore')).toMatchObject({
      text: null,
      problem: 'not a regular file',
    });
  });

  test('that has shrunk a moment ago is looked at again; its new length counts from then on', async () => {
    server.write('/etc/csf/csf.allow', '198.51.100.1\n198.51.100.2\n');
    await reader.file('/etc/csf/csf.allow');
    server.write('/etc/csf/csf.allow', '198.51.100.1\n', 20_000);
    const started = performance.now();
    expect(await reader.file('/etc/csf/csf.allow')).toMatchObject({ text: '198.51.100.1\n', stable: true });
    expect(performance.now() - started).toBeGreaterThan(500);
    expect(await reader.file('/etc/csf/csf.allow')).toMatchObject({ stable: true });
    rmSync(join(server.dir, 'etc/csf/csf.allow'));
  });
});

describe('Include lines', () => {
  test('are followed inside the root, nested ones too, each once, loops ended', async () => {
    const server = makeRoot();
    writeFileSync(join(server.outside, 'bait'), 'BAIT\n');
    server.write(
      '/etc/csf/csf.deny',
      `Include /etc/csf/more\n  Include /a/missing\n# Include /etc/commented\nx Include /etc/late\nInclude ${server.outside}/bait\n`,
    );
    server.write(
      '/etc/csf/more',
      '198.51.100.7\nInclude /etc/csf/deeper\r\nInclude /etc/csf/csf.deny\ninclude /etc/lower\n',
    );
    server.write('/etc/csf/deeper', '198.51.100.8\nInclude /etc/csf/more\n');
    const { includes } = await new CsfReader(openRoot(server.dir), null).list('/etc/csf/csf.deny');
    expect(includes.map(({ path, text, problem }) => [path, text?.slice(0, 12) ?? null, problem])).toEqual([
      ['/etc/csf/more', '198.51.100.7', null],
      ['/a/missing', null, 'missing'],
      [`${server.outside}/bait`, null, 'missing'],
      ['/etc/csf/deeper', '198.51.100.8', null],
    ]);
  });

  test('are bounded', async () => {
    const server = makeRoot();
    server.write(
      '/csf.deny',
      Array.from({ length: 500 }, (_, i) => `Include /nowhere/${String(i)}\n`).join(''),
    );
    expect((await new CsfReader(openRoot(server.dir), null).list('/csf.deny')).includes).toHaveLength(100);
  });
});
