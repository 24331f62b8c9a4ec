// The programs that the search is compared with: the bundled ripgrep, Debian's grep and zgrep. Each is spawned without
// a shell, and what it prints is read here to its end, as a reader of a search would.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';

/** What is searched, the same for every peer. */
export interface PeerQuery {
  readonly pattern: string;
  readonly ignoreCase?: boolean;
  /** Absolute paths. */
  readonly files: readonly string[];
}

export interface Peer {
  readonly name: string;
  readonly program: string;
  /** Fixed arguments; those of the query follow. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Reads packed files. */
  readonly packed: boolean;
  /** POSIX extended syntax, which lacks \d. */
  readonly posix?: boolean;
}

/** What a run printed: bytes always, the count only where the peer itself counts (`-c`). */
export interface Printed {
  readonly bytes: number;
  readonly count: number | null;
}

const C_LOCALE = { LC_ALL: 'C' };
/** The flags that the search itself gives to ripgrep: bytes, no mapping, no guessing of encodings. */
export const RG_FLAGS: readonly string[] = [
  '--no-config',
  '-a',
  '-b',
  '-N',
  '-I',
  '-E',
  'none',
  '--color=never',
  '--no-mmap',
  '--regex-size-limit=10M',
  '--dfa-size-limit=32M',
  '--no-unicode',
];

const ALL: readonly Peer[] = [
  { name: 'rg', program: rgPath, flags: RG_FLAGS, env: {}, packed: false },
  // As someone types it: mapped, Unicode classes.
  { name: 'rg plain', program: rgPath, flags: ['--no-config', '-a', '-N', '-I'], env: {}, packed: false },
  {
    name: 'grep -E',
    program: '/usr/bin/grep',
    flags: ['-a', '-h', '-E'],
    env: C_LOCALE,
    packed: false,
    posix: true,
  },
  { name: 'grep -P', program: '/usr/bin/grep', flags: ['-a', '-h', '-P'], env: C_LOCALE, packed: false },
  // zgrep is a script of its own that looks for gzip and grep.
  {
    name: 'zgrep -E',
    program: '/usr/bin/zgrep',
    flags: ['-a', '-h', '-E'],
    env: { ...C_LOCALE, PATH: '/usr/bin:/bin' },
    packed: true,
    posix: true,
  },
  {
    name: 'rg -z',
    program: rgPath,
    flags: [...RG_FLAGS, '-z'],
    env: { PATH: '/usr/bin:/bin' },
    packed: true,
  },
];

function present(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The peers that this machine has; those it lacks are named on stderr. */
export function findPeers(): Peer[] {
  for (const { name, program } of ALL.filter((peer) => !present(peer.program)))
    console.error(`peer ${name} is left out: ${program} is not here`);
  return ALL.filter((peer) => present(peer.program));
}

/** The program and its arguments for a query; `count`: print only how many lines were found. */
export function peerArgv(peer: Peer, query: PeerQuery, count = false): string[] {
  const flags = [...peer.flags];
  if (query.ignoreCase === true) flags.push('-i');
  if (count) flags.push('-c');
  return [peer.program, ...flags, '-e', patternFor(peer, query.pattern), '--', ...query.files];
}

function patternFor(peer: Peer, pattern: string): string {
  return peer.posix === true ? pattern.replaceAll('\\d', '[0-9]') : pattern;
}

/** What the peer says of its version, one line. */
export function peerVersion(peer: Peer): string {
  try {
    const text = execFileSync(peer.program, ['--version'], {
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin' },
    });
    return text.split('\n')[0] ?? '';
  } catch {
    return 'version unknown';
  }
}

/** Runs a peer to its end. Throws when it cannot be started or ends with an error (1 is "nothing found"). */
export async function runPeer(peer: Peer, query: PeerQuery, count = false): Promise<Printed> {
  const argv = peerArgv(peer, query, count);
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'], env: peer.env });
  const [printed] = await Promise.all([drain(child, count), ended(child, peer.name)]);
  return printed;
}

/**
 * The newest `lines` found lines of a query as a shell's `PEER | tail -n LINES` gives them. Between the two is a
 * FIFO, not the pair of sockets that Node would put there. Throws as runPeer does.
 */
export async function runPeerTail(peer: Peer, query: PeerQuery, lines: number): Promise<Printed> {
  const argv = peerArgv(peer, query);
  const pipe = makePipe();
  try {
    const first = spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', pipe.write, 'inherit'], env: peer.env });
    const last = spawn('/usr/bin/tail', ['-n', String(lines)], {
      stdio: [pipe.read, 'pipe', 'inherit'],
      env: C_LOCALE,
    });
    pipe.close();
    const [printed] = await Promise.all([drain(last, false), ended(first, peer.name), ended(last, 'tail')]);
    return printed;
  } finally {
    pipe.close();
  }
}

interface Pipe {
  readonly read: number;
  readonly write: number;
  close(): void;
}

/** A pipe that two children can be given, ends opened in this order so that no opening waits for another. */
function makePipe(): Pipe {
  const folder = mkdtempSync(join(tmpdir(), 'whyblocked-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('/usr/bin/mkfifo', [path]);
  const both = openSync(path, 'r+');
  const read = openSync(path, 'r');
  const write = openSync(path, 'w');
  closeSync(both);
  rmSync(folder, { recursive: true });
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    closeSync(read);
    closeSync(write);
  };
  return { read, write, close };
}

async function drain(child: ChildProcess, count: boolean): Promise<Printed> {
  let bytes = 0;
  let text = '';
  for await (const part of child.stdout ?? []) {
    const buffer = part as Buffer;
    bytes += buffer.length;
    if (count) text += buffer.toString('latin1');
  }
  return { bytes, count: count ? sum(text) : null };
}

/** With several files a count stands on each line. */
function sum(text: string): number {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .reduce((total, line) => total + Number(line), 0);
}

function ended(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0 || code === 1) resolve();
      else reject(new Error(`${name} ended with ${code ?? signal ?? 'nothing'}`));
    });
  });
}
