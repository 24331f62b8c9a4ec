// A server with csf and Apache but without cPanel; staging below DESTDIR; servers that install.sh turns away.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { placeTree, releaseArchive } from './archive.ts';
import { difference, Server, whyNoServer } from './server.ts';

// Each step copies and checks 150 MB; the machine may be busy.
jest.setTimeout(120_000);

const skipped = whyNoServer();
const whole = skipped === null ? describe : describe.skip;
if (skipped !== null) console.error(`SKIPPED: a server without cPanel: ${skipped}`);

whole('a server without cPanel', () => {
  let server: Server;
  const install = (...options: string[]): { code: number | null; out: string } =>
    server.run(['sh', '/root/whyblocked/install.sh', ...options]);

  beforeAll(() => {
    server = new Server({ cpanel: false });
    placeTree(join(server.root, 'root/whyblocked'));
  }, 180_000);
  afterAll(() => {
    server.remove();
  });

  test('is turned away with what to do', () => {
    const before = server.list();
    const { code, out } = install();
    expect(code).toBe(1);
    expect(out).toContain('STOP  found no cPanel: for a server without it, run install.sh --standalone.');
    expect(out).toContain('Nothing was changed.');
    expect(difference(before, server.list())).toEqual({ added: [], removed: [], changed: [] });
  });

  test.each([
    ['uname', 'echo riscv64', 'found the architecture riscv64, x86_64 or aarch64 is needed'],
    ['getconf', 'echo glibc 2.28', 'found glibc 2.28, 2.34 is needed'],
    ['getconf', 'exit 1', 'found no glibc'],
    ['df', 'printf "x\\nx 1 1 102400 1%% /\\n"', 'found 100 MiB free in /opt, 400 are needed'],
    ['id', 'echo 1000', 'found an ordinary user, root is needed'],
  ])('%s that says "%s" stops it with a sentence', (name, says, sentence) => {
    server.program(`/usr/local/sbin/${name}`, says);
    const { code, out } = install('--standalone');
    rmSync(join(server.root, 'usr/local/sbin', name));
    expect(code).toBe(1);
    expect(out).toContain(`STOP  ${sentence}`);
    expect(out).toContain('Nothing was changed.');
  });

  test('with --standalone it gets the service and links for an ssh tunnel', () => {
    const before = server.list();
    rmSync(join(server.root, 'etc/csf/csf.conf'));
    const { code, out } = install('--standalone');
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(out).toContain('note  found no csf');
    expect(out).toContain('note  found no ModSecurity 2');
    expect(out).toContain('Next: whyblocked login');
    const login = server.run(['whyblocked', 'login']);
    // Without a network there is no loopback either: the link itself is what counts.
    expect(login.out).toMatch(/http:\/\/127\.0\.0\.1:\d+\/|loopback|EADDRNOTAVAIL/);
    expect(server.has('/usr/local/cpanel')).toBe(false);
    const removed = server.run(['sh', '/opt/whyblocked/uninstall.sh', '--purge']);
    expect(removed).toMatchObject({ code: 0 });
    expect(difference(before, server.list())).toEqual({
      added: [],
      removed: ['/etc/csf/csf.conf'],
      changed: [],
    });
  });
});

describe('below DESTDIR', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whyblocked-stage-'));
  const run = (
    script: string,
    env: Record<string, string>,
    ...options: string[]
  ): { code: number | null; out: string } => {
    const { status, stdout, stderr } = spawnSync('sh', [join(releaseArchive().tree, script), ...options], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    });
    return { code: status, out: `${stdout}${stderr}` };
  };
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('the files are put in place and no command of the running server is called', () => {
    const { code, out } = run('install.sh', { DESTDIR: folder }, '--standalone');
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(out).toContain('left out below DESTDIR: systemctl');
    expect(out).toContain('nothing was started');
    expect(readlinkSync(join(folder, 'usr/local/bin/whyblocked'))).toBe('/opt/whyblocked/plugin/whyblocked');
    expect(existsSync(join(folder, 'opt/whyblocked/src/main.ts'))).toBe(true);
    expect(
      readFileSync(join(folder, 'etc/systemd/system/whyblocked.service.d/standalone.conf'), 'utf8'),
    ).toContain('--login');
    expect(run('uninstall.sh', { DESTDIR: folder }, '--purge')).toMatchObject({ code: 0 });
    expect(execFileSync('find', [folder, '-type', 'f'], { encoding: 'utf8' })).toBe('');
  }, 180_000);

  test('an option that is not known is refused', () => {
    expect(run('install.sh', { DESTDIR: folder }, '--force').code).toBe(2);
    expect(run('uninstall.sh', { DESTDIR: folder }, '--force').code).toBe(2);
    expect(readdirSync(folder)).not.toContain('etc/whyblocked');
  });
});
