// The worker thread of the service: owns the writing connection, reads the logs every second, judges.
import { parentPort, workerData } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { maskUri } from './analyse/mask.ts';
import { askCrawlerNames } from './actions/crawler-names.ts';
import { judgeRound } from './actions/judge-round.ts';
import { failureOf, NO_FAILURE, NOT_READ_YET, type ReadState } from './actions/read-state.ts';
import { endMark, makeMark } from './actions/marks.ts';
import { gatherNotices } from './actions/notices.ts';
import { refresh } from './actions/refresh.ts';
import { retentionRound } from './actions/retention.ts';
import { forgetSearch, saveSearch } from './actions/saved-searches.ts';
import { type OpenContext, openContext } from './context.ts';
import { isDamage } from './store/database.ts';
import type { ReadQuestions, WorkerOptions } from './engine.ts';
import { IndexKeeper } from './actions/index-blocks.ts';
import { serviceMails } from './mailing.ts';
import { readZone } from './actions/server.ts';
import { indexFolder } from './search-context.ts';
import { answerQuestions } from './thread.ts';

const EVERY_MS = 1000;
/** How often ended exclusions are looked for. */
const TIDY_EVERY_MS = 15_000;
/** How often unsettled incidents are judged again while the access logs grow. */
const JUDGE_EVERY_MS = 30_000;
/** How often what is too old is removed, and for how long at a time. */
const RETAIN_EVERY_MS = 60_000;
const RETAIN_MS = 200;
const NAMES_EVERY_MS = 60_000;
const NAMES_SINCE_MS = 86_400_000;
const NAMES_WAIT_MS = 3000;
/** While it waits for whoever holds the database this thread is deaf: it rather says so and tries again. */
const LOCK_WAIT_MS = 3000;
const MAIL_STOP_MS = 5000;
/** Bytes of a log that are indexed at one go: some milliseconds. */
const INDEX_STEP = 2 * 1024 * 1024;

if (parentPort === null) throw new Error('worker.ts runs only as a worker thread');
const port = parentPort;
let ctx = openAgain(false);

function openAgain(check: boolean): OpenContext {
  return openContext({
    databaseWaitMs: LOCK_WAIT_MS,
    ...(workerData as WorkerOptions),
    check,
    isService: true,
    warn: (sentence) => {
      process.stderr.write(`whyblocked: ${sentence}\n`);
    },
  });
}

/** Bytes that are not read in a moment. */
const MUCH = 4 * 1024 * 1024;
const state = { stopping: false };
let read: ReadState = NOT_READ_YET;
let generation = 0;

/** Who waits for a round that begins after he asked. */
let waiting: (() => void)[] = [];
/** Ends the pause between two rounds. */
let wake: () => void = () => undefined;

/** Resolves when a round that began later than now has ended. */
function nextRound(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    wake();
  });
}

/** Damage in the middle of the database shows only in a query: it is set aside, and the work is done again. */
async function onSoundDatabase<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isDamage(error)) throw error;
    try {
      ctx.close();
    } catch {
      // The folding of a damaged file may fail; the file is left as it is.
    }
    ctx = openAgain(true);
    generation++;
    return work();
  }
}

/** What is written for a page: short, and between two batches of lines. */
function written(work: () => void): Promise<null> {
  return onSoundDatabase(() => {
    work();
    return null;
  });
}

answerQuestions<ReadQuestions>(port, {
  catchUp: async (waitMs) => {
    const much = (): boolean => isBusy || read.bytesLeft >= MUCH;
    if (waitMs > 0 && !much()) await Promise.race([nextRound(), sleep(waitMs)]);
    return { state: read, isBusy: much(), generation };
  },
  record: (row) =>
    written(() => {
      ctx.store.record({ ...row, at: Date.now(), act: maskUri(row.act), detail: maskUri(row.detail) });
    }),
  save: (name, query, by) =>
    written(() => {
      saveSearch(ctx, name, query, by);
    }),
  forget: (id, by) =>
    written(() => {
      forgetSearch(ctx, id, by);
    }),
  mark: (request, by) =>
    written(() => {
      makeMark(ctx, request, by);
    }),
  unmark: (id, by) =>
    written(() => {
      endMark(ctx, id, by);
    }),
  stop: async () => {
    state.stopping = true;
    await nextRound();
    return null;
  },
});

// A source that cannot be read or a full disk must not end the service: it is said in the pages and tried again.
const keeper = new IndexKeeper(ctx.host, indexFolder(ctx.host.stateDir((workerData as WorkerOptions).state)));
let lastProblem = '';

function complain(error: unknown): void {
  const problem = error instanceof Error ? error.message : String(error);
  if (problem !== lastProblem)
    process.stderr.write(`whyblocked: reading the logs failed: ${maskUri(problem)}\n`);
  lastProblem = problem;
}

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    complain(error);
  }
}

/** Indexes until a second is over or a page asks for what is new. */
async function indexForASecond(): Promise<void> {
  const end = Date.now() + EVERY_MS;
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const isDue = (): boolean => state.stopping || waiting.length > 0 || Date.now() >= end;
  try {
    const zone = await readZone(ctx);
    while (!isDue()) {
      if ((await keeper.step(INDEX_STEP, zone)) === 0) break;
      await sleep(0);
    }
  } finally {
    if (!isDue()) await Promise.race([sleep(Math.max(0, end - Date.now())), woken]);
  }
}

/** Ends what has ended and mends what was interrupted; an act may take a while, and pages must not wait for it. */
async function tidyUp(): Promise<void> {
  if (ctx.store.changes.running().length === 0 && ctx.store.exclusions.countActive().size === 0) return;
  // Loaded when it is needed first: most of what exclusions are made of lives in another thread.
  const { reconcile } = await import('./actions/reconcile.ts');
  await reconcile(ctx);
}

let tidying: Promise<void> | null = null;
let tidied = 0;
function tidy(): void {
  if (tidying !== null || Date.now() - tidied < TIDY_EVERY_MS) return;
  tidied = Date.now();
  tidying = attempt(tidyUp).finally(() => {
    tidying = null;
  });
}

const mails = serviceMails(complain);
/** More waits to be judged than a round does: pages are answered from what is kept. */
let isBusy = false;
/** When old rows were looked for last. */
let retained = 0;
/** When unsettled incidents were judged last with what the access logs have now. */
let judged = 0;
/** Reads what is new, then judges and counts a piece of what waits. */
async function readAndJudge(): Promise<void> {
  const { clock, report } = await onSoundDatabase(() =>
    refresh(
      ctx,
      () => state.stopping,
      (bytesLeft) => {
        read = { ...read, running: true, bytesLeft };
      },
    ),
  );
  read = { at: Date.now(), running: false, ...NO_FAILURE, problems: report.problems, bytesLeft: 0 };
  const isDue = Date.now() - judged >= JUDGE_EVERY_MS;
  if (isDue) judged = Date.now();
  if (state.stopping) return;
  await attempt(() => onSoundDatabase(() => gatherNotices(ctx, clock)));
  await attempt(() => onSoundDatabase(() => mails.round(ctx, { clock, report })));
  isBusy = await onSoundDatabase(() => judgeRound(ctx, clock, !isDue));
  if (Date.now() - retained < RETAIN_EVERY_MS) return;
  const { left } = await onSoundDatabase(() => retentionRound(ctx, clock, RETAIN_MS));
  // What is left goes on in the next round.
  if (!left) retained = Date.now();
}

/** One round; whoever waited for it is told, however it ended. */
async function round(): Promise<void> {
  const served = waiting;
  waiting = [];
  try {
    await readAndJudge();
  } catch (error) {
    read = { ...read, running: false, ...failureOf(error) };
    complain(error);
  }
  for (const tell of served) tell();
}

let naming: Promise<unknown> | null = null;
let named = 0;
/** DNS is asked beside everything else: nobody waits for it. */
function nameCrawlers(): void {
  if (naming !== null || Date.now() - named < NAMES_EVERY_MS) return;
  named = Date.now();
  naming = attempt(() => askCrawlerNames(ctx, Date.now() - NAMES_SINCE_MS, NAMES_WAIT_MS)).finally(() => {
    naming = null;
  });
}

while (!state.stopping) {
  tidy();
  nameCrawlers();
  await round();
  await attempt(indexForASecond);
}
for (const tell of waiting) tell();
await (naming as Promise<unknown> | null);
await (tidying as Promise<void> | null);
// A mail that is on its way may end; a server that does not answer is not waited for.
await Promise.race([mails.end(), sleep(MAIL_STOP_MS, null, { ref: false })]);
keeper.close();
ctx.close();
