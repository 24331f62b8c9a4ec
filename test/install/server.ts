// A cPanel server of folders: a root of its own with this machine's programs read-only below /usr, stand-ins for cPanel's
// and systemd's commands, and no network. Commands run in it by chroot in namespaces of their own, as root.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STAND_INS = join(import.meta.dirname, 'stand-ins');
const USR = ['bin', 'sbin', 'lib', 'lib64'];
const SYSTEMD = ['systemctl', 'systemd-run'];
/** What a server need not have: a call of one of them is written down and fails. */
const FORBIDDEN = [
  'npm',
  'npx',
  'curl',
  'wget',
  'git',
  'make',
  'cc',
  'gcc',
  'c++',
  'g++',
  'python3',
  'node',
  'dnf',
  'apt-get',
];
const ENTER = `root=$1; shift
mount --bind "$root" "$root"
if [ ! -e "$root/usr/bin/env" ]; then
  for name in ${USR.join(' ')}; do
    [ ! -d "$root/usr/$name" ] || { mount --bind "/usr/$name" "$root/usr/$name" && mount -o remount,bind,ro "$root/usr/$name"; }
  done
fi
[ ! -e "$root/usr/bin/systemd-run" ] || mount --bind "$root/usr/local/sbin/systemd-run" "$root/usr/bin/systemd-run"
mount --rbind /dev "$root/dev" && mount -t proc none "$root/proc"
exec chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root LANG=C "$@"`;

/** Why no such server can be made here; null when it can. */
export function whyNoServer(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make a server’s root folder';
  const probe = spawnSync('unshare', ['-m', '-n', 'true']);
  return probe.status === 0 ? null : 'namespaces cannot be made here (unshare -m -n)';
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
}

export class Server {
  readonly root: string;

  /** `base`: a system's root folder to be used, with programs of its own, instead of this machine's programs. */
  constructor({ cpanel, base }: { readonly cpanel: boolean; readonly base?: string }) {
    this.root = base ?? mkdtempSync(join(tmpdir(), 'whyblocked-server-'));
    for (const name of USR) {
      if (base !== undefined || !existsSync(`/usr/${name}`)) continue;
      mkdirSync(join(this.root, 'usr', name), { recursive: true });
      symlinkSync(`usr/${name}`, join(this.root, name));
    }
    const folders = [
      'dev',
      'proc',
      'etc/csf',
      'etc/systemd/system/multi-user.target.wants',
      'run/systemd/system',
      'run/stand-in',
      'opt',
      'root',
    ];
    for (const folder of [...folders, 'usr/local/bin', 'usr/local/sbin', 'var/lib', 'var/cache', 'var/log'])
      mkdirSync(join(this.root, folder), { recursive: true });
    mkdirSync(join(this.root, 'tmp'), { recursive: true });
    chmodSync(join(this.root, 'tmp'), 0o1777);
    for (const file of ['ld.so.cache', 'passwd', 'group'])
      if (base === undefined && existsSync(`/etc/${file}`))
        cpSync(`/etc/${file}`, join(this.root, 'etc', file));
    // Debian's awk is a link into this folder.
    if (base === undefined && existsSync('/etc/alternatives'))
      cpSync('/etc/alternatives', join(this.root, 'etc/alternatives'), {
        recursive: true,
        verbatimSymlinks: true,
      });
    this.write('/etc/csf/csf.conf', '');
    for (const name of FORBIDDEN)
      this.program(`/usr/local/sbin/${name}`, `echo "${name} $*" >>/run/stand-in/forbidden; exit 1`);
    for (const name of SYSTEMD) cpSync(join(STAND_INS, name), join(this.root, 'usr/local/sbin', name));
    if (cpanel) this.#addCpanel();
  }

  #addCpanel(): void {
    this.write('/usr/local/cpanel/version', '11.138.0.5\n');
    this.write('/etc/apache2/conf.d/modsec2.conf', '');
    for (const folder of ['addon_plugins', 'templates', 'cgi'])
      mkdirSync(join(this.root, 'usr/local/cpanel/whostmgr/docroot', folder), { recursive: true });
    mkdirSync(join(this.root, 'usr/local/cpanel/bin'));
    mkdirSync(join(this.root, 'var/cpanel/apps'), { recursive: true });
    for (const name of readdirSync(STAND_INS))
      if (!SYSTEMD.includes(name))
        cpSync(join(STAND_INS, name), join(this.root, 'usr/local/cpanel/bin', name));
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.root, path, '..'), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  program(path: string, text: string): void {
    this.write(path, `#!/bin/sh\n${text}\n`);
    chmodSync(join(this.root, path), 0o755);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  has(path: string): boolean {
    return lstatSync(join(this.root, path), { throwIfNoEntry: false }) !== undefined;
  }

  /** Runs a program in it, without network; both outputs together. */
  run(argv: readonly string[], { input = '', env = [] as readonly string[] } = {}): Ran {
    const command = ['-c', 'exec "$@" 2>&1', 'sh', ...argv];
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['-m', '-n', 'sh', '-c', ENTER, 'sh', this.root, ...env, 'sh', ...command],
      { encoding: 'utf8', input, timeout: 120_000 },
    );
    return { code: status, out: `${stdout}${stderr}` };
  }

  /** Everything below it: path to kind, rights, size of a file, target of a link; not what runs beside the stand-ins. */
  list(): Map<string, string> {
    const found = new Map<string, string>();
    const skipped = new Set([
      ...USR.map((name) => `usr/${name}`),
      'dev',
      'proc',
      'tmp',
      'run/stand-in',
      'run/mount',
    ]);
    const walk = (folder: string): void => {
      for (const { name } of readdirSync(join(this.root, folder), { withFileTypes: true })) {
        const path = join(folder, name);
        if (skipped.has(path)) continue;
        const stats = lstatSync(join(this.root, path));
        const mode = (stats.mode & 0o7777).toString(8);
        if (stats.isSymbolicLink()) found.set(`/${path}`, `link ${readlinkSync(join(this.root, path))}`);
        else if (stats.isDirectory()) {
          found.set(`/${path}`, `folder ${mode}`);
          walk(path);
        } else
          found.set(
            `/${path}`,
            `${stats.isFile() ? 'file' : 'other'} ${mode} ${stats.isFile() ? stats.size : ''}`,
          );
      }
    };
    walk('');
    return found;
  }

  /** Ends the service, by its pid, and removes the folder. */
  remove(): void {
    this.run(['systemctl', 'stop', 'whyblocked.service']);
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** What the service answers on its socket to a request as the bridge makes it; without root's mark where told. */
export function ask(
  server: Server,
  { isRoot = true } = {},
): Promise<{ readonly status: number; readonly body: string }> {
  const headers = {
    Host: 'whyblocked',
    'X-WB-User': 'root',
    'X-WB-Addr': '192.0.2.1',
    'X-WB-Token': '/cpsess1234567890',
  };
  return new Promise((resolve, reject) => {
    request(
      {
        socketPath: join(server.root, 'run/whyblocked/whyblocked.sock'),
        path: '/index.cgi',
        agent: false,
        headers: isRoot ? { ...headers, 'X-WB-Root': '1' } : headers,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => {
          resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
        });
      },
    )
      .once('error', reject)
      .end();
  });
}

/** What of `after` is not in `before`, and the other way round, sorted. */
export function difference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): { readonly added: string[]; readonly removed: string[]; readonly changed: string[] } {
  const both = [...before.keys()].filter((path) => after.has(path));
  return {
    added: [...after.keys()].filter((path) => !before.has(path)).sort(),
    removed: [...before.keys()].filter((path) => !after.has(path)).sort(),
    changed: both.filter((path) => before.get(path) !== after.get(path)).sort(),
  };
}
