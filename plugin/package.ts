// `npm run package`: the release archives, one for each architecture, the same bytes at every run.
//   package.ts [--arch x64|arm64]... [--out FOLDER]     archives and SHA256SUMS; both architectures into dist/
//   package.ts --stage FOLDER                           only the program as it lies on a server, for install.sh
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import about from '../package.json' with { type: 'json' };
import { checkBinaries } from './package-binaries.ts';
import { fillCompileCache } from './package-cache.ts';
import { makeSbom } from './package-sbom.ts';

type Arch = 'x64' | 'arm64';

const HOME = join(import.meta.dirname, '..');
const CARRIED = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'demo',
  'install.sh',
  'uninstall.sh',
  'plugin',
  'src',
  'views',
];
const MANIFESTS = ['package.json', 'package-lock.json'];
/** Needed to build the archive, not on a server. */
const BUILD_ONLY = /^plugin\/package[^/]*\.ts$/;
const PROGRAMS =
  /^(?:(?:un)?install\.sh|plugin\/(?:whyblocked|hook|csf-hook|index\.cgi)|node_modules\/(?:.*\/)?bin\/(?:node|rg))$/;
/** Sources, types, maps, tests and texts of packages; licences stay. */
const NOT_RUN =
  /\.(?:map|d\.[cm]?ts|[cm]?ts|flow|md|markdown|h|c|cc|cpp|gypi?|yml|yaml|zip|svg|sh|tsbuildinfo)$|(?:^|\/)\.[^/]+$|(?:^|\/)(?:Makefile|README|CHANGELOG|HISTORY)$/i;
const FOLDERS_NOT_RUN = new Set([
  '.github',
  '.bin',
  'test',
  'tests',
  'docs',
  'benchmarks',
  'examples',
  'example',
  'include',
  'share',
  'deps',
]);

const scratch = mkdtempSync(join(tmpdir(), 'whyblocked-package-'));
process.on('exit', () => {
  rmSync(scratch, { recursive: true, force: true });
});

const { values } = parseArgs({
  options: {
    arch: { type: 'string', multiple: true },
    out: { type: 'string', default: 'dist' },
    stage: { type: 'string' },
  },
});

if (values.stage === undefined) {
  const out = resolve(HOME, values.out);
  mkdirSync(out, { recursive: true });
  const archives = (values.arch ?? ['x64', 'arm64']).map((arch) => buildArchive(asArch(arch), out));
  const sums = archives.map((name) => `${sha256(readFileSync(join(out, name)))}  ${name}\n`);
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
} else {
  // A folder of somebody else's choice: only its content is ours.
  const built = buildTree(asArch(process.arch));
  cpSync(built, resolve(values.stage), { recursive: true, preserveTimestamps: true });
}

function asArch(text: string): Arch {
  if (text === 'x64' || text === 'arm64') return text;
  throw new Error(`There is no package for ${text}: only x64 and arm64.`);
}

function buildArchive(arch: Arch, out: string): string {
  const tree = buildTree(arch);
  // Compiled for this processor; another one's server compiles when it starts first.
  if (arch === process.arch) fillCompileCache(scratch, basename(tree));
  settle(tree);
  const folder = `whyblocked-${about.version}`;
  const name = `${folder}-linux-${arch}.tar.gz`;
  renameSync(tree, join(scratch, folder));
  const tar = [
    '--sort=name',
    '--format=gnu',
    `--mtime=@${epoch()}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
  ];
  run('tar', ['-C', scratch, ...tar, '-cf', join(scratch, 'archive.tar'), folder]);
  run('gzip', ['-n', join(scratch, 'archive.tar')]);
  cpSync(join(scratch, 'archive.tar.gz'), join(out, name));
  say(
    `${name}: ${mebibytes(lstatSync(join(out, name)).size)}, unpacked ${mebibytes(treeSize(join(scratch, folder)))}`,
  );
  for (const done of readdirSync(scratch)) rmSync(join(scratch, done), { recursive: true });
  return name;
}

/** Makes the program folder in `scratch`, named like its release, and gives its path. */
function buildTree(arch: Arch): string {
  const tree = join(scratch, 'new');
  mkdirSync(tree, { recursive: true, mode: 0o755 });
  for (const name of MANIFESTS) cpSync(join(HOME, name), join(tree, name));
  installPackages(tree, arch);
  for (const name of CARRIED) cpSync(join(HOME, name), join(tree, name), { recursive: true });
  for (const file of filesOf(tree)) if (BUILD_ONLY.test(file)) rmSync(join(tree, file));
  const glibc = checkBinaries(tree, arch);
  writeFileSync(join(tree, 'VERSION'), `${about.version}\n`);
  writeFileSync(
    join(tree, 'BUILD'),
    `version=${about.version}\narch=${arch}\nglibc=${glibc}\ncommit=${commit()}\n`,
  );
  writeFileSync(join(tree, 'sbom.cdx.json'), makeSbom(tree, arch, epoch()));
  settle(tree);
  const list = filesOf(tree).map((file) => `${sha256(readFileSync(join(tree, file)))}  ${file}\n`);
  writeFileSync(join(tree, 'FILES.sha256'), list.join(''), { mode: 0o644 });
  const id = `${about.version}-${sha256(Buffer.from(list.join(''))).slice(0, 8)}`;
  const placed = join(scratch, id);
  renameSync(tree, placed);
  return placed;
}

function installPackages(tree: string, arch: Arch): void {
  const platform = [`--cpu=${arch}`, '--os=linux', '--libc=glibc'];
  run(
    'npm',
    [
      'ci',
      '--omit=dev',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      '--loglevel=error',
      ...platform,
    ],
    tree,
  );
  const modules = join(tree, 'node_modules');
  const before = treeSize(modules);
  prune(modules, modules);
  rmSync(join(modules, 'better-sqlite3/src'), { recursive: true, force: true });
  rmSync(join(modules, 'zod/src'), { recursive: true, force: true });
  // The other half of the library, for require().
  rmSync(join(modules, 'nodemailer/dist/cjs'), { recursive: true, force: true });
  for (const name of readdirSync(join(modules, 'better-sqlite3/prebuilds')))
    if (name !== `linux-${arch}.node`) rmSync(join(modules, 'better-sqlite3/prebuilds', name));
  say(`packages for ${arch}: ${mebibytes(before)} from npm, ${mebibytes(treeSize(modules))} of them are run`);
}

/** Removes what no program reads, then the folders that this leaves empty. */
function prune(folder: string, modules: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const licence = /licen[cs]e|notice|copying/i.test(entry.name);
    if (entry.isDirectory() && !FOLDERS_NOT_RUN.has(entry.name)) {
      prune(path, modules);
      if (readdirSync(path).length === 0) rmSync(path, { recursive: true });
    } else if (
      entry.isDirectory() ||
      (!licence && NOT_RUN.test(entry.name) && path !== join(modules, '.package-lock.json'))
    )
      rmSync(path, { recursive: true });
  }
}

/** Fixed rights and times: what an archive holds must not depend on who made it when. */
function settle(folder: string): void {
  const time = epoch();
  for (const path of walk(folder)) {
    const isFolder = lstatSync(path).isDirectory();
    chmodSync(path, isFolder || PROGRAMS.test(relative(folder, path)) ? 0o755 : 0o644);
    utimesSync(path, time, time);
  }
  chmodSync(folder, 0o755);
  utimesSync(folder, time, time);
}

function walk(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .sort();
}

/** Regular files below a folder, relative, sorted by their bytes. Throws for a link: none belongs into the archive. */
function filesOf(folder: string): string[] {
  return walk(folder).flatMap((path) => {
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) throw new Error(`${path} is a link.`);
    return stats.isFile() ? [relative(folder, path)] : [];
  });
}

function treeSize(folder: string): number {
  return walk(folder).reduce((sum, path) => sum + lstatSync(path).size, 0);
}

/** Seconds: of the last commit, or what SOURCE_DATE_EPOCH (reproducible-builds.org) says. */
function epoch(): number {
  return Number(process.env.SOURCE_DATE_EPOCH ?? git(['log', '-1', '--format=%ct']) ?? '315532800');
}

function commit(): string {
  return git(['rev-parse', 'HEAD']) ?? 'unknown';
}

function git(args: readonly string[]): string | null {
  if (!existsSync(join(HOME, '.git'))) return null;
  return execFileSync('git', ['-C', HOME, ...args], { encoding: 'utf8' }).trim();
}

function run(program: string, args: readonly string[], cwd = HOME): void {
  execFileSync(program, args, { cwd, stdio: ['ignore', 2, 2] });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
