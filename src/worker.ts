// The worker thread of the service: owns the database connection, reads the logs every second, answers questions.
import { parentPort, workerData } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import { maskUri } from './analyse/mask.ts';
import { activityRows } from './actions/activity.ts';
import { explain } from './actions/explain.ts';
import { readInbox } from './actions/inbox.ts';
import { askCrawlerNames } from './actions/crawler-names.ts';
import { judgeRound } from './actions/judge-round.ts';
import { listMarks } from './actions/mark-list.ts';
import { endMark, makeMark } from './actions/marks.ts';
import { refresh } from './actions/refresh.ts';
import { forgetSearch, savedSearches, saveSearch } from './actions/saved-searches.ts';
import { type OpenContext, openContext } from './context.ts';
import { isDamage } from './store/database.ts';
import type { ReadQuestions, WorkerOptions } from './engine.ts';
import { IndexKeeper } from './actions/index-blocks.ts';
import { readZone } from './actions/server.ts';
import { indexFolder } from './search-context.ts';
import { answerQuestions, type Answers } from './thread.ts';

const EVERY_MS = 1000;
/** How often ended exclusions are looked for. */
const TIDY_EVERY_MS = 15_000;
/** How often unsettled incidents are judged again while the access logs grow. */
const JUDGE_EVERY_MS = 30_000;
const NAMES_EVERY_MS = 60_000;
const NAMES_SINCE_MS = 86_400_000;
const NAMES_WAIT_MS = 3000;
/** Bytes of a log that are indexed at one go: some 10 ms. */
const INDEX_STEP = 8 * 1024 * 1024;
/** Requests that a page shows of one incident: a flood of thousands would only fill memory. */
const SHOWN = 200;

if (parentPort === null) throw new Error('worker.ts runs only as a worker thread');
const port = parentPort;
let ctx = openAgain(false);

function openAgain(check: boolean): OpenContext {
  return openContext({
    ...(workerData as WorkerOptions),
    check,
    warn: (sentence) => {
      process.stderr.write(`whyblocked: ${sentence}\n`);
    },
  });
}

const state = { stopping: false };
const answers: Answers<ReadQuestions> = {
  explain: (text, from) => explain(ctx, text, { from, most: SHOWN }),
  inbox: (filter) => readInbox(ctx, filter),
  activity: () => activityRows(ctx),
  record: (row) => {
    ctx.store.record({ ...row, at: Date.now(), act: maskUri(row.act), detail: maskUri(row.detail) });
    return Promise.resolve(null);
  },
  saved: () => savedSearches(ctx),
  save: (name, query, by) => {
    saveSearch(ctx, name, query, by);
    return Promise.resolve(null);
  },
  forget: (id, by) => {
    forgetSearch(ctx, id, by);
    return Promise.resolve(null);
  },
  marks: (filter) => listMarks(ctx, filter),
  mark: (request, by) => {
    makeMark(ctx, request, by);
    return Promise.resolve(null);
  },
  unmark: (id, by) => {
    endMark(ctx, id, by);
    return Promise.resolve(null);
  },
  stop: () => {
    state.stopping = true;
    return Promise.resolve(null);
  },
};

// One thing at a time: questions and the reading share one connection.
let queue: Promise<unknown> = Promise.resolve();

/** Damage in the middle of the database shows only in a query: it is set aside, and the work is done again. */
async function onSoundDatabase<Result>(work: () => Promise<Result>): Promise<Result> {
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
    return work();
  }
}

function enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
  const next = queue.then(() => onSoundDatabase(work));
  queue = next.catch(() => undefined);
  return next;
}

answerQuestions<ReadQuestions>(port, {
  explain: (...args) => enqueue(() => answers.explain(...args)),
  inbox: (...args) => enqueue(() => answers.inbox(...args)),
  activity: () => enqueue(() => answers.activity()),
  record: (...args) => enqueue(() => answers.record(...args)),
  saved: () => enqueue(() => answers.saved()),
  save: (...args) => enqueue(() => answers.save(...args)),
  forget: (...args) => enqueue(() => answers.forget(...args)),
  marks: (...args) => enqueue(() => answers.marks(...args)),
  mark: (...args) => enqueue(() => answers.mark(...args)),
  unmark: (...args) => enqueue(() => answers.unmark(...args)),
  stop: () => enqueue(() => answers.stop()),
});

// A source that cannot be read or a full disk must not end the service: it is said in the pages and tried again.
const keeper = new IndexKeeper(ctx.host, indexFolder(ctx.host.stateDir((workerData as WorkerOptions).state)));
let lastProblem = '';

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    if (problem !== lastProblem)
      process.stderr.write(`whyblocked: reading the logs failed: ${maskUri(problem)}\n`);
    lastProblem = problem;
  }
}

/** Indexes until a second is over: questions are answered between the steps. */
async function indexForASecond(): Promise<void> {
  const end = Date.now() + EVERY_MS;
  try {
    const zone = await readZone(ctx);
    while (!state.stopping && Date.now() < end) {
      if ((await keeper.step(INDEX_STEP, zone)) === 0) break;
      await sleep(0);
    }
  } finally {
    await sleep(Math.max(0, end - Date.now()));
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

/** When unsettled incidents were judged last with what the access logs have now. */
let judged = 0;
/** Reads what is new, then judges and counts a piece of what waits: a page asked in between waits for one piece. */
async function readAndJudge(): Promise<void> {
  const { clock } = await enqueue(() => refresh(ctx, () => state.stopping));
  const isDue = Date.now() - judged >= JUDGE_EVERY_MS;
  if (isDue) judged = Date.now();
  if (!state.stopping) await enqueue(() => judgeRound(ctx, clock, !isDue));
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
  await attempt(readAndJudge);
  await attempt(indexForASecond);
}
await (naming as Promise<unknown> | null);
await (tidying as Promise<void> | null);
keeper.close();
ctx.close();
