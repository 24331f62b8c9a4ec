// V8's compiled code of the program, as Node keeps it (module.enableCompileCache), the same bytes at every run.
// Two things would differ each time: the seed of V8's hashes and the addresses of memory. Both are fixed for the run
// that compiles; a fixed seed is a flag, and V8 takes no code that was made under other flags, so the number of the
// flags is then set to that of the plain run. Whether Node takes the result is tried before it is packed.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** An entry begins with five numbers of Node's (src/compile_cache.cc); the last is the CRC-32 of V8's part. */
const NODE_HEAD = 20;
const CRC_AT = 16;
/** In V8's part (SerializedCodeData in code-serializer.h): magic, version, source, flags. */
const FLAGS_AT = NODE_HEAD + 12;
const SEED = [
  '--hash-seed=1',
  '--random-seed=1',
  '--single-threaded',
  '--min-semi-space-size=256',
  '--max-semi-space-size=256',
];

/**
 * For this process alone: the releases at `$0` lie where they do on a server, and the cache at `$1` has one name always.
 * The rest is started without random addresses.
 */
const IN_PLACE =
  'mount -t tmpfs none /opt && mkdir /opt/cache /opt/whyblocked-releases && mount --bind "$1" /opt/cache && ' +
  'mount --bind "$0" /opt/whyblocked-releases && shift && exec setarch -R "$@" 2>&1';
/** What has no waiting at its top level: it loads without threads, whose order is not the same each time. */
const MODULES = ['cli/program.ts', 'context.ts', 'search.ts', 'config.ts', 'serve.ts'];

interface Run {
  readonly releases: string;
  readonly id: string;
  readonly cache: string;
  readonly flags: readonly string[];
}

/**
 * Compiles what CLI and service load of the release `id` below `releases` and puts it into its folder compile-cache.
 * Needs root or user namespaces: the files must lie at their place on a server. Throws when Node would not take the result.
 */
export function fillCompileCache(releases: string, id: string): void {
  const root = mkdtempSync(join(tmpdir(), 'whyblocked-cache-'));
  const cache = join(root, 'cache');
  const run = { releases, id, cache, flags: [] };
  try {
    compile(run);
    const [tag = ''] = readdirSync(cache);
    const flags = flagsOf(join(cache, tag));
    rmSync(cache, { recursive: true });
    compile({ ...run, flags: SEED });
    const [seeded = ''] = readdirSync(cache);
    const to = join(releases, id, 'compile-cache', tag);
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(join(cache, seeded)))
      writeFileSync(join(to, name), withFlags(readFileSync(join(cache, seeded, name)), flags));
    rmSync(cache, { recursive: true });
    cpSync(to, join(cache, tag), { recursive: true });
    checkTaken(run);
  } finally {
    rmSync(root, { recursive: true });
  }
}

function flagsOf(folder: string): Buffer {
  const code = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name)))
    .find(isCode);
  if (code === undefined) throw new Error('Node kept no compiled code.');
  return code.subarray(FLAGS_AT, FLAGS_AT + 4);
}

/** Beside code Node keeps the text of stripped TypeScript, which has no flags. */
function isCode(entry: Buffer): boolean {
  return entry.readUInt16LE(NODE_HEAD + 2) === 0xc0de;
}

function withFlags(entry: Buffer, flags: Buffer): Buffer {
  if (!isCode(entry)) return entry;
  flags.copy(entry, FLAGS_AT);
  entry.writeUInt32LE(crc32(entry.subarray(NODE_HEAD)), CRC_AT);
  return entry;
}

function compile(run: Run): void {
  // Modules are loaded, nothing is done: how much would be compiled while something runs is not the same each time.
  start(run, [
    '-e',
    MODULES.map((name) => `require('/opt/whyblocked-releases/${run.id}/src/${name}');`).join(''),
  ]);
}

function start({ releases, id, cache, flags }: Run, args: readonly string[], debug?: string): string {
  const node = `/opt/whyblocked-releases/${id}/node_modules/node-linux-${process.arch}/bin/node`;
  const links = ['--preserve-symlinks', '--preserve-symlinks-main', '--disable-warning=ExperimentalWarning'];
  const own = process.getuid?.() === 0 ? '-m' : '-Urm';
  mkdirSync(cache, { recursive: true });
  return execFileSync(
    'unshare',
    [own, 'sh', '-c', IN_PLACE, releases, cache, node, ...flags, ...links, ...args],
    {
      cwd: '/',
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        NODE_COMPILE_CACHE: '/opt/cache',
        ...(debug === undefined ? {} : { NODE_DEBUG_NATIVE: debug }),
      },
    },
  );
}

/** Throws unless the plain Node takes every entry that it looks for. */
function checkTaken(run: Run): void {
  const main = `/opt/whyblocked-releases/${run.id}/src/main.ts`;
  const said = start(run, [main, '--version'], 'COMPILE_CACHE');
  const accepted = said.match(/was accepted/g)?.length ?? 0;
  if (accepted < 50 || /reject|mismatch/i.test(said))
    throw new Error(`Node does not take the compiled code: ${accepted} entries accepted.`);
}
