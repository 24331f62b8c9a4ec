// `npm run eval:install`: the archives of both architectures, built twice and compared; then the life of an installation
// in a Debian that debootstrap makes (as root, 25 s with a near mirror), without a network. Ends with 1 when a step fails.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOME, placeTree } from '../install/archive.ts';
import { ask, difference, Server } from '../install/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'whyblocked-eval-install-'));
let failures = 0;

function tell(what: string, isGood: boolean, detail = ''): void {
  if (!isGood) failures += 1;
  console.log(`${isGood ? 'ok  ' : 'FAIL'}  ${what}${detail === '' ? '' : `: ${detail}`}`);
}

function timed<Value>(work: () => Value): { value: Value; seconds: string } {
  const began = performance.now();
  const value = work();
  return { value, seconds: `${((performance.now() - began) / 1000).toFixed(1)} s` };
}

function archives(): void {
  const build = (name: string): string => {
    const script = [join(HOME, 'plugin/package.ts'), '--out', join(folder, name)];
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...script], {
      cwd: HOME,
      stdio: 'ignore',
    });
    return readFileSync(join(folder, name, 'SHA256SUMS'), 'utf8');
  };
  const { value: first, seconds } = timed(() => build('first'));
  console.log(`      both archives were built in ${seconds}`);
  for (const name of readdirSync(join(folder, 'first')).filter((entry) => entry.endsWith('.gz')))
    console.log(
      `      ${name}: ${(statSync(join(folder, 'first', name)).size / 1024 / 1024).toFixed(1)} MiB`,
    );
  tell('a second run gives the same bytes', build('second') === first);
}

async function life(): Promise<void> {
  const base = join(folder, 'debian');
  const made = timed(() =>
    spawnSync('debootstrap', ['--variant=minbase', 'bookworm', base, 'http://deb.debian.org/debian'], {
      stdio: 'ignore',
    }),
  );
  if (made.value.status !== 0) {
    console.log(
      'SKIPPED: the life of an installation: debootstrap is missing, not run by root, or has no mirror',
    );
    return;
  }
  console.log(`      Debian was made in ${made.seconds}`);
  const server = new Server({ cpanel: true, base });
  try {
    placeTree(join(server.root, 'root/whyblocked'));
    const before = server.list();
    const install = (): { value: { code: number | null; out: string }; seconds: string } =>
      timed(() => server.run(['sh', '/root/whyblocked/install.sh']));
    const first = install();
    tell('install.sh', first.value.code === 0, first.seconds);
    if (first.value.code !== 0) console.log(first.value.out);
    tell('the page answers', (await ask(server)).status === 200);
    tell('no tool was missed', !server.has('/run/stand-in/forbidden'));
    const steady = (): Map<string, string> =>
      new Map(
        [...server.list()].filter(([path]) => !/^\/(?:var\/lib|var\/cache|run)\/whyblocked/.test(path)),
      );
    const installed = steady();
    const second = install();
    const { added, removed, changed } = difference(installed, steady());
    tell(
      'a second time',
      second.value.code === 0 && added.length + removed.length + changed.length === 0,
      second.seconds,
    );
    tell('uninstall.sh --purge', server.run(['sh', '/opt/whyblocked/uninstall.sh', '--purge']).code === 0);
    const left = difference(before, server.list());
    tell(
      'nothing is left',
      left.added.length + left.removed.length + left.changed.length === 0,
      left.added.join(' '),
    );
  } finally {
    server.remove();
  }
}

try {
  archives();
  await life();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;
