// npm run bench -- --only ingest [--rounds 5] [--small] [--seed 1] [--clean]: reading the logs beside a Python script.
//
// Generates an error_log of 300 MiB and an audit log of 500 MiB in the temp folder (kept for the next run), then reads each
// into a fresh database, in a process of its own: wall time from its start to its end, and the peak of its memory. What is
// measured of the product is `refresh` (ingest-run.ts): reading, masking and grouping into incidents, all indexes live;
// `whyblocked ingest` judges the incidents after that.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toTransaction } from '../../src/analyse/merge.ts';
import { openContext } from '../../src/context.ts';
import {
  AUDIT_LOG,
  ERROR_LOG,
  INGEST,
  INGEST_SMALL,
  type IngestSize,
  type IngestWritten,
} from './ingest-logs.ts';
import { type Measured, measure, median, type Ran, type Row, table } from './measure.ts';

/** Changes when the generator's bytes change, so that old data is not taken for new. */
const GENERATION = 1;
const MIB = 1024 * 1024;
const LAUNCHER = join(import.meta.dirname, '../../plugin/whyblocked');
const run = promisify(execFile);

export interface IngestOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly small: boolean;
}

/** A way in which the product reads, with what the launcher gives to Node for it. */
interface Way {
  readonly name: string;
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly options: readonly string[];
}

/** The flags and variables of a command, from the launcher's own text. Throws when it does not set them as before. */
function wayOf(command: 'ingest' | 'serve', options: readonly string[]): Way {
  const text = readFileSync(LAUNCHER, 'utf8');
  const part = new RegExp(`^ {2}${command}(?: \\| \\w+)?\\)$([^;]*);;$`, 'm').exec(text)?.[1];
  const flags = /^ {4}heap="([^"]+)"$/m.exec(part ?? '')?.[1];
  if (part === undefined || flags === undefined)
    throw new Error(`${LAUNCHER} does not say what ${command} is started with`);
  const set = [...part.matchAll(/^ {4}([A-Z_]+)=(\w+)$/gm)].map(([, name = '', value = '']) => [name, value]);
  const env = Object.fromEntries(set) as Record<string, string>;
  return { name: `whyblocked ${command}`, flags: flags.split(' '), env, options };
}

/** The command has a second thread that takes records apart, the service does without. */
const WAYS: readonly Way[] = [wayOf('ingest', ['--helper']), wayOf('serve', [])];
const PEER = 'python3';

/** One log that is read alone, or both together; the peer does not join two logs. */
interface Block {
  readonly name: 'error' | 'audit' | 'both';
  readonly title: string;
  readonly logs: readonly string[];
}

const BLOCKS: readonly Block[] = [
  { name: 'error', title: 'error_log', logs: [ERROR_LOG] },
  { name: 'audit', title: 'serial audit log', logs: [AUDIT_LOG] },
  { name: 'both', title: 'both logs of the same transactions', logs: [ERROR_LOG, AUDIT_LOG] },
];

function folderOf({ seed, small }: Omit<IngestOptions, 'rounds'>): string {
  return join(tmpdir(), `whyblocked-ingest-${seed}${small ? '-small' : ''}`);
}

/** Removes what was made. */
export function removeIngest(options: Omit<IngestOptions, 'rounds'>): void {
  rmSync(folderOf(options), { recursive: true, force: true });
}

interface Data {
  readonly folder: string;
  readonly error: IngestWritten;
  readonly audit: IngestWritten;
}

/** The logs, made now when they are not there yet. Throws when the disk is too small. */
function logsOf(options: IngestOptions): Data {
  const folder = folderOf(options);
  const marker = join(folder, 'made.json');
  const size = options.small ? INGEST_SMALL : INGEST;
  if (existsSync(marker)) {
    const told = JSON.parse(readFileSync(marker, 'utf8')) as Data & { readonly generation: number };
    if (told.generation === GENERATION) return { ...told, folder };
  }
  removeIngest(options);
  checkRoom(size);
  // A process of its own, so that the bench itself stays small.
  const script = join(import.meta.dirname, 'ingest-logs.ts');
  const args = [script, folder, '--seed', String(options.seed), ...(options.small ? ['--small'] : [])];
  const told = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Omit<Data, 'folder'>;
  writeFileSync(marker, JSON.stringify({ ...told, generation: GENERATION }));
  return { ...told, folder };
}

function checkRoom(size: IngestSize): void {
  const { bavail, bsize } = statfsSync(tmpdir());
  // The logs, and two databases of the larger one.
  const needed = (size.errorBytes + size.auditBytes) * 2;
  if (bavail * bsize < needed)
    throw new Error(
      `the bench writes ${Math.round(needed / MIB)} MiB below ${tmpdir()}; set TMPDIR to a larger disk`,
    );
}

/** Measures and prints; gives whether all counted the same transactions. */
export async function benchIngest(options: IngestOptions): Promise<boolean> {
  const data = logsOf(options);
  const python = pythonProgram();
  console.log(
    `reading alone: each row is a process that reads into a fresh database and ends; ${PEER}: ${python?.version ?? 'not found'}`,
  );
  let isSame = true;
  for (const block of BLOCKS) isSame = (await benchBlock(data, block, options.rounds, python)) && isSame;
  return isSame;
}

interface Python {
  readonly program: string;
  readonly version: string;
}

/** The interpreter itself: what stands in PATH may be a script that looks for it. */
function pythonProgram(): Python | null {
  const code =
    'import sys, sqlite3; print(sys.executable); print(sys.version.split()[0], "SQLite", sqlite3.sqlite_version)';
  try {
    const [program = '', version = ''] = execFileSync('python3', ['-c', code], { encoding: 'utf8' }).split(
      '\n',
    );
    return { program, version };
  } catch {
    return null;
  }
}

async function benchBlock(data: Data, block: Block, rounds: number, python: Python | null): Promise<boolean> {
  const work = join(data.folder, 'work');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  const root = join(data.folder, block.name);
  const stateOf = (way: Way): string => join(work, way.name.replace(' ', '-'));
  const peerDatabase = join(work, 'peer.db');
  const rows: Row[] = WAYS.map((way) => ({ name: way.name, run: () => runOurs(way, root, stateOf(way)) }));
  if (python !== null && block.name !== 'both') {
    const args = [
      join(import.meta.dirname, 'ingest-peer.py'),
      block.name,
      join(root, block.logs[0]!),
      peerDatabase,
    ];
    rows.push({ name: PEER, run: () => runPeer(python.program, args, peerDatabase) });
  }
  try {
    const bytes = block.logs.reduce((sum, log) => sum + statSync(join(root, log)).size, 0);
    const measured = await measure(rows, rounds);
    console.log(table(`ingest: ${block.title}, ${(bytes / MIB).toFixed(0)} MiB`, measured, PEER).trimEnd());
    console.log(rates(measured, bytes));
    const [way] = WAYS;
    console.log(
      `${kept(root, stateOf(way!))}${existsSync(peerDatabase) ? `; ${PEER}: ${size(peerDatabase)}` : ''}`,
    );
    return sameCounts(block, data, measured);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function runOurs(way: Way, root: string, state: string): Promise<Ran> {
  rmSync(state, { recursive: true, force: true });
  const script = join(import.meta.dirname, 'ingest-run.ts');
  const args = ['--run-script', ...way.flags, '--disable-warning=ExperimentalWarning', script, root, state];
  // The bench itself runs with the service's memory settings.
  const env = { ...process.env, MALLOC_ARENA_MAX: undefined, MALLOC_TRIM_THRESHOLD_: undefined, ...way.env };
  const { stdout } = await run(LAUNCHER, [...args, ...way.options], { env });
  return toRan(stdout);
}

async function runPeer(python: string, args: readonly string[], database: string): Promise<Ran> {
  for (const suffix of ['', '-wal', '-shm']) rmSync(database + suffix, { force: true });
  return toRan((await run(python, args)).stdout);
}

function toRan(stdout: string): Ran {
  const { transactions, peakKib } = JSON.parse(stdout) as { transactions: number; peakKib: number };
  return { results: transactions, rssMib: peakKib / 1024 };
}

/** MiB of log a second, by the median. */
function rates(measured: readonly Measured[], bytes: number): string {
  const rate = ({ name, ms }: Measured): string =>
    `${name} ${(bytes / MIB / (median(ms) / 1000)).toFixed(1)} MiB/s`;
  return `by the median: ${measured.map(rate).join(', ')}`;
}

const size = (path: string): string => `${(statSync(path).size / MIB).toFixed(1)} MiB`;

/** Rows and size of the database that was filled last. */
function kept(root: string, state: string): string {
  const ctx = openContext({ root, state, version: 'bench', env: {}, warn: console.error });
  try {
    let hits = 0;
    for (const client of ctx.store.incidents.clients())
      for (const parts of ctx.store.transactions.ofClient(client, -Infinity, Infinity))
        hits += toTransaction(parts).hits.length;
    const { all } = ctx.store.transactions.counts();
    const incidents = ctx.store.incidents.newest(null).length;
    return `database: ${size(join(state, 'whyblocked.db'))}, ${all} transactions, ${hits} rule hits, ${incidents} incidents`;
  } finally {
    ctx.close();
  }
}

function sameCounts(block: Block, data: Data, measured: readonly Measured[]): boolean {
  const written =
    block.name === 'both'
      ? Math.max(data.error.transactions, data.audit.transactions)
      : data[block.name].transactions;
  const other = measured.filter(({ results }) => results !== written);
  if (other.length === 0) console.log(`all counted the ${written} transactions that were written\n`);
  for (const { name, results } of other)
    console.log(`NOT THE SAME: ${name} counted ${results} of ${written} transactions\n`);
  return other.length === 0;
}
