// npm run eval:load [-- --only record|line|flood|addresses] [--small] [--minutes 60] [--keep]: monsters in the logs.
//
// For each: starts `whyblocked serve` on a copied server with ordinary logs and a fresh database, loads every page, then lets
// the logs grow by a monster with ordinary transactions behind it, and asks for pages while it is read. Prints the memory
// of the service's process (all threads), the times of the answers, how long reading took, and whether the ordinary transactions
// before and behind the monster are kept. Exits with 1 when the memory was over 200 MiB, an answer took over 300 ms, or
// something is missing. Needs up to 15 GB in the temp folder (TMPDIR), for a while.
import { mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { serveRoot, type Served } from '../bench/served.ts';
import { openContext } from '../../src/context.ts';
import { type Load, LOAD, LOAD_SMALL, loads, type Written } from './load-logs.ts';
import {
  type Answers,
  askPages,
  type Memory,
  memoryText,
  quantile,
  warmUp,
  watchMemory,
} from './load-watch.ts';

const MOST_MIB = 200;
const MOST_MS = 300;
const MIB = 1024 * 1024;
const LOOK_MS = 1000;
/** So long nothing is read and regrouped any more: it will not get further. */
const STILL_MS = 60_000;
/** Pages are asked for so much longer, while the judging goes on. */
const AFTER_MS = 10_000;
const WARM_MS = 60_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    small: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '60' },
    keep: { type: 'boolean', default: false },
  },
});

/** How far the reading of the logs came. */
interface Progress {
  readonly read: number;
  readonly all: number;
  readonly waiting: number;
}

/** Looks into the database of the running service, which it does not disturb. */
function progressOf(state: string, sizes: ReadonlyMap<string, number>): Progress {
  const all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  try {
    const db = new Database(join(state, 'whyblocked.db'), { readonly: true, fileMustExist: true });
    try {
      const rows = db.prepare<[], { path: string; cursor: number }>('SELECT path, cursor FROM files').all();
      const read = rows
        .filter(({ path }) => sizes.has(path.slice(1)))
        .reduce((sum, { cursor }) => sum + cursor, 0);
      const dirty = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM dirty_clients').get();
      return { read, all, waiting: dirty?.n ?? 0 };
    } finally {
      db.close();
    }
  } catch {
    // It is being made.
    return { read: 0, all, waiting: 0 };
  }
}

/** Waits until everything is read and grouped, nothing moves any more, or the time is over; gives the seconds it took. */
async function untilRead(
  { ended }: Served,
  look: () => Progress,
  mostMs: number,
): Promise<{ seconds: number; progress: Progress }> {
  const started = performance.now();
  let moved = started;
  let progress = look();
  for (;;) {
    const isDone = progress.read >= progress.all && progress.waiting === 0;
    const now = performance.now();
    if (isDone || ended() !== null || now - moved > STILL_MS || now - started > mostMs)
      return { seconds: ((isDone ? now : moved) - started) / 1000, progress };
    await sleep(LOOK_MS);
    const next = look();
    if (next.read !== progress.read || next.waiting !== progress.waiting) moved = performance.now();
    progress = next;
  }
}

/** What is kept once the service has ended. */
function keptOf(
  root: string,
  state: string,
  ordinary: readonly string[],
): { transactions: number; ordinary: number; mib: number } {
  const ctx = openContext({ root, state, version: 'eval', env: {}, warn: console.error });
  try {
    const found = ordinary.filter((id) => ctx.store.transactions.byId(id) !== null).length;
    return { transactions: ctx.store.transactions.counts().all, ordinary: found, mib: databaseMib(state) };
  } finally {
    ctx.close();
  }
}

function databaseMib(state: string): number {
  const sizes = ['whyblocked.db', 'whyblocked.db-wal'].map(
    (name) => statSync(join(state, name), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size, 0) / MIB;
}

/** One line a page. */
function answersTable(answers: readonly Answers[]): string {
  const head = ['page'.padEnd(10), 'answers', 'median ms', '  p95', '  max', `over ${MOST_MS}`].join('  ');
  const lines = answers.map(({ page, ms, failures, problem }) => {
    const cells = [
      page.padEnd(10),
      String(ms.length).padStart(7),
      quantile(ms, 0.5).toFixed(0).padStart(9),
      quantile(ms, 0.95).toFixed(0).padStart(5),
      quantile(ms, 1).toFixed(0).padStart(5),
      String(ms.filter((one) => one > MOST_MS).length).padStart(8),
    ];
    return cells.join('  ') + (failures === 0 ? '' : `  ${failures} without an answer: ${problem}`);
  });
  return [head, ...lines].join('\n');
}

/** Why what was watched is not good enough. */
function problemsOf(answers: readonly Answers[], { peak }: Memory, ended: string | null): string[] {
  const slow = answers.filter(({ ms }) => quantile(ms, 1) > MOST_MS);
  const failed = answers.filter(({ failures }) => failures > 0);
  return [
    ...(peak > MOST_MIB ? [`its memory reached ${peak.toFixed(0)} MiB`] : []),
    ...slow.map(({ page }) => `${page} took longer than ${MOST_MS} ms`),
    ...failed.map(({ page }) => `${page} was not always answered`),
    ...(ended === null ? [] : [`the service ended with ${ended}`]),
  ];
}

/** Watches the service read a root; prints what was seen, and gives what was wrong. */
async function watched(root: string, state: string, { sizes, appear }: Written): Promise<string[]> {
  const served = await serveRoot(['--root', root, '--state', state]);
  try {
    const memory = watchMemory(served.pid);
    const warm = await warmUp(served, WARM_MS);
    const look = (): Progress => progressOf(state, sizes);
    console.log(`memory before: ${memoryText(memory.now())}`);
    appear();
    const pages = askPages(served, warm);
    const { seconds, progress } = await untilRead(served, look, Number(values.minutes) * 60_000);
    await sleep(AFTER_MS);
    const answers = await pages.stop();
    const used = memory.stop();
    const mib = progress.read / MIB;
    const all = (progress.all / MIB).toFixed(0);
    console.log(answersTable(answers));
    const top = used.samples.reduce((most, one) => (one.all > most.all ? one : most), { all: 0, files: 0 });
    console.log(
      `memory: peak ${used.peak.toFixed(0)} MiB; of ${used.samples.length} samples at most ${memoryText(top)}`,
    );
    console.log(
      `reading: ${mib.toFixed(0)} of ${all} MiB in ${seconds.toFixed(1)} s, ${(mib / seconds).toFixed(1)} MiB/s`,
    );
    const wrong = problemsOf(answers, used, served.ended());
    if (progress.read < progress.all) wrong.push(`only ${mib.toFixed(0)} of ${all} MiB were read`);
    if (progress.waiting > 0) wrong.push(`${progress.waiting} addresses were not grouped`);
    return wrong;
  } finally {
    await served.stop();
  }
}

/** Runs one; prints what came of it, and gives what was wrong. */
async function run(load: Load, work: string): Promise<string[]> {
  console.log(`## ${load.name}: ${load.what}`);
  const root = join(work, load.name);
  const state = join(work, `${load.name}-state`);
  const { bavail, bsize } = statfsSync(work);
  if (bavail * bsize < load.room) return [`${Math.round(load.room / MIB)} MiB of disk are needed`];
  const written = load.write(root);
  const wrong = await watched(root, state, written);
  const { ordinary } = written;
  const kept = keptOf(root, state, ordinary);
  console.log(
    `kept: ${kept.transactions} transactions in ${kept.mib.toFixed(1)} MiB; of the ordinary ones ${kept.ordinary} of ${ordinary.length}`,
  );
  if (kept.ordinary < ordinary.length)
    wrong.push(`${ordinary.length - kept.ordinary} ordinary transactions are missing`);
  if (!values.keep) for (const folder of [root, state]) rmSync(folder, { recursive: true, force: true });
  return wrong;
}

const chosen = loads(values.small ? LOAD_SMALL : LOAD).filter(({ name }) => name.includes(values.only));
const work = mkdtempSync(join(tmpdir(), 'whyblocked-load-'));
try {
  for (const load of chosen) {
    const wrong = await run(load, work);
    console.log(wrong.length === 0 ? 'good\n' : `NOT GOOD: ${wrong.join('; ')}\n`);
    if (wrong.length > 0) process.exitCode = 1;
  }
} finally {
  if (values.keep) console.log(`kept: ${work}`);
  else rmSync(work, { recursive: true, force: true });
}
