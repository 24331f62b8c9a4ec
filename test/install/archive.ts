// One release archive for all suites of a run, kept in the system's temp folder under the hash of what goes into it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const HOME = join(import.meta.dirname, '../..');
const NODE = join(HOME, `node_modules/node-linux-${process.arch}/bin/node`);
const INPUTS = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'install.sh',
  'package-lock.json',
  'package.json',
  'uninstall.sh',
];
const FOLDERS = ['demo', 'plugin', 'src', 'views'];
const PREFIX = `whyblocked-archive-${process.getuid?.() ?? 0}-`;

export interface Archive {
  /** Folder with the archive and SHA256SUMS. */
  readonly folder: string;
  readonly name: string;
  /** The unpacked archive. */
  readonly tree: string;
}

let made: Archive | null = null;

/** The archive of this checkout for this machine; built when it is not there (20 s), else in no time. */
export function releaseArchive(): Archive {
  // One suite sees one archive, whatever is edited meanwhile.
  made ??= makeArchive();
  return made;
}

function makeArchive(): Archive {
  const kept = join(tmpdir(), `${PREFIX}${inputHash()}`);
  // Suites run side by side: one builds, the others wait.
  while (!existsSync(kept) && isBuiltElsewhere(kept))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  if (!existsSync(kept)) {
    for (const old of readdirSync(tmpdir()).filter(
      (name) => name.startsWith(PREFIX) && !name.includes('.making-'),
    ))
      rmSync(join(tmpdir(), old), { recursive: true, force: true });
    const making = `${kept}.making-${process.pid}`;
    mkdirSync(making, { mode: 0o700 });
    const script = join(HOME, 'plugin/package.ts');
    execFileSync(
      NODE,
      ['--disable-warning=ExperimentalWarning', script, '--arch', process.arch, '--out', making],
      {
        cwd: HOME,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    execFileSync('tar', ['-C', making, '-xzf', join(making, archiveName(making))]);
    renameSync(making, kept);
  }
  const name = archiveName(kept);
  return { folder: kept, name, tree: join(kept, name.replace(/-linux-.*/, '')) };
}

function isBuiltElsewhere(kept: string): boolean {
  return readdirSync(tmpdir()).some((name) => {
    const [start, pid]: (string | undefined)[] = name.split('.making-');
    return pid !== undefined && join(tmpdir(), start ?? '') === kept && existsSync(`/proc/${pid}`);
  });
}

const NODE_BINARY = `node_modules/node-linux-${process.arch}/bin/node`;

/**
 * The unpacked archive as another version in `/root/NAME` of a server, files of it written anew by `change`; its list of
 * files fits again. Its Node is a script that starts the real one, which need not be copied and checked each time.
 */
export function asVersion(
  version: string,
  { root }: { readonly root: string },
  name: string,
  change: (put: (name: string, text: string) => void) => void = () => undefined,
): void {
  const to = join(root, 'root', name);
  placeTree(to);
  rmSync(join(to, 'compile-cache'), { recursive: true });
  if (!existsSync(join(root, 'usr/local/lib/node'))) {
    mkdirSync(join(root, 'usr/local/lib'), { recursive: true });
    linkSync(join(releaseArchive().tree, NODE_BINARY), join(root, 'usr/local/lib/node'));
  }
  write(to, NODE_BINARY, '#!/bin/sh\nexec /usr/local/lib/node "$@"\n');
  chmodSync(join(to, NODE_BINARY), 0o755);
  const manifest = readFileSync(join(to, 'package.json'), 'utf8');
  write(to, 'VERSION', `${version}\n`);
  write(to, 'package.json', manifest.replace(/"version": "[^"]*"/, `"version": "${version}"`));
  change((file, text) => {
    write(to, file, text);
  });
  const lines = readFileSync(join(to, 'FILES.sha256'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const file = line.slice(66);
      const isOurs = statSync(join(to, file)).nlink === 1;
      return isOurs ? `${sha256(readFileSync(join(to, file)))}  ${file}` : line;
    });
  write(to, 'FILES.sha256', `${lines.join('\n')}\n`);
}

/** The unpacked archive under another name: its files are second names of the same ones, and not to be written to. */
export function placeTree(to: string): void {
  execFileSync('cp', ['-al', releaseArchive().tree, to]);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Gives a placed tree a file of its own. */
function write(tree: string, name: string, text: string): void {
  rmSync(join(tree, name));
  writeFileSync(join(tree, name), text);
}

function archiveName(folder: string): string {
  const name = readdirSync(folder).find((entry) => entry.endsWith('.tar.gz'));
  if (name === undefined) throw new Error(`no archive in ${folder}`);
  return name;
}

function inputHash(): string {
  const hash = createHash('sha256');
  const files = [
    ...INPUTS,
    ...FOLDERS.flatMap((folder) =>
      readdirSync(join(HOME, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    ),
  ].sort();
  for (const file of files) {
    const stats = statSync(join(HOME, file));
    if (stats.isFile())
      hash.update(`${file}\0${stats.mode & 0o111}\0`).update(readFileSync(join(HOME, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
